// Handing reviews over at shift end: an offer to one colleague on shift, which each of them acknowledges. The claim
// stays where it is until then: a review is never with nobody because two people each thought the other had it.
#include "common/clinical/hub_policy.hpp"
#include "services/triage/domain/rules.hpp"

namespace rightplace::triage {

using runtime::refuse;

bool handed_to(const ReviewState& review, const std::string& staff_id, const Context& context) {
    if (!review.has_handover() || staff_id.empty() || review.handover().to_staff_id() != staff_id) return false;
    return context.now - to_ms(review.handover().offered_at()) <= clinical::handover_stands_ms(context.policy);
}

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
    const bool again = handed_to(*review, to, asked.context) && command.text().ciphertext().empty();
    if (again) return runtime::nothing();
    HandoverOffered offered;
    offered.set_token(command.token());
    offered.set_to_staff_id(to);
    if (command.has_text()) *offered.mutable_text() = command.text();
    Decision decision = runtime::events({review_event(*review, offered)});
    renew_lease(decision, asked, *review);  // the giver is there: time for the colleague to take it
    return decision;
}

Decided withdraw_handover(const Asked& asked, const WithdrawHandover& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    if (auto against = against_token(*review, command.token())) return *against;
    if (!review->has_handover()) return runtime::nothing();
    HandoverWithdrawn withdrawn;
    withdrawn.set_token(command.token());
    return runtime::events({review_event(*review, withdrawn)});
}

// From here on it is a take-over like any other, or a claim when the giver's has run out meanwhile.
Decided acknowledge_handover(const Asked& asked, const AcknowledgeHandover& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    if (ended(*review)) return ended_review(*review);
    const std::string& actor = asked.envelope.actor().id();
    const bool holds_it = review->has_claim() && review->claim().holder().id() == actor;
    if (holds_it && !actor.empty()) return runtime::nothing();  // asked again
    if (!handed_to(*review, actor, asked.context)) {
        return refuse(WRONG_STATE, "This review is not, or no longer, being handed over to you. " + since_then(*review),
                      "case_id");
    }
    TakeOverReview taking;
    taking.set_case_id(command.case_id());
    taking.set_reason_code(handed_over);
    return take(asked, taking);
}

}  // namespace rightplace::triage
