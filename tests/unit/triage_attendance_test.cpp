// Closed, or nobody on shift: no case waits for its breach in an empty room.
#include "services/triage/domain/downtime_sheet.hpp"
#include "tests/unit/triage_transfer_bench.hpp"

using namespace rightplace;
using namespace rightplace::triage;
using namespace rightplace::triage::bench;

namespace {

constexpr TimeMs hour = 60 * minute;
constexpr TimeMs afternoon = 1'790'000'000'000;  // Mon 21 Sep 2026, 15:13 in London

policy::HubPolicy attended(const std::string& hub, const std::string& extra = {}) {
    return clinical::parse_policy(policy_text(hub) +
                                  " attendance { source: \"s\" hours { opens: \"08:00\" closes: \"18:00\" source: "
                                  "\"s\" } skill { origin: \"gp\" role: \"gp\" source: \"s\" } " +
                                  extra + " }")
        .value();
}

const policy::HubPolicy home_rules = attended("ashford", "offer_to_hub: \"paddock-wood\"");
const policy::HubPolicy away_rules = attended("paddock-wood");

// A hub that does about its own events what it does about them, until nothing follows.
struct Attended : Side {
    Attended() {
        policy = &home_rules;
        other_hubs = {"paddock-wood"};
    }
    void settle() {
        while (seen_here < log.size()) {
            const auto event = log[seen_here++];
            for (const auto& outcome : react(event)) REQUIRE_FALSE(outcome.refusal);
        }
    }
    void arrives(intake::Origin origin = intake::VALIDATION_999) {
        auto command = queue(now + 60 * minute);
        command.mutable_facts()->set_origin(origin);
        if (origin != intake::VALIDATION_999) command.clear_reply_to();
        run(command);
        settle();
    }
    void sign_on(const std::string& who, const std::string& role) {
        SignOn on;
        on.set_staff_id(who);
        run(on, who, role);
        settle();
    }
    void sign_off(const std::string& who) {
        SignOff off;
        off.set_staff_id(who);
        run(off, who);
        settle();
    }
    void keep_hours() {
        run(KeepHours{});
        settle();
    }
    std::string why() { return review().unattended(); }
};

// At the hub that cases are offered to somebody must be there, and a GP is.
struct Staffed : Two {
    Staffed() {
        away.policy = &away_rules;
        SignOn on;
        on.set_staff_id("c");
        away.run(on, "c", "gp");
    }
};

}  // namespace

TEST_CASE("A 999 validation that nobody is there for goes back to its sender at once, and stays in the queue") {
    Attended hub;
    hub.arrives();
    CHECK(hub.why() == "nobody-on-shift");
    CHECK(hub.review().status() == RETURNED);
    CHECK(hub.count("TransferOffered") == 0);
    const auto& returned = static_cast<const ReviewReturned&>(*hub.last("ReviewReturned").payload);
    CHECK(returned.why() == "nobody-on-shift");
    CHECK(returned.reply_to().protocol() == "bars");
    CHECK(hub.count("AlertRaised") == 0);  // its sender has it

    hub.now += hour;  // the breach comes all the same, once, and gives nothing back a second time
    const auto breached = hub.breach();
    REQUIRE(breached.names() == Names{"ReviewBreached"});
    CHECK_FALSE(static_cast<const ReviewBreached&>(*breached.events[0].payload).returned());
    hub.settle();
    CHECK(hub.count("ReviewReturned") == 1);
    CHECK(hub.count("AlertRaised") == 0);
}

TEST_CASE("A 999 case that nobody would be told of is not given back to nobody") {
    Attended hub;
    auto command = queue(hub.now + hour);
    command.clear_reply_to();
    hub.run(command);
    hub.settle();
    CHECK(hub.why() == "nobody-on-shift");
    CHECK(hub.count("ReviewReturned") == 0);
    CHECK(hub.review().offer().to_hub() == "paddock-wood");
    CHECK(hub.count("AlertRaised") == 1);
}

