// What each event makes of a state. An event is a fact: nothing is refused here, policy and the
// trailer are never read.
#include <algorithm>

#include "common/clinical/categories.hpp"
#include "services/triage/domain/transfer_rules.hpp"

namespace rightplace::triage {
namespace {

using runtime::as;
using runtime::must_be;

template <typename T>
std::shared_ptr<T> copy_or_new(const Message* before) {
    return before ? std::make_shared<T>(static_cast<const T&>(*before)) : std::make_shared<T>();
}

void queued(ReviewState& state, const Event& event, const ReviewQueued& payload) {
    state.set_case_id(event.aggregate_id());
    state.set_case_number(event.case_number());
    state.set_status(QUEUED);
    *state.mutable_facts() = payload.facts();
    if (payload.has_reply_to()) *state.mutable_reply_to() = payload.reply_to();
    *state.mutable_breach_at() = payload.breach_at();
    *state.mutable_news2() = payload.news2();
    *state.mutable_queued_at() = event.occurred_at();
    state.set_category(payload.facts().category());
    state.set_correlation_id(event.correlation_id());
}

void taken_over(ReviewState& state, const Event& event, const ReviewTakenOver& payload) {
    Claim& claim = begin_claim(state, event, payload.holder());
    *claim.mutable_taken_from() = payload.from();
    claim.set_reason_code(payload.reason_code());
}

// Outlives a giver who is gone; not one who is seen to work on it, or gives it to everybody.
void handed(ReviewState& state, const Event& event, const HandoverOffered& payload) {
    Handover* handover = state.mutable_handover();
    handover->set_to_staff_id(payload.to_staff_id());
    *handover->mutable_from() = state.claim().holder();
    *handover->mutable_offered_at() = event.occurred_at();
}

void asked(ReviewState& state, const Event& event, const SecondOpinionAsked& payload) {
    SecondOpinion* opinion = state.add_opinions();
    opinion->set_question(event.event_id());
    opinion->set_of_role(payload.of_role());
    *opinion->mutable_asked_by() = event.actor();
    *opinion->mutable_asked_at() = event.occurred_at();
}

void given(ReviewState& state, const Event& event, const SecondOpinionGiven& payload) {
    auto& all = *state.mutable_opinions();
    const auto answers = [&](const SecondOpinion& each) {
        return !payload.question().empty() && each.question() == payload.question();
    };
    const auto asked_for = std::find_if(all.begin(), all.end(), answers);
    SecondOpinion* opinion = asked_for == all.end() ? state.add_opinions() : &*asked_for;
    *opinion->mutable_given_by() = event.actor();
    opinion->set_view(payload.view());
    *opinion->mutable_given_at() = event.occurred_at();
}

void owe_no_call(ReviewState& state) {
    state.clear_welfare_call_due();
    state.clear_welfare_call_promised_at();
    state.clear_welfare_call_missed();
}

// By when things happened, not by when they were written down: an answer from before a promise does not keep it.
void contact_attempted(ReviewState& state, const Event& event, const ContactAttempted& payload) {
    state.set_contact_attempts(state.contact_attempts() + 1);
    if (payload.outcome() != "answered") return;
    const TimeMs reached = to_ms(event.occurred_at());
    if (reached >= to_ms(state.patient_reached_at())) *state.mutable_patient_reached_at() = event.occurred_at();
    if (state.has_welfare_call_due() && reached >= to_ms(state.welfare_call_promised_at())) owe_no_call(state);
}

void call_planned(ReviewState& state, const Event& event, const WelfareCallPlanned& payload) {
    if (!promise_stands(state, to_ms(event.occurred_at()))) return;
    *state.mutable_welfare_call_due() = payload.due();
    *state.mutable_welfare_call_promised_at() = event.occurred_at();
    state.clear_welfare_call_missed();
}

void escalated(ReviewState& state, const ReviewEscalated& payload) {
    state.set_category(payload.to_category());
    if (payload.has_breach_at()) *state.mutable_breach_at() = payload.breach_at();
    if (!payload.rule().empty()) state.add_raised_by(payload.rule());
    const bool emergency = clinical::urgency_rank(payload.to_category()) <= clinical::urgency_rank(intake::C2);
    if (emergency && payload.to_category() != payload.from_category())
        state.set_untold_emergency(payload.by_its_holder());
}

void downgraded(ReviewState& state, const ReviewDowngraded& payload) {
    state.set_category(payload.to_category());
    auto& known = *state.mutable_raised_by();
    for (const auto& rule : payload.weighed()) {
        if (std::find(known.begin(), known.end(), rule) == known.end()) *known.Add() = rule;
    }
}

void on_scale_2(ReviewState& state, const Spo2Scale2Used& payload) {
    *state.mutable_news2() = payload.news2();
    *state.mutable_spo2_scale_2_by() = payload.by();
}

void returned(ReviewState& state, const Event& event) {
    state.set_returned(true);
    *state.mutable_returned_at() = event.occurred_at();
    if (state.status() == QUEUED) state.set_status(RETURNED);
}

template <typename T>
void claim_over(ReviewState& state, const T& payload) {
    if (payload.untold_emergency()) state.clear_untold_emergency();  // people are told now
    back_to_queue(state);
}

void breached(ReviewState& state, const Event& event, const ReviewBreached& payload) {
    state.set_breached(true);
    if (payload.returned()) returned(state, event);
}

void apply(ReviewState& state, const Event& event, const Message& payload) {
    if (apply_transfer(state, event, payload) || apply_elsewhere(state, payload)) return;
    if (apply_reopening(state, event, payload) || apply_sender(state, event, payload)) return;
    if (const auto* e = as<ReviewQueued>(payload)) return queued(state, event, *e);
    if (const auto* e = as<ReviewClaimed>(payload)) return void(begin_claim(state, event, e->holder()));
    if (as<ClaimReleased>(payload)) state.clear_handover();
    if (const auto* e = as<ClaimReleased>(payload)) return claim_over(state, *e);
    if (const auto* e = as<ClaimLapsed>(payload)) return claim_over(state, *e);
    if (as<HandoverWithdrawn>(payload)) return state.clear_handover();
    if (const auto* e = as<ReviewTakenOver>(payload)) return taken_over(state, event, *e);
    if (const auto* e = as<HandoverOffered>(payload)) return handed(state, event, *e);
    if (const auto* e = as<ContactAttempted>(payload)) return contact_attempted(state, event, *e);
    if (const auto* e = as<SecondOpinionAsked>(payload)) return asked(state, event, *e);
    if (const auto* e = as<SecondOpinionGiven>(payload)) return given(state, event, *e);
    if (const auto* e = as<WelfareCallPlanned>(payload)) return call_planned(state, event, *e);
    if (as<WelfareCallMissed>(payload)) return state.set_welfare_call_missed(true);
    if (const auto* e = as<ReviewDowngraded>(payload)) return downgraded(state, *e);
    if (as<NoteAdded>(payload)) return state.set_notes(state.notes() + 1);
    if (const auto* e = as<ReviewEscalated>(payload)) return escalated(state, *e);
    if (const auto* e = as<Spo2Scale2Used>(payload)) return on_scale_2(state, *e);
    if (const auto* e = as<ReviewBreached>(payload)) return breached(state, event, *e);
    if (as<ReviewReturned>(payload) || as<ReturnNoted>(payload)) return returned(state, event);
    if (const auto* e = as<ReviewUnattended>(payload)) return state.set_unattended(e->why());
    if (as<ReviewAttended>(payload)) return somebody_is_there(state);
    if (as<ConsultationStarted>(payload)) {
        state.clear_handover();
        state.set_consultation_started(true);
        state.set_status(IN_CONSULTATION);
    } else if (const auto* decided = as<ReviewDecided>(payload)) {
        state.set_pathway(decided->pathway());
        ended_now(state, event, DECIDED);
    } else if (as<ReviewRejected>(payload)) {
        ended_now(state, event, REJECTED);
    } else {
        must_be<ReviewCancelled>(payload);
        end(state, CANCELLED);
    }
}

}  // namespace

Claim& begin_claim(ReviewState& state, const Event& event, const Actor& holder) {
    Claim* claim = state.mutable_claim();
    claim->Clear();
    claim->set_token(event.event_id());
    *claim->mutable_holder() = holder;
    *claim->mutable_claimed_at() = event.occurred_at();
    state.clear_handover();
    somebody_is_there(state);
    state.set_status(CLAIMED);
    return *claim;
}

void back_to_queue(ReviewState& state) {
    state.clear_claim();
    state.set_status(state.returned() ? RETURNED : QUEUED);
}

void end_claim(ReviewState& state, ReviewStatus status) {
    state.clear_claim();
    state.clear_handover();
    somebody_is_there(state);
    state.set_status(status);
}

void end(ReviewState& state, ReviewStatus status) {
    end_claim(state, status);
    owe_no_call(state);
}

std::shared_ptr<const Message> evolve_review(const Message* before, const Event& event, const Message& payload) {
    auto state = copy_or_new<ReviewState>(before);
    apply(*state, event, payload);
    if (!as<NoteAdded>(payload)) {  // a note changes nothing that a refusal would have to explain
        state->set_last_event(payload.GetDescriptor()->name());
        state->set_last_event_role(event.actor().role());
    }
    return state;
}

std::shared_ptr<const Message> evolve_roster(const Message* before, const Event& event, const Message& payload) {
    auto state = std::make_shared<RosterState>();
    const auto* on = as<SignedOn>(payload);
    const std::string& changed = on ? on->staff().id() : must_be<SignedOff>(payload).staff().id();
    if (before) {
        for (const SignedOn& entry : static_cast<const RosterState&>(*before).on_shift()) {
            if (entry.staff().id() != changed) *state->add_on_shift() = entry;
        }
    }
    if (on) {
        SignedOn* entry = state->add_on_shift();
        *entry = *on;
        *entry->mutable_since() = event.occurred_at();
    }
    return state;
}

}  // namespace rightplace::triage
