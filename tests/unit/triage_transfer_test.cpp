// A review's way to another hub: two hubs that commit for themselves and follow each other's feed.
#include <rapidcheck.h>

#include "common/base/limits.hpp"
#include "messages/transfer.pb.h"
#include "services/triage/domain/downtime_sheet.hpp"
#include "tests/unit/triage_bench.hpp"

using namespace rightplace;
using namespace rightplace::triage;
using namespace rightplace::triage::bench;

namespace {

struct Side : Hub {
    std::size_t seen_here = 0;   // of its own log
    std::size_t seen_there = 0;  // of the other's
    std::vector<test::Recorded> refused_for_now;

    bool has_review() const { return find({"review", "c1"}) != nullptr; }
    bool owns() { return has_review() && review().status() != TRANSFERRED && review().status() != DECIDED; }
    const TransferState& transfer(const std::string& offer_id) const {
        return state<TransferState>("transfer", offer_id);
    }
    Outcome offer_to(const std::string& to, const std::string& with_token = {}) {
        auto command = about<TransferReview>();
        command.set_to_hub(to);
        command.set_token(with_token);
        command.set_reason_code("surgical-sdec-there");
        *command.mutable_text() = sealed("they can see her tonight");
        return run(command, "a", "nurse");
    }
    Outcome accept(const std::string& offer_id) {
        AcceptTransfer command;
        command.set_offer_id(offer_id);
        return run(command, "b", "doctor");
    }
    Outcome decline(const std::string& offer_id) {
        DeclineTransfer command;
        command.set_offer_id(offer_id);
        command.set_reason_code("no-beds");
        return run(command, "b", "doctor");
    }
    Outcome withdraw() { return run(about<WithdrawTransfer>(), "a", "nurse"); }
    bool armed(const std::string& type, const std::string& id, const std::string& timer) {
        const auto entries = index(type, id);
        return std::any_of(entries.begin(), entries.end(),
                           [&](const auto& entry) { return entry.member.find(timer) != std::string::npos; });
    }
    const test::Recorded& last(const std::string& name) const {
        const auto found = std::find_if(
            log.rbegin(), log.rend(), [&](const auto& each) { return each.payload->GetDescriptor()->name() == name; });
        INVARIANT(found != log.rend());
        return *found;
    }
    std::size_t count(const std::string& name) const {
        return std::size_t(std::count_if(
            log.begin(), log.end(), [&](const auto& each) { return each.payload->GetDescriptor()->name() == name; }));
    }
};

struct Two {
    Side home, away;

