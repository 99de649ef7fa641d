// A rule that breaks: on a command, on an event, on its own record. The service lives, people are told, nothing is
// lost.
#include <google/protobuf/wrappers.pb.h>

#include "common/base/limits.hpp"
#include "common/runtime/quarantine.hpp"
#include "messages/runtime.pb.h"
#include "tests/sim/ring.hpp"
#include "tests/sim/world/doctored.hpp"

using namespace rightplace;
using namespace rightplace::testing;

namespace {

struct Broken : Ring {
    explicit Broken(std::uint64_t seed) : Ring(seed) {
        start_all();
        town.start("probe#1");
        REQUIRE(run(20'000, [this] { return town.ready(); }));
        run(2'000);
    }
    static Command to_probe(const std::string& text, const std::string& id) {
        google::protobuf::StringValue payload;
        payload.set_value(text);
        return command_of(payload, id);
    }
    Reply probe(const std::string& text, const std::string& id) { return command("probe", to_probe(text, id)); }
    void again(const std::string& party, std::uint32_t newer_fold = 0) {
        town.stop(party);
        town.start(party, newer_fold);
        REQUIRE(run(20'000, [this] { return town.ready(); }));
    }
    std::vector<Event> all(const std::string& name) {
        std::vector<Event> found;
        for (auto& event : journalled()) {
            if (runtime::event_name(event) == name) found.push_back(event);
        }
        return found;
    }
    // Opens a case that triage cannot react to; gives the parked reaction's id.
    std::string parked_case(int number) {
        auto open = open_case(*this, number);
        intake::OpenCase payload;
        REQUIRE(open.payload().UnpackTo(&payload));
        payload.mutable_facts()->set_cad_number(std::string(sim::poison_react));
        open.mutable_payload()->PackFrom(payload);
        REQUIRE(done(command("intake", open)));
        const auto before = all("ReactionParked").size();
        REQUIRE(run(10'000, [&] { return all("ReactionParked").size() > before; }));
        return all("ReactionParked").back().aggregate_id();
    }
    void unpark(const std::string& service, const std::string& reaction_id, const std::string& id) {
        runtime::UnparkReaction unpark;
        unpark.set_reaction_id(reaction_id);
        REQUIRE(done(command(service, command_of(unpark, id))));
    }
    long alerts(const std::string& kind) {
        return std::ranges::count_if(all("AlertRaised"), [&kind](const Event& event) {
            triage::AlertRaised raised;
            return event.payload().UnpackTo(&raised) && raised.kind() == kind;
        });
    }
};

}  // namespace

TEST_CASE("A rule that breaks on a command: INTERNAL, nothing is done, and the service lives") {
    Broken ring(31);
    const auto before = ring.journalled().size();
    const auto reply = ring.probe("count:a" + std::string(sim::poison_decide), "break");
    CHECK(reply.status() == REFUSED);
    CHECK(reply.refusal().code() == INTERNAL);
    CHECK(reply.head_seq() == before);
    CHECK(ring.journalled().size() == before);
    CHECK(ring.probe("count:a", "next").status() == ACCEPTED);
    check_all(ring);
}

TEST_CASE("A refusal for what no retry wins, or the store has no room for, says at which head, as every other does") {
    Broken ring(32);
    REQUIRE(ring.probe("count:a", "first").status() == ACCEPTED);
    ring.run(1'000);
    const auto large = ring.probe("keep:t:" + std::string(limits::event_max_bytes - 200, 'x'), "large");
    CHECK(large.refusal().code() == TOO_LARGE);
    CHECK(large.head_seq() == ring.journalled().size());
    CHECK(large.epoch() == ring.journalled().back().epoch());
    check_all(ring);
}

TEST_CASE("A record that a version cannot fold is quarantined: what was done stays done, the others go on") {
    Broken ring(33);
    const auto text = "count:a" + std::string(sim::poison_evolve);
    const auto first = ring.probe(text, "poisonous");
    REQUIRE(first.status() == ACCEPTED);
    ring.again("probe#1", 1);
    CHECK(ring.hub_of("probe").status().quarantined() == 1);
    const auto again = ring.probe(text, "poisonous");
    CHECK(again.status() == DUPLICATE);
    CHECK(again.receipt().SerializeAsString() == first.receipt().SerializeAsString());
    const auto another = ring.probe(text, "another");
    CHECK(another.refusal().code() == INTERNAL);
    CHECK(another.head_seq() >= first.receipt().seq());
    CHECK(another.epoch() == ring.journalled().back().epoch());
    CHECK(ring.probe("count:b", "elsewhere").status() == ACCEPTED);
    check_history(ring);
}

TEST_CASE("People are told once of a quarantined record, and again when it is un-parked too early") {
    Broken ring(34);
    REQUIRE(ring.probe("count:a" + std::string(sim::poison_evolve), "poisonous").status() == ACCEPTED);
    ring.again("probe#1", 1);
    REQUIRE(ring.run(5'000, [&] { return ring.alerts("reaction-parked") == 1; }));
    ring.again("probe#1");
    ring.run(5'000);
    REQUIRE(ring.all("ReactionParked").size() == 1);
    const auto told = ring.all("ReactionParked").front();
    ring.unpark("probe", told.aggregate_id(), "too-early");
    REQUIRE(ring.run(5'000, [&] { return ring.alerts("reaction-parked") == 2; }));
    CHECK(ring.all("ReactionParked").back().aggregate_id() == told.aggregate_id());
    ring.town.mend("probe#1");
    ring.again("probe#1");
    CHECK(ring.hub_of("probe").status().quarantined() == 0);
    ring.unpark("probe", told.aggregate_id(), "mended");
    ring.run(5'000);
    CHECK(ring.alerts("reaction-parked") == 2);
    CHECK(ring.hub_of("probe").status().parked() == 0);
    check_all(ring);
}

TEST_CASE("A quarantined review keeps the timers it had: after a rebuild its breach does not pass in silence") {
    Broken ring(35);
    auto open = open_case(ring, 1);
    intake::OpenCase payload;
    REQUIRE(open.payload().UnpackTo(&payload));
    payload.mutable_facts()->set_cad_number(std::string(sim::poison_later));
    open.mutable_payload()->PackFrom(payload);
    REQUIRE(done(ring.command("intake", open)));
    REQUIRE(ring.run(10'000, [&] { return review(ring, 1) != nullptr; }));
    REQUIRE(done(ring.command("triage", command_of(about<triage::ClaimReview>(1), "claim-1"))));
    ring.again("triage#1", 1);
    ring.town.redis().flush_all();
    REQUIRE(ring.run(30'000, [&] { return ring.town.ready(); }));
    REQUIRE(ring.run(10'000, [&] { return ring.all("ReactionParked").size() == 1; }));
    const auto told = ring.all("ReactionParked").front();
    runtime::ReactionParked parked;
    REQUIRE(told.payload().UnpackTo(&parked));
    CHECK(parked.rule() == runtime::quarantine_rule);
    CHECK(told.case_id() == case_id(1));
    CHECK_FALSE(told.case_number().empty());
    const auto& record = ring.town.redis().data(hub).records.at({"review", case_id(1)});
    CHECK(record.version == 1);  // as it was queued
    const auto breach_told = [&] {
        return std::ranges::any_of(ring.all("ReactionParked"), [](const Event& event) {
            runtime::ReactionParked about_timer;
            if (!event.payload().UnpackTo(&about_timer) || about_timer.rule() != "timer:breach") return false;
            return about_timer.key().find(case_id(1)) != std::string::npos;
        });
    };
    REQUIRE(ring.run(35 * minute_ms, breach_told));
    // Mended, it is as if nothing had been.
    ring.town.mend("triage#1");
    ring.again("triage#1", 2);
    REQUIRE(ring.run(10'000, [&] { return ring.all("ReviewBreached").size() == 1; }));
    check_all(ring);
}

TEST_CASE("An un-parked reaction is read again until it is, though the journal is away just then") {
    Broken ring(36);
    const auto parked = ring.parked_case(1);
    ring.town.mend("triage#1");
    ring.again("triage#1");
    auto published = ring.town.network.on_published;
    bool away = false;
    ring.town.network.on_published = [&](const seams::FeedMessage& message) {
        published(message);
        Event event;
        if (away || message.heartbeat || !event.ParseFromString(message.bytes)) return;
        if (runtime::event_name(event) != "ReactionUnparked") return;
        away = true;
        ring.town.clock.after(0, [&ring] { ring.town.crash("audit#1", 15'000); });  // not in the middle of its own call
    };
    runtime::UnparkReaction unpark;
    unpark.set_reaction_id(parked);
    const auto reply = ring.command("triage", command_of(unpark, "unpark-1"));
    REQUIRE(done(reply));
    REQUIRE(away);
    REQUIRE(ring.run(60'000, [&] { return review(ring, 1) != nullptr; }));
    check_all(ring);
}

TEST_CASE("An un-parked reaction that waits outlives a kill: the cursor has not passed it") {
    Broken ring(37);
    const auto queueing = ring.parked_case(1);
    auto cancel = about<intake::CancelCase>(1);
    cancel.set_reason("no longer needed");
    REQUIRE(done(ring.command("intake", command_of(cancel, "cancel-1"))));
    REQUIRE(ring.run(120'000, [&] { return ring.all("ReactionParked").size() == 2; }));
    const auto cancelling = ring.all("ReactionParked").back().aggregate_id();
    ring.run(2'000);  // the cursor is saved
    ring.town.mend("triage#1");
    ring.again("triage#1");
    ring.unpark("triage", cancelling, "unpark-cancelling");  // there is nothing to cancel yet: it is asked again
    ring.run(10'000);
    const auto asked = ring.all("ReactionUnparked").back().seq();
    CHECK(ring.hub_of("triage").status().cursor() == asked - 1);
    ring.again("triage#1");
    ring.unpark("triage", queueing, "unpark-queueing");
    REQUIRE(ring.run(60'000, [&] { return count(names(ring, case_id(1)), "ReviewCancelled") == 1; }));
    ring.run(5'000);
    const auto status = ring.hub_of("triage").status();
    CHECK(status.cursor() == status.folded_seq());
    CHECK(status.parked() == 0);
    check_all(ring);
}

TEST_CASE("An un-parked reaction whose rule still breaks is parked again, and people are told again") {
    Broken ring(38);
    const auto parked = ring.parked_case(1);
    REQUIRE(ring.run(5'000, [&] { return ring.alerts("reaction-parked") == 1; }));
    ring.unpark("triage", parked, "unpark-1");
    REQUIRE(ring.run(10'000, [&] { return ring.alerts("reaction-parked") == 2; }));
    REQUIRE(ring.all("ReactionParked").size() == 2);
    ring.town.mend("triage#1");
    ring.again("triage#1");
    ring.unpark("triage", ring.all("ReactionParked").back().aggregate_id(), "unpark-2");
    REQUIRE(ring.run(10'000, [&] { return review(ring, 1) != nullptr; }));
    check_all(ring);
}

TEST_CASE("A timer's id is its aggregate's, its time's and the version's that armed it, whatever happens meanwhile") {
    Broken ring(39);
    const auto due = std::to_string(ring.town.clock.wall_ms() + minute_ms);
    const auto fired = [&] {
        std::vector<std::string> by;
        for (const auto& event : ring.journalled()) {
            google::protobuf::StringValue text;
            if (event.payload().UnpackTo(&text) && text.value() == "timer:t") by.push_back(event.command_id());
        }
        return by;
    };
    REQUIRE(ring.probe("arm:t:" + due, "arm-1").status() == ACCEPTED);
    REQUIRE(ring.probe("keep:t", "keep-1").status() == ACCEPTED);
    ring.again("probe#1");
    ring.town.redis().lose_everything();
    REQUIRE(ring.run(2 * minute_ms, [&] { return fired().size() == 1; }));
    const auto member = runtime::timer_member({"tally", "t"}, "tick");
    CHECK(fired().back() == derived_id({"timer", member, due, "1"}));
    REQUIRE(ring.probe("arm:t:" + due, "arm-2").status() == ACCEPTED);  // again, for the same moment
    REQUIRE(ring.run(10'000, [&] { return fired().size() == 2; }));
    CHECK(fired().back() == derived_id({"timer", member, due, "4"}));
    ring.run(10'000);
    CHECK(fired().size() == 2);
    check_all(ring);
}

TEST_CASE("Timers that nobody can act on hide none that are due after them") {
    Broken ring(40);
    const auto now = ring.town.clock.wall_ms();
    const auto arm = [&](const std::string& tally, std::int64_t in_ms) {
        REQUIRE(ring.probe("arm:" + tally + ":" + std::to_string(now + in_ms), "arm-" + tally).status() == ACCEPTED);
    };
    for (std::size_t i = 0; i <= limits::timer_batch_max; ++i) {
        const auto tally = "bad" + std::to_string(i);
        arm(tally, 2 * minute_ms);
        const auto id = "spoil-" + tally;
        REQUIRE(ring.probe("keep:" + tally + ":" + std::string(sim::poison_evolve), id).status() == ACCEPTED);
    }
    arm("good", 2 * minute_ms + 1'000);
    ring.again("probe#1", 1);
    REQUIRE(ring.hub_of("probe").status().quarantined() > 0);
    const auto good = [&] {
        return std::ranges::any_of(ring.journalled(), [](const Event& event) {
            google::protobuf::StringValue text;
            return event.payload().UnpackTo(&text) && text.value() == "timer:good";
        });
    };
    CHECK(ring.run(3 * minute_ms, good));
    check_history(ring);
}
