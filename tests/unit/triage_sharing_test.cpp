// Take-over, downgrade, second opinions and welfare calls: what people do beside claiming and deciding.
#include "common/base/limits.hpp"
#include "tests/unit/triage_bench.hpp"

using namespace rightplace;
using namespace rightplace::triage;
using namespace rightplace::triage::bench;

namespace {

constexpr const char* consultant = "ed-consultant";

struct Shared : Hub {
    Shared() { run(queue(now + 100 * minute)); }

    Outcome take_over(const std::string& who, const std::string& reason = "shift-end") {
        auto command = about<TakeOverReview>();
        command.set_reason_code(reason);
        *command.mutable_text() = sealed("why");
        return run(command, who, "role-" + who);
    }
    Outcome downgrade(intake::Category to, const std::string& who = "a", const std::string& role = consultant) {
        auto command = about<DowngradeReview>();
        command.set_to_category(to);
        command.set_reason_code("better");
        return run(command, who, role);
    }
    Outcome ask(const std::string& of, const std::string& who = "a", const std::string& role = "nurse") {
        auto command = about<AskSecondOpinion>();
        command.set_of_role(of);
        return run(command, who, role);
    }
    Outcome give(const std::string& view, const std::string& who = "b", const std::string& role = consultant) {
        auto command = about<GiveSecondOpinion>();
        command.set_view(view);
        if (view == "advise") *command.mutable_text() = sealed("advice");
        return run(command, who, role);
    }
    Outcome promise(std::uint32_t minutes) {
        auto command = about<PlanWelfareCall>();
        command.set_within_minutes(minutes);
        return run(command, "a", "nurse");
    }
    Outcome call(const std::string& outcome) {
        auto command = about<RecordContactAttempt>();
        command.set_outcome(outcome);
        command.set_method("phone");
        return run(command, "a", "nurse");
    }
    Outcome miss(TimeMs due) {
        auto command = about<MissWelfareCall>();
        *command.mutable_due() = to_timestamp(due);
        return run(command);
    }
    std::size_t timers() {
        std::size_t found = 0;
        for (const auto& entry : index("review", "c1")) found += entry.member == "review|c1|welfare" ? 1 : 0;
        return found;
    }
};

}  // namespace

