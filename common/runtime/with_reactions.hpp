// Every service also owns "reaction" aggregates: what became of a reaction that was refused or that
// broke an invariant. This wraps a domain with them, so that the runtime treats them as any other.
#pragma once

#include "common/runtime/domain.hpp"
#include "messages/runtime.pb.h"

namespace rightplace::runtime {

class WithReactions final : public Domain {
   public:
    explicit WithReactions(const Domain& inner) : inner_(inner) {}

    std::string_view service() const override { return inner_.service(); }
    std::uint32_t fold() const override { return inner_.fold(); }
    std::vector<std::string_view> aggregate_types() const override;
    std::shared_ptr<Message> empty_state(std::string_view aggregate_type) const override;
    std::vector<std::string_view> commands() const override;
    bool may(std::string_view key_role, std::string_view command) const override;
    std::vector<AggregateId> needs(const Message& command, const Context& context) const override;
    Decided decide(const States& states, const Message& command, const Command& envelope,
                   const Context& context) const override;
    std::shared_ptr<const Message> evolve(std::string_view aggregate_type, const Message* before, const Event& event,
                                          const Message& payload) const override;
    std::vector<IndexEntry> index(const AggregateId& id, const Message& state) const override;
    std::vector<std::string> lookup_keys(std::string_view aggregate_type, const Message& state) const override;
    std::vector<Reaction> react(const Event& event, const Message& payload, const Context& context) const override;
    bool follows_other_hubs() const override;
    std::vector<Reaction> react_to_other_hub(const Event& event, const Message& payload,
                                             const Context& context) const override;
    std::shared_ptr<const Message> on_timer(const AggregateId& id, std::string_view kind, TimeMs due) const override;
    std::optional<std::string> live_claim(std::string_view aggregate_type, const Message& state) const override;
    std::shared_ptr<const Message> on_lease_lapsed(const AggregateId& id, std::string_view token) const override;
    bool closed(std::string_view aggregate_type, const Message& state) const override;
    std::vector<Reaction> on_ready(const Context& context) const override;
    Answered query(const Query& query, const Context& context) const override;

   private:
    const Domain& inner_;
};

}  // namespace rightplace::runtime
