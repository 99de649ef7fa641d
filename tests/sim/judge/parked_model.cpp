// What waits for a person because a rule broke: reactions, timers, records that a version cannot fold.
#include "messages/runtime.pb.h"
#include "tests/sim/judge/record_model.hpp"
#include "tests/sim/world/doctored.hpp"

namespace rightplace::sim {
namespace {

constexpr std::int64_t settle_ms = 120'000;
constexpr std::string_view of_review = "review|";

}  // namespace

void RecordModel::add_parked(const Event& event) {
    by_seq_.push_back(event.event_id());
    to_run_again_.erase(event.cause_event_id());
    runtime::ReactionUnparked unparked;
    if (event.payload().UnpackTo(&unparked)) {
        const auto seq = unparked.about_hub().empty() ? unparked.about_seq() : 0;  // 0: a timer, which comes by itself
        if (seq > 0 && unparked.rule() != "fold") to_run_again_[by_seq_.at(seq - 1)] = event.seq();
        return;
    }
    runtime::ReactionParked parked;
    if (!event.payload().UnpackTo(&parked)) return;
    const auto& rule = parked.rule();
    const auto& key = parked.key();
    if (rule == "fold") {
        if (key.starts_with(of_review)) quarantined_.insert(key.substr(of_review.size()));
        if (event.case_id().empty() && key.starts_with(of_review))
            wrong(10, event, "quarantined, and no case is named");
        return;
    }
    if (rule == "timer:breach" && key.starts_with(of_review))
        missed_.insert(key.substr(of_review.size(), key.rfind('|') - of_review.size()));
    parked_about_.insert(parked.about_event_id());
    stopped_looking_ = stopped_looking_ || rule == "look-after" || rule == "keep-hours" || rule == "react";
}

// Rules can do no more about it, and people were told.
bool RecordModel::is_quarantined(const ReviewModel& review) const {
    return quarantined_.contains(review.case_id);
}

// Of a record that was good for a while the timers of then are kept: its breach is parked, and people are told.
void RecordModel::quarantined_at_rest(const ReviewModel& review, std::int64_t hub_now) {
    const auto opened = cases_.find(review.case_id);
    const bool kept = opened != cases_.end() && opened->second.cad_number == poison_later;
    const bool waits = review.ended_at == 0 && review.breaches == 0 && review.breach_at + settle_ms < hub_now;
    if (kept && waits && !missed_.contains(review.case_id))
        findings_.add(5, hub_ + " review " + review.case_id + ": quarantined, and its breach passed in silence");
}

void RecordModel::unparked_at_rest() {
    for (const auto& [cause, seq] : to_run_again_) {
        findings_.add(
            10, hub_ + " seq " + std::to_string(seq) + ": un-parked, and neither done nor refused nor parked again");
    }
}

}  // namespace rightplace::sim