TEST_CASE("A take-over ends the other's claim at once, and says whose it was and why") {
    Shared hub;
    hub.claim("a");
    const auto old = hub.token();
    hub.consult();
    CHECK(hub.take_over("a").code() == WRONG_STATE);
    CHECK(hub.take_over("b", "").code() == INVALID);
    CHECK(hub.take_over("b", "she fell again").code() == INVALID);  // it stands in clear
    CHECK(hub.take_over("").code() == INVALID);
    CHECK(hub.token() == old);
    REQUIRE(hub.take_over("b").names() == Names{"ReviewTakenOver"});
    CHECK(hub.token() == hub.log.back().event.event_id());
    CHECK(hub.review().claim().holder().id() == "b");
    CHECK(hub.review().claim().taken_from().id() == "a");
    CHECK(hub.review().claim().reason_code() == "shift-end");
    CHECK(hub.review().status() == CLAIMED);  // whoever takes over begins a consultation of their own
    CHECK(hub.lease_of({"review", "c1"}) == hub.now + 60'000);
    hub.promise(5);
    const auto late = hub.decide(old);
    CHECK(late.code() == STALE_TOKEN);
    CHECK(late.names() == Names{"NoteAdded"});  // what the other wrote is kept
    CHECK(late.refusal->sentence().find("A role-b has taken the review over: shift-end.") != std::string::npos);
    CHECK(hub.decide(hub.token()).names() == Names{"ReviewDecided"});
    CHECK(hub.take_over("c").code() == WRONG_STATE);
}

TEST_CASE("Where nobody holds a live claim a take-over is a claim") {
    Shared hub;
    CHECK(hub.take_over("a").names() == Names{"NoteAdded", "ReviewClaimed"});  // what was written is kept
    hub.now += 61'000;
    const auto taken = hub.take_over("b");
    REQUIRE(taken.names() == Names{"ClaimLapsed", "NoteAdded", "ReviewClaimed"});
    CHECK(runtime::must_be<ReviewClaimed>(*taken.events[2].payload).reason_code() == "shift-end");
    CHECK_FALSE(hub.review().claim().has_taken_from());
}

TEST_CASE("A consultation taken over past its breach gives the case back first") {
    Shared hub;
    hub.claim("a");
    hub.consult();
    hub.now += 100 * minute;
    auto renew = hub.about<RenewClaim>();
    renew.set_token(hub.token());
    hub.run(renew, "a");
    REQUIRE(hub.breach().names() == Names{"ReviewBreached"});
    CHECK(hub.take_over("b").names() == Names{"ReviewReturned", "ReviewTakenOver"});
    CHECK(hub.token() == hub.log.back().event.event_id());
    CHECK(hub.review().returned());
}

TEST_CASE("Only a named clinician lowers a category, and the breach time stays") {
    Shared hub;
    hub.claim("z");  // somebody else's claim is no obstacle
    const auto before = to_ms(hub.review().breach_at());
    CHECK(hub.downgrade(intake::C5, "a", "coordinator").code() == FORBIDDEN);
    CHECK(hub.downgrade(intake::C5, "").code() == FORBIDDEN);
    CHECK(hub.downgrade(intake::C3).code() == INVALID);
    CHECK(hub.downgrade(intake::C1).code() == INVALID);
    CHECK(hub.downgrade(intake::CATEGORY_UNSPECIFIED).code() == INVALID);
    auto unreasoned = hub.about<DowngradeReview>();
    unreasoned.set_to_category(intake::C5);
    CHECK(hub.run(unreasoned, "a", consultant).code() == INVALID);
    CHECK(hub.review().category() == intake::C3);
    CHECK(hub.downgrade(intake::C5).names() == Names{"ReviewDowngraded"});
    CHECK(hub.review().category() == intake::C5);
    CHECK(to_ms(hub.review().breach_at()) == before);
    hub.decide(hub.token());
    CHECK(hub.downgrade(intake::C5).code() == WRONG_STATE);
}

TEST_CASE("A second opinion answers the oldest question to its role, and shares in the decision") {
    Shared hub;
    hub.claim("a");
    CHECK(hub.ask("coordinator").code() == INVALID);
    CHECK(hub.ask(consultant).names() == Names{"SecondOpinionAsked"});
    CHECK(hub.ask(consultant, "z").names() == Names{"SecondOpinionAsked"});
    CHECK(hub.give("maybe").code() == INVALID);
    CHECK(hub.give("agree", "b", "coordinator").code() == FORBIDDEN);
    auto silent = hub.about<GiveSecondOpinion>();
    silent.set_view("advise");
    CHECK(hub.run(silent, "b", consultant).code() == INVALID);
    CHECK(hub.give("dissent").names() == Names{"SecondOpinionGiven"});
    REQUIRE(hub.review().opinions_size() == 2);
    CHECK(hub.review().opinions(0).given_by().id() == "b");
    CHECK(hub.review().opinions(0).view() == "dissent");
    CHECK_FALSE(hub.review().opinions(1).has_given_by());
    hub.give("advise", "g", "gp");  // nobody asked a GP
    REQUIRE(hub.review().opinions_size() == 3);
    CHECK(hub.review().opinions(2).of_role().empty());

    hub.give("agree", "x", "gp");  // "x" decides: nobody shares with themselves
    hub.now += minute;
    hub.give("agree", "b");  // a mind changed, in answer to the second question
    CHECK(hub.review().opinions(1).view() == "agree");
    auto decide = hub.about<DecideReview>();
    decide.set_token(hub.token());
    decide.set_pathway(ADVICE);
    decide.set_rationale_code("self-care");
    decide.add_shared_with()->mutable_actor()->set_id("g");
    decide.mutable_shared_with(0)->set_view("dissent");  // theirs is on record, and it was not dissent
    const auto decided = hub.run(decide, "x", "ed-consultant");
    REQUIRE(decided.names() == Names{"ReviewDecided"});
    const auto& event = runtime::must_be<ReviewDecided>(*decided.events[0].payload);
    REQUIRE(event.shared_with_size() == 2);
    CHECK(event.shared_with(0).actor().id() == "g");
    CHECK(event.shared_with(0).view() == "advise");
    CHECK(event.shared_with(1).actor().role() == consultant);
    CHECK(event.shared_with(1).view() == "agree");
    CHECK(hub.give("agree").code() == WRONG_STATE);
    CHECK(hub.ask(consultant).code() == WRONG_STATE);
}

TEST_CASE("Nobody answers their own question, and a review holds a bounded number of opinions") {
    Shared hub;
    hub.ask(consultant, "b", consultant);
    hub.give("agree", "b", consultant);
    REQUIRE(hub.review().opinions_size() == 2);
    CHECK_FALSE(hub.review().opinions(0).has_given_by());
    while (hub.review().opinions_size() < limits::second_opinions_max) hub.give("agree", "g", "gp");
    CHECK(hub.ask("gp").code() == WRONG_STATE);
    CHECK(hub.give("agree", "g", "gp").code() == WRONG_STATE);
    CHECK(hub.give("agree", "c", consultant).names() == Names{"SecondOpinionGiven"});  // it was asked for
    CHECK(hub.review().opinions_size() == limits::second_opinions_max);
}

TEST_CASE("A promised call is kept by an answer, or missed once, and then people are told") {
    Shared hub;
    CHECK(hub.promise(0).code() == INVALID);
    CHECK(hub.promise(limits::welfare_call_max_minutes + 1).code() == INVALID);
    const auto due = hub.now + 5 * minute;
    CHECK(hub.promise(5).names() == Names{"WelfareCallPlanned"});
    CHECK(to_ms(hub.review().welfare_call_due()) == due);
    CHECK(hub.timers() == 1);
    CHECK(hub.miss(due).events.empty());  // ahead of its time
    hub.now = due;
    CHECK(hub.miss(due - 1).events.empty());  // of another promise
    CHECK(hub.call("no-answer").names() == Names{"ContactAttempted"});
    const auto missed = hub.miss(due);
    REQUIRE(missed.names() == Names{"WelfareCallMissed"});
    CHECK(hub.timers() == 0);
    CHECK(hub.miss(due).events.empty());
    const auto told = hub.react(missed.events[0]);
    REQUIRE(told.size() == 1);
    REQUIRE(told[0].names() == Names{"AlertRaised"});
    CHECK(runtime::must_be<AlertRaised>(*told[0].events[0].payload).kind() == "welfare-call-missed");
    hub.call("answered");
    CHECK_FALSE(hub.review().has_welfare_call_due());
    CHECK_FALSE(hub.review().welfare_call_missed());

    hub.promise(5);
    hub.call("answered");
    CHECK(hub.timers() == 0);
    hub.promise(5);
    hub.claim("a");
    hub.decide(hub.token());
    CHECK(hub.timers() == 0);
    hub.now += 10 * minute;
    CHECK(hub.miss(to_ms(hub.review().welfare_call_due())).events.empty());
    CHECK(hub.promise(5).code() == WRONG_STATE);
}

TEST_CASE("Nothing that comes after a promised call's time makes it forgotten") {
    Shared hub;
    hub.promise(5);
    hub.now += 6 * minute;  // and the timer has not fired: the ring was closed
    SECTION("an answer") {
        CHECK(hub.call("answered").names() == Names{"WelfareCallMissed", "ContactAttempted"});
        CHECK_FALSE(hub.review().has_welfare_call_due());
    }
    SECTION("another promise") {
        CHECK(hub.promise(5).names() == Names{"WelfareCallMissed", "WelfareCallPlanned"});
        CHECK(hub.timers() == 1);
    }
    SECTION("a decision") {
        hub.claim("a");
        CHECK(hub.decide(hub.token()).names() == Names{"WelfareCallMissed", "ReviewDecided"});
    }
    SECTION("an answer in time, written up late, keeps it") {
        hub.occurred_at = hub.now - 2 * minute;
        CHECK(hub.call("answered").names() == Names{"ContactAttempted"});
        CHECK_FALSE(hub.review().has_welfare_call_due());
    }
}

TEST_CASE("What is written up late does not undo what was promised since") {
    Shared hub;
    hub.promise(20);
    const auto due = to_ms(hub.review().welfare_call_due());
    hub.now += minute;
    hub.occurred_at = hub.now - 40 * minute;  // an answer from before the promise
    CHECK(hub.call("answered").names() == Names{"ContactAttempted"});
    CHECK(to_ms(hub.review().welfare_call_due()) == due);
    hub.occurred_at = hub.now - 35 * minute;  // a promise from before it
    CHECK(hub.promise(5).names() == Names{"WelfareCallPlanned"});
    CHECK(to_ms(hub.review().welfare_call_due()) == due);
    CHECK(hub.timers() == 1);
    hub.occurred_at = hub.now + 1;
    CHECK(hub.call("answered").code() == INVALID);
    hub.occurred_at = hub.now + 1;
    CHECK(hub.promise(5).code() == INVALID);

    Shared other;
    other.now += 60 * minute;
    other.occurred_at = other.now - 10 * minute;
    other.call("answered");
    other.occurred_at = other.now - 30 * minute;  // kept before it was written up
    CHECK(other.promise(5).names() == Names{"WelfareCallPlanned"});
    CHECK_FALSE(other.review().has_welfare_call_due());
}

TEST_CASE("A promise written up after its time is told to people at once") {
    Shared hub;
    auto command = hub.about<PlanWelfareCall>();
    command.set_within_minutes(5);
    hub.occurred_at = hub.now - 20 * minute;
    CHECK(hub.run(command, "a", "nurse").names() == Names{"WelfareCallPlanned", "WelfareCallMissed"});
    CHECK(hub.timers() == 0);
}
