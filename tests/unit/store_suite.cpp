// The rules of the ring, held against both stores: what may be committed, when, and what is then in the log.
#include <catch2/catch.hpp>

#include <cmath>

#include "common/base/limits.hpp"
#include "tests/unit/store_bench.hpp"

using namespace rightplace;
using namespace rightplace::testing;

namespace {

std::vector<std::string> ids(const std::string& stem, std::size_t count) {
    std::vector<std::string> made;
    for (std::size_t i = 0; i < count; ++i) made.push_back(stem + std::to_string(i));
    return made;
}

// Whole commits of as many events as one may have.
void fill(Bench& bench, std::size_t commits) {
    for (std::size_t i = 0; i < commits; ++i) {
        REQUIRE(bench.commit(request(ids("f" + std::to_string(i) + "-", limits::commit_max_events))).ok());
    }
}

}  // namespace

TEMPLATE_TEST_CASE("seqs are contiguous, each prev fits, and the trailer merges", "[store]", RealBench, SimBench) {
    TestType bench;
    bench.open_hub(7, 300, "before");
    auto first = request({"a", "b"});
    first.epoch = 7;
    auto second = request({"c"});
    second.epoch = 7;
    second.seen_seq = 302;
    const auto one = bench.commit(first).value();
    const auto two = bench.commit(second).value();
    CHECK(one.first_seq == 301);
    CHECK(one.head_seq == 302);
    CHECK(two.first_seq == 303);
    CHECK(two.epoch == 7);

    const auto log = bench.tail(300).value();
    REQUIRE(log.size() == 3);
    std::string prev = "before";
    for (std::size_t i = 0; i < log.size(); ++i) {
        Event event;
        REQUIRE(event.ParseFromString(log[i].stored));
        CHECK(log[i].seq == 301 + i);
        CHECK(event.seq() == log[i].seq);
        CHECK(event.epoch() == 7);
        CHECK(event.prev() == prev);
        CHECK(event.hub() == hub);
        CHECK(to_ms(event.recorded_at()) == (i < 2 ? one : two).recorded);
        CHECK(log[i].stored.rfind(event_bytes(event.event_id()), 0) == 0);  // the service's bytes, untouched
        prev = event.event_id();
    }
    CHECK(one.recorded >= noon);
    CHECK(one.recorded <= noon + limits::heartbeat_max_age_ms);
    const auto head = bench.loaded({}).head;
    CHECK(head.seq == 303);
    CHECK(head.prev == "c");
    CHECK(head.open);
    CHECK(bench.tail(302, 1).value().at(0).seq == 303);
    CHECK(bench.tail(303, 1, 20).value().empty());
}

TEMPLATE_TEST_CASE("the first event has no prev", "[store]", RealBench, SimBench) {
    TestType bench;
    bench.open_hub();
    REQUIRE(bench.commit(request({"a"})).ok());
    Event event;
    REQUIRE(event.ParseFromString(bench.tail(0).value().at(0).stored));
    CHECK(event.prev().empty());
    CHECK(event.seq() == 1);
}

