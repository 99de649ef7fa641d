// What only the real store has: a connection that breaks, foreign keys, malformed arguments, ACL users.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "common/base/limits.hpp"
#include "common/store/library.hpp"
#include "common/store/users.hpp"
#include "tests/unit/store_bench.hpp"

using namespace rightplace;
using namespace rightplace::testing;
using nlohmann::json;

namespace {

const std::string prefix = "{" + hub + "}:";

// One call of a function past the client: its answer's code, or Redis's own error.
std::string raw(RealBench& bench, const std::string& function, const json& argument) {
    bench.hold_beat();
    const auto packed = json::to_msgpack(argument);
    const auto answer =
        bench.server.command({"FCALL", function, "1", prefix + "head", std::string(packed.begin(), packed.end())});
    if (answer.empty() || answer[0] == '-') return answer;
    return json::from_msgpack(answer).at(0).get<std::string>();
}

json good_commit() {
    const json record{{"type", "review"}, {"id", "r1"},
                      {"version", 1},     {"fold", 1},
                      {"state", "s"},     {"index", json::array({json::array({"waiting", "r1", 1.5})})}};
    return {{"service", "triage"},
            {"fold", 1},
            {"epoch", 1},
            {"seen_seq", 0},
            {"deadline", noon + hour},
            {"command_id", "c1"},
            {"receipt", "r"},
            {"guards", json::array()},
            {"sets", json::array({record})},
            {"events", json::array({"bytes"})},
            {"event_ids", json::array({"e1"})},
            {"lease", {{"kind", "set"}, {"type", "review"}, {"id", "r1"}, {"token", "t"}, {"expires", noon + hour}}}};
}

// Every key of the hub with its content, heartbeat excepted.
std::string everything(const RedisServer& server) {
    std::string all = server.command({"HGETALL", prefix + "head"});
    all += server.command({"XRANGE", prefix + "log", "-", "+"});
    for (const char* key : {"review:r1", "lease", "done:c1"}) all += server.command({"HGETALL", prefix + key});
    all += server.command({"ZRANGE", prefix + "q:waiting", "0", "-1", "WITHSCORES"});
    all += server.command({"ZRANGE", prefix + "marks", "0", "-1", "WITHSCORES"});
    return all + server.command({"DBSIZE"});
}

}  // namespace

TEST_CASE("a malformed commit leaves nothing behind", "[store]") {
    RealBench bench;
    bench.open_hub();
    const auto before = everything(bench.server);
    // Every field missing, and every field of another kind: in the request, in a record, in the lease.
    const json good = good_commit();
    for (const char* path : {"", "/sets/0", "/lease"}) {
        const json::json_pointer at(path);
        for (const auto& [field, value] : good.at(at).items()) {
            for (const json& other : {json(nullptr), json("x\xff"), json(-1), json(1.5), json::array({json(1)}),
                                      json::object({{"a", 1}}), json(true)}) {
                if (other.is_string() && value.is_string()) continue;
                json bad = good;
                bad[at][field] = other;
                INFO(path << " " << field << " " << other.type_name());
                CHECK(raw(bench, "hub_1_commit", bad) == "invalid");
                REQUIRE(everything(bench.server) == before);
            }
            json bad = good;
            bad[at].erase(field);
            CHECK(raw(bench, "hub_1_commit", bad) == "invalid");
            REQUIRE(everything(bench.server) == before);
        }
    }
    CHECK(raw(bench, "hub_1_commit", json("text")) == "invalid");
    CHECK(raw(bench, "hub_1_commit", good) == "ok");
    CHECK(everything(bench.server) != before);
}

TEST_CASE("a foreign key in the way refuses the commit before anything is written", "[store]") {
    RealBench bench;
    bench.open_hub();
    for (const char* key : {"log", "review:r1", "q:waiting", "lease", "done:c1", "marks"}) {
        bench.server.command({"SET", prefix + key, "planted"});
        const auto before = everything(bench.server);
        INFO(key);
        CHECK(raw(bench, "hub_1_commit", good_commit()) == "invalid");
        CHECK(everything(bench.server) == before);
        bench.server.command({"DEL", prefix + key});
    }
    // A log that is ahead of its head cannot be appended to.
    bench.server.command({"XADD", prefix + "log", "1-0", "e", "planted"});
    const auto before = everything(bench.server);
    CHECK(raw(bench, "hub_1_commit", good_commit()) == "closed");
    CHECK(everything(bench.server) == before);
    bench.server.command({"DEL", prefix + "log"});
    CHECK(raw(bench, "hub_1_commit", good_commit()) == "ok");
}

