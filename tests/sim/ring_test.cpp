// The ring on simulated parts: the real runtime, the real rules, the real audit core, virtual time.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "common/base/hash.hpp"
#include "common/runtime/payload.hpp"
#include "messages/triage.pb.h"
#include "services/intake/domain/intake_domain.hpp"
#include "services/referral/domain/referral_domain.hpp"
#include "services/triage/domain/triage_domain.hpp"
#include "tests/sim/sim_world.hpp"

using namespace rightplace;
using sim::SimWorld;

namespace {

constexpr auto hub = "paddock-wood";
constexpr std::int64_t minute_ms = 60'000;
// The policy that the hub ships.
std::string policy_text() {
    std::ifstream file(SOURCE_DIR "/compose/hubs/paddock-wood/policy.textproto");
    return {std::istreambuf_iterator<char>(file), {}};
}

struct Ring {
    explicit Ring(std::uint64_t seed)
        : world(seed, hub), triage(std::map<std::string, std::string>{{hub, policy_text()}}) {}
    void start_all() {
        world.start_audit();
        world.start("intake", intake);
        world.start("triage", triage);
        world.start("referral", referral);
        const bool ready_in_time = world.clock.run(20'000, [this] { return ready(); });
        INFO(world.why_not_ready());
        REQUIRE(ready_in_time);
    }
    bool ready() { return world.all_ready() && world.hub_of("triage").fold().policy() != nullptr; }

    SimWorld world;
    intake::IntakeDomain intake;
    triage::TriageDomain triage;
    referral::ReferralDomain referral;
};

Command command_of(const google::protobuf::Message& payload, const std::string& id) {
    Command command;
    command.set_command_id(id);
    command.set_hub(hub);
    command.mutable_actor()->set_id("staff-1");
    command.mutable_actor()->set_role("paramedic-practitioner");
    command.mutable_actor()->set_organisation_ods("RYD");
    command.mutable_payload()->PackFrom(payload);
    return command;
}

std::string case_id(int number) {
    return derived_uuid({"sim-case", std::to_string(number)});
}

Command open_case(SimWorld& world, int number, std::int64_t breach_in_ms = 30 * minute_ms) {
    intake::OpenCase open;
    open.set_case_id(case_id(number));
    auto& facts = *open.mutable_facts();
    facts.set_origin(intake::VALIDATION_999);
    facts.set_category(intake::C3);
    facts.set_key_id("k-000000000001");
    facts.set_cad_number("CAD-" + std::to_string(number));
    facts.set_journey_id(derived_uuid({"journey", std::to_string(number)}));
    *facts.mutable_clock_start() = to_timestamp(world.clock.wall_ms());
    *facts.mutable_breach_at() = to_timestamp(world.clock.wall_ms() + breach_in_ms);
    open.mutable_person()->set_key_id("k-000000000001");
    open.mutable_person()->set_nonce(std::string(24, 'n'));
    open.mutable_person()->set_ciphertext(std::string(40, 'c'));
    return command_of(open, "open-" + std::to_string(number));
}

template <typename T>
T about(int number) {
    T payload;
    payload.set_case_id(case_id(number));
    return payload;
}

std::vector<std::string> names(const SimWorld& world, const std::string& of_case) {
    std::vector<std::string> names;
    for (const auto& event : world.journalled()) {
        if (event.case_id() == of_case) names.push_back(runtime::event_name(event));
    }
    return names;
}

long count(const std::vector<std::string>& all, const std::string& name) {
    return std::count(all.begin(), all.end(), name);
}

const triage::ReviewState* review(Ring& ring, int number) {
    const auto* found = ring.world.hub_of("triage").fold().find({"review", case_id(number)});
    return found == nullptr ? nullptr : static_cast<const triage::ReviewState*>(found->state.get());
}

// Invariant 2: 1..N without gap or repeat, each prev fits, epochs never fall.
void check_history(const SimWorld& world) {
    std::uint64_t seq = 0, epoch = 0;
    std::string prev;
    std::set<std::string> ids;
    for (const auto& event : world.journalled()) {
        REQUIRE(event.seq() == ++seq);
        REQUIRE(event.prev() == prev);
        REQUIRE(event.epoch() >= epoch);
        REQUIRE(ids.insert(event.event_id()).second);
        REQUIRE(event.label() == "synthetic");
        prev = event.event_id();
        epoch = event.epoch();
    }
}

// Invariant 3: folding the journal from nothing gives the records in the store.
void check_store(Ring& ring, const std::string& service, const runtime::Domain& domain) {
    runtime::Fold fold(hub, domain);
    for (const auto& event : ring.world.journalled()) fold.apply(event);
    sim::SimStore store(ring.world.clock, ring.world.redis);
    for (const auto& [id, aggregate] : fold.all()) {
        std::optional<seams::Record> record;
        store.load({hub, "", {id}}, [&record](const seams::Stored<seams::Loaded>& loaded) {
            REQUIRE(loaded.ok());
            record = loaded.value().records.at(0);
        });
        REQUIRE(ring.world.clock.run(1'000, [&record] { return record.has_value(); }));
        INFO(service << " " << id.type << ":" << id.id);
        CHECK(record->version == aggregate.version);
        if (!record->state.empty()) CHECK(record->state == aggregate.state->SerializeAsString());
    }
    CHECK(fold.quarantined().empty());
}

void check_all(Ring& ring) {
    check_history(ring.world);
    check_store(ring, "intake", ring.intake);
    check_store(ring, "triage", ring.triage);
    check_store(ring, "referral", ring.referral);
    CHECK(ring.world.life.deaths.empty());
}

void go_through(Ring& ring, int number) {
    auto& world = ring.world;
    const auto id = std::to_string(number);
    REQUIRE(world.command("intake", open_case(world, number)).status() == ACCEPTED);
    REQUIRE(world.clock.run(10'000, [&] { return review(ring, number) != nullptr; }));
    const auto claimed = world.command("triage", command_of(about<triage::ClaimReview>(number), "claim-" + id));
    REQUIRE(claimed.status() == ACCEPTED);
    auto start = about<triage::StartConsultation>(number);
    start.set_token(claimed.receipt().events(0).event_id());
    REQUIRE(world.command("triage", command_of(start, "start-" + id)).status() == ACCEPTED);
    auto decide = about<triage::DecideReview>(number);
    decide.set_token(start.token());
    decide.set_pathway(triage::ADVICE);
    decide.set_rationale_code("self-care");
    REQUIRE(world.command("triage", command_of(decide, "decide-" + id)).status() == ACCEPTED);
}

}  // namespace

TEST_CASE("A case goes round the ring: opened, queued, claimed, decided, closed") {
    Ring ring(1);
    ring.start_all();
    go_through(ring, 1);
    REQUIRE(ring.world.clock.run(10'000, [&] { return count(names(ring.world, case_id(1)), "CaseClosed") == 1; }));
    const auto all = names(ring.world, case_id(1));
    for (const auto* once : {"CaseOpened", "ReviewQueued", "ReviewClaimed", "ConsultationStarted", "ReviewDecided"}) {
        CHECK(count(all, once) == 1);
    }
    check_all(ring);
}

TEST_CASE("An accepted answer means: in the journal; asked again it is the same one, a rebuild or not") {
    Ring ring(2);
    ring.start_all();
    const auto open = open_case(ring.world, 1);
    const auto first = ring.world.command("intake", open);
    REQUIRE(first.status() == ACCEPTED);
    CHECK(ring.world.journalled().back().seq() >= first.receipt().seq());
    const auto again = ring.world.command("intake", open);
    CHECK(again.status() == DUPLICATE);
    ring.world.redis->lose_everything();
    ring.world.clock.run(5'000);
    const auto after = ring.world.command("intake", open);
    REQUIRE(after.status() == DUPLICATE);
    CHECK(after.receipt().SerializeAsString() == first.receipt().SerializeAsString());
    check_all(ring);
}

TEST_CASE("Redis loses everything, by death or FLUSHALL: a new epoch, nothing acknowledged is lost") {
    const bool flush = GENERATE(true, false);
    Ring ring(3);
    ring.start_all();
    for (int number = 1; number <= 5; ++number) go_through(ring, number);
    const auto before = ring.world.journalled().back().epoch();
    flush ? ring.world.redis->flush_all() : ring.world.redis->lose_everything();
    for (int number = 6; number <= 10; ++number) go_through(ring, number);
    CHECK(ring.world.journalled().back().epoch() == before + 1);
    for (int number = 1; number <= 10; ++number) CHECK(count(names(ring.world, case_id(number)), "ReviewDecided") == 1);
    check_all(ring);
}

TEST_CASE("A Redis that lacks the last writes and then would take new ones: no fork, no false answer") {
    Ring ring(4);
    ring.start_all();
    ring.world.redis->remember_writes(50);
    for (int number = 1; number <= 3; ++number) go_through(ring, number);
    ring.world.redis->forget_writes(20);
    for (int number = 4; number <= 6; ++number) go_through(ring, number);
    for (int number = 1; number <= 6; ++number) CHECK(count(names(ring.world, case_id(number)), "ReviewDecided") == 1);
    check_all(ring);
}

TEST_CASE("Audit dead for ten seconds: UNAVAILABLE, then recovery by itself and no ghost") {
    Ring ring(5);
    ring.start_all();
    go_through(ring, 1);
    ring.world.kill_audit();
    ring.world.clock.run(10'000);
    const auto length = ring.world.journal.events().size();
    const auto refused = ring.world.ask_once("intake", open_case(ring.world, 2), 2'000);
    CHECK(refused.status() == UNAVAILABLE);
    ring.world.start_audit();
    REQUIRE(ring.world.clock.run(20'000, [&ring] { return ring.ready(); }));
    CHECK(count(names(ring.world, case_id(2)), "CaseOpened") == 0);
    CHECK(ring.world.journal.events().size() >= length);
    go_through(ring, 2);
    check_all(ring);
}

TEST_CASE("A service killed in the middle comes back and goes on; every reaction happens once") {
    const std::string victim = GENERATE("intake", "triage", "referral");
    Ring ring(6);
    ring.start_all();
    REQUIRE(ring.world.command("intake", open_case(ring.world, 1)).status() == ACCEPTED);
    ring.world.kill(victim);
    ring.world.clock.run(3'000);
    if (victim == "intake") ring.world.start(victim, ring.intake);
    if (victim == "triage") ring.world.start(victim, ring.triage);
    if (victim == "referral") ring.world.start(victim, ring.referral);
    REQUIRE(ring.world.clock.run(20'000, [&] { return ring.ready() && review(ring, 1) != nullptr; }));
    go_through(ring, 2);
    ring.world.clock.run(5'000);
    CHECK(count(names(ring.world, case_id(1)), "ReviewQueued") == 1);
    CHECK(count(names(ring.world, case_id(2)), "CaseClosed") == 1);
    check_all(ring);
}

TEST_CASE("What happened while a service was dead is reacted to when it is back") {
    Ring ring(12);
    ring.start_all();
    ring.world.clock.run(5'000);  // its cursor is saved
    ring.world.kill("triage");
    REQUIRE(ring.world.command("intake", open_case(ring.world, 1)).status() == ACCEPTED);
    ring.world.clock.run(3'000);
    CHECK(count(names(ring.world, case_id(1)), "ReviewQueued") == 0);
    ring.world.start("triage", ring.triage);
    REQUIRE(ring.world.clock.run(20'000, [&] { return ring.ready() && review(ring, 1) != nullptr; }));
    check_all(ring);
}

TEST_CASE("A feed that drops messages is read instead: nothing is missed") {
    Ring ring(7);
    ring.world.feed.drop_one_in = 3;
    ring.start_all();
    for (int number = 1; number <= 5; ++number) go_through(ring, number);
    ring.world.clock.run(5'000);
    for (int number = 1; number <= 5; ++number) CHECK(count(names(ring.world, case_id(number)), "CaseClosed") == 1);
    check_all(ring);
}

TEST_CASE("A breach is an event, once, within 250 ms of its time, whatever died meanwhile") {
    const int what = GENERATE(0, 1, 2);
    Ring ring(8);
    ring.start_all();
    const auto due = ring.world.clock.wall_ms() + 30'000;
    REQUIRE(ring.world.command("intake", open_case(ring.world, 1, 30'000)).status() == ACCEPTED);
    REQUIRE(ring.world.clock.run(10'000, [&] { return review(ring, 1) != nullptr; }));
    if (what == 1) {
        ring.world.kill("triage");
        ring.world.clock.run(2'000);
        ring.world.start("triage", ring.triage);
    } else if (what == 2) {
        ring.world.redis->lose_everything();
    }
    ring.world.clock.run(60'000);
    std::vector<Event> breaches;
    for (const auto& event : ring.world.journalled()) {
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
    REQUIRE(ring.world.command("intake", open_case(ring.world, 1)).status() == ACCEPTED);
    REQUIRE(ring.world.clock.run(10'000, [&] { return review(ring, 1) != nullptr; }));
    REQUIRE(ring.world.command("triage", command_of(about<triage::ClaimReview>(1), "claim-1")).status() == ACCEPTED);
    ring.world.clock.run(110'000);
    ring.world.redis->lose_everything();  // 10 s before the lease of 120 s would have run out
    ring.world.clock.run(60'000);
    CHECK(count(names(ring.world, case_id(1)), "ClaimLapsed") == 0);
    ring.world.clock.run(120'000);
    CHECK(count(names(ring.world, case_id(1)), "ClaimLapsed") == 1);
    check_all(ring);
}

TEST_CASE("A closed case leaves the store after a day; its tombstone stays and a command on it still works") {
    Ring ring(11);
    ring.start_all();
    go_through(ring, 1);
    REQUIRE(ring.world.clock.run(10'000, [&] { return count(names(ring.world, case_id(1)), "CaseClosed") == 1; }));
    const auto record = [&ring] {
        sim::SimStore store(ring.world.clock, ring.world.redis);
        std::optional<seams::Record> found;
        store.load({hub, "", {{"case", case_id(1)}}}, [&found](const seams::Stored<seams::Loaded>& loaded) {
            REQUIRE(loaded.ok());
            found = loaded.value().records.at(0);
        });
        REQUIRE(ring.world.clock.run(1'000, [&found] { return found.has_value(); }));
        return *found;
    };
    CHECK_FALSE(record().state.empty());
    ring.world.clock.run(24 * 60 * minute_ms + 3 * minute_ms);
    CHECK(record().state.empty());
    CHECK(record().version > 0);
    auto note = about<triage::AddNote>(1);
    note.mutable_text()->set_key_id("k-000000000001");
    note.mutable_text()->set_nonce(std::string(24, 'n'));
    note.mutable_text()->set_ciphertext(std::string(40, 'c'));
    CHECK(ring.world.command("triage", command_of(note, "late-note")).status() == ACCEPTED);
    check_all(ring);
}

TEST_CASE("The same seed gives the same history") {
    const auto history = [] {
        Ring ring(10);
        ring.start_all();
        for (int number = 1; number <= 3; ++number) go_through(ring, number);
        std::string all;
        for (const auto& stored : ring.world.journal.events()) all += sha256(stored);
        return to_hex(sha256(all));
    };
    CHECK(history() == history());
}
