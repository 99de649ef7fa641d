// What each event makes of a referral or a delivery.
#include "common/clinical/deliveries.hpp"
#include "services/referral/domain/rules.hpp"

namespace rightplace::referral {
namespace {

using runtime::as;
using runtime::must_be;

template <typename T>
std::shared_ptr<T> copy_or_new(const Message* before) {
    return before ? std::make_shared<T>(static_cast<const T&>(*before)) : std::make_shared<T>();
}

void requested(DeliveryState& state, const Event& event, const DeliveryRequested& payload) {
    state.set_delivery_id(event.aggregate_id());
    state.set_case_id(event.case_id());
    state.set_case_number(event.case_number());
    state.set_kind(payload.kind());
    *state.mutable_reply_to() = payload.reply_to();
    state.set_status(REQUESTED);
    state.set_about_event_id(payload.about_event_id());
    state.set_correlation_id(event.correlation_id());
    *state.mutable_requested_at() = event.occurred_at();
    state.set_emergency(payload.emergency());
    if (payload.has_confirm_by()) *state.mutable_confirm_by() = payload.confirm_by();
    if (payload.kind() == BREACH_RETURN) {
        state.set_request_id(clinical::breach_return_request_id(event.case_id()));
    }
}

void started(DeliveryState& state, const DeliveryStarted& payload) {
    state.set_status(STARTED);
    state.set_attempts(payload.attempt());
    state.set_request_id(payload.request_id());
    if (payload.has_body()) *state.mutable_body() = payload.body();
    if (!payload.content_type().empty()) state.set_content_type(payload.content_type());
    state.clear_next_attempt_at();
}

// Nobody is to be told by the clock any more.
void over(DeliveryState& state) {
    state.clear_confirm_by();
    state.clear_unconfirmed_since();
}

void settled(DeliveryState& state, const DeliverySettled& payload) {
    state.set_status(payload.status());
    state.set_last_http_status(payload.http_status());
    state.clear_next_attempt_at();
    if (payload.has_next_attempt_at()) *state.mutable_next_attempt_at() = payload.next_attempt_at();
    if (payload.status() != WAITING) over(state);
}

}  // namespace

std::shared_ptr<const Message> evolve_referral(const Message* before, const Event& event, const Message& payload) {
    auto state = copy_or_new<ReferralState>(before);
    if (const auto* asked = as<ReferralRequested>(payload)) {
        state->set_referral_id(event.aggregate_id());
        state->set_case_id(event.case_id());
        state->set_case_number(event.case_number());
        state->set_pathway(asked->pathway());
        state->set_service_id(asked->service_id());
        state->set_outcome_seq(asked->outcome_seq());
        *state->mutable_asked_at() = asked->has_asked_at() ? asked->asked_at() : event.occurred_at();
        if (asked->has_accept_by()) *state->mutable_accept_by() = asked->accept_by();
        if (asked->has_reach_by()) *state->mutable_reach_by() = asked->reach_by();
    } else if (const auto* overdue = as<ReferralOverdue>(payload)) {
        if (overdue->deadline() == ACCEPTANCE) state->set_acceptance_overdue(true);
        if (overdue->deadline() == PATIENT_REACHED) state->set_reach_overdue(true);
    } else if (as<PatientReached>(payload)) {
        state->set_accepted(true);
        state->set_reached(true);
        state->clear_declined_reason();
    } else if (const auto* declined = as<ReferralDeclined>(payload)) {
        state->set_accepted(false);
        state->set_declined_reason(declined->reason());
    } else if (as<ReferralEnded>(payload)) {
        state->set_ended(true);
    } else if (as<ReferralAccepted>(payload)) {
        state->set_accepted(true);
        state->clear_declined_reason();
    } else if (as<ReferralWithdrawn>(payload)) {
        state->set_withdrawn(true);
        state->set_ended(true);
    } else {
        must_be<ReferralCompleted>(payload);
        state->set_ended(true);
    }
    return state;
}

std::shared_ptr<const Message> evolve_delivery(const Message* before, const Event& event, const Message& payload) {
    auto state = copy_or_new<DeliveryState>(before);
    if (const auto* e = as<DeliveryRequested>(payload)) {
        requested(*state, event, *e);
    } else if (const auto* begun = as<DeliveryStarted>(payload)) {
        started(*state, *begun);
    } else if (const auto* outcome = as<DeliverySettled>(payload)) {
        settled(*state, *outcome);
    } else if (const auto* freed = as<DeliveryReleased>(payload)) {
        state->set_status(WAITING);
        state->set_released(true);
        *state->mutable_next_attempt_at() = freed->next_attempt_at();
        if (freed->has_confirm_by()) *state->mutable_confirm_by() = freed->confirm_by();
    } else if (const auto* missed = as<DeliveryUnconfirmed>(payload)) {
        *state->mutable_unconfirmed_since() = missed->due();
    } else if (as<DeliveryWithdrawn>(payload)) {
        state->set_withdrawn(true);
        if (unsent(*state) || state->status() == QUARANTINED) {
            state->set_status(SUPERSEDED);
            state->clear_next_attempt_at();
            over(*state);
        }
    } else if (as<DeliverySettledByHand>(payload)) {
        state->set_status(SETTLED_BY_HAND);
    } else {
        must_be<DeliverySuperseded>(payload);
        state->set_status(SUPERSEDED);
        over(*state);
    }
    return state;
}

}  // namespace rightplace::referral
