// A review's way to another hub: offered, accepted, let go, taken on; or kept.
#include "services/triage/domain/downtime_sheet.hpp"
#include "tests/unit/triage_transfer_bench.hpp"

using namespace rightplace;
using namespace rightplace::triage;
using namespace rightplace::triage::bench;

namespace {

std::string why_not(const Outcome& outcome) {
    return outcome.refusal ? outcome.refusal->sentence() : "";
}

}  // namespace

TEST_CASE("A transfer is an offer: the case and its clock stay until this hub lets go, and then the other has both") {
    Two hubs;
    const auto breach = to_ms(hubs.home.review().breach_at());
    const auto id = hubs.offer();
    CHECK(hubs.home.owns());
    CHECK(hubs.home.armed("review", "c1", "breach"));
    hubs.settle();
    CHECK(hubs.away.transfer(id).status() == OFFERED);
    CHECK(hubs.away.transfer(id).offered_by().id() == "a");
    CHECK_FALSE(hubs.away.has_review());
    CHECK(hubs.home.offer_to("paddock-wood").names().empty());  // asked again
    CHECK(hubs.home.offer_to("far-away").code() == WRONG_STATE);

    AcceptTransfer by_the_giver;
    by_the_giver.set_offer_id(id);
    CHECK(hubs.away.run(by_the_giver, "a", "nurse").code() == WRONG_STATE);  // not on shift there
    REQUIRE(hubs.away.accept(id).names() == Names{"TransferAccepted"});
    CHECK(hubs.away.accept(id).code() == WRONG_STATE);
    CHECK(hubs.home.owns());  // it has not heard of it
    CHECK_FALSE(hubs.away.has_review());

    CHECK(Two::step(hubs.home, hubs.away));  // TransferReceived
    CHECK(Two::step(hubs.home, hubs.away));  // TransferAccepted
    CHECK(hubs.home.review().status() == TRANSFERRED);
    CHECK_FALSE(hubs.home.armed("review", "c1", "breach"));
    CHECK(hubs.home.armed("review", "c1", "confirmation"));
    CHECK(why_not(hubs.home.claim("a")).find("transferred to paddock-wood") != std::string::npos);

    hubs.settle();
    CHECK(hubs.away.transfer(id).status() == TAKEN);
    CHECK(hubs.away.review().status() == QUEUED);
    CHECK(to_ms(hubs.away.review().breach_at()) == breach);
    CHECK(hubs.away.armed("review", "c1", "breach"));
    CHECK(hubs.away.review().reply_to().via_hub() == "ashford");
    CHECK(hubs.home.review().transfer_confirmed());
    CHECK(hubs.home.index("review", "c1").empty());
    CHECK(hubs.away.react_to_other(hubs.home.last("ReviewTransferred"))[0].events.empty());  // told again
}

TEST_CASE("Who may offer a review, and to whom") {
    Two hubs;
    CHECK(hubs.home.offer_to("nowhere").code() == INVALID);
    CHECK(hubs.home.offer_to("ashford").code() == INVALID);
    CHECK(hubs.home.run(hubs.home.about<TransferReview>(), "", "nurse").code() == INVALID);
    hubs.home.claim("c");
    CHECK(hubs.home.offer_to("paddock-wood").code() == CLAIMED_BY_OTHER);
    CHECK(hubs.home.offer_to("paddock-wood", "other").code() == STALE_TOKEN);
    CHECK(hubs.home.offer_to("paddock-wood", hubs.home.token()).names() == Names{"TransferOffered"});
    CHECK(hubs.home.review().claim().holder().id() == "c");  // nothing is lost by offering
}

TEST_CASE("Whatever this hub does with the case first ends the offer, and an acceptance comes too late") {
    const auto decide = [](Side& home) {
        home.claim("a");
        return home.decide(home.token()).names().back();
    };
    const std::vector<std::pair<std::string, std::function<void(Side&)>>> acts{
        {"withdrawn", [](Side& home) { home.withdraw(); }},
        {"claimed", [](Side& home) { home.claim("c"); }},
        {"claimed", [&](Side& home) { decide(home); }},
        {"ended",
         [](Side& home) {
             auto cancel = home.about<CancelReview>();
             home.run(cancel);
         }},
    };
    for (const auto& [why, act] : acts) {
        Two hubs;
        const auto id = hubs.offer();
        hubs.settle();
        act(hubs.home);
        CHECK(static_cast<const TransferEnded&>(*hubs.home.last("TransferEnded").payload).why() == why);
        CHECK_FALSE(hubs.home.review().has_offer());
        hubs.away.accept(id);
        hubs.settle();
        CHECK(hubs.home.count("ReviewTransferred") == 0);
        CHECK(hubs.away.transfer(id).status() == WITHDRAWN);
        CHECK_FALSE(hubs.away.has_review());
        CHECK(hubs.away.accept(id).code() == WRONG_STATE);
    }
}

TEST_CASE("A lease that ran out is over before the case is offered: its holder does not work on, and lose it") {
    Two hubs;
    hubs.home.claim("c");
    const auto old = hubs.home.token();
    hubs.pass(2 * minute);
    REQUIRE(hubs.home.offer_to("paddock-wood").names() == Names{"ClaimLapsed", "TransferOffered"});
    auto renew = hubs.home.about<RenewClaim>();
    renew.set_token(old);
    CHECK(hubs.home.run(renew, "c", "nurse").code() == STALE_TOKEN);
}

