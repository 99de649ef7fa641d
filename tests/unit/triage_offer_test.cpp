// An offer that another hub makes rouses somebody; one that nobody takes comes back, and is made again.
#include "services/triage/domain/transfer_rules.hpp"
#include "tests/unit/triage_transfer_bench.hpp"

using namespace rightplace;
using namespace rightplace::triage;
using namespace rightplace::triage::bench;

namespace {

policy::HubPolicy attended(const std::string& offers_to) {
    return clinical::parse_policy(policy_text("ashford") +
                                  " attendance { source: \"s\" hours { opens: \"00:00\" "
                                  "closes: \"00:00\" source: \"s\" } " +
                                  offers_to + " }")
        .value();
}

const policy::HubPolicy offers = attended("offer_to_hub: \"paddock-wood\"");
const policy::HubPolicy offers_nothing = attended("");

template <typename T>
T last_of(const Side& side) {
    return static_cast<const T&>(*side.last(T::descriptor()->name()).payload);
}

NextReply next(const Side& side) {
    GetNext get;
    get.set_staff_id("b");
    const auto answer = domain.query({&get, nullptr, 0}, side.context());
    return static_cast<const NextReply&>(*answer.value());
}

Outcome miss_answer(Side& side) {
    auto command = side.about<MissAnswer>();
    *command.mutable_due() = side.review().offer().answer_by();
    return side.run(command);
}

// Nobody is on shift at home, where a crew has asked; at the other hub somebody is.
struct Empty {
    Side home, away;

    Empty() {
        away.hub = "paddock-wood";
        away.other_hubs = {"ashford", "far-away"};
        SignOn on;
        on.set_staff_id("b");
        away.run(on, "b", "ed-consultant");
        home.other_hubs = {"paddock-wood", "far-away"};
        home.policy = &offers;
        auto command = queue(home.now + 120 * minute);
        command.mutable_facts()->set_origin(intake::CREW_ON_SCENE);
        command.clear_reply_to();
        home.run(command);
        settle();
    }
    void pass(TimeMs ms) {
        home.now += ms;
        away.now += ms;
    }
    void settle() {
        while (Two::step(home, away) || Two::step(away, home)) {
        }
    }
    std::string offer_id() { return home.review().offer().offer_id(); }
    Outcome again() {
        auto command = home.about<OfferAgain>();
        *command.mutable_due() = home.review().offer_again_at();
        return home.run(command);
    }
    void come_back() {
        REQUIRE(away.decline(offer_id()).names() == Names{"TransferDeclined"});
        settle();
    }
};

}  // namespace

TEST_CASE("An offer raises an alert where it arrives, which is over when somebody answers it or it ends") {
    struct How {
        std::function<Outcome(Two&, const std::string&)> answer;
        const char* why;
    };
    const std::vector<How> ways{
        {[](Two& hubs, const std::string& id) { return hubs.away.accept(id); }, "accepted"},
        {[](Two& hubs, const std::string& id) { return hubs.away.decline(id); }, "declined"},
        {[](Two& hubs, const std::string&) { return hubs.home.withdraw(); }, "no-longer-offered"},
        {[](Two& hubs, const std::string&) {
             hubs.pass(transfer_answer_ms);
             return miss_answer(hubs.home);
         },
         "no-longer-offered"},
    };
    for (const auto& way : ways) {
        Two hubs;
        const auto id = hubs.offer();
        hubs.settle();
        const auto& raised = hubs.away.last("AlertRaised");
        CHECK(static_cast<const AlertRaised&>(*raised.payload).kind() == "transfer-offered");
        CHECK(static_cast<const AlertRaised&>(*raised.payload).subject() == "c1");
        CHECK(raised.event.case_number() == "A-1");
        const auto& alert = hubs.away.state<AlertState>("alert", raised.event.aggregate_id());
        CHECK(hubs.away.armed("alert", alert.alert_id(), "alert"));  // it goes up until somebody takes it
        way.answer(hubs, id);
        hubs.settle();
        REQUIRE(hubs.away.count("AlertSettled") == 1);
        CHECK(last_of<AlertSettled>(hubs.away).why() == way.why);
        CHECK(hubs.away.count("AlertRaised") == 1);
    }
}

TEST_CASE("Whoever works by what is next hears of what other hubs offer, the most urgent of it by name") {
    Two hubs;
    CHECK(next(hubs.away).offers() == 0);
    hubs.offer();
    auto other = queue(hubs.home.now + 5 * minute);
    other.set_case_id("c2");
    other.set_case_number("A-2");
    hubs.home.run(other);
    TransferReview transfer;
    transfer.set_case_id("c2");
    transfer.set_to_hub("paddock-wood");
    transfer.set_reason_code("surgical-sdec-there");
    hubs.home.run(transfer, "a", "nurse");
    hubs.settle();
    const auto told = next(hubs.away);
    CHECK_FALSE(told.has_review());
    CHECK(told.offers() == 2);
    CHECK(told.most_urgent_offer().review().case_number() == "A-2");
    CHECK(told.most_urgent_offer().from_hub() == "ashford");
    CHECK(next(hubs.home).offers() == 0);
    hubs.away.accept(told.most_urgent_offer().offer_id());
    CHECK(next(hubs.away).most_urgent_offer().review().case_number() == "A-1");
}

