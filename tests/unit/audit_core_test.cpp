// audit's core over the simulated store and journal: one history, no ghosts, hub time.
#include "common/base/limits.hpp"
#include "tests/unit/audit_ring.hpp"

using namespace rightplace;
using namespace rightplace::test;

TEST_CASE("the first start opens epoch 1, and then events go to the journal and the feed") {
    Ring at;
    const auto core = at.core();
    at.clock.advance(3'000);
    REQUIRE(core->stage() == Stage::running);
    REQUIRE(at.last_opening().reason() == "first-start");
    REQUIRE(at.commit("a", "command-a", 3));
    at.clock.advance(100);
    REQUIRE(at.journal.synced() == 4);
    REQUIRE(at.feed.events.size() == 4);
    REQUIRE(at.feed.events[0].service() == "audit");
    REQUIRE(at.feed.events[0].aggregate_version() == 1);
    REQUIRE(at.feed.heartbeats.back().hub() == hub);
    at.clock.advance(11'000);
    REQUIRE(at.feed.heartbeats.back().head_seq() == 4);
    REQUIRE(at.feed.heartbeats.back().journal_id() == journal_id);
    REQUIRE_FALSE(at.roots.empty());
    const auto beats = at.feed.heartbeats.size();
    at.clock.advance(10'000);
    REQUIRE(at.feed.heartbeats.size() >= beats + 18);
    at.require_one_history();
}

TEST_CASE("a restart goes on in the same epoch, the unjournalled tail included") {
    Ring at;
    auto core = at.core();
    at.clock.advance(3'000);
    core.reset();
    REQUIRE(at.commit("in-the-gap"));
    core = at.core();
    at.clock.advance(3'000);
    REQUIRE(at.holds("in-the-gap0"));
    REQUIRE(at.journal_head().epoch == 1);
    at.require_one_history();
}

TEST_CASE("a commit is never split between two writes of the journal") {
    Ring at;
    {
        const auto core = at.core();
        at.clock.advance(3'000);
        REQUIRE(core->stage() == Stage::running);
    }
    constexpr int size = 3;  // of which no whole number fills a batch
    for (int i = 0; i < 400; ++i) REQUIRE(at.commit("a" + std::to_string(i), "command-" + std::to_string(i), size));
    const auto before = at.journal.events().size();
    const auto core = at.core();
    for (int step = 0; step < 2'000 && at.journal.events().size() < before + 400 * size; ++step) {
        at.clock.advance(1);
        REQUIRE((at.journal.events().size() - before) % size == 0);
    }
    REQUIRE(at.journal.events().size() == before + 400 * size);
    at.require_one_history();
}

TEST_CASE("a crash between append and publish loses nothing that was acknowledged") {
    Ring at;
    auto core = at.core();
    at.clock.advance(3'000);
    REQUIRE(at.commit("a"));
    core.reset();  // whatever was in flight completes to nobody
    at.journal.crash(GENERATE(0U, 1U));
    core = at.core();
    at.clock.advance(3'000);
    REQUIRE(at.holds("a0"));
    REQUIRE(at.journal_head().seq == 2);
    REQUIRE(at.journal_head().epoch == 1);
    at.require_one_history();
}

TEST_CASE("a store that lost everything gets a new epoch with what was done before") {
    Ring at;
    const auto core = at.core();
    at.clock.advance(3'000);
    REQUIRE(at.commit("a", "command-a", 2));
    at.store.save_cursor(hub, "triage", hub, 3, [](auto) {});
    at.clock.advance(61'500);  // a checkpoint carries the cursor
    at.redis->lose_everything();
    at.clock.advance(5'000);
    REQUIRE(core->stage() == Stage::running);
    REQUIRE(at.journal_head().epoch == 2);
    REQUIRE(at.last_opening().reason() == "store-lost");
    std::optional<seams::Loaded> loaded;
    at.store.load({hub, "command-a", {}}, [&](auto got) { loaded = got.value(); });
    at.clock.advance(1);
    REQUIRE(loaded->done.has_value());
    REQUIRE(loaded->done->first_seq == 2);
    Receipt receipt;
    REQUIRE(receipt.ParseFromString(loaded->done->receipt));
    REQUIRE(receipt.command_id() == "command-a");
    REQUIRE(receipt.events_size() == 2);
    REQUIRE(receipt.events(1).event_id() == "a1");
    REQUIRE(receipt.events(0).name() == "ReactionParked");
    std::uint64_t cursor = 0;
    at.store.read_cursor(hub, "triage", hub, [&](auto got) { cursor = got.value(); });
    at.clock.advance(1);
    REQUIRE(cursor == 3);
    REQUIRE(at.commit("b"));
    at.clock.advance(100);
    REQUIRE(at.holds("b0"));
    at.require_one_history();
}

TEST_CASE("a promoted replica that lost writes and took new ones does not fork the history") {
    Ring at;
    const auto core = at.core();
    at.clock.advance(3'000);
    at.redis->remember_writes(10);
    REQUIRE(at.commit("a"));
    at.clock.advance(1'000);  // its heartbeats are writes too
    REQUIRE(at.holds("a0"));
    at.redis->forget_writes(3);
    at.commit("ghost");  // refused, or on another past: never in the record
    at.clock.advance(10'000);
    REQUIRE(core->stage() == Stage::running);
    REQUIRE(at.journal_head().epoch == 2);
    REQUIRE_FALSE(at.holds("ghost0"));
    REQUIRE(at.holds("a0"));
    REQUIRE(at.commit("b"));
    at.clock.advance(100);
    REQUIRE(at.holds("b0"));
    at.require_one_history();
}

TEST_CASE("flushed data is met with a new epoch") {
    Ring at;
    auto core = at.core();
    at.clock.advance(3'000);
    REQUIRE(at.commit("a"));
    at.clock.advance(100);
    at.redis->flush_all();
    at.clock.advance(5'000);
    REQUIRE(at.journal_head().epoch == 2);
    REQUIRE(core->stage() == Stage::running);
    REQUIRE(at.commit("b"));
    at.clock.advance(100);
    at.require_one_history();
}

TEST_CASE("a tail that stayed unjournalled for a minute is never appended") {
    Ring at;
    auto core = at.core();
    at.clock.advance(3'000);
    core.reset();
    REQUIRE(at.commit("old"));
    const bool stale = GENERATE(true, false);
    at.clock.advance(stale ? limits::stale_tail_ms + 1'000 : limits::stale_tail_ms - 5'000);
    core = at.core();
    at.clock.advance(3'000);
    REQUIRE(at.holds("old0") == !stale);
    REQUIRE(at.journal_head().epoch == (stale ? 2 : 1));
    if (stale) REQUIRE(at.last_opening().reason() == "stale-tail");
    at.require_one_history();
}

TEST_CASE("a full disk closes the ring; it opens by itself, without what became too old") {
    Ring at;
    const auto core = at.core();
    at.clock.advance(3'000);
    const bool long_time = GENERATE(true, false);
    const auto before = at.feed.heartbeats.size();
    for (int i = 0; i < (long_time ? 250 : 20); ++i) at.journal.fail_next(seams::JournalError::disk_full);
    REQUIRE(at.commit("a"));  // the last heartbeat is fresh yet
    at.clock.advance(3'000);
    REQUIRE(at.feed.heartbeats.size() == before);
    REQUIRE_FALSE(at.holds("a0"));
    REQUIRE_FALSE(at.commit("refused"));
    at.clock.advance(150'000);
    REQUIRE(core->stage() == Stage::running);
    REQUIRE(at.death.last.empty());
    REQUIRE(at.holds("a0") == !long_time);
    REQUIRE(at.commit("b"));
    at.clock.advance(100);
    REQUIRE(at.holds("b0"));
    REQUIRE_FALSE(at.holds("refused0"));
    at.require_one_history();
}

TEST_CASE("a journal that fails is not survived") {
    Ring at;
    const auto core = at.core();
    at.clock.advance(3'000);
    at.journal.fail_next(seams::JournalError::fatal);
    at.clock.advance(3'000);
    REQUIRE(core->stage() == Stage::dead);
    REQUIRE(at.death.last.find("the journal failed") != std::string::npos);
    const auto beats = at.feed.heartbeats.size();
    at.clock.advance(5'000);
    REQUIRE(at.feed.heartbeats.size() == beats);
}

TEST_CASE("two audits on one journal: one wins, the other stands by, and takes over when it is gone") {
    Ring at;
    auto first = at.core(true);
    auto second = at.core(true);
    at.clock.advance(20'000);
    const bool first_runs = first->stage() == Stage::running;
    REQUIRE((first_runs ? second : first)->stage() == Stage::standby);
    at.require_one_history();
    const auto epoch = at.journal_head().epoch;
    REQUIRE(at.commit("a"));
    at.clock.advance(100);
    REQUIRE(at.holds("a0"));
    (first_runs ? first : second).reset();
    at.clock.advance(10'000);
    REQUIRE((first_runs ? second : first)->stage() == Stage::running);
    REQUIRE(at.journal_head().epoch >= epoch);
    REQUIRE(at.commit("b"));
    at.clock.advance(100);
    REQUIRE(at.holds("b0"));
    at.require_one_history();
}

TEST_CASE("audit waits for vault, and refuses what vault knows to be behind or another journal") {
    Ring at;
    at.mark.reset();
    auto core = at.core();
    at.clock.advance(10'000);
    REQUIRE(core->stage() == Stage::starting);
    REQUIRE(at.journal.events().empty());
    at.mark = audit::HighWaterMark{};
    at.clock.advance(3'000);
    REQUIRE(core->stage() == Stage::running);
    REQUIRE(at.commit("a"));
    at.clock.advance(100);
    const auto head = at.journal_head();
    core.reset();
    at.mark = audit::HighWaterMark{journal_id, head.epoch, head.seq, head.event_id};
    SECTION("the same") {
        core = at.core();
        at.clock.advance(3'000);
        REQUIRE(core->stage() == Stage::running);
        return;
    }
    SECTION("ahead in seq") {
        at.mark->seq = head.seq + 1;
    }
    SECTION("ahead in epoch") {
        at.mark->epoch = head.epoch + 1;
    }
    SECTION("another journal") {
        at.mark->journal_id = "ffff";
    }
    SECTION("another event at that seq") {
        at.mark->event_id = "ffff";
    }
    SECTION("another event further back") {
        at.mark->seq = 1;
        at.mark->event_id = "ffff";
    }
    core = at.core();
    at.clock.advance(3'000);
    REQUIRE(core->stage() == Stage::dead);
    REQUIRE_FALSE(at.death.last.empty());
}

TEST_CASE("a journal that holds events is not taken when vault has no mark of it, and a first one is named before") {
    Ring at;
    auto core = at.core();
    for (int ms = 0; ms < 100 && at.mark->journal_id.empty(); ++ms) at.clock.advance(1);
    REQUIRE(at.mark->journal_id == journal_id);
    core.reset();  // whoever dies now, the next start fits
    core = at.core();
    at.clock.advance(3'000);
    REQUIRE(core->stage() == Stage::running);
    core.reset();
    at.mark = audit::HighWaterMark{};  // vault's database was lost
    core = at.core();
    at.clock.advance(3'000);
    REQUIRE(core->stage() == Stage::dead);
    REQUIRE_THAT(at.death.last,
                 Catch::Contains(std::string("audit accept-new-journal --hub ") + hub + " --journal-id " + journal_id));
    at.mark->journal_id = journal_id;  // accepted
    core = at.core();
    at.clock.advance(3'000);
    REQUIRE(core->stage() == Stage::running);
}

TEST_CASE("checkpoints carry the root, by time and by count, and an idle hub writes none") {
    Ring at;
    const auto core = at.core();
    at.clock.advance(3'000);
    REQUIRE(at.commit("a"));
    at.clock.advance(61'000);
    audit::JournalCheckpoint checkpoint;
    REQUIRE(audit::parse_stored(at.journal.events().back())->payload().UnpackTo(&checkpoint));
    REQUIRE(checkpoint.seq() == 2);
    audit::Frontier tree;
    for (int i = 0; i < 2; ++i) tree.add(audit::leaf_hash(at.journal.events()[std::size_t(i)]));
    REQUIRE(checkpoint.root() == tree.root());
    REQUIRE(audit::parse_stored(at.journal.events().back())->aggregate_version() == 2);
    at.clock.advance(300'000);
    REQUIRE(at.journal.synced() == 3);
    for (int i = 0; i < 40; ++i) REQUIRE(at.commit("many-" + std::to_string(i) + "-", {}, 25));
    at.clock.advance(1'000);
    REQUIRE(at.journal.synced() == 1'004);
    at.require_one_history();
}

TEST_CASE("a step of the wall clock is recorded once, and hub time does not jump") {
    Ring at;
    const auto core = at.core();
    at.clock.advance(3'000);
    const TimeMs before = core->hub_now();
    const TimeMs step = GENERATE(3'600'000, -3'600'000);
    at.clock.wall_step = step;
    at.clock.advance(10'000);
    const TimeMs after = core->hub_now();
    REQUIRE(after - before >= 9'950);
    REQUIRE(after - before <= 10'050);
    at.clock.advance(60'000);
    const auto steps = at.steps();
    REQUIRE(steps.size() == 1);
    REQUIRE(std::abs(steps[0] - step) < 100);
}

TEST_CASE("a step of the wall clock before or while audit is down is recorded once, and hub time does not jump") {
    Ring at;
    auto core = at.core();
    at.clock.advance(30'000);
    const TimeMs before = core->hub_now();
    const TimeMs step = GENERATE(7'200'000, -7'200'000);
    const bool seen = GENERATE(true, false);  // by the audit that is then killed
    if (seen) at.clock.wall_step = step;
    at.clock.advance(seen ? 5'000 : 0);
    core.reset();
    at.clock.wall_step = step;
    at.clock.advance(20'000);
    core = at.core();
    at.clock.advance(30'000);
    const TimeMs passed = core->hub_now() - before;
    const TimeMs true_passed = seen ? 55'000 : 50'000;
    REQUIRE(std::abs(passed - true_passed) <= 300);  // 0.5 %
    REQUIRE(at.steps().size() == 1);
    REQUIRE(std::abs(at.steps()[0] - step) < 200);
    at.require_one_history();
}

TEST_CASE("steps that were seen while the ring was closed do not die with audit") {
    Ring at;
    auto core = at.core();
    at.clock.advance(30'000);
    core.reset();
    const auto mark = std::exchange(at.mark, std::nullopt);
    core = at.core();
    at.clock.advance(3'000);
    at.clock.wall_step = 3'600'000;
    at.clock.advance(3'000);
    at.clock.wall_step = 0;  // nothing is left of them to be seen
    at.clock.advance(3'000);
    REQUIRE(core->stage() == Stage::starting);
    core.reset();
    at.mark = mark;
    for (int starts = 0; starts < 2; ++starts) {
        core = at.core();
        at.clock.advance(10'000);
        REQUIRE(at.steps().size() == 2);
        core.reset();
    }
}

TEST_CASE("after a boot the wall clock decides, and a leap beyond belief is recorded") {
    Ring at;
    auto core = at.core();
    at.clock.advance(30'000);
    core.reset();
    at.boot_id = "boot-2";
    const bool beyond = GENERATE(false, true);
    at.clock.wall_step = beyond ? audit::clock_believed_ms + 60'000 : 7'200'000;
    core = at.core();
    at.clock.advance(10'000);
    REQUIRE(std::abs(core->hub_now() - at.clock.wall_ms()) < 100);
    REQUIRE(at.steps().size() == (beyond ? 1 : 0));
}
