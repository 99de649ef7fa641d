// The ring on simulated parts: the real runtime, the real rules, the real audit core, virtual time.
#include "tests/sim/ring.hpp"

using namespace rightplace;
using namespace rightplace::testing;

TEST_CASE("A case goes round the ring: opened, queued, claimed, decided, closed") {
    Ring ring(1);
    ring.start_all();
    go_through(ring, 1);
    REQUIRE(ring.run(10'000, [&] { return count(names(ring, case_id(1)), "CaseClosed") == 1; }));
    const auto all = names(ring, case_id(1));
    for (const auto* once : {"CaseOpened", "ReviewQueued", "ReviewClaimed", "ConsultationStarted", "ReviewDecided"}) {
        CHECK(count(all, once) == 1);
    }
    check_all(ring);
}

TEST_CASE("An accepted answer means: in the journal; asked again it is the same one, a rebuild or not") {
    Ring ring(2);
    ring.start_all();
    const auto open = open_case(ring, 1);
    const auto first = ring.command("intake", open);
    REQUIRE(first.status() == ACCEPTED);
    CHECK(ring.journalled().back().seq() >= first.receipt().seq());
    const auto again = ring.command("intake", open);
    CHECK(again.status() == DUPLICATE);
    ring.town.redis().lose_everything();
    ring.run(5'000);
    const auto after = ring.command("intake", open);
    REQUIRE(after.status() == DUPLICATE);
    CHECK(after.receipt().SerializeAsString() == first.receipt().SerializeAsString());
    check_all(ring);
}

TEST_CASE("Redis loses everything, by death or FLUSHALL: a new epoch, nothing acknowledged is lost") {
    const bool flush = GENERATE(true, false);
    Ring ring(3);
    ring.start_all();
    for (int number = 1; number <= 5; ++number) go_through(ring, number);
    const auto before = ring.journalled().back().epoch();
    flush ? ring.town.redis().flush_all() : ring.town.redis().lose_everything();
    for (int number = 6; number <= 10; ++number) go_through(ring, number);
    CHECK(ring.journalled().back().epoch() == before + 1);
    for (int number = 1; number <= 10; ++number) CHECK(count(names(ring, case_id(number)), "ReviewDecided") == 1);
    check_all(ring);
}

TEST_CASE("A Redis that lacks the last writes and then would take new ones: no fork, no false answer") {
    Ring ring(4);
    ring.start_all();
    for (int number = 1; number <= 2; ++number) go_through(ring, number);
    const auto replica = ring.town.replica_of_redis();
    go_through(ring, 3);
    const bool some_go_on_with_the_old_one = GENERATE(false, true);
    ring.town.move_redis(replica, some_go_on_with_the_old_one ? 1'500 : 0);
    for (int number = 4; number <= 6; ++number) go_through(ring, number);
    ring.run(10'000);
    for (int number = 1; number <= 6; ++number) CHECK(count(names(ring, case_id(number)), "ReviewDecided") == 1);
    check_all(ring);
}

TEST_CASE("Audit dead for ten seconds: UNAVAILABLE, then recovery by itself and no ghost") {
    Ring ring(5);
    ring.start_all();
    go_through(ring, 1);
    ring.town.stop("audit#1");
    ring.run(10'000);
    const auto length = ring.town.journal(hub).events().size();
    const auto refused = ring.ask_once("intake", open_case(ring, 2), 2'000);
    CHECK(refused.status() == UNAVAILABLE);
    ring.town.start("audit#1");
    REQUIRE(ring.run(20'000, [&ring] { return ring.ready(); }));
    CHECK(count(names(ring, case_id(2)), "CaseOpened") == 0);
    CHECK(ring.town.journal(hub).events().size() >= length);
    go_through(ring, 2);
    check_all(ring);
}

TEST_CASE("A service killed in the middle comes back and goes on; every reaction happens once") {
    const std::string victim = GENERATE("intake", "triage", "referral");
    Ring ring(6);
    ring.start_all();
    REQUIRE(ring.command("intake", open_case(ring, 1)).status() == ACCEPTED);
    ring.town.stop(victim + "#1");
    ring.run(3'000);
    ring.town.start(victim + "#1");
    REQUIRE(ring.run(20'000, [&] { return ring.ready() && review(ring, 1) != nullptr; }));
    go_through(ring, 2);
    ring.run(5'000);
    CHECK(count(names(ring, case_id(1)), "ReviewQueued") == 1);
    CHECK(count(names(ring, case_id(2)), "CaseClosed") == 1);
    check_all(ring);
}

TEST_CASE("What happened while a service was dead is reacted to when it is back") {
    Ring ring(12);
    ring.start_all();
    ring.run(5'000);  // its cursor is saved
    ring.town.stop("triage#1");
    REQUIRE(ring.command("intake", open_case(ring, 1)).status() == ACCEPTED);
    ring.run(3'000);
    CHECK(count(names(ring, case_id(1)), "ReviewQueued") == 0);
    ring.town.start("triage#1");
    REQUIRE(ring.run(20'000, [&] { return ring.ready() && review(ring, 1) != nullptr; }));
    check_all(ring);
}

TEST_CASE("A feed that drops messages is read instead: nothing is missed") {
    Ring ring(7);
    ring.town.wire.weather.drop_one_in = 6;
    ring.start_all();
    for (int number = 1; number <= 5; ++number) go_through(ring, number);
    ring.run(15'000);  // a heartbeat or two, in which what was missed is seen and read
    for (int number = 1; number <= 5; ++number) CHECK(count(names(ring, case_id(number)), "CaseClosed") == 1);
    check_all(ring);
}

TEST_CASE("A breach is an event, once, within 250 ms of its time, whatever died meanwhile") {
    const int what = GENERATE(0, 1, 2);
    Ring ring(8);
    ring.start_all();
    const auto due = ring.town.clock.wall_ms() + 30'000;
    REQUIRE(ring.command("intake", open_case(ring, 1, 30'000)).status() == ACCEPTED);
    REQUIRE(ring.run(10'000, [&] { return review(ring, 1) != nullptr; }));
    if (what == 1) {
        ring.town.stop("triage#1");
        ring.run(2'000);
        ring.town.start("triage#1");
    } else if (what == 2) {
        ring.town.redis().lose_everything();
    }
    ring.run(60'000);
    std::vector<Event> breaches;
    for (const auto& event : ring.journalled()) {
        if (runtime::event_name(event) == "ReviewBreached") breaches.push_back(event);
    }
    REQUIRE(breaches.size() == 1);
    CHECK(to_ms(breaches[0].recorded_at()) >= due);
    CHECK(to_ms(breaches[0].recorded_at()) <= due + 250);
    check_all(ring);
}

TEST_CASE("A claim without heartbeats lapses; after a closure of the ring it first gets a fresh lease") {
    Ring ring(9);
    ring.start_all();
    REQUIRE(ring.command("intake", open_case(ring, 1)).status() == ACCEPTED);
    REQUIRE(ring.run(10'000, [&] { return review(ring, 1) != nullptr; }));
    REQUIRE(ring.command("triage", command_of(about<triage::ClaimReview>(1), "claim-1")).status() == ACCEPTED);
    ring.run(110'000);
    ring.town.redis().lose_everything();  // 10 s before the lease of 120 s would have run out
    ring.run(60'000);
    CHECK(count(names(ring, case_id(1)), "ClaimLapsed") == 0);
    ring.run(120'000);
    CHECK(count(names(ring, case_id(1)), "ClaimLapsed") == 1);
    check_all(ring);
}

TEST_CASE("A closed case leaves the store after a day; its tombstone stays and a command on it still works") {
    Ring ring(11);
    ring.start_all();
    go_through(ring, 1);
    REQUIRE(ring.run(10'000, [&] { return count(names(ring, case_id(1)), "CaseClosed") == 1; }));
    const auto record = [&ring] { return ring.town.redis().data(hub).records.at({"case", case_id(1)}); };
    CHECK_FALSE(record().state.empty());
    ring.run(25 * 60 * minute_ms);
    CHECK(record().state.empty());
    CHECK(record().version > 0);
    auto note = about<triage::AddNote>(1);
    note.mutable_text()->set_key_id("k-000000000001");
    note.mutable_text()->set_nonce(std::string(24, 'n'));
    note.mutable_text()->set_ciphertext(std::string(40, 'c'));
    CHECK(ring.command("triage", command_of(note, "late-note")).status() == ACCEPTED);
    check_all(ring);
}

TEST_CASE("The same seed gives the same history") {
    const auto history = [] {
        Ring ring(10);
        ring.start_all();
        for (int number = 1; number <= 3; ++number) go_through(ring, number);
        std::string all;
        for (const auto& stored : ring.town.journal(hub).events()) all += sha256(stored);
        return to_hex(sha256(all));
    };
    CHECK(history() == history());
}
