// A case that another hub has: what it comes to there is recorded here too, for this hub answers the sender and closes
// the case; and what reaches this hub about it is passed on.
#include "services/triage/domain/transfer_rules.hpp"

namespace rightplace::triage {
namespace {

template <typename T>
std::optional<Decided> record(const ReviewState& review, const RecordElsewhere& command, bool known) {
    T told;
    if (!command.event().UnpackTo(&told)) return std::nullopt;
    if (known) return runtime::nothing();
    *told.mutable_at() = command.at();
    told.clear_reply_to();
    if (review.has_reply_to()) *told.mutable_reply_to() = review.reply_to();
    return runtime::events({review_event(review, told)});
}

// What is taken back here is this hub's own record of the outcome.
std::optional<Decided> record_reopening(const ReviewState& review, const RecordElsewhere& command, bool ended_there) {
    RecordElsewhere here = command;
    ReviewReopened reopened;
    if (!command.event().UnpackTo(&reopened)) return std::nullopt;
    reopened.set_outcome_event_id(review.outcome_event_id());
    here.mutable_event()->PackFrom(reopened);
    return record<ReviewReopened>(review, here, !ended_there);
}

bool says_returned(const RecordElsewhere& command) {
    ReviewBreached breached;
    return command.event().UnpackTo(&breached) && breached.returned();
}

}  // namespace

Decided record_elsewhere(const Asked& asked, const RecordElsewhere& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    const bool there = review->status() == TRANSFERRED && review->transferred_to() == command.at().hub();
    const bool ended_there = !there && ended(*review) && review->transferred_to() == command.at().hub();
    if (auto told = record_reopening(*review, command, ended_there)) return *told;
    if (!there) return runtime::nothing();
    // A consultation begun or left: only in the order in which that happened, or the sender's fail-safe would be
    // switched off for a case that nobody works on.
    const bool overtaken = command.at().seq() <= review->elsewhere_seq();
    if (auto told = record<ConsultationStarted>(*review, command, overtaken)) return *told;
    if (auto told = record<ClaimReleased>(*review, command, overtaken)) return *told;
    if (auto told = record<ClaimLapsed>(*review, command, overtaken)) return *told;
    if (auto told = record<ReviewTakenOver>(*review, command, overtaken)) return *told;
    const bool known = review->breached() && (review->returned() || !says_returned(command));
    if (auto told = record<ReviewBreached>(*review, command, known)) return *told;
    if (auto told = record<ReviewReturned>(*review, command, review->returned())) return *told;
    if (auto told = record<ReviewDecided>(*review, command, false)) return *told;
    if (auto told = record<ReviewRejected>(*review, command, false)) return *told;
    if (auto told = record<ReviewCancelled>(*review, command, false)) return *told;
    return runtime::refuse(INVALID, "This event is not recorded at another hub.", "event");
}

Decided pass_on(const ReviewState& review, const CancelReview& command) {
    PassedOn passed;
    passed.set_to_hub(review.transferred_to());
    *passed.mutable_cancel() = command;
    return runtime::events({review_event(review, passed)});
}

Decided pass_on(const ReviewState& review, const EscalateReview& command) {
    PassedOn passed;
    passed.set_to_hub(review.transferred_to());
    *passed.mutable_escalate() = command;
    return runtime::events({review_event(review, passed)});
}

Decided pass_on(const ReviewState& review, const NoteSenderUpdate& command) {
    PassedOn passed;
    passed.set_to_hub(review.transferred_to());
    *passed.mutable_update() = command;
    return runtime::events({review_event(review, passed)});
}

Decided pass_on(const ReviewState& review, const NoteReturn& command) {
    PassedOn passed;
    passed.set_to_hub(review.transferred_to());
    *passed.mutable_returned() = command;
    return runtime::events({review_event(review, passed)});
}

}  // namespace rightplace::triage
