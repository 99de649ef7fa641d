// vault's aggregate "identity" (id = case id, or the exchange's id of a message that has no case): who looked at whom,
// and why. Keys are not here: they are the shell's, and no event ever holds one.
#pragma once

#include "common/runtime/domain.hpp"

namespace rightplace::vault {

class VaultDomain final : public runtime::Domain {
   public:
    std::string_view service() const override { return "vault"; }
    std::uint32_t fold() const override { return 1; }
    std::vector<std::string_view> aggregate_types() const override { return {"identity"}; }
    std::shared_ptr<runtime::Message> empty_state(std::string_view aggregate_type) const override;
    std::vector<std::string_view> commands() const override { return {"rightplace.vault.RecordView"}; }
    // Only vault records views: it does so itself, before it releases a key.
    bool may(std::string_view key_role, std::string_view command) const override;

    std::vector<runtime::AggregateId> needs(const runtime::Message& command, const runtime::Context&) const override;
    // One IdentityViewed per person, case, purpose and session; the same again is accepted without events.
    runtime::Decided decide(const runtime::States&, const runtime::Message& command, const Command& envelope,
                            const runtime::Context&) const override;
    std::shared_ptr<const runtime::Message> evolve(std::string_view aggregate_type, const runtime::Message* before,
                                                   const Event&, const runtime::Message& payload) const override;
    std::vector<runtime::IndexEntry> index(const runtime::AggregateId&, const runtime::Message&) const override {
        return {};
    }
    std::vector<runtime::Reaction> react(const Event&, const runtime::Message&,
                                         const runtime::Context&) const override {
        return {};
    }
    std::shared_ptr<const runtime::Message> on_timer(const runtime::AggregateId&, std::string_view,
                                                     TimeMs) const override;
    std::optional<std::string> live_claim(std::string_view, const runtime::Message&) const override {
        return std::nullopt;
    }
    std::shared_ptr<const runtime::Message> on_lease_lapsed(const runtime::AggregateId&,
                                                            std::string_view) const override;
    // Never: a complaint may open a case's identity years after the case was closed.
    bool closed(std::string_view, const runtime::Message&) const override { return false; }
    std::vector<runtime::Reaction> on_ready(const runtime::Context&) const override { return {}; }
    // vault's queries need the keys: the shell answers them (shell/vault_service.hpp).
    runtime::Answered query(const runtime::Query&, const runtime::Context&) const override;
};

}  // namespace rightplace::vault