TEST_CASE("An offer that nobody answers ends where it was made, and people there are told") {
    Two hubs;
    const auto id = hubs.offer();
    hubs.settle();
    REQUIRE(hubs.home.armed("review", "c1", "answer"));
    hubs.pass(transfer_answer_ms - 1);
    CHECK(miss_answer(hubs.home).names().empty());
    hubs.pass(1);
    REQUIRE(miss_answer(hubs.home).names() == Names{"TransferEnded"});
    CHECK(last_of<TransferEnded>(hubs.home).why() == "not-answered");
    CHECK_FALSE(last_of<TransferEnded>(hubs.home).has_again_at());  // somebody is there, who may offer it
    CHECK_FALSE(hubs.home.armed("review", "c1", "answer"));
    hubs.settle();
    CHECK(hubs.home.owns());
    CHECK(last_of<AlertRaised>(hubs.home).kind() == "transfer-not-answered");
    CHECK(hubs.away.transfer(id).status() == WITHDRAWN);
    CHECK(hubs.away.accept(id).code() == WRONG_STATE);
    CHECK(hubs.home.offer_to("paddock-wood").names() == Names{"TransferOffered"});
}

TEST_CASE("An acceptance that crosses the end of its offer comes too late, and the case stays") {
    Two hubs;
    const auto id = hubs.offer();
    hubs.settle();
    hubs.pass(transfer_answer_ms);
    hubs.away.accept(id);
    miss_answer(hubs.home);
    hubs.settle();
    CHECK(hubs.home.owns());
    CHECK_FALSE(hubs.away.has_review());
    CHECK(hubs.away.transfer(id).status() == WITHDRAWN);
}

TEST_CASE("A case that nobody is there for is offered again after every refusal, and people are told once") {
    Empty hubs;
    REQUIRE(hubs.home.review().unattended() == "nobody-on-shift");
    const auto alerts = [&] { return hubs.home.count("AlertRaised"); };
    hubs.come_back();
    const auto told = alerts();
    CHECK(last_of<AlertRaised>(hubs.home).kind() == "transfer-declined");
    CHECK(to_ms(hubs.home.review().offer_again_at()) == hubs.home.now + offer_again_ms);
    CHECK(hubs.home.armed("review", "c1", "offer-again"));
    hubs.pass(offer_again_ms - 1);
    CHECK(hubs.again().names().empty());
    hubs.pass(1);
    REQUIRE(hubs.again().names() == Names{"TransferOffered"});
    CHECK_FALSE(hubs.home.armed("review", "c1", "offer-again"));
    hubs.settle();
    CHECK(hubs.away.transfer(hubs.offer_id()).review().offers_come_back() == 0);  // that is this hub's own count

    hubs.pass(transfer_answer_ms);  // nobody answers this one
    REQUIRE(miss_answer(hubs.home).names() == Names{"TransferEnded"});
    hubs.settle();
    CHECK(hubs.home.armed("review", "c1", "offer-again"));
    CHECK(hubs.home.review().offers_come_back() == 2);
    CHECK(alerts() == told);  // the first goes on until somebody takes it
    CHECK(hubs.home.owns());
}

TEST_CASE("What is offered again is offered no more when somebody is there, or policy names no hub") {
    Empty hubs;
    hubs.come_back();
    SECTION("Somebody comes") {
        SignOn on;
        on.set_staff_id("b");
        hubs.home.run(on, "b", "ed-consultant");
        SECTION("which is said") {
            hubs.settle();
            CHECK(hubs.home.count("ReviewAttended") == 1);
        }
        SECTION("and the clock is quicker than the word") {
            hubs.pass(offer_again_ms);
            CHECK(hubs.again().names() == Names{"ReviewAttended"});
        }
    }
    SECTION("Somebody claims it") {
        hubs.home.claim("x");
    }
    SECTION("Policy names none any more") {
        hubs.home.policy = &offers_nothing;
        hubs.pass(offer_again_ms);
        CHECK(hubs.again().names() == Names{"OfferingEnded"});
        CHECK(hubs.home.review().unattended() == "nobody-on-shift");
    }
    CHECK_FALSE(hubs.home.armed("review", "c1", "offer-again"));
    CHECK(hubs.home.count("TransferOffered") == 1);
}

TEST_CASE("An offer that is declined at once because nobody is there rouses nobody there") {
    Empty hubs;
    hubs.come_back();
    hubs.away.policy = &offers_nothing;
    SignOff off;
    off.set_staff_id("b");
    hubs.away.run(off, "b");
    hubs.settle();
    const auto before = hubs.away.count("AlertRaised");
    hubs.pass(offer_again_ms);
    REQUIRE(hubs.again().names() == Names{"TransferOffered"});
    hubs.settle();
    CHECK(hubs.away.count("TransferDeclined") == 2);
    CHECK(hubs.away.count("AlertRaised") == before);
    CHECK(hubs.home.review().offers_come_back() == 2);
}