TEMPLATE_TEST_CASE("a waiting tail completes when an event comes", "[store]", RealBench, SimBench) {
    TestType bench;
    bench.open_hub();
    std::vector<LogEntry> seen;
    bench.store().tail(hub, 0, 10, 20'000, [&](Stored<std::vector<LogEntry>> got) { seen = got.value(); });
    REQUIRE(bench.commit(request({"a"})).ok());
    for (int i = 0; i < 1'000 && seen.empty(); ++i) bench.turn();
    CHECK(seen.size() == 1);
}

TEMPLATE_TEST_CASE("a store that lost what was restored is not opened over the loss", "[store]", RealBench, SimBench) {
    TestType bench;
    REQUIRE(bench.load_library().ok());
    REQUIRE(bench.wipe().ok());
    const std::vector<DoneRestore> marks{{"c1", {1, 1, "receipt"}}};
    REQUIRE(bench.restore_marks(marks, {}).ok());
    SECTION("by FLUSHALL") {
        bench.flush_all();
    }
    SECTION("by another process in its place") {
        bench.restart();
        REQUIRE(bench.load_library().ok());
    }
    CHECK(error_of(bench.restore_marks(marks, {})) == StoreError::invalid);
    CHECK(error_of(bench.open({hub, 2, 1, "a", noon})) == StoreError::invalid);
    REQUIRE(bench.wipe().ok());
    REQUIRE(bench.restore_marks(marks, {}).ok());
    REQUIRE(bench.open({hub, 2, 1, "a", noon}).ok());
    CHECK(bench.loaded({}, "c1").done);
}

TEMPLATE_TEST_CASE("nothing is committed to a hub that is not open in this very process", "[store]", RealBench,
                   SimBench) {
    TestType bench;
    CHECK(error_of(bench.commit(request({"a"}))) == StoreError::closed);  // no library
    REQUIRE(bench.load_library().ok());
    CHECK(error_of(bench.commit(request({"a"}))) == StoreError::closed);  // nothing opened
    CHECK_FALSE(bench.loaded({}).head.open);
    CHECK(error_of(bench.open({hub, 1, 0, {}, noon})) == StoreError::invalid);  // not wiped
    REQUIRE(bench.wipe().ok());
    REQUIRE(bench.open({hub, 1, 0, {}, noon}).ok());
    CHECK(error_of(bench.commit(request({"a"}))) == StoreError::closed);  // no heartbeat yet
    REQUIRE(bench.beat(1, 0).ok());
    REQUIRE(bench.commit(request({"a"})).ok());

    SECTION("a heartbeat that is too old") {
        bench.age_beat(limits::heartbeat_max_age_ms + 1);
        CHECK_FALSE(bench.loaded({}).head.open);
        CHECK(error_of(bench.commit(request({"b"}))) == StoreError::closed);
        REQUIRE(bench.beat(1, 0).ok());
        CHECK(bench.commit(request({"b"})).value().first_seq == 2);
    }
    SECTION("a heartbeat that was long on its way brings no old time back") {
        const auto store_now = bench.beat(1, 1).value().store_now;
        bench.age_beat(limits::heartbeat_max_age_ms + 1);
        CHECK(error_of(bench.beat(1, 1, noon, store_now - 1)) == StoreError::deadline_passed);
        CHECK(error_of(bench.commit(request({"b"}))) == StoreError::closed);
        REQUIRE(bench.beat(1, 1, noon, store_now + 60'000).ok());
        CHECK(bench.commit(request({"b"})).value().first_seq == 2);
    }
    SECTION("a store whose clock went back") {
        bench.age_beat(-limits::heartbeat_max_age_ms - 1'000);
        CHECK(error_of(bench.commit(request({"b"}))) == StoreError::closed);
    }
    SECTION("FLUSHALL under our feet, and a beat after it") {
        bench.flush_all();
        CHECK(error_of(bench.commit(request({"b"}))) == StoreError::closed);
        CHECK(error_of(bench.beat(1, 1)) == StoreError::closed);
        CHECK(error_of(bench.commit(request({"b"}))) == StoreError::closed);
        CHECK(error_of(bench.open({hub, 1, 1, "a", noon})) == StoreError::other_epoch);
        REQUIRE(bench.wipe().ok());
        REQUIRE(bench.open({hub, 2, 1, "a", noon}).ok());
    }
    SECTION("the library loaded again") {
        REQUIRE(bench.load_library().ok());
        CHECK(error_of(bench.commit(request({"b"}))) == StoreError::closed);
        CHECK(error_of(bench.beat(1, 1)) == StoreError::closed);
        CHECK(error_of(bench.open({hub, 1, 1, "a", noon})) == StoreError::other_epoch);
        CHECK(error_of(bench.open({hub, 2, 1, "a", noon})) == StoreError::invalid);  // not wiped
    }
    SECTION("a restarted server") {
        bench.restart();
        CHECK(error_of(bench.commit(request({"b"}))) == StoreError::closed);
        REQUIRE(bench.load_library().ok());
        CHECK(error_of(bench.commit(request({"b"}))) == StoreError::closed);
    }
}

TEMPLATE_TEST_CASE("wiping closes and forgets; only a higher epoch opens again", "[store]", RealBench, SimBench) {
    TestType bench;
    bench.open_hub(5);
    auto commit = request({"a"}, "c1");
    commit.epoch = 5;
    commit.sets = {{review, 1, 1, "state", {{"waiting", "r1", 3}}}};
    REQUIRE(bench.commit(commit).ok());
    REQUIRE(bench.save_cursor("triage", hub, 1).ok());
    CHECK(error_of(bench.open({hub, 6, 1, "a", noon})) == StoreError::invalid);  // not closed
    CHECK(error_of(bench.restore_marks({}, {})) == StoreError::invalid);
    REQUIRE(bench.wipe().ok());
    const auto after = bench.situation().value();
    CHECK(after.process_epoch == 0);
    CHECK(after.log_first == 0);
    CHECK_FALSE(after.head.open);
    const auto nothing = bench.loaded({review}, "c1");
    CHECK(nothing.records[0].version == 0);
    CHECK_FALSE(nothing.done);
    CHECK(bench.cursors().value().empty());

    CHECK(error_of(bench.open({hub, 5, 1, "a", noon})) == StoreError::other_epoch);
    CHECK(error_of(bench.open({hub, 4, 1, "a", noon})) == StoreError::other_epoch);
    REQUIRE(bench.restore_marks({{"c1", {5, 1, "receipt"}}}, {{"triage", hub, 1}}).ok());
    REQUIRE(bench.open({hub, 6, 1, "a", noon}).ok());
    REQUIRE(bench.beat(6, 1).ok());
    CHECK(error_of(bench.commit(commit)) == StoreError::other_epoch);
    CHECK(error_of(bench.beat(5, 1)) == StoreError::other_epoch);
    const auto again = bench.loaded({review}, "c1");
    REQUIRE(again.done);
    CHECK(again.done->epoch == 5);
    CHECK(again.done->first_seq == 1);
    CHECK(again.done->receipt == "receipt");
    CHECK(bench.read_cursor("triage", hub).value() == 1);
    CHECK(bench.due("waiting", 10).value().empty());
}

TEMPLATE_TEST_CASE("a commit is refused when it is behind, late, or too much is unjournalled", "[store]", RealBench,
                   SimBench) {
    TestType bench;
    bench.open_hub();
    SECTION("behind") {
        auto commit = request({"a"});
        commit.seen_seq = 1;
        CHECK(error_of(bench.commit(commit)) == StoreError::behind);
    }
    SECTION("late") {
        auto commit = request({"a"});
        commit.deadline = noon - 1;
        CHECK(error_of(bench.commit(commit)) == StoreError::deadline_passed);
    }
    SECTION("a full tail") {
        const std::size_t whole = limits::tail_max_events / limits::commit_max_events;
        fill(bench, whole);
        const std::size_t left = limits::tail_max_events - whole * limits::commit_max_events;
        CHECK(error_of(bench.commit(request(ids("x", left + 1)))) == StoreError::tail_full);
        CHECK(bench.commit(request(ids("x", left))).ok());
        CHECK(error_of(bench.commit(request({"y"}))) == StoreError::tail_full);
        CHECK(bench.commit(request({})).ok());
        REQUIRE(bench.beat(1, 1).ok());
        CHECK(bench.commit(request({"y"})).ok());
    }
}

TEMPLATE_TEST_CASE("the log keeps what is unjournalled, and some of what is journalled", "[store]", RealBench,
                   SimBench) {
    TestType bench;
    bench.open_hub();
    const std::size_t commits = limits::log_keep_events / limits::commit_max_events + 4;
    const std::uint64_t total = commits * limits::commit_max_events;
    fill(bench, commits);
    CHECK(bench.situation().value().log_first == 1);
    REQUIRE(bench.beat(1, limits::log_keep_events + 3).ok());
    CHECK(bench.situation().value().log_first == 4);
    REQUIRE(bench.beat(1, 10).ok());  // what is journalled stays journalled
    CHECK(bench.loaded({}).head.journalled == limits::log_keep_events + 3);
    CHECK(error_of(bench.beat(1, total + 1)) == StoreError::invalid);
    REQUIRE(bench.beat(1, total).ok());
    CHECK(bench.situation().value().log_first == total - limits::log_keep_events + 1);
    CHECK(bench.commit(request({"more"})).value().first_seq == total + 1);
}

TEMPLATE_TEST_CASE("a request out of bounds is invalid and leaves nothing", "[store]", RealBench, SimBench) {
    TestType bench;
    bench.open_hub();
    const auto invalid = [&](auto change) {
        auto commit = request({"a"}, "c1");
        commit.sets = {{review, 1, 1, "state", {{"waiting", "r1", 3}}}};
        change(commit);
        return error_of(bench.commit(commit)) == StoreError::invalid;
    };
    CHECK(invalid([](auto& c) { c.hub = "Not a hub"; }));
    CHECK(invalid([](auto& c) { c.service = ""; }));
    CHECK(invalid([](auto& c) { c.event_ids.push_back("b"); }));
    CHECK(invalid([](auto& c) { c.events[0].clear(); }));
    CHECK(invalid([](auto& c) { c.sets[0].version = 0; }));
    CHECK(invalid([](auto& c) { c.sets[0].version = (1ULL << 53) + 2; }));
    CHECK(invalid([](auto& c) { c.sets.push_back(c.sets[0]); }));
    CHECK(invalid([](auto& c) { c.sets[0].aggregate.type = "done"; }));
    CHECK(invalid([](auto& c) { c.sets[0].aggregate.type = "a:b"; }));
    CHECK(invalid([](auto& c) { c.sets[0].index[0].score = NAN; }));
    CHECK(invalid([](auto& c) { c.sets[0].index[0].member = std::string(limits::name_max_bytes + 1, 'x'); }));
    CHECK(invalid([](auto& c) { c.lease.kind = LeaseChange::Kind::set; }));  // of nothing
    CHECK(invalid([](auto& c) { c.guards.resize(limits::commit_max_guards + 1); }));
    CHECK(invalid([](auto& c) { c = request(ids("x", limits::commit_max_events + 1)); }));
    const auto nothing = bench.loaded({review}, "c1");
    CHECK(nothing.head.seq == 0);
    CHECK(nothing.records[0].version == 0);
    CHECK_FALSE(nothing.done);
    CHECK(bench.tail(0).value().empty());
    CHECK(bench.due("waiting", 10).value().empty());
}
