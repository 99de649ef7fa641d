// One suite, two stores: the real one on a private redis-server, and the model. A test asks and waits here.
#pragma once

#include <catch2/catch.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/seams.hpp"
#include "common/bus/loop.hpp"
#include "common/store/redis_store.hpp"
#include "messages/envelope.pb.h"
#include "tests/sim/sim_store.hpp"
#include "tests/unit/redis_server.hpp"

namespace rightplace::testing {

using namespace seams;

inline constexpr TimeMs noon = 1'800'000'000'000;  // some hub time
inline constexpr std::int64_t hour = 3'600'000;
inline const std::string hub = "paddock-wood";

class Bench {
   public:
    virtual ~Bench() = default;
    virtual ArbiterStore& store() = 0;
    virtual void turn() = 0;
    // What befalls the store.
    virtual void age_beat(std::int64_t ms) = 0;
    virtual void hold_beat() = 0;  // its age stays as it is, however slow the machine
    virtual void flush_all() = 0;
    virtual void restart() = 0;  // it comes back empty, without the library

    template <typename T>
    Stored<T> wait(const std::function<void(Done<Stored<T>>)>& ask) {
        std::optional<Stored<T>> outcome;
        hold_beat();
        ask([&](Stored<T> got) { outcome.emplace(std::move(got)); });
        if (outcome) throw std::runtime_error("completed inside the call");
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (!outcome) {
            if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("no completion");
            turn();
        }
        return *outcome;
    }

    Stored<Loaded> load(const LoadRequest& request) {
        return wait<Loaded>([&](auto done) { store().load(request, done); });
    }
    Loaded loaded(const std::vector<AggregateId>& aggregates, const std::string& command_id = {}) {
        return load({hub, command_id, aggregates}).value();
    }
    Stored<Committed> commit(const CommitRequest& request) {
        return wait<Committed>([&](auto done) { store().commit(request, done); });
    }
    Stored<bool> restore(const RestoreRequest& request) {
        return wait<bool>([&](auto done) { store().restore(request, done); });
    }
    Stored<bool> ready(const std::string& service, std::uint64_t epoch, std::uint32_t fold) {
        return wait<bool>([&](auto done) { store().mark_ready(hub, service, epoch, fold, done); });
    }
    Stored<bool> is_ready(const std::string& service, std::uint64_t epoch, std::uint32_t fold) {
        return wait<bool>([&](auto done) { store().is_ready(hub, service, epoch, fold, done); });
    }
    Stored<bool> renew(std::uint64_t epoch, const Lease& lease) {
        return wait<bool>([&](auto done) { store().renew_lease(hub, epoch, lease, done); });
    }
    Stored<std::vector<Lease>> expired(const std::string& type) {
        return wait<std::vector<Lease>>([&](auto done) { store().expired_leases(hub, type, done); });
    }
    Stored<std::vector<Due>> due(const std::string& queue, std::size_t most) {
        return wait<std::vector<Due>>([&](auto done) { store().due(hub, queue, most, done); });
    }
    Stored<bool> save_cursor(const std::string& service, const std::string& source, std::uint64_t seq) {
        return wait<bool>([&](auto done) { store().save_cursor(hub, service, source, seq, done); });
    }
    Stored<std::uint64_t> read_cursor(const std::string& service, const std::string& source) {
        return wait<std::uint64_t>([&](auto done) { store().read_cursor(hub, service, source, done); });
    }
    Stored<bool> load_library() {
        return wait<bool>([&](auto done) { store().load_library(done); });
    }
    Stored<StoreSituation> situation() {
        return wait<StoreSituation>([&](auto done) { store().situation(hub, done); });
    }
    Stored<bool> wipe() {
        return wait<bool>([&](auto done) { store().close_and_wipe(hub, done); });
    }
    Stored<bool> restore_marks(const std::vector<DoneRestore>& marks, const std::vector<CursorRestore>& cursors) {
        return wait<bool>([&](auto done) { store().restore_marks(hub, marks, cursors, done); });
    }
    Stored<bool> open(const OpenRequest& request) {
        return wait<bool>([&](auto done) { store().open(request, done); });
    }
    static constexpr TimeMs any_time = 1LL << 52;
    Stored<Head> beat(std::uint64_t epoch, std::uint64_t journalled, TimeMs now = noon, TimeMs store_by = any_time) {
        return wait<Head>([&](auto done) { store().beat(hub, epoch, journalled, now, store_by, done); });
    }
    Stored<std::vector<LogEntry>> tail(std::uint64_t after, std::size_t most = 1'000, std::int64_t wait_ms = 0) {
        return wait<std::vector<LogEntry>>([&](auto done) { store().tail(hub, after, most, wait_ms, done); });
    }
    Stored<std::vector<CursorRestore>> cursors() {
        return wait<std::vector<CursorRestore>>([&](auto done) { store().cursors(hub, done); });
    }

