// What happens at a review's breach time, and after it.
#include "tests/unit/triage_bench.hpp"

using namespace rightplace;
using namespace rightplace::triage;
using namespace rightplace::triage::bench;

TEST_CASE("A breach gives a 999 validation back once; a later decision is late") {
    Hub hub;
    hub.run(queue(hub.now + minute));
    CHECK(hub.breach().events.empty());  // ahead of its time
    hub.now += minute;
    auto other = hub.about<BreachReview>();
    *other.mutable_due() = to_timestamp(hub.now - 1);
    CHECK(hub.run(other).events.empty());  // an older timer
    const auto breached = hub.breach();
    REQUIRE(breached.names() == Names{"ReviewBreached"});
    CHECK(runtime::must_be<ReviewBreached>(*breached.events[0].payload).returned());
    CHECK(hub.review().status() == RETURNED);
    CHECK(hub.index("review", "c1").size() == 1);  // in the queue still, no timer
    CHECK(hub.breach().events.empty());
    hub.claim("a");
    const auto decided = hub.decide(hub.token());
    CHECK(runtime::must_be<ReviewDecided>(*decided.events[0].payload).late());
}

TEST_CASE("A back-filled decision that was in time is not late") {
    Hub hub;
    hub.run(queue(hub.now + minute));
    const TimeMs in_time = hub.now + 30'000;
    hub.now += 5 * minute;
    hub.breach();
    hub.claim("a");
    hub.occurred_at = in_time;
    const auto decided = hub.decide(hub.token());
    CHECK_FALSE(runtime::must_be<ReviewDecided>(*decided.events[0].payload).late());
    CHECK(hub.breach().events.empty());
}

TEST_CASE("An outcome after the breach time does not hide a breach that the timer has not fired yet") {
    const bool in_time = GENERATE(false, true);
    Hub hub;
    hub.run(queue(hub.now + minute));
    hub.claim("a");
    const TimeMs before = hub.now + 30'000;
    hub.now += 5 * minute;
    if (in_time) hub.occurred_at = before;  // back-filled: it was no breach
    const auto decided = hub.decide(hub.token());
    CHECK(decided.names() == (in_time ? Names{"ReviewDecided"} : Names{"ReviewBreached", "ReviewDecided"}));
    if (!in_time) CHECK_FALSE(runtime::must_be<ReviewBreached>(*decided.events[0].payload).returned());
    CHECK(hub.breach().events.empty());  // once
}

TEST_CASE("In mid-consultation a breach does not give back, unless the clinician is gone") {
    Hub hub;
    hub.run(queue(hub.now + 30'000));
    hub.claim("a");
    CHECK(hub.consult().names() == Names{"ConsultationStarted"});
    hub.now += 30'000;
    const auto breached = hub.breach();
    REQUIRE(breached.names() == Names{"ReviewBreached"});
    CHECK_FALSE(runtime::must_be<ReviewBreached>(*breached.events[0].payload).returned());
    CHECK_FALSE(runtime::must_be<ReviewDecided>(*hub.decide(hub.token()).events[0].payload).late());

    Hub undecided;
    undecided.run(queue(undecided.now + 30'000));
    undecided.claim("a");
    undecided.consult();
    undecided.now += 30'000;
    undecided.breach();
    ReleaseClaim release;
    release.set_case_id("c1");
    release.set_token(undecided.token());
    CHECK(undecided.run(release).names() == Names{"ClaimReleased", "ReviewReturned"});
    CHECK(undecided.review().status() == RETURNED);
    undecided.claim("b");
    undecided.consult();
    CHECK(runtime::must_be<ReviewDecided>(*undecided.decide(undecided.token()).events[0].payload).late());

    Hub gone;
    gone.run(queue(gone.now + 2 * minute));
    gone.claim("a");
    gone.consult();
    gone.now += 2 * minute;
    const auto given_back = gone.breach();
    REQUIRE(given_back.names() == Names{"ClaimLapsed", "ReviewBreached"});
    CHECK(runtime::must_be<ReviewBreached>(*given_back.events[1].payload).returned());
    CHECK(gone.review().status() == RETURNED);
}

TEST_CASE("Arrived already breached: queued, breached and returned at once") {
    Hub hub;
    const auto outcome = hub.run(queue(hub.now - minute));
    REQUIRE(outcome.names() == Names{"ReviewQueued", "ReviewBreached"});
    const auto& breached = runtime::must_be<ReviewBreached>(*outcome.events[1].payload);
    CHECK(breached.arrived_breached());
    CHECK(breached.returned());
    CHECK(hub.index("review", "c1").size() == 1);

    Hub crew;  // there is no dispatch to give a crew's contact back to: people are told
    auto command = queue(crew.now - minute);
    command.mutable_facts()->set_origin(intake::CREW_ON_SCENE);
    CHECK_FALSE(runtime::must_be<ReviewBreached>(*crew.run(command).events[1].payload).returned());

    Hub filled;  // had time left when it happened, on paper
    filled.occurred_at = filled.now - 10 * minute;
    const auto late = filled.run(queue(filled.now - minute));
    CHECK_FALSE(runtime::must_be<ReviewBreached>(*late.events[1].payload).returned());
}
