#include "tests/sim/sim_redis.hpp"

#include <algorithm>
#include <utility>

#include "tests/sim/sim_bounds.hpp"

namespace rightplace::sim {

using namespace seams;

void SimRedis::lose_everything() {
    data_.clear();
    opened_.clear();
    before_.clear();
    library_ = false;
    drop_calls();
}

void SimRedis::flush_all() {
    remember();
    data_.clear();
}

void SimRedis::remember_writes(std::size_t most) {
    remembered_most_ = most;
    before_.clear();
}

void SimRedis::forget_writes(std::size_t last) {
    INVARIANT(last <= before_.size());
    if (last > 0) {
        data_ = before_[before_.size() - last];
        before_.resize(before_.size() - last);
    }
    opened_.clear();  // functions replicate, what a process has open does not
    drop_calls();
}

std::shared_ptr<SimRedis> SimRedis::replica(Clock& clock) const {
    auto other = std::make_shared<SimRedis>(clock);
    other->on_committed = on_committed;
    other->library_ = library_;  // functions replicate
    other->data_ = data_;
    return other;
}

void SimRedis::skip(std::int64_t ms) {
    for (auto& [hub, data] : data_) {
        if (!data.beat) continue;
        data.beat->hub_ms += ms;
        data.beat->at_ms += ms;
    }
}

void SimRedis::pause() {
    paused_ = true;
}

void SimRedis::resume(const std::function<std::size_t(std::size_t)>& pick) {
    paused_ = false;
    std::vector<std::deque<Work>> by_connection;
    for (auto& work : std::exchange(waiting_, {})) {
        const auto same = [&](const auto& works) { return works.front().connection == work.connection; };
        auto at = std::ranges::find_if(by_connection, same);
        if (at == by_connection.end()) at = by_connection.emplace(by_connection.end());
        at->push_back(std::move(work));
    }
    while (!by_connection.empty()) {
        const auto at = by_connection.begin() + std::ptrdiff_t(pick(by_connection.size()));
        at->front().run();
        at->pop_front();
        if (at->empty()) by_connection.erase(at);
    }
    wake();
}

void SimRedis::age_beat(const std::string& hub, std::int64_t ms) {
    const auto found = data_.find(hub);
    if (found != data_.end() && found->second.beat) found->second.beat->at_ms -= ms;
}

void SimRedis::submit(Work work) {
    if (paused_) return waiting_.push_back(std::move(work));
    work.run();
}

void SimRedis::load_library() {
    library_ = true;
    opened_.clear();
}

std::optional<StoreFailure> SimRedis::not_possible(const std::string& hub) const {
    if (!library_) return StoreFailure{StoreError::closed, "library not loaded"};
    if (!is_hub(hub)) return StoreFailure{StoreError::invalid, "hub"};
    return std::nullopt;
}

void SimRedis::remember() {
    if (remembered_most_ == 0) return;
    before_.push_back(data_);
    if (before_.size() > remembered_most_) before_.pop_front();
}

std::vector<LogEntry> SimRedis::entries(const std::string& hub, std::uint64_t after, std::size_t most) const {
    std::vector<LogEntry> found;
    const auto of = data_.find(hub);
    if (of == data_.end()) return found;
    const auto& log = of->second.log;
    for (auto at = log.upper_bound(after); at != log.end() && found.size() < most; ++at)
        found.push_back({at->first, at->second});
    return found;
}

void SimRedis::tail(const std::string& hub, std::uint64_t after, std::size_t most, std::int64_t wait_ms,
                    TailDone done) {
    auto found = entries(hub, after, most);
    if (!found.empty() || wait_ms <= 0) return done(std::move(found));
    const std::uint64_t id = next_waiter_++;
    waiters_.push_back({id, hub, after, most, std::move(done)});
    clock_.after(wait_ms, [this, id] {
        const auto at = std::ranges::find(waiters_, id, &Waiter::id);
        if (at == waiters_.end()) return;
        const auto none = std::move(at->done);
        waiters_.erase(at);
        none(std::vector<LogEntry>{});
    });
}

void SimRedis::wake() {
    for (auto& each : std::exchange(waiters_, {})) {
        auto found = entries(each.hub, each.after, each.most);
        if (found.empty() || paused_) {
            waiters_.push_back(std::move(each));
            continue;
        }
        clock_.after(0, [done = std::move(each.done), found = std::move(found)] { done(found); });
    }
}

void SimRedis::drop_calls() {
    for (auto& work : std::exchange(waiting_, {})) clock_.after(0, std::move(work.lost));
    for (auto& each : std::exchange(waiters_, {}))
        clock_.after(0, [done = std::move(each.done)] {
            done(Failure{StoreFailure{StoreError::unknown, "connection lost"}});
        });
}

}  // namespace rightplace::sim
