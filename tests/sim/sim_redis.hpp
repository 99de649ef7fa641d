// The simulated Redis that SimStores are clients of: its data, its process, and what may befall it.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/seams.hpp"
#include "tests/sim/sim_hub.hpp"

namespace rightplace::sim {

class SimRedis {
   public:
    explicit SimRedis(seams::Clock& clock) : clock_(clock) {}

    // What may befall it.
    void lose_everything();                  // died and came back empty, without the library
    void flush_all();                        // FLUSHALL: the data goes, the process stays
    void remember_writes(std::size_t most);  // from now on, so that they can be forgotten; costs a copy each
    void forget_writes(std::size_t last);    // a replica that lacked them was promoted: another process
    std::shared_ptr<SimRedis> replica(seams::Clock& clock) const;  // another process with the data of this moment
    void pause();                                                  // takes calls and does nothing with them
    // Does them all, though their callers have given up; of n connections `pick` says which is heard next.
    void resume(const std::function<std::size_t(std::size_t n)>& pick = [](std::size_t) { return std::size_t(0); });
    void age_beat(const std::string& hub, std::int64_t ms);
    void skip(std::int64_t ms);  // as if every heartbeat of that time had come

    // For those who judge.
    std::function<void(const std::string& command_id)> on_committed = [](const std::string&) {};
    const HubData& data(const std::string& hub) { return data_[hub]; }

    // For the clients.
    struct Work {
        const void* connection;
        std::function<void()> run;
        std::function<void()> lost;
    };
    void submit(Work work);
    bool paused() const { return paused_; }
    template <typename T>
    seams::Stored<T> run(const std::string& hub, bool writes, const std::function<seams::Stored<T>(SimHub&)>& rule);
    void load_library();
    using TailDone = seams::Done<seams::Stored<std::vector<seams::LogEntry>>>;
    void tail(const std::string& hub, std::uint64_t after, std::size_t most, std::int64_t wait_ms, TailDone done);

   private:
    using Data = std::map<std::string, HubData>;
    struct Waiter {
        std::uint64_t id;
        std::string hub;
        std::uint64_t after;
        std::size_t most;
        TailDone done;
    };
    std::optional<seams::StoreFailure> not_possible(const std::string& hub) const;
    std::vector<seams::LogEntry> entries(const std::string& hub, std::uint64_t after, std::size_t most) const;
    void remember();
    void wake();
    void drop_calls();

    seams::Clock& clock_;
    bool library_ = false;
    bool paused_ = false;
    Data data_;
    std::map<std::string, OpenedHere> opened_;
    std::size_t remembered_most_ = 0;
    std::deque<Data> before_;  // the data before each of the last writes
    std::deque<Work> waiting_;
    std::vector<Waiter> waiters_;
    std::uint64_t next_waiter_ = 0;
};

template <typename T>
seams::Stored<T> SimRedis::run(const std::string& hub, bool writes,
                               const std::function<seams::Stored<T>(SimHub&)>& rule) {
    if (const auto why = not_possible(hub)) return Failure{*why};
    if (writes) remember();
    SimHub at(hub, data_[hub], opened_[hub], clock_.wall_ms());
    auto outcome = rule(at);
    if (writes) wake();
    return outcome;
}

}  // namespace rightplace::sim