TEST_CASE("At a closed hub with nobody to offer it to, people are told at the highest level at once") {
    const auto level_of = [](Attended& hub) {
        return static_cast<const AlertRaised&>(*hub.last("AlertRaised").payload).level();
    };
    Attended shut;
    shut.other_hubs = {};
    shut.now = afternoon + 6 * hour;
    shut.arrives(intake::CREW_ON_SCENE);
    CHECK(shut.why() == "closed");
    CHECK(level_of(shut) == 3);

    Attended offered;
    offered.now = afternoon + 6 * hour;
    offered.arrives(intake::CREW_ON_SCENE);
    CHECK(level_of(offered) == 1);  // the other hub may take it
    EndOffer declined;
    declined.set_case_id("c1");
    declined.set_offer_id(offered.review().offer().offer_id());
    declined.set_reason_code("closed");
    offered.run(declined, "", "system", "cause");
    offered.settle();
    CHECK(static_cast<const AlertRaised&>(*offered.last("AlertRaised").payload).kind() == "transfer-declined");
    CHECK(level_of(offered) == 3);

    Attended nobody;
    nobody.other_hubs = {};
    nobody.now = afternoon;
    nobody.arrives(intake::CREW_ON_SCENE);
    CHECK(nobody.why() == "nobody-on-shift");
    CHECK(level_of(nobody) == 1);  // somebody may come in at any time
}

TEST_CASE("When somebody comes it is no longer unattended; and when they go it is said again") {
    Attended hub;
    hub.other_hubs = {};
    hub.arrives(intake::CREW_ON_SCENE);
    hub.sign_on("x", "gp");
    CHECK(hub.why().empty());
    CHECK(hub.log.back().payload->GetDescriptor()->name() == "ReviewAttended");
    hub.sign_on("y", "gp");
    hub.sign_off("y");
    CHECK(hub.count("ReviewUnattended") == 1);
    hub.sign_off("x");
    CHECK(hub.why() == "nobody-on-shift");
    CHECK(hub.count("AlertRaised") == 2);
    CHECK(hub.count("ReviewAttended") == 1);
}

TEST_CASE("Closing time is by the occasion's own clock, when this hub's is a little behind it") {
    Attended hub;
    hub.sign_on("x", "gp");
    hub.keep_hours();
    const TimeMs closes = to_ms(hub.state<HoursState>("hours", "ashford").next_change());
    hub.arrives();
    hub.now = closes;
    hub.run(KeepHours{});
    hub.now = closes - 20;
    hub.settle();
    CHECK(hub.why() == "closed");
}

TEST_CASE("Signing on again as somebody else leaves those whom only the first could take") {
    Attended hub;
    hub.sign_on("x", "gp");
    hub.arrives(intake::GP);
    CHECK(hub.why().empty());
    SignOn falls;
    falls.set_staff_id("x");
    falls.set_skill("pharmacist");
    hub.run(falls, "d", "dispatcher");  // by a colleague, who does not know what they are
    hub.settle();
    CHECK(hub.why().empty());
    hub.sign_on("x", "nurse");
    CHECK(hub.why() == "nobody-with-the-skill");
    hub.sign_on("x", "gp");
    CHECK(hub.why().empty());
}

TEST_CASE("A decision after a case was given back says so, also before its breach time") {
    Attended hub;
    hub.arrives();
    hub.now += minute;
    hub.sign_on("x", "gp");
    hub.claim("x");
    CHECK(hub.why().empty());
    hub.decide(hub.token());
    CHECK(static_cast<const ReviewDecided&>(*hub.last("ReviewDecided").payload).late());
}

TEST_CASE("Somebody who may take it is on shift in opening hours: it waits") {
    Attended hub;
    hub.sign_on("x", "paramedic-practitioner");
    hub.arrives();
    CHECK(hub.why().empty());
    CHECK(hub.review().status() == QUEUED);
}

