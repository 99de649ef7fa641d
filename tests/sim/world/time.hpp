// Virtual time, chance and life: one schedule for everything in a simulated world, and for each
// machine a clock of its own that may step and drift.
#pragma once

#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "common/base/alive.hpp"
#include "common/base/seams.hpp"

namespace rightplace::sim {

// True time. What is due at the same moment runs in the order in which it was asked for.
class SimClock final : public seams::Clock {
   public:
    std::int64_t boot_ms() const override { return now_; }
    TimeMs wall_ms() const override { return wall_start + now_; }
    void after(std::int64_t ms, std::function<void()> then) override;
    // Runs until `done` or `ms` of virtual time have passed; true when done.
    bool run(
        std::int64_t ms, const std::function<bool()>& done = [] { return false; });
    // A quiet time goes by at once. Whatever is due within `polling_ms` (the looking and beating that never
    // ends) keeps its distance from now; what is due within `sleepy_ms` happens late, soon afterwards;
    // everything later keeps its time and must not be passed.
    void skip(std::int64_t ms, std::int64_t polling_ms, std::int64_t sleepy_ms);
    std::int64_t until_next_beyond(std::int64_t sleepy_ms) const;  // -1: nothing
    std::uint64_t steps() const { return steps_; }

    static constexpr TimeMs wall_start = 1'790'000'000'000;  // 2026-09-21, a Monday

   private:
    struct Entry {
        std::int64_t at;
        std::uint64_t order;
        std::function<void()> then;
    };
    static bool later(const Entry& a, const Entry& b) { return a.at != b.at ? a.at > b.at : a.order > b.order; }
    std::int64_t now_ = 1'000;
    std::uint64_t order_ = 0;
    std::uint64_t steps_ = 0;
    std::vector<Entry> heap_;
};

class SimRandom final : public seams::Random {
   public:
    explicit SimRandom(std::uint64_t seed) : engine_(seed) {}
    seams::Bytes bytes(std::size_t count) override;
    std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : engine_() % bound; }
    std::int64_t between(std::int64_t least, std::int64_t most) {
        return least + std::int64_t(below(std::uint64_t(most - least + 1)));
    }
    bool one_in(std::int64_t n) { return n > 0 && below(std::uint64_t(n)) == 0; }

   private:
    std::mt19937_64 engine_;
};

// How wrong a machine's clock is. Outlives the processes on that machine.
struct ClockFault {
    TimeMs step_ms = 0;    // of the wall clock
    std::int64_t ppm = 0;  // both clocks run fast or slow
};

// One process's view of time; what it asked for stops with it.
class ProcessClock final : public seams::Clock {
   public:
    ProcessClock(SimClock& world, const ClockFault& fault) : world_(world), fault_(fault) {}
    std::int64_t boot_ms() const override { return drifted(world_.boot_ms()); }
    TimeMs wall_ms() const override { return SimClock::wall_start + drifted(world_.boot_ms()) + fault_.step_ms; }
    void after(std::int64_t ms, std::function<void()> then) override {
        world_.after(ms, alive_.guard(std::move(then)));
    }

   private:
    std::int64_t drifted(std::int64_t ms) const { return ms + ms * fault_.ppm / 1'000'000; }
    SimClock& world_;
    const ClockFault& fault_;
    Alive alive_;
};

}  // namespace rightplace::sim
