// Which review a person should take next. First what was handed over to them, then calls promised to patients and
// missed, then by breach time. One that was given back to its sender, whose own dispatch then looks after it, ranks as
// if its breach were later by limits::given_back_head_start_ms: those still in time go first, but only by so much.
// Breach times do not move, and whoever comes later has a later one, so nothing waits for ever.
#include <tuple>

#include "common/base/limits.hpp"
#include "common/clinical/categories.hpp"
#include "services/triage/domain/rules.hpp"

namespace rightplace::triage {
namespace {

enum class Turn { handed_over, call_missed, by_breach };

struct Candidate {
    const ReviewState* review;
    Turn turn;
    std::tuple<Turn, TimeMs, int, std::string> place;
};

Candidate candidate(const ReviewState& review, Turn turn) {
    const TimeMs breach = to_ms(review.breach_at()) + (review.returned() ? limits::given_back_head_start_ms : 0);
    return {&review, turn, {turn, breach, clinical::urgency_rank(review.category()), review.case_number()}};
}

std::string why(const Candidate& first) {
    switch (first.turn) {
        case Turn::handed_over:
            return "handed-over-to-you";
        case Turn::call_missed:
            return "welfare-call-missed";
        case Turn::by_breach:
            break;
    }
    if (first.review->returned()) return "given-back-and-waiting";
    return first.review->breached() ? "past-its-breach" : "next-to-breach";
}

}  // namespace

NextReply next_for(const std::string& staff_id, const runtime::View& view) {
    std::optional<Candidate> first;
    NextReply reply;
    view.each(review_type, [&](const AggregateId&, const runtime::Aggregate& aggregate) {
        if (!aggregate.state) return;
        const auto& review = static_cast<const ReviewState&>(*aggregate.state);
        const bool mine = review.has_handover() && review.handover().to_staff_id() == staff_id;
        if (ended(review) || (review.has_claim() && !mine)) return;
        reply.set_waiting(reply.waiting() + 1);
        const auto each = candidate(review, mine                           ? Turn::handed_over
                                            : review.welfare_call_missed() ? Turn::call_missed
                                                                           : Turn::by_breach);
        if (!first || each.place < first->place) first = each;
    });
    if (first) {
        *reply.mutable_review() = *first->review;
        reply.set_why(why(*first));
    }
    return reply;
}

}  // namespace rightplace::triage
