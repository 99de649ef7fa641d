// Handing reviews over at shift end: an offer to one colleague on shift, which each of them acknowledges. The claim
// stays where it is until then: a review is never with nobody because two people each thought the other had it.
#include "services/triage/domain/rules.hpp"

namespace rightplace::triage {

using runtime::refuse;

Decided hand_over_review(const Asked& asked, const HandOverReview& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    if (auto against = against_token(*review, command.token())) return *against;
    const std::string& to = command.to_staff_id();
    if (to.empty()) return refuse(INVALID, "A hand-over needs to know to whom.", "to_staff_id");
    if (to == review->claim().holder().id()) {
        return refuse(INVALID, "That is who holds the claim already.", "to_staff_id");
    }
    const auto* roster = asked.states.get<RosterState>({roster_type, asked.context.hub});
    if (on_shift(roster, to) == nullptr) {
        return refuse(WRONG_STATE, "Nobody of that staff id is signed on at this hub.", "to_staff_id");
    }
    HandoverOffered offered;
    offered.set_token(command.token());
    offered.set_to_staff_id(to);
    if (command.has_text()) *offered.mutable_text() = command.text();
    return runtime::events({review_event(*review, offered)});
}

// From here on it is a take-over like any other, or a claim when the giver's has run out meanwhile.
Decided acknowledge_handover(const Asked& asked, const AcknowledgeHandover& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    if (ended(*review)) return ended_review(*review);
    const std::string& actor = asked.envelope.actor().id();
    if (actor.empty() || !review->has_handover() || review->handover().to_staff_id() != actor) {
        return refuse(WRONG_STATE, "This review is not being handed over to you. " + since_then(*review), "case_id");
    }
    TakeOverReview take;
    take.set_case_id(command.case_id());
    take.set_reason_code(handed_over);
    return take_over_review(asked, take);
}

}  // namespace rightplace::triage
