#include "common/base/limits.hpp"
#include "messages/audit.pb.h"
#include "messages/referral.pb.h"
#include "messages/runtime.pb.h"
#include "tests/unit/triage_bench.hpp"

using namespace rightplace;
using namespace rightplace::triage;
using namespace rightplace::triage::bench;

TEST_CASE("Queueing works out breach time, NEWS2 and the queue's entries") {
    Hub hub;
    auto command = queue(0);
    command.mutable_facts()->clear_breach_at();
    *command.mutable_facts()->mutable_clock_start() = to_timestamp(hub.now - 10 * minute);
    const auto outcome = hub.run(command);
    REQUIRE(outcome.names() == Names{"ReviewQueued"});
    CHECK(runtime::must_be<ReviewQueued>(*outcome.events[0].payload).breach_from_policy());
    CHECK(to_ms(hub.review().breach_at()) == hub.now + 110 * minute);
    CHECK(hub.review().news2().band() == "incomplete");
    const auto entries = hub.index("review", "c1");
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].queue == "work");
    CHECK(entries[1].queue == "due.triage");
    CHECK(entries[1].member == "review|c1|breach");
    CHECK(entries[1].score == double(hub.now + 110 * minute));
    CHECK(hub.run(command).events.empty());

    Hub senders;
    const auto named = senders.run(queue(senders.now + minute));
    CHECK_FALSE(runtime::must_be<ReviewQueued>(*named.events[0].payload).breach_from_policy());
    CHECK(to_ms(senders.review().breach_at()) == senders.now + minute);
}

TEST_CASE("A claim fences completion only") {
    Hub hub;
    hub.run(queue(hub.now + 100 * minute));
    CHECK(hub.claim("a").names() == Names{"ReviewClaimed"});
    const auto token = hub.token();
    CHECK(token == hub.log.back().event.event_id());
    CHECK(hub.claim("b").code() == CLAIMED_BY_OTHER);
    CHECK(hub.claim("a").code() == WRONG_STATE);
    auto note = hub.about<AddNote>();
    *note.mutable_text() = sealed("note");
    CHECK(hub.run(note, "b").names() == Names{"NoteAdded"});
    auto attempt = hub.about<RecordContactAttempt>();
    attempt.set_outcome("no-answer");
    attempt.set_method("phone");
    CHECK(hub.run(attempt, "b").names() == Names{"ContactAttempted"});
    auto escalate = hub.about<EscalateReview>();
    escalate.set_to_category(intake::C2);
    CHECK(hub.run(escalate, "b").names() == Names{"ReviewEscalated"});
    escalate.set_to_category(intake::C4);
    CHECK(hub.run(escalate, "b").code() == INVALID);
    CHECK(hub.review().category() == intake::C2);
    CHECK(hub.token() == token);
    CHECK(hub.decide("").code() == INVALID);
    const auto decided = hub.decide(token);
    REQUIRE(decided.names() == Names{"ReviewDecided"});
    const auto& event = runtime::must_be<ReviewDecided>(*decided.events[0].payload);
    CHECK(event.original_plan() == "convey");
    CHECK(event.reply_to().protocol() == "bars");
    CHECK_FALSE(event.late());
    CHECK(hub.index("review", "c1").empty());
    CHECK(hub.lease_of({"review", "c1"}) == 0);
    CHECK(hub.claim("b").code() == WRONG_STATE);
    CHECK(hub.run(note, "b").names() == Names{"NoteAdded"});  // still true after the end
}

TEST_CASE("A lease that ran out is taken over; the stale decision is kept as a note") {
    Hub hub;
    hub.run(queue(hub.now + 100 * minute));
    hub.claim("a");
    const auto stale = hub.token();
    auto lapse = hub.about<LapseClaim>();
    lapse.set_token(stale);
    CHECK(hub.run(lapse).events.empty());  // the lease lives
    auto renew = hub.about<RenewClaim>();
    renew.set_token(stale);
    hub.now += 59'999;
    CHECK(hub.run(renew, "a").events.empty());
    hub.now += 59'999;
    CHECK(hub.claim("b").code() == CLAIMED_BY_OTHER);
    hub.now += 1;
    CHECK(hub.claim("b").names() == Names{"ClaimLapsed", "ReviewClaimed"});
    CHECK(hub.run(lapse).events.empty());
    CHECK(hub.run(renew, "a").code() == STALE_TOKEN);
    const auto refused = hub.decide(stale);
    CHECK(refused.code() == STALE_TOKEN);
    CHECK(refused.refusal->sentence().find("ReviewClaimed, by role-b") != std::string::npos);
    REQUIRE(refused.names() == Names{"NoteAdded"});
    CHECK(runtime::must_be<NoteAdded>(*refused.events[0].payload).why() == "stale-decision");
    CHECK(hub.review().status() == CLAIMED);
    CHECK(hub.decide(hub.token()).names() == Names{"ReviewDecided"});
}

