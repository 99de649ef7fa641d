#include "services/adapters/bars/shell/breach_watch.hpp"

#include <algorithm>
#include <set>

#include "common/base/limits.hpp"
#include "services/adapters/bars/domain/outcome.hpp"

namespace rightplace::bars {

BreachWatch::BreachWatch(WatchFile file, sealing::Key key, Outside outside)
    : file_(std::move(file)), key_(key), outside_(std::move(outside)), torn_(file_.torn()) {
    std::set<std::size_t> used;
    for (const auto& [slot, bytes] : file_.found()) {
        Watched watched;
        watched.slot = slot;
        if (!watched.record.ParseFromString(bytes)) continue;
        used.insert(slot);
        watched_[watched.record.case_id()] = watched;
    }
    for (std::size_t slot = file_.slots(); slot-- > 0;) {
        if (used.count(slot) == 0) free_.push_back(slot);
    }
    tick();
}

bool BreachWatch::arm(WatchRecord record, const std::string& body, const Sealed& body_for_case) {
    const auto known = watched_.find(record.case_id());
    if (known != watched_.end() && known->second.record.state() != ARMED) return true;  // it is going back
    if (known == watched_.end() && free_.empty()) return false;
    if (known != watched_.end()) {
        record.set_breach_at_ms(std::min(record.breach_at_ms(), known->second.record.breach_at_ms()));
    }
    Watched watched;
    watched.slot = known == watched_.end() ? free_.back() : known->second.slot;
    watched.record = std::move(record);
    watched.record.set_state(ARMED);
    *watched.record.mutable_body() =
        sealing::seal(key_, "watch", sealing::Context::delivery_body, body, outside_.random);
    *watched.record.mutable_body_for_case() = body_for_case;
    if (!keep(watched)) return false;
    if (known == watched_.end()) free_.pop_back();
    const auto id = watched.record.case_id();
    watched_[id] = std::move(watched);
    return true;
}

std::optional<TimeMs> BreachWatch::armed_for(const std::string& case_id) const {
    const auto known = watched_.find(case_id);
    if (known == watched_.end() || known->second.record.state() != ARMED) return std::nullopt;
    return known->second.record.breach_at_ms();
}

void BreachWatch::on_event(const Event& event) {
    const auto found = watched_.find(event.case_id());
    if (found == watched_.end()) return;
    const auto state = found->second.record.state();
    switch (watch_signal(event)) {
        case WatchSignal::none:
            return;
        case WatchSignal::disarm:
            // Once it is going back, only the journal may end the watch. And only the hub that answers the sender may
            // say that it need not: a hub that the case was transferred to sends nothing.
            if (state == ARMED && event.hub() == found->second.record.hub()) forget(event.case_id());
            return;
        case WatchSignal::return_now:
            return_now(event.case_id());
            return;
        case WatchSignal::recorded:
            forget(event.case_id());
            return;
    }
}

void BreachWatch::return_now(const std::string& case_id) {
    const auto found = watched_.find(case_id);
    if (found == watched_.end() || found->second.record.state() != ARMED) return;
    auto& watched = found->second;
    watched.record.set_state(RETURNING);
    watched.record.set_first_sent_ms(outside_.hub_now(watched.record.hub()));
    // Spooled before bytes leave. With the disk failing the case still goes back: late would be worse
    // than twice, and the request id makes twice harmless.
    if (!keep(watched)) outside_.log("watch-write-failed", case_id);
    act(case_id);
}

void BreachWatch::tick() {
    outside_.clock.after(limits::timer_scan_ms, alive_.guard([this] { tick(); }));
    std::vector<std::string> ids;
    for (const auto& [id, watched] : watched_) {
        if (!watched.busy) ids.push_back(id);
    }
    for (const auto& id : ids) act(id);
}

void BreachWatch::act(const std::string& case_id) {
    const auto found = watched_.find(case_id);
    if (found == watched_.end() || found->second.busy) return;
    const auto& record = found->second.record;
    switch (record.state()) {
        case ARMED:
            if (watch_is_due(record.breach_at_ms(), outside_.hub_now(record.hub()), outside_.feed_live(record.hub()))) {
                outside_.log("breach-watch-acts", case_id);
                return_now(case_id);
            }
            return;
        case RETURNING:
            post(case_id);
            return;
        case RETURNED:
            journal(case_id);
            return;
        default:
            return;
    }
}

void BreachWatch::post(const std::string& case_id) {
    auto& watched = watched_.at(case_id);
    auto body = sealing::open(key_, watched.record.body(), sealing::Context::delivery_body);
    if (!body.ok()) {
        outside_.log("watch-record-does-not-open", case_id);
        watched.busy = true;  // never again in this process; an operator is told by the log and the metric
        return;
    }
    auto request = outside_.request(watched.record, std::move(body.value()));
    if (!request) {  // no endpoint: the alert was raised at acceptance; looked at again later
        watched.busy = true;
        later(case_id, limits::delivery_backoff_max_ms);
        return;
    }
    watched.busy = true;
    outside_.partner.post(std::move(*request), alive_.guard([this, case_id](const seams::HttpAnswer& answer) {
        on_answer(case_id, answer);
    }));
}

void BreachWatch::on_answer(const std::string& case_id, const seams::HttpAnswer& answer) {
    const auto found = watched_.find(case_id);
    if (found == watched_.end()) return;
    auto& record = found->second.record;
    record.set_attempts(record.attempts() + 1);
    record.set_http_status(std::uint32_t(answer.status));
    const auto outcome = outside_.judge(answer);
    record.set_outcome(outcome);
    const bool settled = outcome == referral::OK || outcome == referral::REFUSED_FOR_GOOD;
    if (settled) record.set_state(RETURNED);
    if (!keep(found->second)) outside_.log("watch-write-failed", case_id);
    outside_.log(settled ? "case-returned" : "case-return-will-be-tried-again", case_id);
    const auto asked =
        std::min(retry_after_ms(answer, outside_.hub_now(record.hub())), limits::delivery_backoff_max_ms);
    later(case_id, settled ? 0 : std::max(return_pause_ms(record.attempts()), asked));
}

void BreachWatch::later(const std::string& case_id, std::int64_t ms) {
    outside_.clock.after(ms, alive_.guard([this, case_id] {
        const auto found = watched_.find(case_id);
        if (found == watched_.end()) return;
        found->second.busy = false;
        act(case_id);
    }));
}

void BreachWatch::journal(const std::string& case_id) {
    auto& watched = watched_.at(case_id);
    const auto& record = watched.record;
    referral::RecordReturn said;
    said.set_case_id(record.case_id());
    said.set_case_number(record.case_number());
    *said.mutable_reply_to() = record.reply_to();
    said.set_request_id(record.request_id());
    said.set_outcome(referral::SettleOutcome(record.outcome()));
    said.set_http_status(record.http_status());
    *said.mutable_sent_at() = to_timestamp(record.first_sent_ms());
    *said.mutable_body() = record.body_for_case();
    watched.busy = true;
    outside_.record(record.hub(), said, alive_.guard([this, case_id](bool recorded) {
        if (!recorded) {
            later(case_id, limits::delivery_backoff_first_ms);
            return;
        }
        // The feed says so too, and then it is forgotten: before that the adapter's book, which is the feed's,
        // would still want it watched. The pause is for a return whose event went by long ago.
        outside_.clock.after(limits::watch_forget_ms, alive_.guard([this, case_id] { forget(case_id); }));
    }));
}

bool BreachWatch::keep(Watched& watched) {
    return file_.write(watched.slot, watched.record.SerializeAsString());
}

void BreachWatch::forget(const std::string& case_id) {
    const auto found = watched_.find(case_id);
    if (found == watched_.end()) return;
    // A slot whose erasure is not on disk is not used again before it is.
    if (file_.erase(found->second.slot)) {
        free_.push_back(found->second.slot);
        watched_.erase(found);
    } else {
        outside_.log("watch-write-failed", case_id);
        later(case_id, limits::delivery_backoff_first_ms);
    }
}

}  // namespace rightplace::bars
