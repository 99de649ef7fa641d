// What an escalation does to the review's times and place, and who must hear of it; who may end a review.
#include "tests/unit/triage_bench.hpp"

using namespace rightplace;
using namespace rightplace::triage;
using namespace rightplace::triage::bench;

namespace {

// A call of the category C3, without a breach time of its sender: 120 minutes by policy.
QueueReview crew_call(const std::string& id, const std::string& number) {
    QueueReview command;
    command.set_case_id(id);
    command.set_case_number(number);
    command.mutable_facts()->set_origin(intake::CREW_ON_SCENE);
    command.mutable_facts()->set_category(intake::C3);
    return command;
}

Outcome escalate(Hub& hub, intake::Category to) {
    auto command = hub.about<EscalateReview>();
    command.set_to_category(to);
    command.set_reason_code("worse");
    return hub.run(command, "x", "dispatcher");
}

std::vector<std::string> queue_of(const Hub& hub) {
    const GetQueue asked;
    const auto answer = domain.query({&asked, nullptr, 0}, hub.context());
    REQUIRE(answer);
    std::vector<std::string> numbers;
    for (const auto& review : runtime::must_be<QueueReply>(*answer.value()).reviews()) {
        numbers.push_back(review.case_number());
    }
    return numbers;
}

std::vector<std::string> alerts_of(Hub& hub, const test::Recorded& recorded) {
    std::vector<std::string> kinds;
    for (const auto& told : hub.react(recorded)) {
        for (const auto& event : told.events) {
            const auto* raised = runtime::as<AlertRaised>(*event.payload);
            if (raised != nullptr) kinds.push_back(raised->kind());
        }
    }
    return kinds;
}

}  // namespace

TEST_CASE("An escalation brings a breach time that policy set forward, and its review up the queue") {
    Hub hub;
    hub.run(crew_call("c0", "A-0"));
    hub.run(crew_call("c1", "A-1"));
    hub.now += 10 * minute;
    CHECK(queue_of(hub) == Names{"A-0", "A-1"});
    escalate(hub, intake::C1);
    CHECK(to_ms(hub.review().breach_at()) == hub.now + 30 * minute);  // the policy's default time
    CHECK(queue_of(hub) == Names{"A-1", "A-0"});
    escalate(hub, intake::C1);  // said again later: no later
    CHECK(to_ms(hub.review().breach_at()) == hub.now + 30 * minute);
    hub.now += 30 * minute;
    CHECK(hub.breach().names() == Names{"ReviewBreached"});
}

TEST_CASE("A breach time that a sender set stays as promised; the escalated review still goes up the queue") {
    Hub hub;
    const TimeMs promised = hub.now + 90 * minute;
    auto other = queue(promised - minute);
    other.set_case_id("c0");
    other.set_case_number("A-0");
    hub.run(other);
    hub.run(queue(promised));
    CHECK(queue_of(hub) == Names{"A-0", "A-1"});
    escalate(hub, intake::C1);
    CHECK(to_ms(hub.review().breach_at()) == promised);
    CHECK(queue_of(hub) == Names{"A-1", "A-0"});
}

TEST_CASE("People are told of an escalation to an emergency, unless whoever has the review says it") {
    Hub hub;
    hub.run(crew_call("c1", "A-1"));
    CHECK(alerts_of(hub, escalate(hub, intake::C3).events.at(0)).empty());  // the same
    CHECK(alerts_of(hub, escalate(hub, intake::C2).events.at(0)) == Names{"review-escalated"});
    CHECK(alerts_of(hub, escalate(hub, intake::C1).events.at(0)) == Names{"review-escalated"});
    Hub held;
    held.run(crew_call("c1", "A-1"));
    held.claim("a");
    // Said by another: the holder may be gone, and nobody would look before the breach.
    CHECK(alerts_of(held, escalate(held, intake::C1).events.at(0)) == Names{"review-escalated"});
    Hub own;
    own.run(crew_call("c1", "A-1"));
    own.claim("x");  // who escalates
    CHECK(alerts_of(own, escalate(own, intake::C1).events.at(0)).empty());
}

