// Alerts: raised once, going up level by level until a named person takes them.
#include <algorithm>

#include "common/clinical/alert_rules.hpp"
#include "services/triage/domain/rules.hpp"

namespace rightplace::triage {
namespace {

using runtime::as;
using runtime::must_be;
using runtime::new_event;
using runtime::refuse;

constexpr TimeMs minute_ms = 60'000;
// Of an alert that was raised before they went up by themselves. It is part of what such an event means: never to
// change.
constexpr TimeMs first_step_of_old_alerts_ms = 15 * minute_ms;

// Counted from now and not from when it was due: whoever is told late still has the whole time until the next level.
google::protobuf::Timestamp next_step(const Asked& asked, const std::string& kind, std::uint32_t level) {
    const auto times = clinical::alert_times(asked.context.policy, kind);
    return to_timestamp(asked.context.now + times.minutes_at(level) * minute_ms);
}

template <typename T>
NewEvent alert_event(const AlertState& alert, const T& payload) {
    return new_event(alert_key(alert.alert_id()), payload, alert.case_id(), alert.case_number());
}

}  // namespace

AggregateId alert_key(const std::string& alert_id) {
    return {alert_type, alert_id};
}

Decided raise_alert(const Asked& asked, const RaiseAlert& command) {
    if (command.alert_id().empty()) return refuse(INVALID, "An alert needs its id.", "alert_id");
    if (!clinical::is_alert_kind(command.kind())) return refuse(INVALID, "There is no such kind of alert.", "kind");
    const AggregateId key = alert_key(command.alert_id());
    if (asked.states.at(key).version > 0) return runtime::nothing();
    AlertRaised raised;
    raised.set_kind(command.kind());
    raised.set_subject(command.subject());
    const auto highest = clinical::alert_times(asked.context.policy, command.kind()).highest();
    raised.set_level(command.at_highest_level() ? highest : 1);
    *raised.mutable_escalates_at() = next_step(asked, command.kind(), raised.level());
    return runtime::events({new_event(key, raised, command.case_id(), command.case_number())});
}

// From the timer.
Decided escalate_alert(const Asked& asked, const EscalateAlert& command) {
    const auto* alert = asked.states.get<AlertState>(alert_key(command.alert_id()));
    if (!alert) return refuse(NOT_FOUND, "There is no such alert.", "alert_id");
    if (is_over(*alert)) return runtime::nothing();
    const TimeMs due = to_ms(alert->escalates_at());
    if (to_ms(command.due()) != due || asked.context.now < due) return runtime::nothing();
    const bool goes_up = alert->level() < clinical::alert_times(asked.context.policy, alert->kind()).highest();
    AlertEscalated escalated;
    escalated.set_level(goes_up ? alert->level() + 1 : alert->level());
    *escalated.mutable_due() = alert->escalates_at();
    escalated.set_again(goes_up ? 0 : alert->again() + 1);
    *escalated.mutable_escalates_at() = next_step(asked, alert->kind(), escalated.level());
    escalated.set_kind(alert->kind());
    escalated.set_subject(alert->subject());
    *escalated.mutable_raised_at() = alert->raised_at();
    return runtime::events({alert_event(*alert, escalated)});
}

Decided take_alert(const Asked& asked, const TakeAlert& command) {
    const auto* alert = asked.states.get<AlertState>(alert_key(command.alert_id()));
    if (!alert) return refuse(NOT_FOUND, "There is no such alert.", "alert_id");
    const Actor& actor = asked.envelope.actor();
    if (actor.id().empty()) return refuse(INVALID, "Taking an alert needs to know who takes it.", "actor.id");
    if (actor.role() == "system") return refuse(FORBIDDEN, "An alert is taken by a person.", "actor.role");
    if (!alert->settled_why().empty()) {
        return refuse(WRONG_STATE, "The alert is over: " + alert->settled_why() + ".", "alert_id");
    }
    if (alert->has_taken_by()) {
        return refuse(WRONG_STATE, "The alert was taken by a " + alert->taken_by().role() + ".", "alert_id");
    }
    AlertTaken taken;
    *taken.mutable_by() = actor;
    taken.set_kind(alert->kind());
    taken.set_subject(alert->subject());
    taken.set_level(alert->level());
    *taken.mutable_raised_at() = alert->raised_at();
    return runtime::events({alert_event(*alert, taken)});
}

Decided settle_alert(const Asked& asked, const SettleAlert& command) {
    const auto* alert = asked.states.get<AlertState>(alert_key(command.alert_id()));
    const bool long_over = !alert && asked.states.at(alert_key(command.alert_id())).version > 0;
    if (long_over) return runtime::nothing();
    // It overtook the reaction that raises the alert: that will be there when asked again.
    if (!alert) return refuse(CONTENTION, "The alert is not raised yet; ask again.", "alert_id");
    if (command.why().empty()) return refuse(INVALID, "Settling an alert needs to say why.", "why");
    if (!alert->settled_why().empty()) return runtime::nothing();
    AlertSettled settled;
    settled.set_why(command.why());
    settled.set_kind(alert->kind());
    settled.set_subject(alert->subject());
    settled.set_level(alert->level());
    *settled.mutable_raised_at() = alert->raised_at();
    settled.set_was_taken(alert->has_taken_by());
    return runtime::events({alert_event(*alert, settled)});
}

bool is_over(const AlertState& alert) {
    return alert.has_taken_by() || !alert.settled_why().empty();
}

std::shared_ptr<const Message> escalation_due(const std::string& alert_id, TimeMs due) {
    auto command = std::make_shared<EscalateAlert>();
    command->set_alert_id(alert_id);
    *command->mutable_due() = to_timestamp(due);
    return command;
}

std::shared_ptr<const Message> evolve_alert(const Message* before, const Event& event, const Message& payload) {
    auto state =
        before ? std::make_shared<AlertState>(static_cast<const AlertState&>(*before)) : std::make_shared<AlertState>();
    if (const auto* raised = as<AlertRaised>(payload)) {
        state->set_alert_id(event.aggregate_id());
        state->set_kind(raised->kind());
        state->set_subject(raised->subject());
        state->set_case_id(event.case_id());
        state->set_case_number(event.case_number());
        *state->mutable_raised_at() = event.occurred_at();
        state->set_level(std::max(raised->level(), 1U));
        const TimeMs old = to_ms(event.occurred_at()) + first_step_of_old_alerts_ms;
        *state->mutable_escalates_at() = raised->has_escalates_at() ? raised->escalates_at() : to_timestamp(old);
    } else if (const auto* escalated = as<AlertEscalated>(payload)) {
        state->set_level(escalated->level());
        state->set_again(escalated->again());
        *state->mutable_escalates_at() = escalated->escalates_at();
        *state->mutable_escalated_at() = event.occurred_at();
    } else if (const auto* settled = as<AlertSettled>(payload)) {
        state->set_settled_why(settled->why());
        state->clear_escalates_at();
    } else {
        *state->mutable_taken_by() = must_be<AlertTaken>(payload).by();
        state->clear_escalates_at();
    }
    return state;
}

bool alert_before(const AlertState& a, const AlertState& b) {
    if (a.level() != b.level()) return a.level() > b.level();
    return std::pair(to_ms(a.raised_at()), a.alert_id()) < std::pair(to_ms(b.raised_at()), b.alert_id());
}

}  // namespace rightplace::triage
