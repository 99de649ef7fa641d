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

template <typename T>
void SimStore::submit(std::function<Stored<T>()> work, Done<Stored<T>> done) {
    auto pending = std::make_shared<Pending<T>>(Pending<T>{alive_.guard(std::move(done))});
    clock_.after(0, [&clock = clock_, redis = redis_, work = std::move(work), pending] {
        if (redis->paused())
            clock.after(limits::store_call_timeout_ms, [pending] { pending->unknown("no reply in time"); });
        redis->submit({[work, pending] { pending->tell(work()); }, [pending] { pending->unknown("connection lost"); }});
    });
}

template <typename T, typename Rule>
void SimStore::ask(Mode mode, std::string hub, Rule rule, Done<Stored<T>> done) {
    std::function<Stored<T>()> work = [redis = redis_.get(), mode, hub = std::move(hub), rule = std::move(rule)] {
        return redis->run<T>(hub, mode == Mode::writes, rule);
    };
    submit<T>(std::move(work), std::move(done));
}

void SimStore::load(LoadRequest request, Done<Stored<Loaded>> done) {
    const auto hub = request.hub;
    const auto rule = [request = std::move(request)](SimHub& at) { return at.load(request); };
    ask<Loaded>(Mode::reads, hub, rule, std::move(done));
}

void SimStore::commit(CommitRequest request, Done<Stored<Committed>> done) {
    const auto hub = request.hub;
    const auto rule = [request = std::move(request)](SimHub& at) { return at.commit(request); };
    ask<Committed>(Mode::writes, hub, rule, std::move(done));
}

void SimStore::restore(RestoreRequest request, Done<Stored<bool>> done) {
    const auto hub = request.hub;
    const auto rule = [request = std::move(request)](SimHub& at) { return at.restore(request); };
    ask<bool>(Mode::writes, hub, rule, std::move(done));
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
    submit<bool>(std::move(work), std::move(done));
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
    ask<bool>(Mode::writes, hub, rule, std::move(done));
}

void SimStore::beat(std::string hub, std::uint64_t epoch, std::uint64_t journalled, TimeMs hub_now,
                    Done<Stored<Head>> done) {
    const auto rule = [=](SimHub& at) { return at.beat(epoch, journalled, hub_now); };
    ask<Head>(Mode::writes, std::move(hub), rule, std::move(done));
}

void SimStore::tail(std::string hub, std::uint64_t after, std::size_t most, std::int64_t wait_ms,
                    Done<Stored<std::vector<LogEntry>>> done) {
    using Entries = std::vector<LogEntry>;
    auto pending = std::make_shared<Pending<Entries>>(Pending<Entries>{alive_.guard(std::move(done))});
    most = std::clamp<std::size_t>(most, 1, limits::tail_max_entries);
    clock_.after(0, [redis = redis_, hub = std::move(hub), after, most, wait_ms, pending] {
        const auto tell = [pending](Stored<Entries> found) { pending->tell(std::move(found)); };
        redis->submit({[=, at = redis.get()] { at->tail(hub, after, most, wait_ms, tell); },
                       [pending] { pending->unknown("connection lost"); }});
    });
}

void SimStore::cursors(std::string hub, Done<Stored<std::vector<CursorRestore>>> done) {
    const auto rule = [](SimHub& at) { return at.cursors(); };
    ask<std::vector<CursorRestore>>(Mode::reads, std::move(hub), rule, std::move(done));
}

}  // namespace rightplace::sim