TEST_CASE("What no clock runs for is confirmed before its deadline") {
    Two hubs;
    const auto id = hubs.offer();
    hubs.settle();
    hubs.pass(30 * minute - 5'000);
    hubs.away.accept(id);
    hubs.let_go();
    CHECK(to_ms(hubs.home.review().confirm_by()) == to_ms(hubs.home.review().breach_at()));
}

TEST_CASE("A holder who offers a case and begins a consultation keeps it") {
    Two hubs;
    hubs.home.claim("a");
    const auto id = hubs.offer();
    CHECK(hubs.home.consult().names() == Names{"TransferEnded", "ConsultationStarted"});
    hubs.settle();
    CHECK(hubs.away.transfer(id).status() == WITHDRAWN);
}

TEST_CASE("A declined transfer stays, and people are told") {
    Two hubs;
    const auto id = hubs.offer();
    hubs.settle();
    REQUIRE(hubs.away.decline(id).names() == Names{"TransferDeclined"});
    hubs.settle();
    CHECK(hubs.home.owns());
    CHECK_FALSE(hubs.home.review().has_offer());
    CHECK(static_cast<const AlertRaised&>(*hubs.home.last("AlertRaised").payload).kind() == "transfer-declined");
    CHECK(hubs.away.accept(id).code() == WRONG_STATE);
    CHECK(hubs.home.offer_to("paddock-wood").names() == Names{"TransferOffered"});
}

TEST_CASE("A consultation past its breach that ends in a transfer gives the case back first") {
    Two hubs;
    hubs.home.claim("a");
    hubs.home.consult();
    const auto id = hubs.offer();
    hubs.settle();
    hubs.pass(30 * minute);
    auto renew = hubs.home.about<RenewClaim>();
    renew.set_token(hubs.home.token());
    hubs.home.run(renew, "a", "nurse");
    CHECK(hubs.home.breach().names() == Names{"ReviewBreached"});
    CHECK_FALSE(hubs.home.review().returned());
    hubs.away.accept(id);
    hubs.settle();
    CHECK(hubs.home.count("ReviewReturned") == 1);
    CHECK(hubs.home.count("ClaimReleased") == 1);
    CHECK(hubs.away.review().status() == RETURNED);
}

TEST_CASE("An emergency that only its holder knew of is told to people where it goes, when its holder lets it go") {
    Two hubs;
    hubs.home.claim("a");
    auto worse = hubs.home.about<EscalateReview>();
    worse.set_to_category(intake::C2);
    REQUIRE(hubs.home.run(worse, "a", "nurse").names() == Names{"ReviewEscalated"});
    hubs.transfer();
    CHECK(hubs.away.review().category() == intake::C2);
    CHECK(hubs.away.raised("review-escalated") == 1);
    Two others;  // they were told of this one where it was said
    REQUIRE(others.home.run(worse, "b", "ed-consultant").names() == Names{"ReviewEscalated"});
    others.transfer();
    CHECK(others.home.raised("review-escalated") == 1);
    CHECK(others.away.raised("review-escalated") == 0);
}

TEST_CASE("Either hub is told when the other does not say that it has done its part") {
    Two hubs;
    const auto id = hubs.offer();
    hubs.settle();
    hubs.away.accept(id);
    hubs.pass(clinical::transfer_confirm_ms(nullptr));
    MissLettingGo miss;
    miss.set_offer_id(id);
    *miss.mutable_due() = hubs.away.transfer(id).confirm_by();
    CHECK(hubs.away.armed("transfer", id, "confirmation"));
    CHECK(hubs.away.run(miss).names() == Names{"LettingGoMissed"});
    CHECK(hubs.away.run(miss).names().empty());
    hubs.let_go();
    hubs.pass(clinical::transfer_confirm_ms(nullptr));
    auto silent = hubs.home.about<MissConfirmation>();
    *silent.mutable_due() = hubs.home.review().confirm_by();
    CHECK(hubs.home.run(silent).names() == Names{"ConfirmationMissed"});
    CHECK(hubs.home.run(silent).names().empty());
    hubs.settle();
    CHECK(hubs.away.review().status() == QUEUED);
    CHECK(hubs.home.count("AlertRaised") == 1);
    CHECK(hubs.away.raised("transfer-unconfirmed") == 1);
}

TEST_CASE("A transferred case is on one hub's screens at least, and on the sheet of the one that let go until then") {
    Two hubs;
    const auto id = hubs.offer();
    hubs.settle();
    hubs.away.accept(id);
    const auto shown = [](Side& side) {
        const GetQueue get;
        const auto answer = domain.query({&get, nullptr, 0}, side.context());
        return static_cast<const QueueReply&>(*answer.value());
    };
    CHECK(shown(hubs.away).transfers_size() == 1);
    CHECK(shown(hubs.away).reviews_size() == 0);
    hubs.let_go();
    CHECK(shown(hubs.home).reviews_size() == 1);
    CHECK(downtime_sheet({"ashford", "", hubs.home.now, 9, 0}, shown(hubs.home))
              .find("transferred to paddock-wood, WHICH HAS NOT SAID SO YET") != std::string::npos);
    hubs.settle();
    CHECK(shown(hubs.home).reviews_size() == 0);
    CHECK(shown(hubs.away).reviews_size() == 1);
    CHECK(shown(hubs.away).transfers_size() == 0);
}
