#include "tests/sim/sim_store.hpp"

#include <algorithm>
#include <utility>

#include "common/base/limits.hpp"

namespace rightplace::sim {

using namespace seams;

namespace {

// Told once: by the outcome, by the loss of the connection, or by the clock.
template <typename T>
struct Pending {
    Done<Stored<T>> done;
    void tell(Stored<T> outcome) {
        if (const auto then = std::exchange(done, nullptr)) then(std::move(outcome));
    }
    void unknown(const char* why) { tell(Failure{StoreFailure{StoreError::unknown, why}}); }
};

}  // namespace

void SimStore::break_off() {
    const auto broken = std::exchange(connection_, std::make_shared<Connection>());
    broken->broken = true;
    for (auto& [id, lost] : broken->under_way) clock_.after(0, lost);
}

void SimStore::turn_to(std::shared_ptr<SimRedis> redis) {
    redis_ = std::move(redis);
    break_off();
}

// One call over there and back. `start` runs at the store and tells the outcome once, maybe later.
template <typename T>
void SimStore::cross(Mode mode, std::function<void(Tell<T>)> start, Done<Stored<T>> done, Call call) {
    auto pending = std::make_shared<Pending<T>>(Pending<T>{alive_.guard(std::move(done))});
    const Crossing way = way_(call);
    if (!way.sent) {
        clock_.after(0, [pending] { pending->tell(Failure{StoreFailure{StoreError::unavailable, "no connection"}}); });
        return;
    }
    const auto over = connection_;
    const auto id = over->next++;
    const std::size_t writes = mode == Mode::writes ? 1 : 0;
    over->writes += writes;
    over->under_way[id] = [pending] { pending->unknown("connection lost"); };
    const auto settle = [over, id, writes, pending](Stored<T> outcome) {
        if (over->under_way.erase(id) > 0) over->writes -= writes;
        pending->tell(std::move(outcome));
    };
    const auto give_up = [&clock = clock_, settle] {
        clock.after(limits::store_call_timeout_ms, [settle] {
            settle(Failure{StoreFailure{StoreError::unknown, "no reply in time"}});
        });
    };
    if (!way.arrives) return give_up();
    if (!way.returns) give_up();
    over->there_at = std::max(over->there_at, clock_.boot_ms() + way.there_ms);
    clock_.after(over->there_at - clock_.boot_ms(), [=, &clock = clock_, redis = redis_] {
        if (over->broken) return;
        if (redis->paused()) give_up();
        const Tell<T> tell = [=, &clock](Stored<T> outcome) {
            if (!way.returns || over->broken) return;
            over->back_at = std::max(over->back_at, clock.boot_ms() + way.back_ms);
            if (over->back_at <= clock.boot_ms()) return settle(std::move(outcome));
            clock.after(over->back_at - clock.boot_ms(), [settle, outcome = std::move(outcome)] { settle(outcome); });
        };
        // It waits inside that very Redis, and must not keep it alive.
        redis->submit({over.get(), [start, tell] { start(tell); },
                       [settle] {
                           settle(Failure{StoreFailure{StoreError::unknown, "connection lost"}});
                       }});
    });
}

template <typename T>
void SimStore::submit(Mode mode, std::function<Stored<T>()> work, Done<Stored<T>> done, Call call) {
    cross<T>(
        mode, [work = std::move(work)](const Tell<T>& tell) { tell(work()); }, std::move(done), call);
}

template <typename T, typename Rule>
void SimStore::ask(Mode mode, std::string hub, Rule rule, Done<Stored<T>> done, Call call) {
    std::function<Stored<T>()> work = [redis = redis_.get(), mode, hub = std::move(hub), rule = std::move(rule)] {
        return redis->run<T>(hub, mode == Mode::writes, rule);
    };
    submit<T>(mode, std::move(work), std::move(done), call);
}

void SimStore::load(LoadRequest request, Done<Stored<Loaded>> done) {
    const auto hub = request.hub;
    const auto rule = [request = std::move(request)](SimHub& at) { return at.load(request); };
    ask<Loaded>(Mode::reads, hub, rule, std::move(done));
}

void SimStore::commit(CommitRequest request, Done<Stored<Committed>> done) {
    const auto hub = request.hub;
    const auto rule = [request = std::move(request), redis = redis_.get()](SimHub& at) {
        auto committed = at.commit(request);
        if (committed) redis->on_committed(request.command_id);
        return committed;
    };
    ask<Committed>(Mode::writes, hub, rule, std::move(done), Call::commit);
}

void SimStore::restore(RestoreRequest request, Done<Stored<bool>> done) {
    const auto hub = request.hub;
    const auto rule = [request = std::move(request)](SimHub& at) { return at.restore(request); };
    ask<bool>(Mode::writes, hub, rule, std::move(done), Call::restore);
}

void SimStore::mark_ready(std::string hub, std::string service, std::uint64_t epoch, std::uint32_t fold,
                          Done<Stored<bool>> done) {
    const auto rule = [=](SimHub& at) { return at.mark_ready(service, epoch, fold); };
    ask<bool>(Mode::writes, std::move(hub), rule, std::move(done));
}

void SimStore::is_ready(std::string hub, std::string service, std::uint64_t epoch, std::uint32_t fold,
                        Done<Stored<bool>> done) {
    const auto rule = [=](SimHub& at) { return at.is_ready(service, epoch, fold); };
    ask<bool>(Mode::reads, std::move(hub), rule, std::move(done));
}

void SimStore::renew_lease(std::string hub, std::uint64_t epoch, Lease lease, Done<Stored<bool>> done) {
    const auto rule = [=](SimHub& at) { return at.renew(epoch, lease); };
    ask<bool>(Mode::writes, std::move(hub), rule, std::move(done));
}

void SimStore::expired_leases(std::string hub, std::string aggregate_type, Done<Stored<std::vector<Lease>>> done) {
    const auto rule = [=](SimHub& at) { return at.expired(aggregate_type); };
    ask<std::vector<Lease>>(Mode::reads, std::move(hub), rule, std::move(done));
}

void SimStore::due(std::string hub, std::string queue, std::size_t most, Done<Stored<std::vector<Due>>> done) {
    const auto rule = [=](SimHub& at) { return at.due(queue, most); };
    ask<std::vector<Due>>(Mode::reads, std::move(hub), rule, std::move(done));
}

void SimStore::save_cursor(std::string hub, std::string service, std::string source_hub, std::uint64_t seq,
                           Done<Stored<bool>> done) {
    const auto rule = [=](SimHub& at) { return at.save_cursor({service, source_hub, seq}); };
    ask<bool>(Mode::writes, std::move(hub), rule, std::move(done));
}

void SimStore::read_cursor(std::string hub, std::string service, std::string source_hub,
                           Done<Stored<std::uint64_t>> done) {
    const auto rule = [=](SimHub& at) { return at.read_cursor(service, source_hub); };
    ask<std::uint64_t>(Mode::reads, std::move(hub), rule, std::move(done));
}

void SimStore::load_library(Done<Stored<bool>> done) {
    std::function<Stored<bool>()> work = [redis = redis_.get()]() -> Stored<bool> {
        redis->load_library();
        return true;
    };
    submit<bool>(Mode::writes, std::move(work), std::move(done));
}

void SimStore::situation(std::string hub, Done<Stored<StoreSituation>> done) {
    const auto rule = [](SimHub& at) { return at.situation(); };
    ask<StoreSituation>(Mode::reads, std::move(hub), rule, std::move(done));
}

void SimStore::close_and_wipe(std::string hub, Done<Stored<bool>> done) {
    const auto rule = [](SimHub& at) { return at.wipe(); };
    ask<bool>(Mode::writes, std::move(hub), rule, std::move(done));
}

void SimStore::restore_marks(std::string hub, std::vector<DoneRestore> marks, std::vector<CursorRestore> cursors,
                             Done<Stored<bool>> done) {
    const auto rule = [marks = std::move(marks), cursors = std::move(cursors)](SimHub& at) {
        return at.restore_marks(marks, cursors);
    };
    ask<bool>(Mode::writes, std::move(hub), rule, std::move(done));
}

void SimStore::open(OpenRequest request, Done<Stored<bool>> done) {
    const auto hub = request.hub;
    const auto rule = [request = std::move(request)](SimHub& at) { return at.open(request); };
    ask<bool>(Mode::writes, hub, rule, std::move(done), Call::open);
}

void SimStore::beat(std::string hub, std::uint64_t epoch, std::uint64_t journalled, TimeMs hub_now, TimeMs store_by,
                    Done<Stored<Head>> done) {
    const auto rule = [=](SimHub& at) { return at.beat(epoch, journalled, hub_now, store_by); };
    ask<Head>(Mode::writes, std::move(hub), rule, std::move(done), Call::beat);
}

void SimStore::tail(std::string hub, std::uint64_t after, std::size_t most, std::int64_t wait_ms,
                    Done<Stored<std::vector<LogEntry>>> done) {
    using Entries = std::vector<LogEntry>;
    most = std::clamp<std::size_t>(most, 1, limits::tail_max_entries);
    cross<Entries>(
        Mode::reads,
        [=, redis = redis_.get(), hub = std::move(hub)](const Tell<Entries>& tell) {
            redis->tail(hub, after, most, wait_ms, tell);
        },
        std::move(done));
}

void SimStore::cursors(std::string hub, Done<Stored<std::vector<CursorRestore>>> done) {
    const auto rule = [](SimHub& at) { return at.cursors(); };
    ask<std::vector<CursorRestore>>(Mode::reads, std::move(hub), rule, std::move(done));
}

}  // namespace rightplace::sim
