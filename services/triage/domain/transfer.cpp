// A transfer, at the hub that has the case. It is an offer: the case and its clock stay here until the other hub has
// accepted, and this hub's own ReviewTransferred is the moment when they pass. There are never zero owners.
#include <algorithm>

#include "common/clinical/hub_policy.hpp"
#include "services/triage/domain/transfer_rules.hpp"

namespace rightplace::triage {

using runtime::refuse;

namespace {

// What travels: everything but what binds it to this hub's people and this hub's sender.
ReviewState snapshot(const ReviewState& review, const std::string& hub, const std::string& to) {
    ReviewState all = review;
    all.clear_claim();
    all.clear_handover();
    all.clear_offer();
    all.clear_reply_to();
    if (!told_by_message(review.reply_to())) all.mutable_reply_to()->set_cannot_be_told(true);
    all.clear_elsewhere_seq();
    all.clear_transferred_to();
    all.clear_transfer_confirmed();
    all.clear_confirm_by();
    all.clear_confirmation_missed();
    somebody_is_there(all);
    const bool back = all.came_through_size() > 0 && all.came_through(all.came_through_size() - 1) == to;
    if (!back) all.add_came_through(hub);
    return all;
}

std::optional<Failure<Refused>> against_hub(const Asked& asked, const ReviewState& review, const std::string& to) {
    const auto& others = asked.context.other_hubs;
    if (std::find(others.begin(), others.end(), to) == others.end()) {
        return refuse(INVALID, "There is no such other hub.", "to_hub");
    }
    const auto& through = review.came_through();
    const bool been_there = std::find(through.begin(), through.end(), to) != through.end();
    if (been_there && through[through.size() - 1] != to) {
        return refuse(INVALID,
                      "The case was there before. It can be given back to " + through[through.size() - 1] + ".",
                      "to_hub");
    }
    return std::nullopt;
}

std::optional<Failure<Refused>> against_claim(const Asked& asked, const ReviewState& review, const std::string& token) {
    if (!lease_is_live(asked, review)) return std::nullopt;
    if (!token.empty()) return against_token(review, token);
    return refuse(CLAIMED_BY_OTHER,
                  "It is claimed, by a " + review.claim().holder().role() +
                      ": only with the claim's token, or after a take-over.",
                  "token");
}

// By when the other hub must have said that it has the case: within policy's time, and before any deadline of the case,
// which no clock runs for until it has.
TimeMs confirm_by(const ReviewState& review, const Context& context) {
    const TimeMs now = context.now;
    TimeMs by = now + clinical::transfer_confirm_ms(context.policy);
    if (!review.breached()) by = std::min(by, to_ms(review.breach_at()));
    const bool call = review.has_welfare_call_due() && !review.welfare_call_missed();
    if (call) by = std::min(by, to_ms(review.welfare_call_due()));
    return std::max(by, now);
}

TransferEnded ended_offer(const ReviewState& review, const char* why) {
    TransferEnded over;
    over.set_offer_id(review.offer().offer_id());
    over.set_to_hub(review.offer().to_hub());
    over.set_why(why);
    return over;
}

// Not taken there. While nobody is there for it here either, that is not the end of it.
Decided came_back(const Asked& asked, const ReviewState& review, const char* why, const std::string& reason_code) {
    TransferEnded over = ended_offer(review, why);
    over.set_reason_code(reason_code);
    over.set_came_back_before(review.offers_come_back());
    if (!review.unattended().empty() && !hub_to_offer(asked, review).empty()) {
        *over.mutable_again_at() = to_timestamp(asked.context.now + offer_again_ms);
    }
    return runtime::events({review_event(review, over)});
}

}  // namespace

bool may_go_to(const Asked& asked, const ReviewState& review, const std::string& hub) {
    return !against_hub(asked, review, hub);
}

NewEvent offer_to(const ReviewState& stands, const Context& context, const TransferReview& wanted) {
    TransferOffered offered;
    offered.set_to_hub(wanted.to_hub());
    offered.set_reason_code(wanted.reason_code());
    if (wanted.has_text()) *offered.mutable_text() = wanted.text();
    *offered.mutable_review() = snapshot(stands, context.hub, wanted.to_hub());
    *offered.mutable_answer_by() = to_timestamp(context.now + transfer_answer_ms);
    return review_event(stands, offered);
}

std::vector<NewEvent> offer_ended(const ReviewState& review, const char* why) {
    if (!review.has_offer()) return {};
    return {review_event(review, ended_offer(review, why))};
}

Decided transfer_review(const Asked& asked, const TransferReview& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    if (ended(*review)) return ended_review(*review);
    if (asked.envelope.actor().id().empty()) {
        return refuse(INVALID, "A transfer needs to know who offers it.", "actor.id");
    }
    if (auto against = against_reason(command.reason_code())) return *against;
    if (auto against = against_hub(asked, *review, command.to_hub())) return *against;
    if (auto against = against_claim(asked, *review, command.token())) return *against;
    if (review->has_offer()) {
        if (review->offer().to_hub() == command.to_hub()) return runtime::nothing();  // asked again
        return refuse(WRONG_STATE, "It is offered to " + review->offer().to_hub() + " already: withdraw that first.",
                      "to_hub");
    }
    Decision decision;
    ReviewState stands = *review;
    if (review->has_claim() && !lease_is_live(asked, *review)) {  // or its holder would work on, and lose it
        if (auto over = over_as_cancelled(asked, *review)) return *over;
        decision.events.push_back(claim_lapsed(*review));
        if (give_back_if_overdue(decision, *review)) stands.set_returned(true);
        clear_lease(decision, *review);
    }
    decision.events.push_back(offer_to(stands, asked.context, command));
    return decision;
}

Decided withdraw_transfer(const Asked& asked, const WithdrawTransfer& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    if (ended(*review)) return ended_review(*review);
    return runtime::events(offer_ended(*review, "withdrawn"));
}

// The other hub has accepted. An offer that has ended meanwhile is not let go: the case stays here, and the other hub
// is told by the event that ended it.
Decided let_go(const Asked& asked, const LetGo& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    if (ended(*review) || review->offer().offer_id() != command.offer_id()) return runtime::nothing();
    Decision decision;
    ReviewState goes = *review;
    if (review->has_claim()) {
        if (auto over = over_as_cancelled(asked, *review)) return *over;
        ClaimReleased released;
        released.set_token(review->claim().token());
        tell_origin(released, *review);
        decision.events.push_back(review_event(*review, released));
        if (give_back_if_overdue(decision, *review)) goes.set_returned(true);
        clear_lease(decision, *review);
    }
    ReviewTransferred transferred;
    transferred.set_offer_id(command.offer_id());
    transferred.set_to_hub(review->offer().to_hub());
    *transferred.mutable_accepted_by() = command.accepted_by();
    *transferred.mutable_review() = snapshot(goes, asked.context.hub, review->offer().to_hub());
    *transferred.mutable_confirm_by() = to_timestamp(confirm_by(*review, asked.context));
    decision.events.push_back(review_event(*review, transferred));
    return decision;
}

Decided end_declined_offer(const Asked& asked, const EndOffer& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    if (ended(*review) || review->offer().offer_id() != command.offer_id()) return runtime::nothing();
    return came_back(asked, *review, "declined", command.reason_code());
}

// From the timer. The case has never left; an acceptance that is on its way comes too late.
Decided miss_answer(const Asked& asked, const MissAnswer& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    const TimeMs due = to_ms(review->offer().answer_by());
    const bool waits = !ended(*review) && review->offer().has_answer_by();
    if (!waits || to_ms(command.due()) != due || asked.context.now < due) return runtime::nothing();
    return came_back(asked, *review, "not-answered", {});
}

Decided confirm_transfer(const Asked& asked, const ConfirmTransfer& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    const bool waits = review->status() == TRANSFERRED && !review->transfer_confirmed();
    if (!waits || review->transferred_to() != command.hub()) return runtime::nothing();
    TransferConfirmed confirmed;
    confirmed.set_hub(command.hub());
    return runtime::events({review_event(*review, confirmed)});
}

// From the timer.
Decided miss_confirmation(const Asked& asked, const MissConfirmation& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    const bool waits = review->status() == TRANSFERRED && !review->transfer_confirmed();
    const TimeMs due = to_ms(review->confirm_by());
    if (!waits || review->confirmation_missed() || to_ms(command.due()) != due || asked.context.now < due) {
        return runtime::nothing();
    }
    ConfirmationMissed missed;
    missed.set_hub(review->transferred_to());
    return runtime::events({review_event(*review, missed)});
}

AggregateId transfer_key(const std::string& offer_id) {
    return {transfer_type, offer_id};
}

std::vector<AggregateId> transfer_needs(const Message& command, const Context& context) {
    using runtime::as;
    if (const auto* c = as<ReceiveOffer>(command)) {
        return {transfer_key(c->offer_id()), {roster_type, context.hub}};  // is anybody there to answer it?
    }
    if (const auto* c = as<AcceptTransfer>(command)) {
        return {transfer_key(c->offer_id()), {roster_type, context.hub}};  // are they on shift here?
    }
    if (const auto* c = as<DeclineTransfer>(command)) return {transfer_key(c->offer_id())};
    if (const auto* c = as<OfferAgain>(command)) return {review_key(c->case_id()), {roster_type, context.hub}};
    if (const auto* c = as<CloseTransfer>(command)) return {transfer_key(c->offer_id())};
    if (const auto* c = as<MissLettingGo>(command)) return {transfer_key(c->offer_id())};
    if (const auto* c = as<TakeReview>(command)) {
        return {transfer_key(c->offer_id()), review_key(c->review().case_id())};
    }
    return {};
}

std::optional<Decided> decide_transfer(const Asked& asked, const Message& command) {
    using runtime::as;
    if (const auto* c = as<TransferReview>(command)) return transfer_review(asked, *c);
    if (const auto* c = as<MissAnswer>(command)) return miss_answer(asked, *c);
    if (const auto* c = as<OfferAgain>(command)) return offer_again(asked, *c);
    if (const auto* c = as<WithdrawTransfer>(command)) return withdraw_transfer(asked, *c);
    if (const auto* c = as<LetGo>(command)) return let_go(asked, *c);
    if (const auto* c = as<EndOffer>(command)) return end_declined_offer(asked, *c);
    if (const auto* c = as<ConfirmTransfer>(command)) return confirm_transfer(asked, *c);
    if (const auto* c = as<MissConfirmation>(command)) return miss_confirmation(asked, *c);
    if (const auto* c = as<RecordElsewhere>(command)) return record_elsewhere(asked, *c);
    if (const auto* c = as<ReceiveOffer>(command)) return receive_offer(asked, *c);
    if (const auto* c = as<AcceptTransfer>(command)) return accept_transfer(asked, *c);
    if (const auto* c = as<DeclineTransfer>(command)) return decline_transfer(asked, *c);
    if (const auto* c = as<CloseTransfer>(command)) return close_transfer(asked, *c);
    if (const auto* c = as<TakeReview>(command)) return take_review(asked, *c);
    if (const auto* c = as<MissLettingGo>(command)) return miss_letting_go(asked, *c);
    return std::nullopt;
}

}  // namespace rightplace::triage
