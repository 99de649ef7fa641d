// A case that another hub has: what it comes to there, what reaches this hub about it.
#include "tests/unit/triage_transfer_bench.hpp"

using namespace rightplace;
using namespace rightplace::triage;
using namespace rightplace::triage::bench;

TEST_CASE("What the other hub decides is recorded here, for this hub answers the sender") {
    Two hubs;
    hubs.transfer();
    hubs.away.claim("b");
    hubs.away.consult();
    REQUIRE(hubs.away.decide(hubs.away.token(), UCR).names() == Names{"ReviewDecided"});
    hubs.settle();
    const auto& decided = static_cast<const ReviewDecided&>(*hubs.home.last("ReviewDecided").payload);
    CHECK(decided.pathway() == UCR);
    CHECK(decided.reply_to().protocol() == "bars");
    CHECK(decided.at().hub() == "paddock-wood");
    CHECK(decided.at().actor().id() == "x");
    CHECK(decided.at().event_id() == hubs.away.last("ReviewDecided").event.event_id());
    CHECK(decided.rationale().ciphertext() == "why");
    CHECK(hubs.home.count("ConsultationStarted") == 1);
    CHECK(hubs.home.review().status() == DECIDED);
    CHECK(hubs.home.react_to_other(hubs.away.last("ReviewDecided"))[0].events.empty());
}

TEST_CASE("A breach at the other hub is recorded here once, and its alert is there") {
    Two hubs;
    hubs.transfer();
    hubs.pass(31 * minute);
    CHECK(hubs.home.breach().names().empty());
    REQUIRE(hubs.away.breach().names() == Names{"ReviewBreached"});
    hubs.settle();
    CHECK(hubs.home.count("ReviewBreached") == 1);
    CHECK(static_cast<const ReviewBreached&>(*hubs.home.last("ReviewBreached").payload).reply_to().protocol() ==
          "bars");
    CHECK(hubs.home.review().returned());
    CHECK(hubs.home.review().status() == TRANSFERRED);
    CHECK(hubs.home.count("AlertRaised") == 0);
    CHECK(hubs.away.raised("review-breached") == 1);
    hubs.home.react_to_other(hubs.away.last("ReviewBreached"));
    CHECK(hubs.home.count("ReviewBreached") == 1);
}

TEST_CASE("A consultation left at the other hub is told in its order: an old start does not follow it") {
    Two hubs;
    hubs.transfer();
    hubs.away.claim("b");
    hubs.away.consult();
    auto release = hubs.away.about<ReleaseClaim>();
    release.set_token(hubs.away.token());
    hubs.away.run(release, "b", "ed-consultant");
    hubs.home.react_to_other(hubs.away.last("ClaimReleased"));  // overtakes the start
    hubs.settle();
    CHECK(hubs.home.count("ClaimReleased") == 1);
    CHECK(hubs.home.count("ConsultationStarted") == 0);
}

TEST_CASE("What reaches this hub about a case that has left is passed on, even before the other hub has taken it") {
    Two hubs;
    const auto id = hubs.offer();
    hubs.settle();
    hubs.away.accept(id);
    hubs.let_go();
    auto worse = hubs.home.about<EscalateReview>();
    worse.set_to_category(intake::C2);
    worse.set_reason_code("sender-update");
    CHECK(hubs.home.run(worse, "", "system").names() == Names{"PassedOn"});
    hubs.settle();
    CHECK(hubs.away.review().category() == intake::C2);
    CHECK(hubs.away.react_to_other(hubs.home.last("PassedOn"))[0].events.empty());  // it is as urgent already
    DowngradeReview better = hubs.away.about<DowngradeReview>();
    better.set_to_category(intake::C5);
    better.set_reason_code("settled");
    REQUIRE(hubs.away.run(better, "b", "ed-consultant").names() == Names{"ReviewDowngraded"});
    intake::CaseUpdated updated;
    updated.mutable_facts()->set_category(intake::C2);  // worse than its sender said before, and than it is there
    test::Recorded update{{}, std::make_shared<intake::CaseUpdated>(updated)};
    update.event.set_aggregate_id("c1");
    hubs.home.react(update);
    hubs.settle();
    CHECK(hubs.away.review().category() == intake::C2);
    CHECK(hubs.away.review().sender_updates() == 1);
    CHECK(hubs.home.run(hubs.home.about<CancelReview>()).names() == Names{"PassedOn"});
    hubs.settle();
    CHECK(hubs.away.review().status() == CANCELLED);
    CHECK(hubs.home.review().status() == CANCELLED);
}