    Two() {
        home.other_hubs = {"paddock-wood", "far-away"};
        away.hub = "paddock-wood";
        away.other_hubs = {"ashford", "far-away"};
        home.run(queue(home.now + 30 * minute));
        for (auto* side : {&home, &away}) {
            SignOn on;
            on.set_staff_id("b");
            side->run(on, "b", "doctor");
        }
    }
    void pass(TimeMs ms) {
        home.now += ms;
        away.now += ms;
    }
    static bool contended(const std::vector<Outcome>& outcomes) {
        return std::any_of(outcomes.begin(), outcomes.end(),
                           [](const auto& each) { return each.code() == CONTENTION; });
    }
    // One event of the other hub, and of its own; true when there was one.
    static bool step(Side& here, const Side& there) {
        const auto again = std::move(here.refused_for_now);
        here.refused_for_now.clear();
        for (const auto& event : again) {
            if (contended(here.react_to_other(event))) here.refused_for_now.push_back(event);
        }
        if (here.seen_there < there.log.size()) {
            const auto event = there.log[here.seen_there++];
            if (contended(here.react_to_other(event))) here.refused_for_now.push_back(event);
            return true;
        }
        if (here.seen_here < here.log.size()) {
            const auto event = here.log[here.seen_here++];
            here.react(event);
            return true;
        }
        return false;
    }
    void settle() {
        while (step(home, away) || step(away, home)) {
        }
        REQUIRE(home.refused_for_now.empty());
        REQUIRE(away.refused_for_now.empty());
    }
    std::string offer() {
        const auto made = home.offer_to("paddock-wood", home.token());
        REQUIRE(made.names() == Names{"TransferOffered"});
        return made.events[0].event.event_id();
    }
    // The whole way over.
    void transfer() {
        const auto id = offer();
        settle();
        REQUIRE(away.accept(id).names() == Names{"TransferAccepted"});
        settle();
    }
};

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
    while (hubs.home.review().status() != TRANSFERRED) Two::step(hubs.home, hubs.away);
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
    CHECK(hubs.away.count("AlertRaised") == 1);
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
    hubs.away.run(release, "b", "doctor");
    hubs.home.react_to_other(hubs.away.last("ClaimReleased"));  // overtakes the start
    hubs.settle();
    CHECK(hubs.home.count("ClaimReleased") == 1);
    CHECK(hubs.home.count("ConsultationStarted") == 0);
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

TEST_CASE("What reaches this hub about a case that has left is passed on, even before the other hub has taken it") {
    Two hubs;
    const auto id = hubs.offer();
    hubs.settle();
    hubs.away.accept(id);
    while (hubs.home.review().status() != TRANSFERRED) Two::step(hubs.home, hubs.away);
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
    updated.mutable_facts()->set_category(intake::C3);  // what this hub knew it as, and worse than it is there
    test::Recorded update{{}, std::make_shared<intake::CaseUpdated>(updated)};
    update.event.set_aggregate_id("c1");
    hubs.home.react(update);
    hubs.settle();
    CHECK(hubs.away.review().category() == intake::C3);
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

TEST_CASE("Either hub is told when the other does not say that it has done its part") {
    Two hubs;
    const auto id = hubs.offer();
    hubs.settle();
    hubs.away.accept(id);
    hubs.pass(limits::transfer_confirm_ms);
    MissLettingGo miss;
    miss.set_offer_id(id);
    *miss.mutable_due() = hubs.away.transfer(id).confirm_by();
    CHECK(hubs.away.armed("transfer", id, "confirmation"));
    CHECK(hubs.away.run(miss).names() == Names{"LettingGoMissed"});
    CHECK(hubs.away.run(miss).names().empty());
    while (hubs.home.review().status() != TRANSFERRED) Two::step(hubs.home, hubs.away);
    hubs.pass(limits::transfer_confirm_ms);
    auto silent = hubs.home.about<MissConfirmation>();
    *silent.mutable_due() = hubs.home.review().confirm_by();
    CHECK(hubs.home.run(silent).names() == Names{"ConfirmationMissed"});
    CHECK(hubs.home.run(silent).names().empty());
    hubs.settle();
    CHECK(hubs.away.review().status() == QUEUED);
    CHECK(hubs.home.count("AlertRaised") == 1);
    CHECK(hubs.away.count("AlertRaised") == 1);
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
    while (hubs.home.review().status() != TRANSFERRED) Two::step(hubs.home, hubs.away);
    CHECK(shown(hubs.home).reviews_size() == 1);
    CHECK(downtime_sheet({"ashford", "", hubs.home.now, 9, 0}, shown(hubs.home))
              .find("transferred to paddock-wood, WHICH HAS NOT SAID SO YET") != std::string::npos);
    hubs.settle();
    CHECK(shown(hubs.home).reviews_size() == 0);
    CHECK(shown(hubs.away).reviews_size() == 1);
    CHECK(shown(hubs.away).transfers_size() == 0);
}

TEST_CASE("Model: a transferred case has one owner at every moment, whoever does what and whenever they hear of it") {
    const bool held = rc::check("one owner", [] {
        Two hubs;
        const auto acts = *rc::gen::container<std::vector<int>>(40, rc::gen::inRange(0, 10));
        const auto offer_of = [](Side& side) {
            return side.has_review() && side.review().has_offer() ? side.review().offer().offer_id() : std::string();
        };
        for (const int act : acts) {
            Side& side = act % 2 == 0 ? hubs.home : hubs.away;
            Side& other = act % 2 == 0 ? hubs.away : hubs.home;
            switch (act / 2) {
                case 0:
                    if (side.has_review()) side.offer_to(other.hub, side.token());
                    break;
                case 1:
                    if (const auto id = offer_of(other); !id.empty() && side.find({"transfer", id})) side.accept(id);
                    break;
                case 2:
                    if (side.has_review()) side.withdraw();
                    break;
                case 3:
                    if (side.has_review()) side.claim("c");
                    break;
                default:
                    Two::step(side, other);
                    Two::step(side, other);
            }
            hubs.pass(minute / 2);
            const bool on_its_way = hubs.home.count("ReviewTransferred") + hubs.away.count("ReviewTransferred") >
                                    hubs.home.count("ReviewReceived") + hubs.away.count("ReviewReceived");
            RC_ASSERT(int(hubs.home.owns()) + int(hubs.away.owns()) + int(on_its_way) == 1);
        }
        hubs.settle();
        RC_ASSERT(int(hubs.home.owns()) + int(hubs.away.owns()) == 1);
        Side& owner = hubs.home.owns() ? hubs.home : hubs.away;
        if (!owner.lease_of({"review", "c1"}) || !owner.review().has_claim()) owner.claim("d");
        if (!owner.review().has_claim()) return;
        owner.decide(owner.token());
        hubs.settle();
        RC_ASSERT(hubs.home.review().status() == DECIDED);
    });
    CHECK(held);
}