    // Library, an opened hub, a heartbeat, and triage ready at fold 1.
    void open_hub(std::uint64_t epoch = 1, std::uint64_t seq = 0, const std::string& prev = {}) {
        REQUIRE(load_library().ok());
        REQUIRE(wipe().ok());
        REQUIRE(open({hub, epoch, seq, prev, noon}).ok());
        REQUIRE(beat(epoch, seq).ok());
        REQUIRE(ready("triage", epoch, 1).ok());
    }
};

class RealBench final : public Bench {
   public:
    RealBench() { redis = store::make_redis_store(loop, {server.socket(), {}, {}}); }
    ArbiterStore& store() override { return *redis; }
    void turn() override { loop.turn(10); }
    void age_beat(std::int64_t ms) override {
        hold_beat();
        server.command({"HINCRBY", "{" + hub + "}:beat", "aged", std::to_string(ms * 1'000)});
        hold_beat();
    }
    void hold_beat() override {
        if (server.frozen()) return;
        server.command({"EVAL", R"(
            local beat = redis.call('HMGET', KEYS[1], 'redis_us', 'held', 'aged')
            if not beat[1] then return end
            local aged = beat[1] == beat[2] and beat[3] or 0  -- another value: a new heartbeat
            local time = redis.call('TIME')
            local us = string.format('%.0f', time[1] * 1000000 + time[2] - aged)
            redis.call('HSET', KEYS[1], 'redis_us', us, 'held', us, 'aged', aged))",
                        "1", "{" + hub + "}:beat"});
    }
    void flush_all() override { server.command({"FLUSHALL"}); }
    void restart() override {
        server.kill();
        server.start();
        const auto connected = [this] {
            const auto got = situation();
            return got.ok() || got.error().error == StoreError::closed;
        };
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!connected() && std::chrono::steady_clock::now() < deadline) turn();
    }

    RedisServer server;
    bus::Loop loop;
    std::unique_ptr<ArbiterStore> redis;
};

// Time goes on only when nothing else is to be done.
class TestClock final : public Clock {
   public:
    std::int64_t boot_ms() const override { return now_; }
    TimeMs wall_ms() const override { return started_ + now_; }  // as Redis's own clock
    void after(std::int64_t ms, std::function<void()> then) override { timers_.emplace(now_ + ms, std::move(then)); }
    bool turn() {
        if (timers_.empty()) return false;
        const auto first = timers_.begin();
        now_ = std::max(now_, first->first);
        const auto then = std::move(first->second);
        timers_.erase(first);
        then();
        return true;
    }

   private:
    std::int64_t now_ = 0;
    TimeMs started_ =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    std::multimap<std::int64_t, std::function<void()>> timers_;
};

class SimBench final : public Bench {
   public:
    ArbiterStore& store() override { return client; }
    void turn() override {
        if (!clock.turn()) throw std::runtime_error("nothing left to happen");
    }
    void age_beat(std::int64_t ms) override { redis->age_beat(hub, ms); }
    void hold_beat() override {}
    void flush_all() override { redis->flush_all(); }
    void restart() override { redis->lose_everything(); }

    TestClock clock;
    std::shared_ptr<sim::SimRedis> redis = std::make_shared<sim::SimRedis>(clock);
    sim::SimStore client{clock, redis};
};

inline Bytes event_bytes(const std::string& event_id) {
    Event event;
    event.set_event_id(event_id);
    event.set_hub(hub);
    event.set_service("triage");
    return event.SerializeAsString();
}

// A commit of triage in epoch 1 with events of these ids.
inline CommitRequest request(const std::vector<std::string>& event_ids, const std::string& command_id = {}) {
    CommitRequest commit;
    commit.hub = hub;
    commit.service = "triage";
    commit.fold = 1;
    commit.epoch = 1;
    commit.deadline = noon + hour;
    commit.command_id = command_id;
    commit.receipt = "receipt of " + command_id;
    commit.event_ids = event_ids;
    for (const auto& id : event_ids) commit.events.push_back(event_bytes(id));
    return commit;
}

inline const AggregateId review{"review", "r1"};

template <typename T>
std::optional<StoreError> error_of(const Stored<T>& outcome) {
    return outcome.ok() ? std::nullopt : std::optional(outcome.error().error);
}

}  // namespace rightplace::testing
