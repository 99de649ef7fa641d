#include "services/referral/domain/referral_domain.hpp"

#include <algorithm>
#include <array>

#include "common/clinical/deliveries.hpp"
#include "common/clinical/referral_words.hpp"
#include "services/referral/domain/rules.hpp"

namespace rightplace::referral {
namespace {

using runtime::as;
using runtime::must_be;
using runtime::new_event;
using runtime::refuse;

// Who may send what, by the role of the key that vouches.
enum class By { own, sender, people, person };  // person: no program decides this
struct Allowed {
    std::string_view command;
    By by;
};
constexpr std::array table{
    Allowed{"rightplace.referral.RequestReferral", By::own},
    Allowed{"rightplace.referral.WithdrawReferral", By::own},
    Allowed{"rightplace.referral.RequestDelivery", By::own},
    Allowed{"rightplace.referral.WithdrawDelivery", By::own},
    Allowed{"rightplace.referral.MissDelivery", By::own},
    Allowed{"rightplace.referral.StartDelivery", By::sender},
    Allowed{"rightplace.referral.SettleDelivery", By::sender},
    Allowed{"rightplace.referral.RecordReturn", By::sender},
    Allowed{"rightplace.referral.ReleaseDelivery", By::person},
    Allowed{"rightplace.referral.SettleDeliveryByHand", By::person},
    Allowed{"rightplace.referral.AcceptReferral", By::people},
    Allowed{"rightplace.referral.CompleteReferral", By::people},
    Allowed{"rightplace.referral.RecordPatientReached", By::people},
    Allowed{"rightplace.referral.DeclineReferral", By::people},
    Allowed{"rightplace.referral.MissReferralDeadline", By::own},
    Allowed{"rightplace.referral.EndReferral", By::own},
};
constexpr std::array sender_roles{"bars", "bench"};
constexpr std::array people_roles{"cli", "clinician", "bench", "board", "bars"};
constexpr std::array person_roles{"cli", "clinician", "board"};

template <std::size_t N>
bool among(const std::array<const char*, N>& roles, std::string_view role) {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
}

runtime::Answered get_deliveries(const GetDeliveries& asked, const Context& context) {
    auto reply = std::make_shared<DeliveriesReply>();
    const bool all_open = asked.case_id().empty();
    context.view->each(delivery_type, [&](const AggregateId&, const runtime::Aggregate& aggregate) {
        if (!aggregate.state) return;
        const auto& state = static_cast<const DeliveryState&>(*aggregate.state);
        const bool wanted = all_open ? !ended(state) : state.case_id() == asked.case_id();
        if (wanted) *reply->add_deliveries() = state;
    });
    context.view->each(referral_type, [&](const AggregateId&, const runtime::Aggregate& aggregate) {
        if (!aggregate.state) return;
        const auto& state = static_cast<const ReferralState&>(*aggregate.state);
        const bool wanted = all_open ? !state.ended() : state.case_id() == asked.case_id();
        if (wanted) *reply->add_referrals() = state;
    });
    std::sort(reply->mutable_deliveries()->begin(), reply->mutable_deliveries()->end(),
              [](const DeliveryState& a, const DeliveryState& b) {
                  return std::pair(to_ms(a.requested_at()), a.delivery_id()) <
                         std::pair(to_ms(b.requested_at()), b.delivery_id());
              });
    return std::shared_ptr<const Message>(reply);
}

}  // namespace

AggregateId referral_key(const std::string& referral_id) {
    return {referral_type, referral_id};
}

Failure<Refused> no_referral() {
    return refuse(NOT_FOUND, "There is no such referral.", "referral_id");
}

std::optional<Failure<Refused>> against_ended(const ReferralState& state) {
    if (!state.ended()) return std::nullopt;
    const char* said = state.withdrawn() ? "The referral was withdrawn: the decision behind it was taken back."
                                         : "The referral has ended.";
    return refuse(WRONG_STATE, said, "referral_id");
}

TimeMs occurred_at(const Command& envelope, const Context& context) {
    if (!envelope.has_occurred_at()) return context.now;
    return std::min(to_ms(envelope.occurred_at()), context.now);
}

Decided request_referral(const States& states, const RequestReferral& command, const Context& context) {
    if (command.referral_id().empty()) return refuse(INVALID, "The referral needs its id.", "referral_id");
    if (command.pathway() == triage::PATHWAY_UNSPECIFIED) {
        return refuse(INVALID, "The referral needs its pathway.", "pathway");
    }
    const AggregateId key = referral_key(command.referral_id());
    if (states.at(key).version > 0) return runtime::nothing();
    ReferralRequested requested;
    requested.set_pathway(command.pathway());
    requested.set_service_id(command.service_id());
    requested.set_outcome_seq(command.outcome_seq());
    set_deadlines(requested, command, context);
    std::vector<NewEvent> all{new_event(key, requested, command.case_id(), command.case_number())};
    for (auto& late : written_up_late(requested, command)) all.push_back(std::move(late));
    return runtime::events(std::move(all));
}

Decided accept_referral(const States& states, const AcceptReferral& command, const Command& envelope,
                        const Context& context) {
    const AggregateId key = referral_key(command.referral_id());
    const auto* state = states.get<ReferralState>(key);
    if (!state) return no_referral();
    if (auto against = against_ended(*state)) return *against;
    if (state->accepted()) return runtime::nothing();
    auto all = overdue_before(*state, occurred_at(envelope, context));
    all.push_back(referral_event(*state, ReferralAccepted{}));
    return runtime::events(std::move(all));
}

Decided complete_referral(const States& states, const CompleteReferral& command, const Command& envelope,
                          const Context& context) {
    const AggregateId key = referral_key(command.referral_id());
    const auto* state = states.get<ReferralState>(key);
    if (!state) return no_referral();
    if (auto against = against_ended(*state)) return *against;
    // Not seen is not an end: the case would close as decided, with the patient at home and nobody on the way.
    if (!clinical::is_seen_outcome(command.outcome())) {
        return refuse(INVALID,
                      "Completed means that the patient was seen: one of " + clinical::seen_outcomes() +
                          ". If they do not see the patient, the referral is declined.",
                      "outcome");
    }
    ReferralCompleted completed;
    completed.set_outcome(command.outcome());
    completed.set_outcome_seq(state->outcome_seq());
    auto all = overdue_before(*state, occurred_at(envelope, context));
    all.push_back(referral_event(*state, completed));
    return runtime::events(std::move(all));
}

std::vector<std::string_view> ReferralDomain::aggregate_types() const {
    return {referral_type, delivery_type};
}

std::shared_ptr<Message> ReferralDomain::empty_state(std::string_view aggregate_type) const {
    if (aggregate_type == referral_type) return std::make_shared<ReferralState>();
    INVARIANT(aggregate_type == delivery_type);
    return std::make_shared<DeliveryState>();
}

std::vector<std::string_view> ReferralDomain::commands() const {
    std::vector<std::string_view> names;
    for (const Allowed& row : table) names.push_back(row.command);
    return names;
}

bool ReferralDomain::may(std::string_view key_role, std::string_view command) const {
    const auto row = std::find_if(table.begin(), table.end(), [&](const Allowed& a) { return a.command == command; });
    if (row == table.end()) return false;
    if (row->by == By::own) return key_role == service();
    if (row->by == By::person) return among(person_roles, key_role);
    return row->by == By::sender ? among(sender_roles, key_role) : among(people_roles, key_role);
}

std::vector<AggregateId> ReferralDomain::needs(const Message& command, const Context& context) const {
    if (const auto* c = as<RequestDelivery>(command)) return request_delivery_needs(*c, context);
    if (const auto* c = as<StartDelivery>(command)) return start_delivery_needs(*c, context);
    if (const auto* c = as<SettleDelivery>(command)) return settle_delivery_needs(*c, context);
    if (const auto* c = as<MissDelivery>(command)) return {delivery_key(c->delivery_id())};
    if (const auto* c = as<ReleaseDelivery>(command)) return {delivery_key(c->delivery_id())};
    if (const auto* c = as<SettleDeliveryByHand>(command)) return {delivery_key(c->delivery_id())};
    if (const auto* c = as<RecordReturn>(command)) {
        return {delivery_key(clinical::breach_return_delivery_id(c->case_id()))};
    }
    if (const auto* c = as<WithdrawDelivery>(command)) return {delivery_key(c->delivery_id())};
    if (const auto* c = as<RequestReferral>(command)) return {referral_key(c->referral_id())};
    if (const auto* c = as<WithdrawReferral>(command)) return {referral_key(c->referral_id())};
    if (const auto* c = as<AcceptReferral>(command)) return {referral_key(c->referral_id())};
    if (const auto* c = as<RecordPatientReached>(command)) return {referral_key(c->referral_id())};
    if (const auto* c = as<DeclineReferral>(command)) return {referral_key(c->referral_id())};
    if (const auto* c = as<MissReferralDeadline>(command)) return {referral_key(c->referral_id())};
    if (const auto* c = as<EndReferral>(command)) return {referral_key(c->referral_id())};
    return {referral_key(must_be<CompleteReferral>(command).referral_id())};
}

Decided ReferralDomain::decide(const States& states, const Message& command, const Command& envelope,
                               const Context& context) const {
    if (const auto* c = as<RequestDelivery>(command)) return request_delivery(states, *c, context);
    if (const auto* c = as<StartDelivery>(command)) return start_delivery(states, *c, context);
    if (const auto* c = as<SettleDelivery>(command)) return settle_delivery(states, *c, context);
    if (const auto* c = as<MissDelivery>(command)) return miss_delivery(states, *c, context);
    if (const auto* c = as<RecordReturn>(command)) return record_return(states, *c, context);
    if (const auto* c = as<ReleaseDelivery>(command)) return release_delivery(states, *c, envelope.actor(), context);
    if (const auto* c = as<SettleDeliveryByHand>(command)) return settle_by_hand(states, *c, envelope.actor());
    if (const auto* c = as<WithdrawDelivery>(command)) return withdraw_delivery(states, *c);
    if (const auto* c = as<RequestReferral>(command)) return request_referral(states, *c, context);
    if (const auto* c = as<WithdrawReferral>(command)) return withdraw_referral(states, *c, context);
    if (const auto* c = as<AcceptReferral>(command)) return accept_referral(states, *c, envelope, context);
    if (const auto* c = as<RecordPatientReached>(command)) return reach_patient(states, *c, envelope, context);
    if (const auto* c = as<DeclineReferral>(command)) return decline_referral(states, *c, envelope, context);
    if (const auto* c = as<MissReferralDeadline>(command)) return miss_deadline(states, *c, context);
    if (const auto* c = as<EndReferral>(command)) return end_referral(states, *c, context);
    return complete_referral(states, must_be<CompleteReferral>(command), envelope, context);
}

std::shared_ptr<const Message> ReferralDomain::evolve(std::string_view aggregate_type, const Message* before,
                                                      const Event& event, const Message& payload) const {
    if (aggregate_type == referral_type) return evolve_referral(before, event, payload);
    INVARIANT(aggregate_type == delivery_type);
    return evolve_delivery(before, event, payload);
}

std::vector<runtime::IndexEntry> ReferralDomain::index(const AggregateId& id, const Message& state) const {
    if (id.type == referral_type) return deadline_entries(id, static_cast<const ReferralState&>(state));
    if (id.type != delivery_type) return {};
    const auto& delivery = static_cast<const DeliveryState&>(state);
    if (ended(delivery) || delivery.status() == QUARANTINED) return {};
    const auto& due = delivery.has_next_attempt_at() ? delivery.next_attempt_at() : delivery.requested_at();
    std::vector<runtime::IndexEntry> entries{{delivery_queue, id.id, static_cast<double>(to_ms(due))}};
    if (waits_for_confirmation(delivery)) {
        entries.push_back({runtime::due_queue(service()), runtime::timer_member(id, confirmation_timer),
                           static_cast<double>(to_ms(delivery.confirm_by()))});
    }
    return entries;
}

std::vector<runtime::Reaction> ReferralDomain::react(const Event& event, const Message& payload,
                                                     const Context& context) const {
    return reactions(event, payload, context);
}

// The sender keeps the rhythm of attempts; what fires here are a referral's deadlines, and what tells people that a
// message is not confirmed.
std::shared_ptr<const Message> ReferralDomain::on_timer(const AggregateId& id, std::string_view kind,
                                                        TimeMs due) const {
    if (id.type == referral_type) return deadline_due(id.id, kind, due);
    if (id.type != delivery_type || kind != confirmation_timer) return nullptr;
    auto command = std::make_shared<MissDelivery>();
    command->set_delivery_id(id.id);
    *command->mutable_due() = to_timestamp(due);
    return command;
}

std::optional<std::string> ReferralDomain::live_claim(std::string_view, const Message&) const {
    return std::nullopt;
}

std::shared_ptr<const Message> ReferralDomain::on_lease_lapsed(const AggregateId&, std::string_view) const {
    return nullptr;
}

bool ReferralDomain::closed(std::string_view aggregate_type, const Message& state) const {
    if (aggregate_type == referral_type) return static_cast<const ReferralState&>(state).ended();
    return ended(static_cast<const DeliveryState&>(state));
}

std::vector<runtime::Reaction> ReferralDomain::on_ready(const Context&) const {
    return {};
}

runtime::Answered ReferralDomain::query(const runtime::Query& query, const Context& context) const {
    if (const auto* asked = as<GetDeliveries>(*query.payload)) return get_deliveries(*asked, context);
    return Failure{refuse(UNKNOWN_COMMAND, "referral does not answer this query.").error.refusal};
}

}  // namespace rightplace::referral
