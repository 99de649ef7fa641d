// Every deadline passes while nothing runs, Redis included: when all is back, each is said once, and the sender has its
// case back.
#include <catch2/catch.hpp>
#include <chrono>
#include <map>

#include "common/runtime/payload.hpp"
#include "messages/intake.pb.h"
#include "messages/referral.pb.h"
#include "tests/integration/hub.hpp"

using namespace rightplace;
using namespace rightplace::testing;

namespace {

constexpr TimeMs minute = 60'000;
constexpr TimeMs due_in = 40'000;  // long enough for a slow machine to set everything up
const std::vector<std::string> everything{"bars", "intake", "triage", "referral", "vault", "audit", "redis"};

TimeMs wall() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

// UCR has a minute instead of its half hour to accept and its two hours to reach the patient. What was decided or
// promised a little while ago has less.
std::string in_a_minute(std::string policy) {
    for (const auto& [usual, ours] : {std::pair<std::string, std::string>{" reach_minutes: 120", " reach_minutes: 1"},
                                      {" accept_minutes: 30", " accept_minutes: 1"}}) {
        for (auto at = policy.find(usual); at != std::string::npos; at = policy.find(usual))
            policy.replace(at, usual.size(), ours);
    }
    return policy;
}

struct Hub : RunningHub {
    Hub() : RunningHub(in_a_minute) {}

    const TimeMs due = wall() + due_in;

    std::string validation(std::int64_t breach_in) {
        const auto sample = visitor.sample(breach_in);
        REQUIRE(visitor.post(sample).status == 200);
        REQUIRE(wait_for_status(case_id(sample), triage::QUEUED));
        return case_id(sample);
    }
    std::string crew(TimeMs breach_at) {
        intake::OpenCase open;
        open.set_case_id(new_uuid());
        auto& facts = *open.mutable_facts();
        facts.set_origin(intake::CREW_ON_SCENE);
        facts.set_category(intake::C3);
        facts.set_key_id("k-000000000001");
        facts.set_callsign("SYN-1");
        facts.set_original_plan("convey-to-ed");
        *facts.mutable_breach_at() = to_timestamp(breach_at);
        open.mutable_person()->set_key_id(facts.key_id());
        open.mutable_person()->set_nonce(std::string(24, 'n'));
        open.mutable_person()->set_ciphertext(std::string(64, 'c'));
        const auto opened = stack.ask("intake", open, "open-" + open.case_id());
        INFO(opened.ShortDebugString());
        REQUIRE(opened.status() == ACCEPTED);
        REQUIRE(wait_for_status(open.case_id(), triage::QUEUED));
        return open.case_id();
    }
    void promise_a_call(const std::string& id) {
        triage::PlanWelfareCall plan;
        plan.set_case_id(id);
        plan.set_within_minutes(1);
        REQUIRE(stack.ask("triage", plan, "call-" + id, 15'000, due - minute).status() == ACCEPTED);
    }
    void refer(const std::string& id) {
        triage::DecideReview decide;
        decide.set_case_id(id);
        decide.set_token(claim_and_start(id));
        decide.set_pathway(triage::UCR);
        decide.set_rationale_code("fall");
        decide.set_refer_to_service_id("2000099999");
        decide.set_against_advice("as-it-was");  // what the sample says of the patient is not what this is about
        REQUIRE(stack.ask("triage", decide, "decide-" + id, 15'000, due - minute).status() == ACCEPTED);
        REQUIRE(stack.wait_until([&] { return count(events_of(id), "ReferralRequested") == 1; }));
    }
    std::map<std::string, long> said() {  // how often, whatever the case
        std::map<std::string, long> all;
        for (const auto& stored : stack.journal()) {
            Event event;
            REQUIRE(event.ParseFromString(stored));
            ++all[runtime::event_name(event)];
        }
        return all;
    }
    std::map<std::string, long> alerts() {  // by kind and case
        std::map<std::string, long> all;
        const auto queue = stack.query<triage::QueueReply>("triage", triage::GetQueue());
        if (!queue) return all;
        for (const auto& alert : queue->alerts()) ++all[alert.kind() + " " + alert.case_id()];
        return all;
    }
};

}  // namespace

TEST_CASE(
    "Everything dies before the deadlines and comes back after them: each is said once, and nobody is forgotten") {
    Hub hub;
    const auto waits = hub.validation(hub.due - wall());
    const auto crew_waits = hub.crew(hub.due);
    const auto referred = hub.validation(60 * minute);
    const auto crew_referred = hub.crew(wall() + 60 * minute);
    for (const auto& id : {waits, crew_waits}) hub.promise_a_call(id);
    for (const auto& id : {referred, crew_referred}) hub.refer(id);
    REQUIRE(hub.stack.wait_until([&] { return hub.sender.count("validation-full") == 1; }));
    auto before = hub.said();
    CHECK(before["ReviewBreached"] + before["WelfareCallMissed"] + before["ReferralOverdue"] == 0);
    for (const auto& process : everything) hub.stack.kill(process);
    REQUIRE(wall() < hub.due);
    REQUIRE(hub.stack.wait_until([&] { return wall() > hub.due + 1'000; }, due_in + 30'000));
    CHECK(hub.sender.count("RRNA") == 0);

    hub.stack.start_all();
    hub.wait_for_door();
    const auto all_said = [&] {
        auto now = hub.said();
        return now["ReviewBreached"] >= 2 && now["WelfareCallMissed"] >= 2 && now["ReferralOverdue"] >= 4 &&
               hub.alerts().size() >= 8 && hub.sender.count("RRNA") >= 1;
    };
    const bool soon = hub.stack.wait_until(all_said, 60'000);
    INFO(hub.story_of(waits));
    std::string seen;
    for (const auto& [what, times] : hub.said()) seen += what + " " + std::to_string(times) + "\n";
    for (const auto& [what, times] : hub.alerts()) seen += "alert " + what + " " + std::to_string(times) + "\n";
    INFO(seen);
    REQUIRE(soon);
    REQUIRE(hub.stack.wait_until([&] { return count(hub.events_of(waits), "DeliverySettled") == 1; }));
    for (const auto& id : {waits, crew_waits}) {
        CHECK(count(hub.events_of(id), "ReviewBreached") == 1);
        CHECK(count(hub.events_of(id), "WelfareCallMissed") == 1);
    }
    for (const auto& id : {referred, crew_referred})
        CHECK(count(hub.events_of(id), "ReferralOverdue") == 2);  // of both its times
    CHECK(hub.sender.count("RRNA") == 1);
    const auto alerts = hub.alerts();
    CHECK(alerts == std::map<std::string, long>{{"review-breached " + waits, 1},
                                                {"review-breached " + crew_waits, 1},
                                                {"welfare-call-missed " + waits, 1},
                                                {"welfare-call-missed " + crew_waits, 1},
                                                {"referral-overdue " + referred, 1},
                                                {"referral-overdue " + crew_referred, 1},
                                                {"ucr-two-hours " + referred, 1},
                                                {"ucr-two-hours " + crew_referred, 1}});
}
