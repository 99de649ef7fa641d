// What was decided or rejected is taken back: by whom, until when, and what follows.
#include <rapidcheck.h>

#include "messages/referral.pb.h"
#include "tests/unit/triage_transfer_bench.hpp"

using namespace rightplace;
using namespace rightplace::triage;
using namespace rightplace::triage::bench;

namespace {

constexpr TimeMs hour = 60 * minute;

template <typename T>
T taken_back(const std::string& reason = "wrong-pathway") {
    T command;
    command.set_case_id("c1");
    command.set_reason_code(reason);
    return command;
}

// A case that "x", a doctor, has decided; its breach is an hour away.
struct Decided : Side {
    Decided() {
        other_hubs = {"paddock-wood"};
        run(queue(now + hour));
        claim("x");
        consult();
        REQUIRE(decide(token(), UCR).names() == Names{"ReviewDecided"});
    }
    Outcome undo(const std::string& who = "x") { return run(taken_back<UndoOutcome>(), who, "ed-consultant"); }
    Outcome reopen(const std::string& who = "y") { return run(taken_back<ReopenReview>(), who, "dispatcher"); }
    const ReviewReopened& reopened() { return static_cast<const ReviewReopened&>(*last("ReviewReopened").payload); }
};

}  // namespace

TEST_CASE("Whoever decided undoes it within minutes, and goes on with the consultation") {
    Decided hub;
    const auto outcome_id = hub.last("ReviewDecided").event.event_id();
    const auto old_token = static_cast<const ReviewDecided&>(*hub.last("ReviewDecided").payload).token();
    hub.now += 5 * minute;
    REQUIRE(hub.undo().names() == Names{"ReviewReopened"});
    CHECK(hub.reopened().outcome_event_id() == outcome_id);
    CHECK(hub.reopened().pathway() == UCR);
    CHECK(hub.reopened().reply_to().protocol() == "bars");
    CHECK(hub.review().status() == IN_CONSULTATION);
    CHECK(hub.review().pathway() == PATHWAY_UNSPECIFIED);
    CHECK(hub.review().claim().holder().id() == "x");
    CHECK(hub.token() == hub.last("ReviewReopened").event.event_id());
    CHECK(hub.lease_of({"review", "c1"}) == hub.now + minute);
    CHECK(hub.decide(old_token).code() == STALE_TOKEN);
    CHECK(hub.undo().code() == WRONG_STATE);  // there is nothing left to undo
    REQUIRE(hub.decide(hub.token(), ADVICE).names() == Names{"ReviewDecided"});
    CHECK(hub.undo().names() == Names{"ReviewReopened"});
    CHECK(hub.review().reopened() == 2);
}

TEST_CASE("Nobody undoes what somebody else decided, and nobody after the time for it; either is told what to do") {
    Decided hub;
    CHECK(hub.undo("y").code() == FORBIDDEN);
    CHECK(hub.undo("").code() == FORBIDDEN);
    CHECK(hub.run(taken_back<UndoOutcome>("Not A Code"), "x", "ed-consultant").code() == INVALID);
    hub.now += 5 * minute + 1;
    const auto late = hub.undo();
    CHECK(late.code() == WRONG_STATE);
    CHECK(late.refusal->sentence() == "It can be undone for 5 minutes; now reopen the case.");
    CHECK(hub.reopen().names() == Names{"ReviewReopened"});
}

TEST_CASE("How long is policy's to say") {
    Decided hub;
    const auto longer =
        clinical::parse_policy(policy_text("ashford") +
                               " undo_minutes: 10 undo_source: \"s\" reopen_hours: 2 reopen_source: \"s\"")
            .value();
    hub.policy = &longer;
    hub.now += 10 * minute;
    REQUIRE(hub.undo().names() == Names{"ReviewReopened"});
    hub.decide(hub.token());
    hub.now += 2 * hour + 1;
    CHECK(hub.reopen().code() == WRONG_STATE);
}

