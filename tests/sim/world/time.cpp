#include "tests/sim/world/time.hpp"

#include <algorithm>

namespace rightplace::sim {
namespace {

constexpr std::int64_t late_ms = 1'000;  // a heartbeat comes first

}  // namespace

void SimClock::after(std::int64_t ms, std::function<void()> then) {
    heap_.push_back({now_ + std::max<std::int64_t>(ms, 0), order_++, std::move(then)});
    std::push_heap(heap_.begin(), heap_.end(), later);
}

bool SimClock::run(std::int64_t ms, const std::function<bool()>& done) {
    const std::int64_t until = now_ + ms;
    while (!done()) {
        if (heap_.empty() || heap_.front().at > until) {
            now_ = until;
            return done();
        }
        std::pop_heap(heap_.begin(), heap_.end(), later);
        Entry next = std::move(heap_.back());
        heap_.pop_back();
        now_ = std::max(now_, next.at);
        ++steps_;
        next.then();
    }
    return true;
}

void SimClock::skip(std::int64_t ms, std::int64_t polling_ms, std::int64_t sleepy_ms) {
    for (auto& entry : heap_) {
        if (entry.at <= now_ + polling_ms) {
            entry.at += ms;
        } else if (entry.at <= now_ + sleepy_ms) {
            entry.at = std::max(entry.at, now_ + ms + late_ms);
        } else {
            INVARIANT(entry.at >= now_ + ms);
        }
    }
    std::make_heap(heap_.begin(), heap_.end(), later);
    now_ += ms;
}

std::int64_t SimClock::until_next_beyond(std::int64_t sleepy_ms) const {
    std::int64_t next = -1;
    for (const auto& entry : heap_) {
        const auto left = entry.at - now_;
        if (left > sleepy_ms && (next < 0 || left < next)) next = left;
    }
    return next;
}

seams::Bytes SimRandom::bytes(std::size_t count) {
    seams::Bytes bytes(count, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(engine_());
    return bytes;
}

}  // namespace rightplace::sim
