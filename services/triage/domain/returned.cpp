// A case that the breach watch gave back by itself, because the ring was closed or the consultation was not known
// there: the review must say so, or whoever is in consultation takes their answer for one in time.
#include "services/triage/domain/rules.hpp"

namespace rightplace::triage {

Decided note_return(const Asked& asked, const NoteReturn& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    // The ring may have been closed over its queueing as well: that will be there when asked again.
    if (!review) return runtime::refuse(CONTENTION, "The review is not queued yet; ask again.", "case_id");
    if (!review->transferred_to().empty()) return pass_on(*review, command);
    if (ended(*review) || review->returned() || review->return_used()) return runtime::nothing();
    return runtime::events({review_event(*review, ReturnNoted{})});
}

std::optional<runtime::Reaction> sent_before_journal(const Event& event, const referral::DeliverySettled& delivery) {
    if (!delivery.before_journal()) return std::nullopt;
    NoteReturn command;
    command.set_case_id(event.case_id());
    return runtime::reaction("note-return", event.case_id(), command);
}

}  // namespace rightplace::triage