TEST_CASE("A dispatcher, or a clinician without the role, is nobody to wait for") {
    Attended hub;
    hub.sign_on("d", "dispatcher");
    hub.arrives();
    CHECK(hub.why() == "nobody-with-the-skill");
    Attended other;
    other.sign_on("x", "paramedic-practitioner");
    other.arrives(intake::GP);
    CHECK(other.why() == "nobody-with-the-skill");
    GetReview get;
    get.set_case_id("c1");
    const auto answered = domain.query({&get, nullptr, 0}, other.context());
    CHECK(static_cast<const ReviewReply&>(*answered.value()).state().roles_needed(0) == "gp");
    Attended third;
    SignOn by_a_colleague;
    by_a_colleague.set_staff_id("g");
    by_a_colleague.set_skill("gp");
    third.run(by_a_colleague, "d", "dispatcher");
    third.arrives(intake::GP);
    CHECK(third.why().empty());
}

TEST_CASE("What has no sender that dispatches is offered to the hub that policy names, and people are told") {
    Attended hub;
    hub.arrives(intake::CREW_ON_SCENE);
    CHECK(hub.why() == "nobody-on-shift");
    CHECK(hub.count("ReviewReturned") == 0);
    CHECK(hub.review().offer().to_hub() == "paddock-wood");
    CHECK(hub.review().offer().reason_code() == "nobody-on-shift");
    const auto& alert = static_cast<const AlertRaised&>(*hub.last("AlertRaised").payload);
    CHECK(alert.kind() == "review-unattended");

    Attended alone;
    alone.other_hubs = {};
    alone.arrives(intake::CREW_ON_SCENE);
    CHECK_FALSE(alone.review().has_offer());
    CHECK(alone.count("AlertRaised") == 1);
}

TEST_CASE("The last one goes: what waits is given back, what somebody works on is theirs until that ends undecided") {
    Attended hub;
    hub.sign_on("x", "gp");
    hub.sign_on("y", "gp");
    hub.arrives();
    hub.sign_off("y");
    CHECK(hub.why().empty());
    hub.claim("x");
    hub.sign_off("x");
    CHECK(hub.why().empty());  // the claim is live
    auto release = hub.about<ReleaseClaim>();
    release.set_token(hub.token());
    hub.run(release, "x");
    hub.settle();
    CHECK(hub.why() == "nobody-on-shift");
    CHECK(hub.review().returned());
}

TEST_CASE("At closing time everything that waits is given back, by the timer, once; and what comes later at once") {
    Attended hub;
    hub.sign_on("x", "gp");
    hub.keep_hours();
    const auto& hours = hub.state<HoursState>("hours", "ashford");
    CHECK(hours.sites(0).open());
    CHECK(hub.armed("hours", "ashford", "hours"));
    const TimeMs closes = to_ms(hours.next_change());
    CHECK(format_london(closes) == "21 Sep 18:00:00");
    hub.now = closes - 20 * minute;
    hub.arrives();
    CHECK(hub.why().empty());
    hub.keep_hours();
    CHECK(hub.count("HoursChanged") == 1);  // nothing has changed
    hub.now = closes;
    hub.keep_hours();
    CHECK(hub.why() == "closed");
    CHECK(hub.review().returned());
    CHECK(format_london(to_ms(hub.state<HoursState>("hours", "ashford").next_change())) == "22 Sep 08:00:00");
    hub.keep_hours();
    CHECK(hub.count("ReviewUnattended") == 1);

    QueueReply seen;
    *seen.add_reviews() = hub.review();
    CHECK(downtime_sheet({"ashford", "", hub.now, 9, 0}, seen).find("the hub is closed") != std::string::npos);
}

TEST_CASE("A policy that is adopted keeps the hub's hours from then on") {
    Attended hub;
    AdoptPolicy adopt;
    adopt.set_text(policy_text("ashford"));
    hub.run(adopt, "g", "governance");
    hub.settle();
    CHECK(hub.count("HoursChanged") == 1);
}

