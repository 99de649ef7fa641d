// Guards, records, queues, leases, marks and cursors, held against both stores.
#include <catch2/catch.hpp>

#include "common/base/limits.hpp"
#include "tests/unit/store_bench.hpp"

using namespace rightplace;
using namespace rightplace::testing;

namespace {

CommitRequest setting(const Record& record, const std::vector<std::string>& event_ids = {}) {
    auto commit = request(event_ids);
    commit.fold = record.fold;
    commit.sets = {record};
    return commit;
}

CommitRequest leasing(LeaseChange::Kind kind, const std::string& token, TimeMs expires) {
    auto commit = request({});
    commit.lease = {kind, {review, token, expires}};
    return commit;
}

std::vector<std::string> members(const std::vector<Due>& due) {
    std::vector<std::string> names;
    for (const auto& each : due) names.push_back(each.member);
    return names;
}

constexpr std::int64_t minute = 60'000;

}  // namespace

TEMPLATE_TEST_CASE("a guard that does not hold is a conflict, and nothing is written", "[store]", RealBench, SimBench) {
    TestType bench;
    bench.open_hub();
    REQUIRE(bench.commit(setting({review, 1, 1, "first", {}}, {"a"})).ok());
    const AggregateId other{"review", "r2"};
    const auto with = [&](const Guard& guard) {
        auto commit = setting({review, 2, 1, "second", {{"waiting", "r1", 1}}}, {"b"});
        commit.guards = {guard};
        return error_of(bench.commit(commit));
    };
    CHECK(with({Guard::Kind::version, review, 0, {}, "triage"}) == StoreError::conflict);
    CHECK(with({Guard::Kind::version, review, 2, {}, "triage"}) == StoreError::conflict);
    CHECK(with({Guard::Kind::absent, review, 0, {}, {}}) == StoreError::conflict);
    CHECK(with({Guard::Kind::equals, review, 0, "other", {}}) == StoreError::conflict);
    CHECK(with({Guard::Kind::equals, other, 0, "first", {}}) == StoreError::conflict);
    CHECK(bench.loaded({review}).records[0].state == "first");
    CHECK(bench.loaded({}).head.seq == 1);
    CHECK(bench.due("waiting", 10).value().empty());

    CHECK_FALSE(with({Guard::Kind::version, review, 1, {}, "triage"}));
    CHECK_FALSE(with({Guard::Kind::equals, review, 0, "second", {}}));
    CHECK_FALSE(with({Guard::Kind::absent, other, 0, {}, "audit"}));
}

TEMPLATE_TEST_CASE("a command done before is found by its id, and cannot be done twice", "[store]", RealBench,
                   SimBench) {
    TestType bench;
    bench.open_hub();
    REQUIRE(bench.commit(request({}, "refused")).ok());
    CHECK_FALSE(bench.loaded({}, "refused").done);  // no events, no mark
    REQUIRE(bench.commit(request({"a"}, "c1")).ok());
    const auto done = bench.loaded({}, "c1").done;
    REQUIRE(done);
    CHECK(done->epoch == 1);
    CHECK(done->first_seq == 1);
    CHECK(done->receipt == "receipt of c1");
    CHECK(error_of(bench.commit(request({"b"}, "c1"))) == StoreError::conflict);
    CHECK(bench.loaded({}).head.seq == 1);
}

TEMPLATE_TEST_CASE("a done mark goes when it is old and every cursor has passed it", "[store]", RealBench, SimBench) {
    TestType bench;
    bench.open_hub();
    REQUIRE(bench.commit(request({"a", "b"}, "c1")).ok());
    REQUIRE(bench.commit(request({"c"}, "c2")).ok());
    REQUIRE(bench.save_cursor("triage", hub, 3).ok());
    REQUIRE(bench.save_cursor("referral", hub, 2).ok());
    REQUIRE(bench.save_cursor("referral", "ashford", 1).ok());  // counts another hub's seqs
    REQUIRE(bench.beat(1, 3, noon + limits::done_keep_ms - hour).ok());
    CHECK(bench.loaded({}, "c1").done);
    REQUIRE(bench.beat(1, 3, noon + limits::done_keep_ms + hour).ok());
    CHECK_FALSE(bench.loaded({}, "c1").done);
    CHECK(bench.loaded({}, "c2").done);  // referral has not finished what is at 3
    REQUIRE(bench.save_cursor("referral", hub, 3).ok());
    REQUIRE(bench.beat(1, 3, noon + limits::done_keep_ms + hour).ok());
    CHECK_FALSE(bench.loaded({}, "c2").done);
}

