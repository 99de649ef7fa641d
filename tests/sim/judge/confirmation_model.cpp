#include "tests/sim/judge/confirmation_model.hpp"

#include <algorithm>

#include "messages/runtime.pb.h"

namespace rightplace::sim {
namespace {

constexpr std::int64_t confirm_ms = 15'000;
constexpr std::int64_t told_within_ms = 250;
constexpr std::int64_t time_back_ms = 1'000;  // by a heartbeat that was so long on its way to the store
constexpr std::int64_t settle_ms = 120'000;   // what may still be under way when all has come to rest

std::int64_t ms(const google::protobuf::Timestamp& at) {
    return at.seconds() * 1'000 + at.nanos() / 1'000'000;
}

bool must_be_confirmed(const referral::DeliveryRequested& asked) {
    return asked.emergency() || asked.kind() == referral::REJECTING_RESPONSE || asked.kind() == referral::BREACH_RETURN;
}

}  // namespace

void ConfirmationModel::wrong(const Event& event, const std::string& what) {
    findings_.add(5, hub_ + " seq " + std::to_string(event.seq()) + ": delivery " + event.aggregate_id() + " " + what);
}

void ConfirmationModel::add(const Event& event) {
    runtime::ReactionParked parked;
    if (event.payload().UnpackTo(&parked) && parked.rule() != "fold") parked_ = true;
    if (event.aggregate_type() == "alert") return add_alert(event);
    if (event.aggregate_type() != "delivery") return;
    const auto& id = event.aggregate_id();
    auto& watched = watched_[id];
    referral::DeliveryRequested requested;
    referral::DeliverySettled settled;
    referral::DeliveryReleased released;
    referral::DeliveryUnconfirmed said;
    if (event.payload().UnpackTo(&requested)) {
        if (!must_be_confirmed(requested)) return;
        watched.due = ms(requested.confirm_by());
        if (watched.due < ms(event.occurred_at()) || watched.due > ms(event.recorded_at()) + confirm_ms + time_back_ms)
            wrong(event, "is to be confirmed at a time that is none");
    } else if (event.payload().UnpackTo(&said)) {
        unconfirmed(event, said);
    } else if (event.payload().UnpackTo(&settled)) {
        ends(id, watched, settled.status());
    } else if (event.payload().UnpackTo(&released)) {
        watched.due = ms(released.confirm_by());
        watched.status = referral::WAITING;
    } else if (event.payload().Is<referral::DeliveryStarted>()) {
        watched.status = referral::STARTED;
    } else if (event.payload().Is<referral::DeliverySuperseded>()) {
        ends(id, watched, referral::SUPERSEDED);
    } else if (event.payload().Is<referral::DeliveryWithdrawn>() && watched.status != referral::STARTED) {
        ends(id, watched, referral::SUPERSEDED);
    }
}

void ConfirmationModel::unconfirmed(const Event& event, const referral::DeliveryUnconfirmed& said) {
    auto& watched = watched_[event.aggregate_id()];
    if (watched.due == 0) wrong(event, "was not to be confirmed");
    if (watched.told != 0) wrong(event, "was said to be unconfirmed twice");
    if (ms(said.due()) != watched.due) wrong(event, "is unconfirmed since a time that was not said");
    if (ms(event.recorded_at()) + time_back_ms < watched.due) wrong(event, "was given no time to be confirmed");
    latest_ms_ = std::max(latest_ms_, ms(event.recorded_at()) - watched.due);
    watched.told = watched.due;
    told_[{event.aggregate_id(), watched.due}].delivery = event.aggregate_id();
}

void ConfirmationModel::ends(const std::string& id, Watched& watched, referral::DeliveryStatus status) {
    watched.status = status;
    if (status == referral::WAITING) return;
    if (watched.told != 0) told_[{id, watched.told}].over = true;
    watched.due = watched.told = 0;
}

void ConfirmationModel::add_alert(const Event& event) {
    triage::AlertRaised raised;
    triage::AlertSettled settled;
    if (event.payload().UnpackTo(&raised) && raised.kind() == "answer-unconfirmed") {
        for (auto& [key, told] : told_) {
            if (told.raised || key.first != raised.subject()) continue;
            told.raised = true;
            alerts_[event.aggregate_id()] = key;
            return;
        }
        wrong(event, "is an alert about nothing that was said");
    }
    if (!event.payload().UnpackTo(&settled) || settled.kind() == "transfer-offered") return;  // an offer's
    const auto found = alerts_.find(event.aggregate_id());
    if (found == alerts_.end()) return wrong(event, "is settled, and was none of these");
    auto& told = told_[found->second];
    if (!told.over) wrong(event, "is settled, and its delivery is not over");
    told.settled = true;
}

void ConfirmationModel::at_rest(std::int64_t hub_now, bool on_time) {
    for (const auto& [id, watched] : watched_) {
        if (watched.due != 0 && watched.told == 0 && watched.due + settle_ms < hub_now)
            findings_.add(5, hub_ + " delivery " + id + ": not confirmed, and nobody was told");
    }
    for (const auto& [key, told] : told_) {
        if (parked_ || key.second + settle_ms >= hub_now) continue;
        if (!told.raised) findings_.add(5, hub_ + " delivery " + key.first + ": unconfirmed, and no alert");
        if (told.over && told.raised && !told.settled)
            findings_.add(5, hub_ + " delivery " + key.first + ": its alert stands after it was over");
    }
    if (on_time && latest_ms_ > told_within_ms)
        findings_.add(5, hub_ + ": that a delivery is unconfirmed was said " + std::to_string(latest_ms_) + " ms late");
}

}  // namespace rightplace::sim
