#include "common/runtime/with_reactions.hpp"

#include "common/runtime/quarantine.hpp"

namespace rightplace::runtime {
namespace {

constexpr std::string_view reaction_type = "reaction";

template <typename T>
const T* as(const Message& message) {
    return message.GetDescriptor() == T::descriptor() ? static_cast<const T*>(&message) : nullptr;
}

Decision single(const AggregateId& id, std::shared_ptr<const Message> payload) {
    Decision decision;
    decision.events.push_back({id, std::move(payload), {}, {}});
    return decision;
}

// That an aggregate is quarantined is told with the case it belongs to.
void name_case(NewEvent& event, const ReactionParked& parked, const Context& context) {
    const auto bar = parked.key().find('|');
    if (parked.rule() != quarantine_rule || context.view == nullptr || bar == std::string::npos) return;
    const auto* about = context.view->find({parked.key().substr(0, bar), parked.key().substr(bar + 1)});
    if (about == nullptr) return;
    event.case_id = about->case_id;
    event.case_number = about->case_number;
}

// Whose reaction a runtime command speaks of; empty for other commands.
std::string reaction_id(const Message& command) {
    if (const auto* refuse = as<RefuseReaction>(command)) return refuse->reaction_id();
    if (const auto* park = as<ParkReaction>(command)) return park->reaction_id();
    if (const auto* unpark = as<UnparkReaction>(command)) return unpark->reaction_id();
    return {};
}

}  // namespace

std::vector<std::string_view> WithReactions::aggregate_types() const {
    auto types = inner_.aggregate_types();
    types.push_back(reaction_type);
    return types;
}

std::shared_ptr<Message> WithReactions::empty_state(std::string_view aggregate_type) const {
    if (aggregate_type == reaction_type) return std::make_shared<ReactionState>();
    return inner_.empty_state(aggregate_type);
}

std::vector<std::string_view> WithReactions::commands() const {
    auto all = inner_.commands();
    for (const auto* name : {"rightplace.runtime.RefuseReaction", "rightplace.runtime.ParkReaction",
                             "rightplace.runtime.UnparkReaction"}) {
        all.emplace_back(name);
    }
    return all;
}

bool WithReactions::may(std::string_view key_role, std::string_view command) const {
    if (command == "rightplace.runtime.UnparkReaction") return key_role == "cli" || key_role == "governance";
    if (command.starts_with("rightplace.runtime.")) return key_role == service();
    return inner_.may(key_role, command);
}

std::vector<AggregateId> WithReactions::needs(const Message& command, const Context& context) const {
    const auto id = reaction_id(command);
    if (!id.empty()) return {{std::string(reaction_type), id}};
    return inner_.needs(command, context);
}

Decided WithReactions::decide(const States& states, const Message& command, const Command& envelope,
                              const Context& context) const {
    const auto id = reaction_id(command);
    if (id.empty()) return inner_.decide(states, command, envelope, context);
    const AggregateId aggregate{std::string(reaction_type), id};
    const auto* state = states.get<ReactionState>(aggregate);
    if (const auto* refuse = as<RefuseReaction>(command)) {
        if (state != nullptr) return Decision{};  // said before
        return single(aggregate, std::make_shared<ReactionRefused>(refuse->refused()));
    }
    if (const auto* park = as<ParkReaction>(command)) {
        if (state != nullptr && state->parked()) return Decision{};
        auto parked = single(aggregate, std::make_shared<ReactionParked>(park->parked()));
        name_case(parked.events.front(), park->parked(), context);
        return parked;
    }
    if (state == nullptr || !state->parked()) {
        return runtime::refuse(WRONG_STATE, "This reaction is not parked.", "reaction_id");
    }
    auto unparked = std::make_shared<ReactionUnparked>();
    unparked->set_rule(state->rule());
    unparked->set_about_seq(state->about_seq());
    unparked->set_key(state->key());
    unparked->set_about_hub(state->about_hub());
    return single(aggregate, unparked);
}

std::shared_ptr<const Message> WithReactions::evolve(std::string_view aggregate_type, const Message* before,
                                                     const Event& event, const Message& payload) const {
    if (aggregate_type != reaction_type) return inner_.evolve(aggregate_type, before, event, payload);
    auto state = before == nullptr ? std::make_shared<ReactionState>()
                                   : std::make_shared<ReactionState>(static_cast<const ReactionState&>(*before));
    state->set_service(event.service());
    if (const auto* refused = as<ReactionRefused>(payload)) {
        state->set_rule(refused->rule());
        state->set_about_event_id(refused->about_event_id());
    } else if (const auto* parked = as<ReactionParked>(payload)) {
        state->set_rule(parked->rule());
        state->set_about_event_id(parked->about_event_id());
        state->set_about_seq(parked->about_seq());
        state->set_key(parked->key());
        state->set_about_hub(parked->about_hub());
        state->set_parked(true);
    } else {
        state->set_parked(false);
    }
    return state;
}

std::vector<IndexEntry> WithReactions::index(const AggregateId& id, const Message& state) const {
    if (id.type != reaction_type) return inner_.index(id, state);
    if (!static_cast<const ReactionState&>(state).parked()) return {};
    return {{"parked", id.id, 0}};
}

std::vector<std::string> WithReactions::lookup_keys(std::string_view aggregate_type, const Message& state) const {
    if (aggregate_type == reaction_type) return {};
    return inner_.lookup_keys(aggregate_type, state);
}

std::vector<Reaction> WithReactions::react(const Event& event, const Message& payload, const Context& context) const {
    return inner_.react(event, payload, context);
}

bool WithReactions::follows_other_hubs() const {
    return inner_.follows_other_hubs();
}

std::vector<Reaction> WithReactions::react_to_other_hub(const Event& event, const Message& payload,
                                                        const Context& context) const {
    return inner_.react_to_other_hub(event, payload, context);
}

std::shared_ptr<const Message> WithReactions::on_timer(const AggregateId& id, std::string_view kind, TimeMs due) const {
    return inner_.on_timer(id, kind, due);
}

std::optional<std::string> WithReactions::live_claim(std::string_view aggregate_type, const Message& state) const {
    if (aggregate_type == reaction_type) return std::nullopt;
    return inner_.live_claim(aggregate_type, state);
}

std::shared_ptr<const Message> WithReactions::on_lease_lapsed(const AggregateId& id, std::string_view token) const {
    return inner_.on_lease_lapsed(id, token);
}

bool WithReactions::closed(std::string_view aggregate_type, const Message& state) const {
    if (aggregate_type == reaction_type) return !static_cast<const ReactionState&>(state).parked();
    return inner_.closed(aggregate_type, state);
}

std::vector<Reaction> WithReactions::on_ready(const Context& context) const {
    return inner_.on_ready(context);
}

Answered WithReactions::query(const Query& query, const Context& context) const {
    return inner_.query(query, context);
}

}  // namespace rightplace::runtime