TEMPLATE_TEST_CASE("a guard is refused until its owner is ready in this epoch", "[store]", RealBench, SimBench) {
    TestType bench;
    bench.open_hub();
    auto commit = request({"a"});
    commit.guards = {{Guard::Kind::absent, {"case", "k1"}, 0, {}, "intake"}};
    CHECK(error_of(bench.commit(commit)) == StoreError::not_ready);
    CHECK(error_of(bench.ready("intake", 2, 1)) == StoreError::other_epoch);
    CHECK_FALSE(bench.is_ready("intake", 1, 4).value());
    REQUIRE(bench.ready("intake", 1, 4).ok());
    CHECK(bench.is_ready("intake", 1, 4).value());
    CHECK_FALSE(bench.is_ready("intake", 1, 3).value());
    CHECK_FALSE(bench.is_ready("intake", 2, 4).value());
    CHECK(bench.commit(commit).ok());

    // A higher fold closes the service for its older instances.
    commit.guards = {{Guard::Kind::absent, review, 0, {}, "triage"}};
    commit.fold = 2;
    CHECK(error_of(bench.commit(commit)) == StoreError::not_ready);
    REQUIRE(bench.ready("triage", 1, 2).ok());
    CHECK(error_of(bench.ready("triage", 1, 1)) == StoreError::fold_too_new);
    CHECK(bench.commit(commit).ok());
    commit.fold = 1;
    CHECK(error_of(bench.commit(commit)) == StoreError::fold_too_new);

    REQUIRE(bench.wipe().ok());
    REQUIRE(bench.open({hub, 2, 3, "a", noon}).ok());
    CHECK_FALSE(bench.is_ready("triage", 2, 2).value());
    CHECK(error_of(bench.ready("triage", 1, 2)) == StoreError::other_epoch);
}

TEMPLATE_TEST_CASE("a record of a higher fold is not overwritten", "[store]", RealBench, SimBench) {
    TestType bench;
    bench.open_hub();
    REQUIRE(bench.commit(setting({review, 1, 3, "new", {}}, {"a"})).ok());
    CHECK(error_of(bench.commit(setting({review, 2, 2, "old", {}}, {"b"}))) == StoreError::fold_too_new);
    CHECK(bench.loaded({review}).records[0].state == "new");
}

TEMPLATE_TEST_CASE("restoring goes up in version and fold only", "[store]", RealBench, SimBench) {
    TestType bench;
    bench.open_hub();
    REQUIRE(bench.commit(setting({review, 5, 2, "five", {{"waiting", "r1", 1}}}, {"a"})).ok());
    const auto restored = [&](std::uint64_t version, std::uint32_t fold) {
        const Record again{review, version, fold, "again", {{"on hold", "r1", 2}}};
        REQUIRE(bench.restore({hub, "triage", 1, {again}, {}, 0}).ok());
        return bench.loaded({review}).records[0].state == "again";
    };
    CHECK_FALSE(restored(4, 9));
    CHECK_FALSE(restored(5, 1));
    CHECK_FALSE(restored(5, 2));
    CHECK(members(bench.due("waiting", 9).value()) == std::vector<std::string>{"r1"});
    CHECK(restored(5, 3));
    CHECK(bench.due("waiting", 9).value().empty());
    CHECK(members(bench.due("on hold", 9).value()) == std::vector<std::string>{"r1"});
    REQUIRE(bench.commit(setting({review, 6, 3, "six", {}}, {"b"})).ok());
    CHECK_FALSE(restored(5, 3));
    CHECK(restored(7, 1));
    CHECK(error_of(bench.restore({hub, "triage", 2, {}, {}, 0})) == StoreError::other_epoch);
    bench.age_beat(limits::heartbeat_max_age_ms + 1);
    CHECK(error_of(bench.restore({hub, "triage", 1, {}, {}, 0})) == StoreError::closed);
}