TEST_CASE(
    "Whoever holds a review and writes on it keeps it; what others write, or wrote on paper, keeps it for nobody") {
    Hub hub;
    hub.run(queue(hub.now + 100 * minute));
    hub.claim("a");
    const auto ends = [&] { return hub.lease_of({"review", "c1"}); };
    const auto first = ends();
    auto note = hub.about<AddNote>();
    *note.mutable_text() = sealed("note");
    hub.now += 30'000;
    CHECK(hub.run(note, "b").names() == Names{"NoteAdded"});
    CHECK(ends() == first);
    CHECK(hub.run(note, "a").names() == Names{"NoteAdded"});
    CHECK(ends() == hub.now + 60'000);
    hub.now += 59'000;
    auto attempt = hub.about<RecordContactAttempt>();
    attempt.set_outcome("no-answer");
    attempt.set_method("phone");
    hub.occurred_at = hub.now - minute;
    hub.run(attempt, "a");
    CHECK(ends() == hub.now + 1'000);
    hub.now += 1'000;  // nobody renews what has run out
    hub.run(note, "a");
    CHECK(ends() == hub.now);
    CHECK(hub.claim("b").names() == Names{"ClaimLapsed", "ReviewClaimed"});
}

TEST_CASE("Release and lapse bring the review back to the queue") {
    Hub hub;
    hub.run(queue(hub.now + 100 * minute));
    hub.claim("a");
    auto release = hub.about<ReleaseClaim>();
    release.set_token(hub.token());
    CHECK(hub.run(release, "a").names() == Names{"ClaimReleased"});
    CHECK(hub.review().status() == QUEUED);
    hub.claim("a");
    hub.now += 60'000;
    auto lapse = hub.about<LapseClaim>();
    lapse.set_token(hub.token());
    CHECK(hub.run(lapse).names() == Names{"ClaimLapsed"});
    CHECK(hub.review().status() == QUEUED);
}

TEST_CASE("Decisions and rejections need what they need") {
    Hub hub;
    hub.run(queue(hub.now + 100 * minute));
    hub.claim("a");
    CHECK(hub.decide(hub.token(), PATHWAY_UNSPECIFIED).refusal->field() == "pathway");
    auto bare = hub.about<DecideReview>();
    bare.set_token(hub.token());
    bare.set_pathway(ADVICE);
    CHECK(hub.run(bare, "a", "nurse").refusal->field() == "rationale");
    auto reject = hub.about<RejectReview>();
    reject.set_token(hub.token());
    CHECK(hub.run(reject, "a", "nurse").refusal->field() == "reason");
    reject.set_reason(OTH);
    CHECK(hub.run(reject, "a", "nurse").refusal->field() == "text");
    reject.set_reason(FC);
    CHECK(hub.run(reject, "a", "nurse").names() == Names{"ReviewRejected"});
    CHECK(hub.run(hub.about<CancelReview>()).names() == Names{"CancellationNoted"});
}

TEST_CASE("What needs a person becomes one alert") {
    Hub hub;
    hub.run(queue(hub.now + minute));
    const auto kinds_of = [&](auto payload, const char* id) {
        Event event;
        event.set_aggregate_id(id);
        event.set_event_id("e-" + std::string(id));
        std::vector<std::string> kinds;
        for (const auto& outcome : hub.react({event, std::make_shared<decltype(payload)>(payload)})) {
            for (const auto& made : outcome.events) {
                kinds.push_back(runtime::must_be<AlertRaised>(*made.payload).kind());
            }
        }
        return kinds;
    };
    referral::DeliverySettled settled;
    settled.set_status(referral::QUARANTINED);
    CHECK(kinds_of(settled, "d1") == Names{"delivery-quarantined"});
    CHECK(kinds_of(settled, "d1").empty());
    settled.set_attempt(2);  // a person released it, and it was refused again
    CHECK(kinds_of(settled, "d1") == Names{"delivery-quarantined"});
    settled.set_status(referral::WAITING);
    settled.set_attempt(limits::delivery_attempts_before_alert - 1);
    CHECK(kinds_of(settled, "d2").empty());
    settled.set_attempt(limits::delivery_attempts_before_alert);
    CHECK(kinds_of(settled, "d2") == Names{"delivery-not-getting-through"});
    CHECK(kinds_of(ReviewBreached{}, "c1") == Names{"review-breached"});
    CHECK(kinds_of(audit::ClockStepped{}, "ashford") == Names{"clock-stepped"});
    runtime::ReactionParked parked;
    parked.set_rule("queue-review");
    CHECK(kinds_of(parked, "r1") == Names{"reaction-parked"});
    parked.set_rule("raise-alert");
    CHECK(kinds_of(parked, "r2").empty());

    GetQueue asked;
    const auto answer = domain.query({&asked, nullptr, 0}, hub.context());
    const auto& reply = runtime::must_be<QueueReply>(*answer.value());
    CHECK(reply.reviews_size() == 1);
    REQUIRE(reply.alerts_size() == 6);
    TakeAlert take;
    take.set_alert_id(reply.alerts(0).alert_id());
    CHECK(hub.run(take, "", "").code() == INVALID);
    CHECK(hub.run(take, "a", "ed-consultant").names() == Names{"AlertTaken"});
    CHECK(hub.run(take, "b", "ed-consultant").code() == WRONG_STATE);
    CHECK(hub.index("alert", take.alert_id()).empty());
}

TEST_CASE("Cases queue reviews, cancellations end them, a worse category reaches the queue") {
    Hub hub;
    Event event;
    event.set_aggregate_id("c1");
    intake::CaseOpened opened;
    *opened.mutable_facts() = queue(hub.now + 100 * minute).facts();
    hub.react({event, std::make_shared<intake::CaseOpened>(opened)});
    CHECK(hub.review().status() == QUEUED);
    intake::CaseUpdated updated;
    updated.mutable_facts()->set_category(intake::C4);
    REQUIRE(hub.react({event, std::make_shared<intake::CaseUpdated>(updated)}).size() == 1);
    CHECK(hub.log.back().payload->GetDescriptor()->name() == "SenderUpdateNoted");
    CHECK(hub.review().category() != intake::C4);  // only a clinician lowers it
    updated.mutable_facts()->set_category(intake::C1);
    hub.react({event, std::make_shared<intake::CaseUpdated>(updated)});
    CHECK(hub.review().category() == intake::C1);
    CHECK(hub.review().sender_updates() == 2);
    hub.react({event, std::make_shared<intake::CancellationAsked>()});
    CHECK(hub.review().status() == CANCELLED);
    auto unknown = hub.about<CancelReview>();
    unknown.set_case_id("c9");
    CHECK(hub.run(unknown).code() == CONTENTION);
}

TEST_CASE("The shipped policy is adopted once, a bad text is refused with its line") {
    Hub hub;
    hub.policy = nullptr;
    const auto first = domain.on_ready(hub.context());
    REQUIRE(first.size() == 1);
    CHECK(hub.run(*first[0].payload).names() == Names{"PolicyAdopted"});
    CHECK(hub.run(*first[0].payload).events.empty());
    hub.policy = &rules;
    CHECK(domain.on_ready(hub.context()).empty());
    AdoptPolicy adopt;
    adopt.set_text("name: \"ashford\"\nbreach { category: \"C9\" minutes: 1 source: \"s\" }");
    CHECK(hub.run(adopt).refusal->sentence().rfind("Line 2: ", 0) == 0);
    adopt.set_text(policy_text("paddock-wood"));
    CHECK(hub.run(adopt).refusal->field() == "text.name");
}

TEST_CASE("The roster holds who is on shift, and roles hold who may do what") {
    Hub hub;
    SignOn on;
    on.set_staff_id("a");
    on.set_skill("nurse");
    CHECK(hub.run(on, "a", "nurse").names() == Names{"SignedOn"});
    CHECK(hub.run(on, "a", "nurse").events.empty());
    CHECK(hub.state<RosterState>("roster", "ashford").on_shift(0).staff().role() == "nurse");
    SignOn misspelt = on;
    misspelt.set_skill("fals");
    const auto without = hub.run(misspelt, "a", "nurse");  // nobody is locked out
    REQUIRE(without.names() == Names{"SignedOn"});
    CHECK(runtime::must_be<SignedOn>(*without.events[0].payload).skill_not_known() == "fals");
    const auto& entry = hub.state<RosterState>("roster", "ashford").on_shift(0);
    CHECK(entry.skill().empty());
    CHECK(entry.staff().role() == "nurse");
    CHECK(hub.run(misspelt, "a", "nurse").events.empty());
    CHECK(hub.run(on, "a", "nurse").names() == Names{"SignedOn"});
    CHECK(hub.state<RosterState>("roster", "ashford").on_shift(0).skill_not_known().empty());
    SignOff off;
    off.set_staff_id("a");
    CHECK(hub.run(off, "a").names() == Names{"SignedOff"});
    CHECK(hub.run(off, "a").events.empty());
    CHECK(domain.may("cli", "rightplace.triage.DecideReview"));
    CHECK_FALSE(domain.may("triage", "rightplace.triage.DecideReview"));
    CHECK_FALSE(domain.may("cli", "rightplace.triage.BreachReview"));
    CHECK(domain.may("triage", "rightplace.triage.BreachReview"));
    CHECK_FALSE(domain.may("bars", "rightplace.triage.DecideReview"));
    CHECK(domain.may("governance", "rightplace.triage.AdoptPolicy"));
    CHECK_FALSE(domain.may("governance", "rightplace.triage.DecideReview"));
}