TEST_CASE("a head that was changed from outside closes the hub", "[store]") {
    RealBench bench;
    bench.open_hub();
    REQUIRE(bench.commit(request({"a"})).ok());
    bench.server.command({"HSET", prefix + "head", "seq", "0"});
    CHECK(error_of(bench.commit(request({"b"}))) == StoreError::closed);
}

TEST_CASE("wiping removes every key of the hub and of no other", "[store]") {
    RealBench bench;
    bench.open_hub();
    for (int i = 0; i < 5'000; i += 10) {
        std::vector<std::string> set{"MSET"};
        for (int j = i; j < i + 10; ++j) set.insert(set.end(), {prefix + "x:" + std::to_string(j), "1"});
        bench.server.command(set);
    }
    bench.server.command({"SET", "{paddock-wood-2}:x", "1"});
    REQUIRE(bench.wipe().ok());
    REQUIRE(bench.server.command({"DEL", "{paddock-wood}:wiped"}) == "1");  // it says that all is gone
    CHECK(bench.server.command({"KEYS", "*"}) == "{paddock-wood-2}:x\n");
}

TEST_CASE("the library is checked against the one built in", "[store]") {
    RedisServer server;
    bus::Loop loop;
    store::RedisStore store(loop, {server.socket(), {}, {}});
    std::optional<Stored<bool>> checked;
    const auto check = [&] {
        checked.reset();
        store.check_library([&](Stored<bool> got) { checked.emplace(std::move(got)); });
        for (int i = 0; i < 1'000 && !checked; ++i) loop.turn(10);
        return *checked;
    };
    CHECK(error_of(check()) == StoreError::closed);
    bool loaded = false;
    store.load_library([&](const Stored<bool>& got) { loaded = got.ok(); });
    for (int i = 0; i < 1'000 && !loaded; ++i) loop.turn(10);
    CHECK(check().value());
    server.command({"FUNCTION", "LOAD", "REPLACE",
                    "#!lua name=rightplace_hub\nredis.register_function('hub_1_version', function() return 'x' end)"});
    CHECK_FALSE(check().value());
}

TEST_CASE("another version of the library is as good as none", "[store]") {
    RealBench bench;
    bench.open_hub();
    REQUIRE(bench.situation().ok());
    // The same functions, by a program of another version: what it says of a hub must not be believed.
    auto text = store::library_text();
    text.replace(text.find(store::library_digest()), store::library_digest().size(), "doctored");
    REQUIRE(bench.server.command({"FUNCTION", "LOAD", "REPLACE", text}).find("rightplace_hub") != std::string::npos);
    CHECK(error_of(bench.situation()) == StoreError::closed);
    REQUIRE(bench.load_library().ok());
    const auto at = bench.situation();
    REQUIRE(at.ok());
    CHECK(at.value().process_epoch == 0);  // closed: it goes through an epoch of its own
}

TEST_CASE("not sent is unavailable, sent without an answer is unknown", "[store]") {
    RealBench bench;
    bench.open_hub();
    SECTION("no server at all") {
        bench.server.kill();
        bench.turn();
        CHECK(error_of(bench.commit(request({"a"}))) == StoreError::unavailable);
        bench.server.start();
        bool back = false;  // by itself, after its backoff
        for (int i = 0; i < 2'000 && !back; ++i) {
            back = bench.load_library().ok();
            bench.turn();
        }
        CHECK(back);
    }
    SECTION("lost with the call in flight") {
        bench.server.freeze();
        std::optional<Stored<Committed>> outcome;
        bench.store().commit(request({"a"}), [&](Stored<Committed> got) { outcome.emplace(std::move(got)); });
        bench.turn();
        CHECK_FALSE(outcome);
        bench.server.kill();
        for (int i = 0; i < 1'000 && !outcome; ++i) bench.turn();
        REQUIRE(outcome);
        CHECK(error_of(*outcome) == StoreError::unknown);
    }
    SECTION("no answer in time, and the late one is not taken for another's") {
        bench.server.freeze();
        CHECK(error_of(bench.commit(request({"a"}))) == StoreError::unknown);
        bench.server.thaw();
        CHECK(bench.loaded({}).head.seq <= 1);
        REQUIRE(bench.beat(1, 0).ok());
        CHECK(bench.commit(request({"b"})).value().head_seq >= 1);
    }
    SECTION("a store that goes takes its calls with it") {
        bench.server.freeze();
        bool told = false;
        bench.store().situation(hub, [&](const Stored<StoreSituation>&) { told = true; });
        bench.turn();
        bench.redis.reset();
        bench.server.thaw();
        for (int i = 0; i < 20; ++i) bench.turn();
        CHECK_FALSE(told);
    }
}

TEST_CASE("the ACL gives services what they need and no more", "[store]") {
    RealBench bench;  // its own server is not used here
    RedisServer server(store::acl_file("one", "two"));
    auto audit = store::make_redis_store(bench.loop, {server.socket(), "audit", "two"});
    bench.redis.swap(audit);
    bench.open_hub();
    auto of_service = store::make_redis_store(bench.loop, {server.socket(), "service", "one"});
    bench.redis.swap(of_service);

    auto commit = request({"a"}, "c1");
    commit.guards = {{Guard::Kind::absent, review, 0, {}, "triage"}};
    commit.sets = {{review, 1, 1, "s", {{"waiting", "r1", 1}}}};
    commit.lease = {LeaseChange::Kind::set, {review, "t1", noon + hour}};
    REQUIRE(bench.commit(commit).ok());
    commit = request({"b"}, "c2");
    commit.sets = {{review, 2, 1, {}, {}}};
    commit.lease = {LeaseChange::Kind::clear, {review, "t1", 0}};
    REQUIRE(bench.commit(commit).ok());
    CHECK(bench.loaded({review}, "c1").done);
    CHECK(bench.ready("triage", 1, 1).ok());
    CHECK(bench.restore({hub, "triage", 1, {{review, 3, 1, "s", {}}}, {{review, "t", 0}}, hour}).ok());
    CHECK(bench.renew(1, {review, "t", noon + hour}).value());
    CHECK(bench.expired("review").ok());
    CHECK(bench.due("waiting", 9).ok());
    CHECK(bench.save_cursor("triage", hub, 1).ok());
    CHECK(bench.read_cursor("triage", hub).value() == 1);

    CHECK(error_of(bench.beat(1, 0)) == StoreError::invalid);
    CHECK(error_of(bench.wipe()) == StoreError::invalid);
    CHECK(error_of(bench.open({hub, 2, 0, {}, noon})) == StoreError::invalid);
    CHECK(error_of(bench.restore_marks({}, {})) == StoreError::invalid);
    CHECK(error_of(bench.load_library()) == StoreError::unavailable);
    const auto refused = [&](const std::vector<std::string>& parts) {
        return server.command_as("service", "one", parts).rfind("-NOPERM", 0) == 0;
    };
    CHECK(refused({"FLUSHALL"}));
    CHECK(refused({"FLUSHDB"}));
    CHECK(refused({"SWAPDB", "0", "1"}));
    CHECK(refused({"FUNCTION", "DELETE", "rightplace_hub"}));
    CHECK(refused({"UNLINK", prefix + "head"}));
    CHECK(refused({"HSET", prefix + "beat", "epoch", "1"}));
    CHECK(refused({"CONFIG", "SET", "maxmemory", "1"}));
    CHECK(refused({"EVAL", "return 1", "0"}));
    CHECK(server.command({"GET", "x"}).rfind("-NO", 0) == 0);
    CHECK(server.command_as("audit", "two", {"FLUSHALL"}).rfind("-NOPERM", 0) == 0);

    auto stranger = store::make_redis_store(bench.loop, {server.socket(), "service", "wrong"});
    bench.redis.swap(stranger);
    CHECK(error_of(bench.situation()) == StoreError::unavailable);
    bench.redis.reset();
}
