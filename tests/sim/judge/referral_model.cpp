#include "tests/sim/judge/referral_model.hpp"

#include <algorithm>

#include "messages/runtime.pb.h"

namespace rightplace::sim {
namespace {

constexpr std::int64_t within_ms = 250;
constexpr std::int64_t time_back_ms = 1'000;          // by a heartbeat that was so long on its way to the store
constexpr std::int64_t settle_ms = 120'000;           // what may still be under way when all has come to rest
constexpr std::int64_t two_hours_ms = 2 * 3'600'000;  // UCR's; the policies of plans have less

std::int64_t ms(const google::protobuf::Timestamp& at) {
    return at.seconds() * 1'000 + at.nanos() / 1'000'000;
}

}  // namespace

void ReferralModel::wrong(const Event& event, const std::string& what) {
    findings_.add(5, hub_ + " seq " + std::to_string(event.seq()) + ": referral " + event.aggregate_id() + " " + what);
}

void ReferralModel::add(const Event& event) {
    const auto& what = event.payload();
    const bool about_case =
        what.Is<triage::ReviewDecided>() || what.Is<triage::ReviewReopened>() || what.Is<triage::ReviewClosed>();
    if (about_case) happened_[event.event_id()] = ms(event.occurred_at());
    runtime::ReactionParked parked;
    if (what.Is<triage::AlertRaised>()) untold_.erase(event.cause_event_id());
    if (what.UnpackTo(&parked)) untold_.erase(parked.about_event_id());
    if (event.aggregate_type() != "referral") return;
    referral::ReferralRequested asked;
    if (what.UnpackTo(&asked)) return requested(event, asked);
    const auto found = referrals_.find(event.aggregate_id());
    if (found == referrals_.end()) return wrong(event, "was never asked for");
    auto& referral = found->second;
    referral::ReferralOverdue over;
    if (what.UnpackTo(&over)) return overdue(event, over, referral);
    const auto cause = happened_.find(event.cause_event_id());
    hides_nothing(event, referral, cause == happened_.end() ? ms(event.occurred_at()) : cause->second);
    if (what.Is<referral::ReferralAccepted>()) referral.accept.met = true;
    if (what.Is<referral::ReferralDeclined>()) referral.accept.met = true;  // people know, by an alert
    if (what.Is<referral::PatientReached>()) referral.accept.met = referral.reach.met = true;
    const bool ends = what.Is<referral::ReferralCompleted>() || what.Is<referral::ReferralWithdrawn>() ||
                      what.Is<referral::ReferralEnded>();
    referral.ended = referral.ended || ends;
}

void ReferralModel::requested(const Event& event, const referral::ReferralRequested& payload) {
    auto& referral = referrals_[event.aggregate_id()];
    if (referral.begun != 0) wrong(event, "was asked for twice");
    referral.begun = ms(event.recorded_at());
    referral.accept.due = ms(payload.accept_by());
    referral.reach.due = ms(payload.reach_by());
    const auto decided = happened_.find(event.cause_event_id());
    if (decided == happened_.end() || decided->second != ms(payload.asked_at()))
        wrong(event, "has its times from another moment than the decision");
    if (referral.accept.due == 0) wrong(event, "may wait for ever to be accepted");
    if (payload.pathway() != triage::UCR) return;
    if (referral.reach.due == 0 || referral.reach.due > ms(payload.asked_at()) + two_hours_ms)
        wrong(event, "is for UCR, and gives it more than two hours");
}

void ReferralModel::overdue(const Event& event, const referral::ReferralOverdue& payload, Referral& referral) {
    auto& deadline = payload.deadline() == referral::ACCEPTANCE ? referral.accept : referral.reach;
    if (deadline.due == 0 || ms(payload.due()) != deadline.due) wrong(event, "is overdue by another time than its own");
    if (deadline.said) wrong(event, "is said to be overdue twice");
    if (deadline.met || referral.ended) wrong(event, "is said to be overdue, and is not");
    if (ms(event.recorded_at()) + time_back_ms < deadline.due) wrong(event, "is overdue before its time");
    deadline.said = true;
    latest_ms_ = std::max(latest_ms_, ms(event.recorded_at()) - std::max(deadline.due, referral.begun));
    untold_[event.event_id()] = ms(event.recorded_at());
}

// What happens after the time must not make people forget it.
void ReferralModel::hides_nothing(const Event& event, const Referral& referral, std::int64_t happened) {
    if (referral.ended) return;
    for (const auto* deadline : {&referral.accept, &referral.reach}) {
        if (deadline->due != 0 && !deadline->met && !deadline->said && happened >= deadline->due)
            wrong(event, "went on after its time, and that was not said");
    }
}

void ReferralModel::at_rest(std::int64_t hub_now, bool on_time) {
    const auto slack = on_time ? within_ms : settle_ms;
    for (const auto& [id, referral] : referrals_) {
        for (const auto* deadline : {&referral.accept, &referral.reach}) {
            const bool owed = deadline->due != 0 && !deadline->met && !deadline->said && !referral.ended;
            if (owed && deadline->due + slack < hub_now)
                findings_.add(5, hub_ + " referral " + id + ": its time passed in silence");
        }
    }
    for (const auto& [id, said_at] : untold_) {
        if (said_at + settle_ms < hub_now)
            findings_.add(5, hub_ + " event " + id + ": a referral is overdue, and no alert");
    }
    if (on_time && latest_ms_ > within_ms)
        findings_.add(5, hub_ + ": a referral was said to be overdue " + std::to_string(latest_ms_) + " ms late");
}

}  // namespace rightplace::sim
