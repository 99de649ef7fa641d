// What was decided or rejected and is taken back: by whom and when that may be, and what holds no more.
#include <algorithm>

#include "tests/sim/judge/record_model.hpp"

namespace rightplace::sim {
namespace {

// The shipped policies' (compose/hubs), and what may lie between a moment and its record.
constexpr std::int64_t undo_ms = 5 * 60'000, reopen_ms = 24 * 3'600'000, slack_ms = 5'000;

std::int64_t ms(const google::protobuf::Timestamp& at) {
    return at.seconds() * 1'000 + at.nanos() / 1'000'000;
}

}  // namespace

void RecordModel::remember_outcome(const Event& event, ReviewModel& review) {
    review.outcome = event.event_id();
    review.ended_by = event.actor().id();
    triage::ReviewDecided decided;
    review.closes = !event.payload().UnpackTo(&decided) || decided.pathway() == triage::ADVICE;
}

void RecordModel::add_reopening(const Event& event, ReviewModel& review) {
    const bool noted = event.payload().Is<triage::CancellationNoted>();
    if (noted && review.ended_at != 0) review.cancelled_since = true;
    if (noted && review.ended_at == 0) review.cancellation_asked = true;
    if (noted && review.ended_at == 0 && review.token.empty() && review.call_due == 0)
        wrong(4, event, "cancelled by its sender, held by nobody, and it goes on");
    triage::ReviewReopened reopened;
    if (!event.payload().UnpackTo(&reopened)) return;
    if (review.cancelled_since) wrong(4, event, "taken back, and its sender had cancelled it");
    if (review.ended_at == 0) wrong(4, event, "taken back, and it was open");
    if (review.outcome.empty() || reopened.outcome_event_id() != review.outcome)
        wrong(4, event, "another outcome taken back than the one that stood");
    const auto since = ms(event.recorded_at()) - review.ended_at;
    const bool undone = reopened.has_holder();
    if (undone && (review.ended_by != reopened.holder().id() || event.actor().id() != review.ended_by))
        wrong(4, event, "undone by somebody else than whoever made it");
    if (since > (undone ? undo_ms : reopen_ms) + slack_ms) wrong(4, event, "taken back too late");
    taken_back_.insert(review.outcome);
    review.outcome.clear();
    review.closes = false;
    review.call_due = review.kept_call;
    // Decided after it was given back: its sender was stood down, and is not to be told twice.
    if (review.returned && reopened.pathway() != triage::PATHWAY_UNSPECIFIED)
        review.returned = review.gives_back = review.has_sender = false;
    review.ended_at = 0;
    review.here_since = ms(event.recorded_at());
    if (undone) {
        review.token = event.event_id();
        review.claimed_at = ms(event.recorded_at());
        review.consulting = true;
        return;
    }
    review.waits_since = ms(event.recorded_at());
    if (review.breaches > 0 && !review.returned && review.gives_back) review.return_follows = "reopened";
}

// Nothing that told of it is left to be sent; and a case is closed when nothing is left to do, and only then.
void RecordModel::reopened_at_rest() {
    for (const auto& [id, delivery] : deliveries_) {
        if (taken_back_.contains(delivery.about) && !delivery.withdrawn)
            findings_.add(4, hub_ + " delivery " + id + ": tells of what was taken back, and was not withdrawn");
    }
    for (const auto& [id, one] : cases_) {
        const auto review = reviews_.find(id);
        const bool open = review != reviews_.end() && review->second.ended_at == 0 && review->second.away_to.empty();
        if (open && one.closed) findings_.add(10, hub_ + " case " + id + ": closed, and its review is open");
        const bool ended = review != reviews_.end() && review->second.ended_at != 0;
        if (ended && review->second.closes && !one.closed && !is_quarantined(review->second))
            findings_.add(10, hub_ + " case " + id + ": nothing is left to do, and it is not closed");
    }
}

}  // namespace rightplace::sim
