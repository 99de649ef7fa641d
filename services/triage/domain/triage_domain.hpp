// triage: reviews and the claims on them, the hub's policy, its alerts and who is on shift. Pure rules.
#pragma once

#include "common/runtime/domain.hpp"
#include "messages/triage.pb.h"

namespace rightplace::triage {

class TriageDomain : public runtime::Domain {
   public:
    // Hub name to the policy text that the first start adopts.
    explicit TriageDomain(std::map<std::string, std::string> shipped_policy_text);

    std::string_view service() const override { return "triage"; }
    std::uint32_t fold() const override { return 9; }
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
    bool follows_other_hubs() const override { return true; }
    std::vector<runtime::Reaction> react_to_other_hub(const Event&, const runtime::Message& payload,
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

   private:
    std::map<std::string, std::string> shipped_policy_text_;
};

}  // namespace rightplace::triage