TEST_CASE("A rejection is taken back like a decision; an open case and a cancelled one are not") {
    Side hub;
    hub.run(queue(hub.now + hour));
    CHECK(hub.run(taken_back<ReopenReview>(), "y", "dispatcher").code() == WRONG_STATE);
    hub.claim("x");
    auto reject = hub.about<RejectReview>();
    reject.set_token(hub.token());
    reject.set_reason(RRNA);
    REQUIRE(hub.run(reject, "x", "ed-consultant").names() == Names{"ReviewRejected"});
    REQUIRE(hub.run(taken_back<UndoOutcome>(), "x", "ed-consultant").names() == Names{"ReviewReopened"});
    CHECK(static_cast<const ReviewReopened&>(*hub.last("ReviewReopened").payload).pathway() == PATHWAY_UNSPECIFIED);
    hub.run(hub.about<CancelReview>());
    CHECK(hub.run(taken_back<ReopenReview>(), "y", "dispatcher").code() == WRONG_STATE);
}

TEST_CASE("A reopened case waits in its old place, with its old breach time, for anybody") {
    Decided hub;
    CHECK(hub.index("review", "c1").empty());
    hub.now += 30 * minute;
    CHECK(hub.run(taken_back<ReopenReview>(), "", "").code() == INVALID);
    REQUIRE(hub.reopen().names() == Names{"ReviewReopened"});
    CHECK(hub.review().status() == QUEUED);
    CHECK_FALSE(hub.review().has_claim());
    CHECK(hub.armed("review", "c1", "breach"));
    hub.now += 30 * minute;
    REQUIRE(hub.breach().names() == Names{"ReviewBreached"});
    CHECK(static_cast<const ReviewBreached&>(*hub.last("ReviewBreached").payload).returned());
}

TEST_CASE("Reopened past a breach that nobody told its sender of, a 999 validation is given back at once") {
    Side hub;
    hub.run(queue(hub.now + minute / 2));
    hub.claim("x");
    hub.consult();
    hub.now += minute / 2;
    REQUIRE(hub.breach().names() == Names{"ReviewBreached"});  // in mid-consultation: an alert only
    hub.decide(hub.token());
    SECTION("reopened") {
        REQUIRE(hub.run(taken_back<ReopenReview>(), "y", "nurse").names() == Names{"ReviewReopened", "ReviewReturned"});
        CHECK(hub.review().status() == RETURNED);
        hub.claim("y");
        hub.decide(hub.token());
        CHECK(static_cast<const ReviewDecided&>(*hub.last("ReviewDecided").payload).late());
    }
    SECTION("undone, and then left") {
        REQUIRE(hub.run(taken_back<UndoOutcome>(), "x", "ed-consultant").names() == Names{"ReviewReopened"});
        auto release = hub.about<ReleaseClaim>();
        release.set_token(hub.token());
        CHECK(hub.run(release, "x", "ed-consultant").names() == Names{"ClaimReleased", "ReviewReturned"});
    }
}

TEST_CASE("What was decided at another hub is taken back there, and recorded here") {
    Two hubs;
    hubs.transfer();
    hubs.away.claim("x");
    hubs.away.consult();
    hubs.away.decide(hubs.away.token(), UCR);
    hubs.settle();
    const auto own_record = hubs.home.last("ReviewDecided").event.event_id();
    const auto here = hubs.home.run(taken_back<ReopenReview>(), "x", "ed-consultant");
    CHECK(here.code() == WRONG_STATE);
    CHECK(here.refusal->sentence() == "The case is with paddock-wood: what was decided there is taken back there.");
    REQUIRE(hubs.away.run(taken_back<UndoOutcome>(), "x", "ed-consultant").names() == Names{"ReviewReopened"});
    hubs.settle();
    const auto& recorded = static_cast<const ReviewReopened&>(*hubs.home.last("ReviewReopened").payload);
    CHECK(recorded.at().hub() == "paddock-wood");
    CHECK(recorded.reply_to().protocol() == "bars");
    CHECK(recorded.outcome_event_id() == own_record);  // whose answer the sender has
    CHECK(hubs.home.review().status() == TRANSFERRED);
    CHECK(hubs.home.react_to_other(hubs.away.last("ReviewReopened"))[0].events.empty());
    hubs.away.decide(hubs.away.token(), ADVICE);
    hubs.settle();
    CHECK(hubs.home.count("ReviewDecided") == 2);
    CHECK(hubs.home.review().pathway() == ADVICE);
}