TEMPLATE_TEST_CASE("queues hold what the last record wrote, and give what is due in order", "[store]", RealBench,
                   SimBench) {
    TestType bench;
    bench.open_hub();
    const AggregateId second{"review", "r2"};
    REQUIRE(bench.commit(setting({review, 1, 1, "s", {{"due", "r1|breach", double(noon - 5)}, {"waiting", "r1", 7.5}}}))
                .ok());
    REQUIRE(bench
                .commit(setting({second,
                                 1,
                                 1,
                                 "s",
                                 {{"due", "r2|breach", double(noon - 9)}, {"due", "r2|later", double(noon + hour)}}}))
                .ok());
    CHECK(members(bench.due("due", 10).value()) == std::vector<std::string>{"r2|breach", "r1|breach"});
    CHECK(members(bench.due("due", 1).value()) == std::vector<std::string>{"r2|breach"});
    CHECK(bench.due("due", 1).value()[0].due == noon - 9);
    const auto index = bench.loaded({review}).records[0].index;
    REQUIRE(index.size() == 2);
    CHECK(index[1] == IndexEntry{"waiting", "r1", 7.5});

    REQUIRE(bench.commit(setting({review, 2, 1, "t", {{"due", "r1|later", double(noon + hour)}}})).ok());
    CHECK(members(bench.due("due", 10).value()) == std::vector<std::string>{"r2|breach"});
    CHECK(bench.due("waiting", 10).value().empty());
    REQUIRE(bench.beat(1, 0, noon + 2 * hour).ok());
    CHECK(members(bench.due("due", 10).value()) == std::vector<std::string>{"r2|breach", "r1|later", "r2|later"});

    REQUIRE(bench.beat(1, 0).ok());
    REQUIRE(bench.commit(setting({second, 2, 1, {}, {}})).ok());  // a tombstone
    const auto tombstone = bench.loaded({second}).records[0];
    CHECK(tombstone.version == 2);
    CHECK(tombstone.state.empty());
    CHECK(bench.due("due", 10).value().empty());
    bench.age_beat(limits::heartbeat_max_age_ms + 1);
    CHECK(error_of(bench.due("due", 10)) == StoreError::closed);
}

TEMPLATE_TEST_CASE("an entry moves when its score does, stays when nothing changes, and comes back", "[store]",
                   RealBench, SimBench) {
    TestType bench;
    bench.open_hub();
    const AggregateId second{"review", "r2"};
    const auto dues = [&] { return members(bench.due("due", 10).value()); };
    REQUIRE(bench.commit(setting({review, 1, 1, "s", {{"due", "r1", double(noon - 5)}, {"seen", "r1", 1}}})).ok());
    REQUIRE(bench.commit(setting({second, 1, 1, "s", {{"due", "r2", double(noon - 9)}}})).ok());
    CHECK(dues() == std::vector<std::string>{"r2", "r1"});
    REQUIRE(bench.commit(setting({review, 2, 1, "t", {{"due", "r1", double(noon - 12)}, {"seen", "r1", 1}}})).ok());
    CHECK(dues() == std::vector<std::string>{"r1", "r2"});
    CHECK(members(bench.due("seen", 10).value()) == std::vector<std::string>{"r1"});
    REQUIRE(bench.commit(setting({review, 3, 1, "u", {{"seen", "r1", 1}}})).ok());
    CHECK(dues() == std::vector<std::string>{"r2"});
    REQUIRE(bench.commit(setting({review, 4, 1, "v", {{"due", "r1", double(noon - 12)}, {"seen", "r1", 1}}})).ok());
    CHECK(dues() == std::vector<std::string>{"r1", "r2"});
    CHECK(members(bench.due("seen", 10).value()) == std::vector<std::string>{"r1"});
}

