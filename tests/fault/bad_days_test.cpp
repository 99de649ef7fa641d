// Bad days, against real processes under load. After each: every acknowledged command is in the journal
// exactly once, and folding the journal gives what is in Redis.
#include <catch2/catch.hpp>
#include <csignal>

#include "common/base/hash.hpp"
#include "common/bus/feed.hpp"
#include "tests/fault/load.hpp"

using namespace rightplace;
using namespace rightplace::testing;

namespace {

constexpr std::size_t in_flight = 16;

Reply open_once(Stack& stack, const std::string& name) {
    const auto open = synthetic_case(derived_uuid({name, stack.state_dir()}), stack.client().loop().wall_ms());
    return stack.ask_once("intake", open, "once-" + name, 3'000);
}

void all_ready(Stack& stack) {
    std::string why;
    INFO(why);
    REQUIRE(stack.wait_until([&] { return stack.ready(why); }, 60'000));
}

}  // namespace

TEST_CASE("kill -9 of any one process under load loses nothing that was acknowledged") {
    Stack stack;
    stack.start_all();
    Load load(stack, in_flight);
    REQUIRE(load.run_until(50));
    for (const auto* victim : {"intake", "triage", "referral", "vault", "audit", "redis"}) {
        INFO(victim);
        const auto before = load.acknowledged().size();
        ::kill(stack.pid(victim), SIGKILL);  // restarted as the supervisor would
        REQUIRE(load.run_until(before + 100));
    }
    REQUIRE(load.finish());
    all_ready(stack);
    CHECK(load.refused() == 0);
    REQUIRE_NOTHROW(check_record(stack, load.acknowledged()));
}

TEST_CASE("Redis stopped, then audit stopped, for ten seconds: UNAVAILABLE, recovery by itself, no ghost") {
    const std::string frozen = GENERATE("redis", "audit");
    Stack stack;
    stack.start_all();
    Load load(stack, in_flight);
    REQUIRE(load.run_until(50));
    REQUIRE(load.finish());
    stack.freeze(frozen);
    stack.wait_until([] { return false; }, 4'000);
    const auto said = open_once(stack, "while-frozen");
    INFO(ReplyStatus_Name(said.status()) << " " << said.reason());
    // With Redis frozen a command may be in flight when it stops; after the heartbeat is stale it never is.
    CHECK(said.status() == UNAVAILABLE);
    stack.wait_until([] { return false; }, 6'000);
    stack.thaw(frozen);
    all_ready(stack);
    REQUIRE(load.run_until(100));
    REQUIRE(load.finish());
    CHECK(never_done(stack, "once-while-frozen"));
    REQUIRE_NOTHROW(check_record(stack, load.acknowledged()));
}

TEST_CASE("FLUSHALL under load: a new epoch, and nothing acknowledged is lost") {
    Stack stack;
    stack.start_all();
    Load load(stack, in_flight);
    REQUIRE(load.run_until(100));
    CHECK(stack.flush_redis() == "OK");
    REQUIRE(load.run_until(300));
    REQUIRE(load.finish());
    REQUIRE_NOTHROW(check_record(stack, load.acknowledged()));
}

TEST_CASE("A Redis that lacks the last writes and then took new ones: no fork, no false answer") {
    Stack stack;
    stack.start_all();
    Load load(stack, in_flight);
    REQUIRE(load.run_until(100));
    CHECK(stack.redis({"SAVE"}) == "OK");
    REQUIRE(load.run_until(200));
    REQUIRE(load.finish());
    const auto before = stack.journal().size();
    stack.freeze("audit");
    stack.kill("redis");
    stack.start("redis");  // comes back with what was saved
    const auto head = stack.redis({"HGET", "{" + stack.hub() + "}:head", "seq"});
    REQUIRE(std::stoull(head) < before);
    // ... and takes a write that no journal has, as a promoted replica that was written to would have.
    const auto next = std::to_string(std::stoull(head) + 1);
    stack.redis({"XADD", "{" + stack.hub() + "}:log", next + "-0", "e", "not an event of ours"});
    stack.redis({"HSET", "{" + stack.hub() + "}:head", "seq", next});
    CHECK(open_once(stack, "on-the-replica").status() != ACCEPTED);
    stack.thaw("audit");
    all_ready(stack);
    REQUIRE(load.run_until(300));
    REQUIRE(load.finish());
    REQUIRE_NOTHROW(check_record(stack, load.acknowledged()));
}

// That the publisher goes on when its queue to one of them is full: unit/bus_test.cpp, with enough to fill it.
TEST_CASE("A stuck subscriber slows only itself") {
    Stack stack;
    stack.start_all();
    bus::ZmqFeedSubscriber stuck(stack.client("governance").context(), "governance",
                                 {"ipc://" + stack.state_dir() + "/run/audit.feed"});
    stuck.subscribe(stack.hub(), [](const seams::FeedMessage&) { FAIL("its loop is never turned"); });
    bus::ZmqFeedSubscriber other(stack.client().context(), "cli", {"ipc://" + stack.state_dir() + "/run/audit.feed"});
    std::string heard;
    other.subscribe(stack.hub(), [&heard](const seams::FeedMessage& message) {
        if (!message.heartbeat) heard = message.bytes;
    });
    Load load(stack, 64);
    REQUIRE(load.run_until(1'000));
    REQUIRE(load.finish());
    CHECK(stack.wait_until([&] { return heard == stack.journal().back(); }, 10'000));
    REQUIRE_NOTHROW(check_record(stack, load.acknowledged()));
}
