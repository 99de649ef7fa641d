// By when a referral is accepted and the patient reached. What is not said in time is one event, once, and people are
// told: a patient who has left the queue has nobody else who looks.
#include <array>

#include "common/clinical/referral_rules.hpp"
#include "common/clinical/referral_words.hpp"
#include "services/referral/domain/rules.hpp"

namespace rightplace::referral {
namespace {

using google::protobuf::Timestamp;

constexpr TimeMs minute_ms = 60'000;
constexpr std::array deadlines{ACCEPTANCE, PATIENT_REACHED};

const Timestamp& due_of(const ReferralState& state, ReferralDeadline deadline) {
    return deadline == ACCEPTANCE ? state.accept_by() : state.reach_by();
}

const char* timer_of(ReferralDeadline deadline) {
    return deadline == ACCEPTANCE ? acceptance_timer : reached_timer;
}

ReferralOverdue overdue(ReferralDeadline deadline, const Timestamp& due, triage::Pathway pathway,
                        const std::string& service_id) {
    ReferralOverdue event;
    event.set_deadline(deadline);
    *event.mutable_due() = due;
    event.set_pathway(pathway);
    event.set_service_id(service_id);
    return event;
}

NewEvent overdue(const ReferralState& state, ReferralDeadline deadline) {
    return referral_event(state, overdue(deadline, due_of(state, deadline), state.pathway(), state.service_id()));
}

}  // namespace

NewEvent referral_event(const ReferralState& state, const Message& payload) {
    std::shared_ptr<Message> copy(payload.New());
    copy->CopyFrom(payload);
    return {referral_key(state.referral_id()), copy, state.case_id(), state.case_number()};
}

void set_deadlines(ReferralRequested& requested, const RequestReferral& command, const Context& context) {
    const TimeMs asked = command.has_decided_at() ? to_ms(command.decided_at()) : context.now;
    *requested.mutable_asked_at() = to_timestamp(asked);
    const auto times = clinical::referral_times(context.policy, command.pathway());
    if (times.accept_minutes > 0)
        *requested.mutable_accept_by() = to_timestamp(asked + times.accept_minutes * minute_ms);
    if (times.reach_minutes > 0) *requested.mutable_reach_by() = to_timestamp(asked + times.reach_minutes * minute_ms);
}

std::vector<NewEvent> written_up_late(const ReferralRequested& requested, const RequestReferral& command) {
    std::vector<NewEvent> all;
    const auto look = [&](ReferralDeadline deadline, bool set, const Timestamp& due) {
        if (!set || !command.has_written_at() || to_ms(due) > to_ms(command.written_at())) return;
        auto late = overdue(deadline, due, requested.pathway(), requested.service_id());
        late.set_written_up(true);
        all.push_back(
            runtime::new_event(referral_key(command.referral_id()), late, command.case_id(), command.case_number()));
    };
    look(ACCEPTANCE, requested.has_accept_by(), requested.accept_by());
    look(PATIENT_REACHED, requested.has_reach_by(), requested.reach_by());
    return all;
}

bool runs(const ReferralState& state, ReferralDeadline deadline) {
    if (state.ended() || state.reached()) return false;
    if (deadline == ACCEPTANCE) {
        const bool answered = state.accepted() || !state.declined_reason().empty();  // then people know already
        return state.has_accept_by() && !answered && !state.acceptance_overdue();
    }
    return state.has_reach_by() && !state.reach_overdue();
}

std::vector<NewEvent> overdue_before(const ReferralState& state, TimeMs happened) {
    std::vector<NewEvent> all;
    for (const auto deadline : deadlines) {
        if (runs(state, deadline) && to_ms(due_of(state, deadline)) <= happened)
            all.push_back(overdue(state, deadline));
    }
    return all;
}

// From the timer. A timer of another due time, or ahead of its time, does nothing.
Decided miss_deadline(const States& states, const MissReferralDeadline& command, const Context& context) {
    const auto* state = states.get<ReferralState>(referral_key(command.referral_id()));
    if (!state) return no_referral();
    const TimeMs due = to_ms(due_of(*state, command.deadline()));
    if (!runs(*state, command.deadline()) || to_ms(command.due()) != due || context.now < due)
        return runtime::nothing();
    return runtime::events({overdue(*state, command.deadline())});
}

Decided reach_patient(const States& states, const RecordPatientReached& command, const Command& envelope,
                      const Context& context) {
    const auto* state = states.get<ReferralState>(referral_key(command.referral_id()));
    if (!state) return no_referral();
    if (auto against = against_ended(*state)) return *against;
    if (state->reached()) return runtime::nothing();
    auto all = overdue_before(*state, occurred_at(envelope, context));
    all.push_back(referral_event(*state, PatientReached{}));
    return runtime::events(std::move(all));
}

Decided decline_referral(const States& states, const DeclineReferral& command, const Command& envelope,
                         const Context& context) {
    const auto* state = states.get<ReferralState>(referral_key(command.referral_id()));
    if (!state) return no_referral();
    if (auto against = against_ended(*state)) return *against;
    if (state->reached()) {
        return runtime::refuse(WRONG_STATE, "The patient was reached: say how it ended.", "referral_id");
    }
    if (!clinical::is_declined_reason(command.reason())) {
        return runtime::refuse(INVALID, "Declining needs a reason, one of " + clinical::declined_reasons() + ".",
                               "reason");
    }
    if (state->declined_reason() == command.reason()) return runtime::nothing();
    auto all = overdue_before(*state, occurred_at(envelope, context));
    ReferralDeclined declined;
    declined.set_reason(command.reason());
    all.push_back(referral_event(*state, declined));
    return runtime::events(std::move(all));
}

Decided end_referral(const States& states, const EndReferral& command, const Context& context) {
    const auto* state = states.get<ReferralState>(referral_key(command.referral_id()));
    if (!state) return no_referral();
    if (state->ended()) return runtime::nothing();
    auto all = overdue_before(*state, command.has_at() ? to_ms(command.at()) : context.now);
    all.push_back(referral_event(*state, ReferralEnded{}));
    return runtime::events(std::move(all));
}

std::vector<runtime::IndexEntry> deadline_entries(const AggregateId& id, const ReferralState& state) {
    std::vector<runtime::IndexEntry> entries;
    for (const auto deadline : deadlines) {
        if (!runs(state, deadline)) continue;
        entries.push_back({runtime::due_queue("referral"), runtime::timer_member(id, timer_of(deadline)),
                           double(to_ms(due_of(state, deadline)))});
    }
    return entries;
}

std::shared_ptr<const Message> deadline_due(const std::string& referral_id, std::string_view timer, TimeMs due) {
    for (const auto deadline : deadlines) {
        if (timer != timer_of(deadline)) continue;
        auto command = std::make_shared<MissReferralDeadline>();
        command->set_referral_id(referral_id);
        command->set_deadline(deadline);
        *command->mutable_due() = to_timestamp(due);
        return command;
    }
    return nullptr;
}

}  // namespace rightplace::referral
