// A domain as a later version of it would be (a higher fold number), or with a rule that breaks on inputs marked as
// poison by their CAD number, or by the end of what is written to the probe. Everything else is the real domain's.
#pragma once

#include "common/runtime/domain.hpp"

namespace rightplace::sim {

inline constexpr std::string_view poison_react = "POISON-REACT";    // triage cannot react to the case
inline constexpr std::string_view poison_decide = "POISON-DECIDE";  // triage cannot queue it
inline constexpr std::string_view poison_evolve = "POISON-EVOLVE";  // a later version cannot fold it
inline constexpr std::string_view poison_later = "POISON-LATER";    // nor what comes after its review was queued

class Doctored final : public runtime::Domain {
   public:
    Doctored(const runtime::Domain& real, std::uint32_t newer, bool mended)
        : real_(real), newer_(newer), mended_(mended) {}
    std::string_view service() const override { return real_.service(); }
    std::uint32_t fold() const override { return real_.fold() + newer_; }
    std::vector<std::string_view> aggregate_types() const override { return real_.aggregate_types(); }
    std::shared_ptr<runtime::Message> empty_state(std::string_view type) const override {
        return real_.empty_state(type);
    }
    std::vector<std::string_view> commands() const override { return real_.commands(); }
    bool may(std::string_view key_role, std::string_view command) const override {
        return real_.may(key_role, command);
    }
    std::vector<runtime::AggregateId> needs(const runtime::Message& command,
                                            const runtime::Context& context) const override {
        return real_.needs(command, context);
    }
    runtime::Decided decide(const runtime::States&, const runtime::Message& command, const Command& envelope,
                            const runtime::Context&) const override;
    std::shared_ptr<const runtime::Message> evolve(std::string_view type, const runtime::Message* before, const Event&,
                                                   const runtime::Message& payload) const override;
    std::vector<runtime::IndexEntry> index(const runtime::AggregateId& id,
                                           const runtime::Message& state) const override {
        return real_.index(id, state);
    }
    std::vector<std::string> lookup_keys(std::string_view type, const runtime::Message& state) const override {
        return real_.lookup_keys(type, state);
    }
    std::vector<runtime::Reaction> react(const Event&, const runtime::Message& payload,
                                         const runtime::Context&) const override;
    bool follows_other_hubs() const override { return real_.follows_other_hubs(); }
    std::vector<runtime::Reaction> react_to_other_hub(const Event& event, const runtime::Message& payload,
                                                      const runtime::Context& context) const override {
        return real_.react_to_other_hub(event, payload, context);
    }
    std::shared_ptr<const runtime::Message> on_timer(const runtime::AggregateId& id, std::string_view kind,
                                                     TimeMs due) const override {
        return real_.on_timer(id, kind, due);
    }
    std::optional<std::string> live_claim(std::string_view type, const runtime::Message& state) const override {
        return real_.live_claim(type, state);
    }
    std::shared_ptr<const runtime::Message> on_lease_lapsed(const runtime::AggregateId& id,
                                                            std::string_view token) const override {
        return real_.on_lease_lapsed(id, token);
    }
    bool closed(std::string_view type, const runtime::Message& state) const override {
        return real_.closed(type, state);
    }
    std::vector<runtime::Reaction> on_ready(const runtime::Context& context) const override {
        return real_.on_ready(context);
    }
    runtime::Answered query(const runtime::Query& asked, const runtime::Context& context) const override {
        return real_.query(asked, context);
    }

   private:
    const runtime::Domain& real_;
    std::uint32_t newer_;
    bool mended_;  // nothing is poison to it
};

}  // namespace rightplace::sim
