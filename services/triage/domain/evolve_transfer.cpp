// What the events of a transfer make of a review and of the transfer itself.
#include "services/triage/domain/transfer_rules.hpp"

namespace rightplace::triage {
namespace {

using runtime::as;
using runtime::must_be;

void offered(ReviewState& state, const Event& event, const TransferOffered& payload) {
    TransferOffer* offer = state.mutable_offer();
    offer->set_offer_id(event.event_id());
    offer->set_to_hub(payload.to_hub());
    *offer->mutable_from() = event.actor();
    *offer->mutable_offered_at() = event.occurred_at();
    offer->set_reason_code(payload.reason_code());
    if (payload.has_answer_by()) *offer->mutable_answer_by() = payload.answer_by();
    state.clear_offer_again_at();
}

void offer_over(ReviewState& state, const TransferEnded& payload) {
    state.clear_offer();
    if (!payload.has_again_at()) return;
    *state.mutable_offer_again_at() = payload.again_at();
    state.set_offers_come_back(state.offers_come_back() + 1);
}

void transferred(ReviewState& state, const ReviewTransferred& payload) {
    end(state, TRANSFERRED);
    state.clear_offer();
    state.set_transferred_to(payload.to_hub());
    state.set_transfer_confirmed(false);
    *state.mutable_confirm_by() = payload.confirm_by();
    state.set_confirmation_missed(false);
    state.clear_elsewhere_seq();
}

// A hub that is given a case back answers as it did before; any other by way of the hub that it comes from.
void received(ReviewState& state, const Event& event, const ReviewReceived& payload) {
    const ReviewState before = state;
    const bool given_back = !before.case_id().empty() && before.transferred_to() == payload.from_hub();
    state = payload.review();
    state.set_case_id(event.aggregate_id());
    state.set_status(state.returned() ? RETURNED : QUEUED);
    state.clear_reply_to();
    if (given_back) {
        *state.mutable_came_through() = before.came_through();
        if (before.has_reply_to()) *state.mutable_reply_to() = before.reply_to();
    } else {
        state.mutable_reply_to()->set_via_hub(payload.from_hub());
        state.mutable_reply_to()->set_cannot_be_told(payload.review().reply_to().cannot_be_told());
    }
}

template <typename T>
bool told_elsewhere(const Message& payload, Elsewhere& at) {
    const auto* told = as<T>(payload);
    if (told == nullptr || !told->has_at()) return false;
    at = told->at();
    return true;
}

}  // namespace

bool apply_transfer(ReviewState& review, const Event& event, const Message& payload) {
    if (const auto* e = as<TransferOffered>(payload)) {
        offered(review, event, *e);
    } else if (const auto* over = as<TransferEnded>(payload)) {
        offer_over(review, *over);
    } else if (as<OfferingEnded>(payload)) {
        review.clear_offer_again_at();
    } else if (const auto* gone = as<ReviewTransferred>(payload)) {
        transferred(review, *gone);
    } else if (const auto* came = as<ReviewReceived>(payload)) {
        received(review, event, *came);
    } else if (as<TransferConfirmed>(payload)) {
        review.set_transfer_confirmed(true);
    } else if (as<ConfirmationMissed>(payload)) {
        review.set_confirmation_missed(true);
    } else {
        return as<PassedOn>(payload) != nullptr;
    }
    return true;
}

// A consultation at another hub leaves the review's status here alone: TRANSFERRED.
bool apply_elsewhere(ReviewState& review, const Message& payload) {
    Elsewhere at;
    const bool started = told_elsewhere<ConsultationStarted>(payload, at);
    const bool told = started || told_elsewhere<ClaimReleased>(payload, at) ||
                      told_elsewhere<ClaimLapsed>(payload, at) || told_elsewhere<ReviewTakenOver>(payload, at);
    if (!told) return false;
    if (started) review.set_consultation_started(true);
    review.set_elsewhere_seq(at.seq());
    return true;
}

std::shared_ptr<const Message> evolve_transfer(const Message* before, const Event& event, const Message& payload) {
    auto state = before ? std::make_shared<TransferState>(static_cast<const TransferState&>(*before))
                        : std::make_shared<TransferState>();
    if (const auto* e = as<TransferReceived>(payload)) {
        state->set_offer_id(event.aggregate_id());
        state->set_from_hub(e->from_hub());
        state->set_status(OFFERED);
        *state->mutable_review() = e->review();
        state->set_reason_code(e->reason_code());
        *state->mutable_offered_by() = e->offered_by();
        *state->mutable_offered_at() = e->offered_at();
        state->set_people_told(e->people_told());
        if (e->has_answer_by()) *state->mutable_answer_by() = e->answer_by();
    } else if (const auto* accepted = as<TransferAccepted>(payload)) {
        state->set_status(ACCEPTED_HERE);
        *state->mutable_accepted_by() = accepted->by();
        *state->mutable_confirm_by() = accepted->confirm_by();
    } else if (as<TransferDeclined>(payload)) {
        state->set_status(DECLINED);
    } else if (as<TransferClosed>(payload)) {
        state->set_status(WITHDRAWN);
    } else if (as<LettingGoMissed>(payload)) {
        state->set_confirmation_missed(true);
    } else {
        must_be<TransferTaken>(payload);
        state->set_status(TAKEN);
    }
    return state;
}

}  // namespace rightplace::triage
