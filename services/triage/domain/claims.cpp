// Claims: a clinician's lease on a review. A claim fences completion and nothing else.
#include "common/clinical/categories.hpp"
#include "common/clinical/hub_policy.hpp"
#include "services/triage/domain/rules.hpp"

namespace rightplace::triage {

using runtime::refuse;
using seams::LeaseChange;

// No lease at all counts as run out: a claim that nothing will ever lapse must not lock people out.
bool lease_is_live(const Asked& asked, const ReviewState& review) {
    return review.has_claim() && asked.states.lease_expires(review_key(review.case_id())) > asked.context.now;
}

std::optional<Failure<Refused>> against_token(const ReviewState& review, const std::string& token) {
    if (token.empty()) return refuse(INVALID, "The claim's token is missing: claim the review first.", "token");
    if (review.has_claim() && review.claim().token() == token) return std::nullopt;
    const Claim& claim = review.claim();
    std::string taken;
    if (claim.has_taken_from()) {
        taken = "A " + claim.holder().role() + " has taken the review over: " + claim.reason_code() + ". ";
    }
    return refuse(STALE_TOKEN, "The claim behind this token is over. " + taken + since_then(review), "token");
}

void clear_lease(Decision& decision, const ReviewState& review) {
    if (!review.has_claim()) return;
    decision.lease = LeaseChange::Kind::clear;
    decision.leased = review_key(review.case_id());
    decision.lease_token = review.claim().token();
}

bool rouses(const ReviewState& review) {
    return review.untold_emergency() && clinical::urgency_rank(review.category()) <= clinical::urgency_rank(intake::C2);
}

NewEvent claim_lapsed(const ReviewState& review, bool waits) {
    ClaimLapsed lapsed;
    lapsed.set_untold_emergency(waits && rouses(review));
    lapsed.set_token(review.claim().token());
    *lapsed.mutable_holder() = review.claim().holder();
    tell_origin(lapsed, review);
    return review_event(review, lapsed);
}

void renew_lease(Decision& decision, const Asked& asked, const ReviewState& review) {
    decision.lease = LeaseChange::Kind::set;
    decision.leased = review_key(review.case_id());
    decision.lease_token = review.claim().token();
    decision.lease_ms = clinical::claim_lease_ms(asked.context.policy);
}

void keep_claim_of_who_works(Decision& decision, const Asked& asked, const ReviewState& review) {
    const auto& actor = asked.envelope.actor();
    const bool holds =
        lease_is_live(asked, review) && !actor.id().empty() && review.claim().holder().id() == actor.id();
    const bool at_work = !decision.events.empty() && !asked.envelope.has_occurred_at();
    if (holds && at_work && decision.lease == LeaseChange::Kind::none) renew_lease(decision, asked, review);
}

bool give_back_if_overdue(Decision& decision, const ReviewState& review) {
    const bool overdue = review.status() == IN_CONSULTATION && review.breached() && !review.returned();
    if (!overdue || !gives_back(review)) return false;
    ReviewReturned returned;
    returned.set_token(review.claim().token());
    if (review.has_reply_to()) *returned.mutable_reply_to() = review.reply_to();
    decision.events.push_back(review_event(review, returned));
    return true;
}

namespace {

// `wanted`: a take-over that found nobody to take over from; its reason and text are kept.
Decided claim(const Asked& asked, const std::string& case_id, const TakeOverReview& wanted) {
    const auto* review = asked.states.get<ReviewState>(review_key(case_id));
    if (!review) return no_review();
    if (ended(*review)) return ended_review(*review);
    const Actor& actor = asked.envelope.actor();
    if (actor.id().empty()) return refuse(INVALID, "A claim needs to know who claims.", "actor.id");
    Decision decision;
    if (lease_is_live(asked, *review)) {
        if (review->claim().holder().id() == actor.id()) {
            return refuse(WRONG_STATE, "You hold this claim already; its token is in the review.", "case_id");
        }
        const std::string& role = review->claim().holder().role();
        return refuse(CLAIMED_BY_OTHER, "Claimed by " + (role.empty() ? "someone else" : "another: " + role) + ".",
                      "case_id");
    }
    if (review->has_claim()) {
        decision.events.push_back(claim_lapsed(*review, false));
        give_back_if_overdue(decision, *review);
    }
    if (!wanted.text().ciphertext().empty()) {
        NoteAdded note;
        *note.mutable_text() = wanted.text();
        note.set_why("take-over");
        decision.events.push_back(review_event(*review, note));
    }
    for (auto& over : offer_ended(*review, "claimed")) decision.events.push_back(std::move(over));
    ReviewClaimed claimed;
    *claimed.mutable_holder() = actor;
    claimed.set_reason_code(wanted.reason_code());
    decision.events.push_back(review_event(*review, claimed));
    decision.lease = LeaseChange::Kind::set;  // under the id of ReviewClaimed, the last event
    decision.leased = review_key(case_id);
    decision.lease_ms = clinical::claim_lease_ms(asked.context.policy);
    return decision;
}

}  // namespace

Decided claim_review(const Asked& asked, const ClaimReview& command) {
    return claim(asked, command.case_id(), {});
}

Decided take_over_review(const Asked& asked, const TakeOverReview& command) {
    if (command.reason_code() != handed_over) return take(asked, command);
    return refuse(INVALID, "That is the reason of a hand-over, which is acknowledged and not taken.", "reason_code");
}

// Where no lease is live there is nobody to take over from: it is a claim like any other.
Decided take(const Asked& asked, const TakeOverReview& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    if (ended(*review)) return ended_review(*review);
    const Actor& actor = asked.envelope.actor();
    if (actor.id().empty()) return refuse(INVALID, "A take-over needs to know who takes over.", "actor.id");
    if (auto against = against_reason(command.reason_code())) return *against;
    if (!lease_is_live(asked, *review)) return claim(asked, command.case_id(), command);
    if (review->claim().holder().id() == actor.id()) {
        return refuse(WRONG_STATE, "You hold this claim already; its token is in the review.", "case_id");
    }
    Decision decision;
    give_back_if_overdue(decision, *review);
    for (auto& over : offer_ended(*review, "claimed")) decision.events.push_back(std::move(over));
    ReviewTakenOver taken;
    taken.set_from_token(review->claim().token());
    tell_origin(taken, *review);
    *taken.mutable_from() = review->claim().holder();
    *taken.mutable_holder() = actor;
    taken.set_reason_code(command.reason_code());
    if (command.has_text()) *taken.mutable_text() = command.text();
    decision.events.push_back(review_event(*review, taken));
    decision.lease = LeaseChange::Kind::set;  // under the id of ReviewTakenOver, the last event
    decision.leased = review_key(command.case_id());
    decision.lease_ms = clinical::claim_lease_ms(asked.context.policy);
    return decision;
}

Decided renew_claim(const Asked& asked, const RenewClaim& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    if (auto against = against_token(*review, command.token())) return *against;
    Decision decision;
    decision.renews = true;
    renew_lease(decision, asked, *review);
    return decision;
}

Decided release_claim(const Asked& asked, const ReleaseClaim& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    if (auto against = against_token(*review, command.token())) return *against;
    if (auto over = over_as_cancelled(asked, *review)) return *over;  // whoever had it leaves it at that
    ClaimReleased released;
    released.set_token(command.token());
    released.set_untold_emergency(rouses(*review));
    tell_origin(released, *review);
    Decision decision = runtime::events({review_event(*review, released)});
    give_back_if_overdue(decision, *review);
    clear_lease(decision, *review);
    return decision;
}

// From the lease scanner, which may be behind: a claim that was renewed or replaced stays.
Decided lapse_claim(const Asked& asked, const LapseClaim& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    if (!review->has_claim() || review->claim().token() != command.token()) return runtime::nothing();
    if (lease_is_live(asked, *review)) return runtime::nothing();
    if (auto over = over_as_cancelled(asked, *review)) return *over;
    Decision decision = runtime::events({claim_lapsed(*review)});
    give_back_if_overdue(decision, *review);
    clear_lease(decision, *review);
    return decision;
}

}  // namespace rightplace::triage
