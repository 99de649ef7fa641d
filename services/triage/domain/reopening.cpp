// A decision or rejection taken back, as one more event: the record keeps what was decided. Undone by whoever made it,
// within minutes, it goes on where it stopped; reopened by anybody, within hours, it waits in the queue again, and what
// has a breach time has it still.
#include "common/clinical/hub_policy.hpp"
#include "common/clinical/roles.hpp"
#include "services/triage/domain/transfer_rules.hpp"

namespace rightplace::triage {
namespace {

using runtime::as;
using runtime::refuse;
using seams::LeaseChange;

std::optional<Failure<Refused>> against_reopening(const ReviewState& review) {
    if (!ended(review)) {
        return refuse(WRONG_STATE, "There is nothing to take back: the review is open. " + since_then(review),
                      "case_id");
    }
    if (!review.transferred_to().empty()) {
        return refuse(WRONG_STATE,
                      "The case is with " + review.transferred_to() + ": what was decided there is taken back there.",
                      "case_id");
    }
    if (review.status() == CANCELLED || review.cancelled_since() || !review.cancellation_asked().empty()) {
        return refuse(WRONG_STATE,
                      "Its sender cancelled it and no longer waits for us; if the patient needs more, "
                      "open a new case: the two are linked.",
                      "case_id");
    }
    return std::nullopt;
}

ReviewReopened taken_back(const ReviewState& review, const std::string& reason_code, const Sealed& text) {
    ReviewReopened reopened;
    reopened.set_outcome_event_id(review.outcome_event_id());
    reopened.set_pathway(review.pathway());
    reopened.set_reason_code(reason_code);
    if (!text.ciphertext().empty()) *reopened.mutable_text() = text;
    if (review.has_reply_to()) *reopened.mutable_reply_to() = review.reply_to();
    return reopened;
}

}  // namespace

Decided undo_outcome(const Asked& asked, const UndoOutcome& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    if (auto against = against_reopening(*review)) return *against;
    const Actor& actor = asked.envelope.actor();
    if (actor.id().empty() || review->ended_by().id() != actor.id()) {
        return refuse(FORBIDDEN, "Only whoever made it undoes it; anybody may reopen the case.", "actor.id");
    }
    if (auto against = against_reason(command.reason_code())) return *against;
    const auto window = clinical::undo_window_ms(asked.context.policy);
    if (asked.context.now - to_ms(review->ended_at()) > window) {
        return refuse(WRONG_STATE,
                      "It can be undone for " + std::to_string(window / 60'000) + " minutes; now reopen the case.",
                      "case_id");
    }
    ReviewReopened reopened = taken_back(*review, command.reason_code(), command.text());
    *reopened.mutable_holder() = actor;
    Decision decision = runtime::events({review_event(*review, reopened)});
    decision.lease = LeaseChange::Kind::set;  // under the id of this event
    decision.leased = review_key(command.case_id());
    decision.lease_ms = clinical::claim_lease_ms(asked.context.policy);
    return decision;
}

Decided reopen_review(const Asked& asked, const ReopenReview& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    if (auto against = against_reopening(*review)) return *against;
    if (asked.envelope.actor().id().empty()) {
        return refuse(INVALID, "Reopening needs to know who asks for it.", "actor.id");
    }
    if (auto against = against_reason(command.reason_code())) return *against;
    const auto window = clinical::reopen_window_ms(asked.context.policy);
    if (asked.context.now - to_ms(review->ended_at()) > window) {
        return refuse(WRONG_STATE,
                      "It can be reopened for " + std::to_string(window / 3'600'000) +
                          " hours; now open a new case: the two are linked.",
                      "case_id");
    }
    std::vector<NewEvent> all{review_event(*review, taken_back(*review, command.reason_code(), command.text()))};
    // Past its breach time nobody else would tell the sender that it waits for us in vain.
    if (review->breached() && !review->returned() && gives_back(*review)) {
        ReviewReturned returned;
        returned.set_why("reopened");
        if (review->has_reply_to()) *returned.mutable_reply_to() = review->reply_to();
        all.push_back(review_event(*review, returned));
    }
    return runtime::events(std::move(all));
}

Decided close_review(const Asked& asked, const CloseReview& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    if (review->status() == TRANSFERRED) {
        return refuse(WRONG_STATE, "The case is with " + review->transferred_to() + ", and not decided there yet.",
                      "case_id");
    }
    if (!ended(*review)) {
        return refuse(WRONG_STATE, "The review is open: decide it or reject it, and the case closes.", "case_id");
    }
    const Actor& actor = asked.envelope.actor();
    if (!clinical::is_named_clinician(actor.id(), actor.role())) {
        return refuse(FORBIDDEN, "Only a named clinician closes a case.", "actor.role");
    }
    if (auto against = against_reason(command.reason_code())) return *against;
    ReviewClosed closed;
    closed.set_reason_code(command.reason_code());
    return runtime::events({review_event(*review, closed)});
}

// What was promised to the patient stays promised: the outcome may be taken back.
void ended_now(ReviewState& review, const Event& event, ReviewStatus status) {
    end_claim(review, status);
    review.set_outcome_event_id(event.event_id());
    *review.mutable_ended_at() = event.occurred_at();
    *review.mutable_ended_by() = event.actor();
}

bool apply_reopening(ReviewState& review, const Event& event, const Message& payload) {
    if (as<ReviewClosed>(payload)) return true;  // of the case, which is intake's
    const auto* reopened = as<ReviewReopened>(payload);
    if (reopened == nullptr) return false;
    // Given back, and then decided: that stood the sender down, and it is not given back a second time. People are told
    // instead, as of a case that has no such sender.
    if (review.returned() && review.pathway() != PATHWAY_UNSPECIFIED) {
        review.set_return_used(true);
        review.set_returned(false);
    }
    review.clear_pathway();
    review.clear_outcome_event_id();
    review.clear_ended_at();
    review.clear_ended_by();
    review.set_reopened(review.reopened() + 1);
    if (reopened->has_at()) {
        review.set_status(TRANSFERRED);
    } else if (reopened->has_holder()) {
        begin_claim(review, event, reopened->holder());
        review.set_consultation_started(true);
        review.set_status(IN_CONSULTATION);
    } else {
        back_to_queue(review);
    }
    return true;
}

}  // namespace rightplace::triage