TEST_CASE("A case can be given back to where it came from, which has it as before; nowhere else that had it") {
    Two hubs;
    hubs.transfer();
    CHECK(hubs.away.offer_to("ashford").names() == Names{"TransferOffered"});
    const auto id = hubs.away.last("TransferOffered").event.event_id();
    hubs.settle();
    CHECK(hubs.home.accept(id).names() == Names{"TransferAccepted"});
    hubs.settle();
    CHECK(hubs.home.review().status() == QUEUED);
    CHECK(hubs.home.review().reply_to().protocol() == "bars");
    CHECK(hubs.home.review().came_through_size() == 0);
    CHECK(hubs.home.armed("review", "c1", "breach"));
    CHECK(domain.closed("review", hubs.away.review()));
    CHECK_FALSE(domain.closed("review", hubs.home.review()));
    hubs.home.claim("a");
    hubs.home.decide(hubs.home.token());
    hubs.settle();
    CHECK(hubs.away.count("ReviewDecided") == 0);

    Two others;
    others.transfer();
    CHECK_FALSE(domain.closed("review", others.home.review()));  // it still has to answer
    // From a third hub it is as new, though this one had it before: that hub answers, and is told.
    ReviewReceived received;
    received.set_from_hub("far-away");
    *received.mutable_review() = others.home.review();
    received.mutable_review()->add_came_through("far-away");
    const auto state = domain.evolve("review", &others.home.review(), {}, received);
    CHECK(static_cast<const ReviewState&>(*state).reply_to().via_hub() == "far-away");
}

TEST_CASE(
    "Of a 999 case whose sender no message reaches, people are told at both hubs, and nothing counts as given back") {
    Two hubs;
    auto untold = queue(hubs.home.now + 30 * minute);
    untold.set_case_id("c2");
    untold.clear_reply_to();
    hubs.home.run(untold);
    auto offer = hubs.home.about<TransferReview>();
    offer.set_case_id("c2");
    offer.set_to_hub("paddock-wood");
    offer.set_reason_code("beds-there");
    const auto id = hubs.home.run(offer, "a", "nurse").events.at(0).event.event_id();
    hubs.settle();
    hubs.away.accept(id);
    hubs.settle();
    const auto& there = hubs.away.state<ReviewState>("review", "c2");
    CHECK(there.reply_to().via_hub() == "ashford");
    CHECK(there.reply_to().cannot_be_told());
    hubs.pass(30 * minute);
    auto breach = hubs.away.about<BreachReview>();
    breach.set_case_id("c2");
    *breach.mutable_due() = there.breach_at();
    const auto breached = hubs.away.run(breach);
    REQUIRE(breached.names() == Names{"ReviewBreached"});
    CHECK_FALSE(runtime::must_be<ReviewBreached>(*breached.events[0].payload).returned());
    hubs.settle();
    CHECK(runtime::must_be<AlertRaised>(*hubs.away.last("AlertRaised").payload).kind() == "review-breached");
    CHECK(runtime::must_be<AlertRaised>(*hubs.home.last("AlertRaised").payload).kind() == "asker-to-be-told");
    CHECK_FALSE(hubs.home.state<ReviewState>("review", "c2").returned());

    Two others;  // one that can be told
    others.transfer();
    CHECK_FALSE(others.away.review().reply_to().cannot_be_told());
    others.pass(30 * minute);
    others.away.breach();
    others.settle();
    CHECK(others.away.review().returned());
    CHECK(others.home.count("AlertRaised") == 0);
}