TEST_CASE("Who has forgotten to sign off is no longer there after the longest shift") {
    Attended hub;
    hub.now = afternoon - 7 * hour;  // 08:13
    hub.sign_on("x", "gp");
    hub.now += hour;
    hub.sign_on("x", "gp");  // again: it counts from now
    CHECK(hub.count("SignedOn") == 2);
    hub.now += 15 * hour + 30 * minute;
    hub.run(EndShifts{});
    CHECK(hub.count("SignedOff") == 0);
    CHECK(hub.armed("roster", "ashford", "shift"));
    hub.now += 30 * minute;
    hub.run(EndShifts{});
    CHECK(static_cast<const SignedOff&>(*hub.last("SignedOff").payload).why() == "shift-over");
    CHECK_FALSE(hub.armed("roster", "ashford", "shift"));
}

TEST_CASE("An offer that comes to a hub where nobody is there is declined at once; one with people waits for them") {
    Two hubs;
    hubs.away.policy = &away_rules;
    SignOff off;
    off.set_staff_id("b");
    hubs.away.run(off, "b");
    hubs.offer();
    hubs.settle();
    const auto& declined = static_cast<const TransferDeclined&>(*hubs.away.last("TransferDeclined").payload);
    CHECK(declined.reason_code() == "nobody-on-shift");
    CHECK_FALSE(hubs.home.review().has_offer());
    CHECK(static_cast<const AlertRaised&>(*hubs.home.last("AlertRaised").payload).kind() == "transfer-declined");

    Staffed staffed;
    const auto id = staffed.offer();
    staffed.settle();
    CHECK(staffed.away.transfer(id).status() == OFFERED);
}

TEST_CASE("An offer that nobody has answered when the last one goes is declined; one that was accepted is not") {
    Staffed hubs;
    const auto id = hubs.offer();
    hubs.settle();
    SignOff off;
    off.set_staff_id("c");
    const auto go = [&] {
        hubs.away.run(off, "c");
        off.set_staff_id("b");
        hubs.away.run(off, "b");
    };
    SECTION("unanswered") {
        go();
        hubs.settle();
        CHECK(hubs.away.transfer(id).status() == DECLINED);
        CHECK_FALSE(hubs.home.review().has_offer());
    }
    SECTION("accepted") {
        hubs.away.accept(id);
        go();
        hubs.settle();
        CHECK(hubs.away.transfer(id).status() == TAKEN);
        CHECK(hubs.away.review().unattended() == "nobody-on-shift");
        CHECK(hubs.home.review().returned());  // its sender is told by the hub that it came to
    }
}

TEST_CASE("A policy that names another hub which there is not is not adopted") {
    Attended hub;
    AdoptPolicy adopt;
    adopt.set_text(policy_text("ashford") + " attendance { source: \"s\" offer_to_hub: \"paddock-wod\" }");
    CHECK(hub.run(adopt, "g", "governance").refusal->sentence().find("paddock-wod") != std::string::npos);
    hub.policy = nullptr;  // a new hub, on a stack that does not serve the other: no rules at all would be worse
    CHECK(hub.run(adopt).names() == Names{"PolicyAdopted"});
}

TEST_CASE("Next for me: a case is left to those who have the role that it needs") {
    Attended hub;
    hub.sign_on("x", "paramedic-practitioner");
    hub.sign_on("g", "gp");
    hub.arrives(intake::GP);
    const auto next = [&](const std::string& who) {
        GetNext get;
        get.set_staff_id(who);
        const auto answered = domain.query({&get, nullptr, 0}, hub.context());
        return static_cast<const NextReply&>(*answered.value());
    };
    CHECK_FALSE(next("x").has_review());
    CHECK(next("x").waiting() == 1);
    CHECK(next("g").review().case_id() == "c1");
    CHECK(next("visitor").review().case_id() == "c1");        // nothing is known of them
    CHECK(hub.claim("x").names() == Names{"ReviewClaimed"});  // and nobody is locked out
}