TEST_CASE("An answer that has left, and a referral that was accepted, are told to people when they hold no more") {
    Side hub;
    const auto alerts_after = [&](const auto& payload) {
        Event event;
        event.set_aggregate_id("d1");
        event.set_case_id("c1");
        const auto before = hub.count("AlertRaised");
        hub.react({event, std::make_shared<std::decay_t<decltype(payload)>>(payload)});
        return hub.count("AlertRaised") - before;
    };
    referral::DeliveryWithdrawn delivery;
    CHECK(alerts_after(delivery) == 0);
    delivery.set_left(true);
    CHECK(alerts_after(delivery) == 1);
    CHECK(static_cast<const AlertRaised&>(*hub.last("AlertRaised").payload).kind() == "answer-undone");
    referral::ReferralWithdrawn withdrawn;
    CHECK(alerts_after(withdrawn) == 0);
    withdrawn.set_accepted(true);
    CHECK(alerts_after(withdrawn) == 1);
    CHECK(static_cast<const AlertRaised&>(*hub.last("AlertRaised").payload).kind() == "referral-undone");
}

TEST_CASE("A named clinician closes a case that has ended, and none that is open") {
    Decided hub;
    const auto close = [&](const std::string& who, const std::string& role) {
        return hub.run(taken_back<CloseReview>("seen-by-ucr"), who, role);
    };
    CHECK(close("", "nurse").code() == FORBIDDEN);
    CHECK(close("d", "dispatcher").code() == FORBIDDEN);
    CHECK(close("n", "nurse").names() == Names{"ReviewClosed"});
    CHECK(hub.review().status() == DECIDED);
    hub.reopen();
    CHECK(close("n", "nurse").code() == WRONG_STATE);
}

TEST_CASE("A case that another hub has is not closed from under it") {
    Two hubs;
    hubs.transfer();
    CHECK(hubs.home.run(taken_back<CloseReview>(), "n", "nurse").code() == WRONG_STATE);
    hubs.away.claim("x");
    hubs.away.decide(hubs.away.token(), UCR);
    hubs.settle();
    CHECK(hubs.home.run(taken_back<CloseReview>(), "n", "nurse").names() == Names{"ReviewClosed"});
    hubs.away.run(taken_back<ReopenReview>(), "y", "nurse");
    hubs.settle();
    CHECK(hubs.home.run(taken_back<CloseReview>(), "n", "nurse").code() == WRONG_STATE);
    CHECK(hubs.away.raised("answer-undone") == 1);  // who has it now hears that somebody must be told
}

TEST_CASE("Given back, then decided, then taken back: no sender dispatches any more, and people are told instead") {
    Side hub;
    hub.run(queue(hub.now + minute));
    hub.now += minute;
    REQUIRE(hub.breach().names() == Names{"ReviewBreached"});
    REQUIRE(hub.review().status() == RETURNED);
    hub.claim("x");
    hub.decide(hub.token());
    REQUIRE(hub.run(taken_back<ReopenReview>(), "y", "nurse").names() == Names{"ReviewReopened"});
    CHECK(hub.review().status() == QUEUED);
    hub.react(hub.last("ReviewReopened"));
    CHECK(static_cast<const AlertRaised&>(*hub.last("AlertRaised").payload).kind() == "review-breached");
    hub.claim("y");
    hub.consult();
    auto release = hub.about<ReleaseClaim>();
    release.set_token(hub.token());
    CHECK(hub.run(release, "y", "nurse").names() == Names{"ClaimReleased"});
    hub.claim("y");
    hub.decide(hub.token());
    CHECK(static_cast<const ReviewDecided&>(*hub.last("ReviewDecided").payload).late());
}

TEST_CASE("What a sender says of a decided case counts when the decision is taken back") {
    Decided hub;
    SECTION("worse") {
        auto worse = hub.about<EscalateReview>();
        worse.set_to_category(intake::C1);
        REQUIRE(hub.run(worse, "triage", "system", "cause").names() == Names{"ReviewEscalated"});
        CHECK(hub.run(worse, "n", "nurse").code() == WRONG_STATE);  // a person may reopen it
        hub.reopen();
        CHECK(hub.review().category() == intake::C1);
    }
    SECTION("cancelled") {
        CHECK(hub.run(hub.about<CancelReview>()).names() == Names{"CancellationNoted"});
        CHECK(hub.run(hub.about<CancelReview>()).events.empty());
        CHECK(hub.review().status() == DECIDED);
        CHECK(hub.undo().code() == WRONG_STATE);
        CHECK(hub.reopen().code() == WRONG_STATE);
    }
}

