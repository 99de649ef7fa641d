// Counters and gauges of this process, rendered as Prometheus text. Thread-safe. Labels name hubs,
// sockets and outcomes, never people.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rightplace::metrics {

class Counter {
   public:
    void add(std::uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

   private:
    std::atomic<std::uint64_t> value_{0};
};

class Gauge {
   public:
    void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
    void add(std::int64_t change) { value_.fetch_add(change, std::memory_order_relaxed); }
    std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

   private:
    std::atomic<std::int64_t> value_{0};
};

using Labels = std::vector<std::pair<std::string, std::string>>;

class Registry {
   public:
    // The same name and labels give the same counter, for as long as the registry lives: keep the
    // reference. Names begin with "rightplace_" and a name is of one kind only (INVARIANT).
    Counter& counter(std::string_view name, std::string_view help, const Labels& labels = {});
    Gauge& gauge(std::string_view name, std::string_view help, const Labels& labels = {});
    std::string render() const;  // text exposition format 0.0.4

   private:
    struct Family {
        std::string help;
        bool is_counter = true;
        std::map<std::string, Counter> counters;  // by rendered labels; nodes never move
        std::map<std::string, Gauge> gauges;
    };
    Family& family(std::string_view name, std::string_view help, bool is_counter);

    mutable std::mutex mutex_;
    std::map<std::string, Family, std::less<>> families_;
    std::size_t series_ = 0;
};

Registry& process();  // the one that /metrics shows

}  // namespace rightplace::metrics