TEMPLATE_TEST_CASE("a lease is set, renewed, seen to expire, and cleared by its token", "[store]", RealBench,
                   SimBench) {
    TestType bench;
    bench.open_hub();
    REQUIRE(bench.commit(leasing(LeaseChange::Kind::set, "t1", noon + minute)).ok());
    const auto held = bench.loaded({review}).leases[0];
    REQUIRE(held);
    CHECK(held->token == "t1");
    CHECK(held->expires == noon + minute);
    CHECK(bench.expired("review").value().empty());
    CHECK_FALSE(bench.renew(1, {review, "t0", noon + hour}).value());
    CHECK_FALSE(bench.renew(1, {{"review", "r9"}, "t1", noon + hour}).value());
    CHECK(error_of(bench.renew(2, {review, "t1", noon + hour})) == StoreError::other_epoch);
    CHECK(bench.renew(1, {review, "t1", noon + 2 * minute}).value());
    CHECK(bench.renew(1, {review, "t1", noon + minute}).value());  // never shortens
    CHECK(bench.loaded({review}).leases[0]->expires == noon + 2 * minute);

    REQUIRE(bench.beat(1, 0, noon + 3 * minute).ok());
    const auto expired = bench.expired("review").value();
    REQUIRE(expired.size() == 1);
    CHECK(expired[0].aggregate == review);
    CHECK(expired[0].token == "t1");
    CHECK(bench.expired("visit").value().empty());

    REQUIRE(bench.commit(leasing(LeaseChange::Kind::clear, "t0", 0)).ok());
    CHECK(bench.loaded({review}).leases[0]);
    REQUIRE(bench.commit(leasing(LeaseChange::Kind::clear, "t1", 0)).ok());
    CHECK_FALSE(bench.loaded({review}).leases[0]);
}

TEMPLATE_TEST_CASE("after a closure no lease lapses before it could be renewed", "[store]", RealBench, SimBench) {
    TestType bench;
    bench.open_hub();
    REQUIRE(bench.commit(leasing(LeaseChange::Kind::set, "t1", noon + minute)).ok());
    SECTION("heartbeats without a gap give no grace") {
        REQUIRE(bench.beat(1, 0, noon + hour).ok());
        CHECK(bench.expired("review").value().size() == 1);
    }
    SECTION("a gap does: as long as the longest lease seen") {
        bench.age_beat(limits::heartbeat_max_age_ms + 1);
        REQUIRE(bench.beat(1, 0, noon + hour).ok());
        CHECK(bench.expired("review").value().empty());
        // The length of the lease was taken a few milliseconds after noon.
        const auto expires = bench.loaded({review}).leases[0]->expires;
        CHECK(expires > noon + hour + minute - limits::heartbeat_max_age_ms);
        CHECK(expires <= noon + hour + minute);
        REQUIRE(bench.beat(1, 0, noon + hour + 2 * minute).ok());
        CHECK(bench.expired("review").value().size() == 1);
    }
    SECTION("a restored claim gets a fresh lease") {
        REQUIRE(bench.wipe().ok());
        REQUIRE(bench.open({hub, 2, 0, {}, noon}).ok());
        REQUIRE(bench.beat(2, 0).ok());
        REQUIRE(bench.restore({hub, "triage", 2, {}, {{review, "t1", 0}}, minute}).ok());
        const auto fresh = bench.loaded({review}).leases[0]->expires;
        CHECK(fresh >= noon + minute);
        REQUIRE(bench.renew(2, {review, "t1", noon + hour}).value());
        REQUIRE(bench.restore({hub, "triage", 2, {}, {{review, "t1", 0}}, minute}).ok());
        CHECK(bench.loaded({review}).leases[0]->expires == noon + hour);  // the later one stays
        REQUIRE(bench.restore({hub, "triage", 2, {}, {{review, "t2", 0}}, minute}).ok());
        CHECK(bench.loaded({review}).leases[0]->token == "t2");
        CHECK(bench.loaded({review}).leases[0]->expires < noon + hour);
    }
}

TEMPLATE_TEST_CASE("cursors go up, per service and source hub", "[store]", RealBench, SimBench) {
    TestType bench;
    bench.open_hub();
    CHECK(bench.read_cursor("triage", hub).value() == 0);
    REQUIRE(bench.save_cursor("triage", hub, 5).ok());
    REQUIRE(bench.save_cursor("triage", hub, 3).ok());
    REQUIRE(bench.save_cursor("triage", "ashford", 2).ok());
    REQUIRE(bench.save_cursor("referral", hub, 4).ok());
    CHECK(bench.read_cursor("triage", hub).value() == 5);
    CHECK(bench.read_cursor("triage", "ashford").value() == 2);
    CHECK(bench.cursors().value().size() == 3);
    REQUIRE(bench.wipe().ok());
    CHECK(error_of(bench.save_cursor("triage", hub, 5)) == StoreError::closed);
}