TEST_CASE("A case that its sender cancelled while somebody held it is not taken back either, once they have decided") {
    Decided hub;
    hub.undo();
    REQUIRE(hub.run(hub.about<CancelReview>()).names() == Names{"CancellationNoted"});
    REQUIRE(hub.decide(hub.token()).names() == Names{"ReviewDecided"});
    CHECK(hub.undo().code() == WRONG_STATE);
    CHECK(hub.reopen().code() == WRONG_STATE);
    auto goes_on = hub.about<NoteSenderUpdate>();
    goes_on.set_update_number(1);
    *goes_on.mutable_facts() = hub.review().facts();
    hub.run(goes_on);
    CHECK(hub.reopen().names() == Names{"ReviewReopened"});
}

TEST_CASE("A cancellation that reaches the old hub of a case decided elsewhere is passed on all the same") {
    Two hubs;
    hubs.transfer();
    hubs.away.claim("x");
    hubs.away.decide(hubs.away.token(), UCR);
    hubs.settle();
    CHECK(hubs.home.run(hubs.home.about<CancelReview>()).names() == Names{"PassedOn"});
    hubs.settle();
    CHECK(hubs.away.review().cancelled_since());
    CHECK(hubs.away.run(taken_back<UndoOutcome>(), "x", "ed-consultant").code() == WRONG_STATE);
}

TEST_CASE("A call promised to the patient is owed again when the decision is taken back") {
    Side hub;
    hub.run(queue(hub.now + hour));
    auto promise = hub.about<PlanWelfareCall>();
    promise.set_within_minutes(10);
    hub.run(promise, "x", "ed-consultant");
    hub.claim("x");
    hub.decide(hub.token());
    CHECK_FALSE(hub.armed("review", "c1", "welfare"));
    hub.now += 20 * minute;
    auto contact = hub.about<RecordContactAttempt>();
    contact.set_outcome("no-answer");
    contact.set_method("phone");
    CHECK(hub.run(contact, "x", "ed-consultant").names() == Names{"ContactAttempted"});
    hub.run(taken_back<ReopenReview>(), "y", "nurse");
    CHECK(hub.armed("review", "c1", "welfare"));
    auto miss = hub.about<MissWelfareCall>();
    *miss.mutable_due() = hub.review().welfare_call_due();
    CHECK(hub.run(miss).names() == Names{"WelfareCallMissed"});
}

TEST_CASE("Model: whatever is decided and taken back, wherever the case is, one outcome stands or none, at both hubs") {
    int reopened = 0;
    const bool held = rc::check("one outcome", [&] {
        Two hubs;
        if (*rc::gen::arbitrary<bool>()) hubs.transfer();
        const auto acts = *rc::gen::container<std::vector<int>>(40, rc::gen::inRange(0, 10));
        const auto standing = [](const Side& side) {
            return side.count("ReviewDecided") - side.count("ReviewReopened");
        };
        for (const int act : acts) {
            Side& side = act % 2 == 0 ? hubs.home : hubs.away;
            Side& other = act % 2 == 0 ? hubs.away : hubs.home;
            if (!side.has_review()) continue;
            const auto before = side.count("ReviewReopened");
            switch (act / 2) {
                case 0:
                    side.claim("x");
                    break;
                case 1:
                    side.decide(side.token());
                    break;
                case 2:
                    side.run(taken_back<UndoOutcome>(), "x", "ed-consultant");
                    break;
                case 3:
                    side.run(taken_back<ReopenReview>(), "y", "dispatcher");
                    break;
                default:
                    Two::step(side, other);
            }
            reopened += int(side.count("ReviewReopened") - before);
            hubs.pass(minute / 2);
            RC_ASSERT(standing(side) <= 1U);
            RC_ASSERT((side.review().status() == DECIDED) == (standing(side) == 1U));
            RC_ASSERT(side.review().outcome_event_id().empty() == (standing(side) == 0U));
        }
        hubs.settle();
        if (!hubs.away.has_review()) return;
        RC_ASSERT(standing(hubs.home) == standing(hubs.away));
        RC_ASSERT(hubs.home.review().transferred_to() == "paddock-wood");
    });
    CHECK(held);
    CHECK(reopened > 20);
}
