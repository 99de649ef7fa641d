// referral: what a decision asks of another organisation, and each message's way to it. Pure rules.
#pragma once

#include "common/runtime/domain.hpp"
#include "messages/referral.pb.h"

namespace rightplace::referral {

class ReferralDomain : public runtime::Domain {
   public:
    std::string_view service() const override { return "referral"; }
    std::uint32_t fold() const override { return 4; }
    std::vector<std::string_view> aggregate_types() const override;
    std::shared_ptr<runtime::Message> empty_state(std::string_view aggregate_type) const override;
    std::vector<std::string_view> commands() const override;
    bool may(std::string_view key_role, std::string_view command) const override;
    std::vector<runtime::AggregateId> needs(const runtime::Message& command, const runtime::Context&) const override;
    runtime::Decided decide(const runtime::States&, const runtime::Message& command, const Command& envelope,
                            const runtime::Context&) const override;
    std::shared_ptr<const runtime::Message> evolve(std::string_view aggregate_type, const runtime::Message* before,
                                                   const Event&, const runtime::Message& payload) const override;
    std::vector<runtime::IndexEntry> index(const runtime::AggregateId&, const runtime::Message& state) const override;
    std::vector<runtime::Reaction> react(const Event&, const runtime::Message& payload,
                                         const runtime::Context&) const override;
    std::shared_ptr<const runtime::Message> on_timer(const runtime::AggregateId&, std::string_view kind,
                                                     TimeMs due) const override;
    std::optional<std::string> live_claim(std::string_view aggregate_type,
                                          const runtime::Message& state) const override;
    std::shared_ptr<const runtime::Message> on_lease_lapsed(const runtime::AggregateId&,
                                                            std::string_view token) const override;
    bool closed(std::string_view aggregate_type, const runtime::Message& state) const override;
    std::vector<runtime::Reaction> on_ready(const runtime::Context&) const override;
    runtime::Answered query(const runtime::Query&, const runtime::Context&) const override;
};

}  // namespace rightplace::referral
