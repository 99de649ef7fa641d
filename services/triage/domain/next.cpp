// Which review a person should take next, and the order of the queue. First what was handed over to them: taking it is
// a moment's work. Then by the earliest deadline among those that nobody holds: the breach time; the time that the
// present category allows since it was queued, which an escalation brings nearer; a call promised to the patient. One
// that was given back to its sender, whose own dispatch then looks after it, ranks as if that were later by
// policy's head start: those still in time go first, but only by so much. Deadlines are moments, so
// a case waits for no other whose deadline comes later than its own. A case that needs a role which this person has not
// is left to those who have it.
#include <algorithm>
#include <tuple>

#include "common/clinical/categories.hpp"
#include "common/clinical/hub_policy.hpp"
#include "services/triage/domain/transfer_rules.hpp"

namespace rightplace::triage {
namespace {

struct Candidate {
    const ReviewState* review;
    const char* why;
    std::tuple<bool, TimeMs, int, std::string> place;
};

struct Deadline {
    TimeMs at;
    const char* why;
};

Deadline deadline_of(const ReviewState& review, const Context& context) {
    const char* why = review.breached() ? "past-its-breach" : "next-to-breach";
    TimeMs deadline = to_ms(review.breach_at());
    const auto allowed = clinical::breach_minutes(context.policy, review.category()) * TimeMs{60'000};
    if (to_ms(review.queued_at()) + allowed < deadline && !review.breached()) {
        deadline = to_ms(review.queued_at()) + allowed;
        why = "urgent-by-its-category";
    }
    if (review.returned()) {
        deadline += clinical::given_back_head_start_ms(context.policy);
        why = "given-back-and-waiting";
    }
    if (review.has_welfare_call_due() && to_ms(review.welfare_call_due()) < deadline) {
        deadline = to_ms(review.welfare_call_due());
        why = review.welfare_call_missed() ? "welfare-call-missed" : "welfare-call-promised";
    }
    return {deadline, why};
}

Candidate candidate(const ReviewState& review, bool mine, const Context& context) {
    const char* why = mine ? "handed-over-to-you" : deadline_of(review, context).why;
    return {&review, why, std::tuple_cat(std::tuple(!mine), urgency(review, context))};
}

// Nothing known of this person: they see what there is.
bool is_for(const SignedOn* person, const ReviewState& review, const Context& context) {
    const bool ruled = context.policy != nullptr && context.policy->has_attendance();
    return !ruled || person == nullptr || may_take(*person, review.facts(), context);
}

// They are still the other hub's, whose clock runs, and somebody here must answer.
void add_offers(NextReply& reply, const Context& context) {
    context.view->each(transfer_type, [&](const AggregateId&, const runtime::Aggregate& aggregate) {
        if (!aggregate.state) return;
        const auto& offer = static_cast<const TransferState&>(*aggregate.state);
        if (offer.status() != OFFERED) return;
        reply.set_offers(reply.offers() + 1);
        const bool first = !reply.has_most_urgent_offer() ||
                           urgency(offer.review(), context) < urgency(reply.most_urgent_offer().review(), context);
        if (first) *reply.mutable_most_urgent_offer() = offer;
    });
}

}  // namespace

Urgency urgency(const ReviewState& review, const Context& context) {
    return {deadline_of(review, context).at, clinical::urgency_rank(review.category()), review.case_number()};
}

NextReply next_for(const std::string& staff_id, const Context& context) {
    std::optional<Candidate> first;
    NextReply reply;
    const auto* roster = context.view->find({roster_type, context.hub});
    const SignedOn* person =
        roster == nullptr ? nullptr : on_shift(static_cast<const RosterState*>(roster->state.get()), staff_id);
    context.view->each(review_type, [&](const AggregateId&, const runtime::Aggregate& aggregate) {
        if (!aggregate.state) return;
        const auto& review = static_cast<const ReviewState&>(*aggregate.state);
        const bool mine = handed_to(review, staff_id, context);
        if (ended(review) || (review.has_claim() && !mine)) return;
        reply.set_waiting(reply.waiting() + 1);
        if (!mine && !is_for(person, review, context)) return;
        const auto each = candidate(review, mine, context);
        if (!first || each.place < first->place) first = each;
    });
    if (first) {
        *reply.mutable_review() = *first->review;
        reply.set_why(first->why);
    }
    add_offers(reply, context);
    return reply;
}

}  // namespace rightplace::triage