TEST_CASE("An ambulance is sent by the category that the case has come to") {
    const bool named = GENERATE(false, true);
    Hub hub;
    hub.run(crew_call("c1", "A-1"));
    escalate(hub, intake::C2);
    hub.claim("a");
    auto decide = hub.about<DecideReview>();
    decide.set_token(hub.token());
    decide.set_pathway(CONVEY_TO_ED);
    decide.set_rationale_code("needs-ed");
    if (named) decide.set_category(intake::C4);
    const auto decided = hub.run(decide, "a", "ed-consultant");
    CHECK(runtime::must_be<ReviewDecided>(*decided.events.at(0).payload).category() ==
          (named ? intake::C4 : intake::C2));
}

TEST_CASE("Only a named clinician ends a review") {
    Hub hub;
    hub.run(crew_call("c1", "A-1"));
    hub.claim("a");
    auto decide = hub.about<DecideReview>();
    decide.set_token(hub.token());
    decide.set_pathway(ADVICE);
    decide.set_rationale_code("advice");
    auto reject = hub.about<RejectReview>();
    reject.set_token(hub.token());
    reject.set_reason(RRNA);
    for (const auto& [who, role] :
         {std::pair("a", "dispatcher"), {"a", "operator"}, {"", "ed-consultant"}, {"a", ""}}) {
        for (const runtime::Message* ending : {(const runtime::Message*)&decide, (const runtime::Message*)&reject}) {
            const auto outcome = hub.run(*ending, who, role);
            CHECK(outcome.code() == FORBIDDEN);
            CHECK(outcome.events.empty());
        }
    }
    CHECK(hub.run(decide, "a", "nurse").names() == Names{"ReviewDecided"});
}

TEST_CASE("Whoever is there may send an ambulance, but not lower what is sent") {
    Hub hub;
    hub.run(crew_call("c1", "A-1"));
    hub.claim("a");
    auto decide = hub.about<DecideReview>();
    decide.set_token(hub.token());
    decide.set_pathway(AMBULANCE_RESPONSE);
    decide.set_rationale_code("worse");
    decide.set_category(intake::C5);
    CHECK(hub.run(decide, "a", "dispatcher").code() == FORBIDDEN);
    decide.clear_category();
    CHECK(hub.run(decide, "", "dispatcher").code() == FORBIDDEN);
    CHECK(hub.run(decide, "a", "dispatcher").names() == Names{"ReviewDecided"});
}

TEST_CASE("Whoever asked is told of a rejection: by message, or by a person") {
    Hub hub;
    hub.run(crew_call("c1", "A-1"));
    hub.claim("a");
    auto reject = hub.about<RejectReview>();
    reject.set_token(hub.token());
    reject.set_reason(RRNA);
    CHECK(alerts_of(hub, hub.run(reject, "a", "nurse").events.at(0)) == Names{"asker-to-be-told"});
    Hub by_message;
    by_message.run(queue(by_message.now + minute));
    by_message.claim("a");
    reject.set_token(by_message.token());
    CHECK(alerts_of(by_message, by_message.run(reject, "a", "nurse").events.at(0)).empty());
}

TEST_CASE("A 999 validation whom nobody can be told of is not given back: it stays urgent, and people are told") {
    Hub hub;
    auto typed_in = queue(hub.now + minute);
    typed_in.clear_reply_to();
    hub.run(typed_in);
    hub.now += minute;
    const auto breached = hub.breach();
    REQUIRE(breached.names() == Names{"ReviewBreached"});
    CHECK_FALSE(runtime::must_be<ReviewBreached>(*breached.events[0].payload).returned());
    CHECK(hub.review().status() == QUEUED);
    CHECK(alerts_of(hub, breached.events[0]) == Names{"review-breached"});
    Hub late;
    typed_in = queue(late.now - minute);
    typed_in.clear_reply_to();
    const auto queued = late.run(typed_in);
    REQUIRE(queued.names() == Names{"ReviewQueued", "ReviewBreached"});
    CHECK_FALSE(runtime::must_be<ReviewBreached>(*queued.events[1].payload).returned());
}
