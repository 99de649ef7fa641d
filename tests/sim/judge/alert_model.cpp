#include "tests/sim/judge/alert_model.hpp"

#include <algorithm>

namespace rightplace::sim {
namespace {

constexpr std::int64_t alert_within_ms = 250;
constexpr std::int64_t time_back_ms = 1'000;  // by a heartbeat that was so long on its way to the store
constexpr std::int64_t settle_ms = 120'000;   // what may still be under way when all has come to rest

std::int64_t ms(const google::protobuf::Timestamp& at) {
    return at.seconds() * 1'000 + at.nanos() / 1'000'000;
}

}  // namespace

void AlertModel::wrong(const Event& event, const std::string& what) {
    findings_.add(5, hub_ + " seq " + std::to_string(event.seq()) + ": alert " + event.aggregate_id() + " " + what);
}

void AlertModel::add(const Event& event) {
    if (event.aggregate_type() != "alert") return;
    auto& alert = alerts_[event.aggregate_id()];
    triage::AlertRaised said_first;
    triage::AlertEscalated said_on;
    triage::AlertTaken taken;
    if (event.payload().UnpackTo(&said_first)) {
        raised(event, said_first, alert);
    } else if (event.payload().UnpackTo(&said_on)) {
        escalated(event, said_on, alert);
    } else if (event.payload().UnpackTo(&taken)) {
        if (alert.taken) wrong(event, "was taken twice");
        if (alert.level == 0) wrong(event, "was taken before it was raised");
        if (taken.by().id().empty()) wrong(event, "was taken by nobody");
        if (alert.settled) wrong(event, "was taken after it was over");
        alert.taken = true;
    } else if (triage::AlertSettled over; event.payload().UnpackTo(&over)) {
        if (alert.level == 0) wrong(event, "was over before it was raised");
        if (alert.settled) wrong(event, "was over twice");
        if (over.was_taken() != alert.taken) wrong(event, "does not know who has taken it");
        alert.settled = true;
    }
}

void AlertModel::raised(const Event& event, const triage::AlertRaised& said, Alert& alert) {
    if (alert.level != 0) wrong(event, "was raised twice");
    if (ms(said.escalates_at()) <= ms(event.recorded_at()) - time_back_ms) wrong(event, "never goes up");
    if (said.level() == 0) wrong(event, "was raised at no level");
    alert = {said.kind(), said.level(), 0, ms(said.escalates_at()), false};
}

void AlertModel::escalated(const Event& event, const triage::AlertEscalated& said, Alert& alert) {
    if (alert.level == 0) return wrong(event, "went up before it was raised");
    if (alert.over()) wrong(event, "went up after it was taken, or over");
    const bool up = said.level() == alert.level + 1 && said.again() == 0;
    const bool again = said.level() == alert.level && said.again() == alert.again + 1;
    if (!up && !again) wrong(event, "skipped a level, or said one twice");
    if (alert.again > 0 && up) wrong(event, "went up from its highest level");
    if (ms(said.due()) != alert.next_at) wrong(event, "went up at a time that was not said");
    if (ms(event.recorded_at()) + time_back_ms < alert.next_at) wrong(event, "went up before its time");
    if (ms(said.escalates_at()) <= ms(said.due())) wrong(event, "never goes on");
    if (said.kind() != alert.kind) wrong(event, "changed its kind");
    latest_ms_ = std::max(latest_ms_, ms(event.recorded_at()) - alert.next_at);
    alert = {alert.kind, said.level(), said.again(), ms(said.escalates_at()), alert.taken, alert.settled};
}

void AlertModel::at_rest(std::int64_t hub_now, bool on_time) {
    for (const auto& [id, alert] : alerts_) {
        if (!alert.over() && alert.next_at + settle_ms < hub_now)
            findings_.add(5, hub_ + " alert " + id + ": nobody takes it, and it did not go up from level " +
                                 std::to_string(alert.level));
    }
    if (on_time && latest_ms_ > alert_within_ms)
        findings_.add(5, hub_ + ": an alert went up " + std::to_string(latest_ms_) + " ms late");
}

}  // namespace rightplace::sim
