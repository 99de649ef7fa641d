// What the breach watch gave back by itself, the review says too; and an emergency that only its holder knew of.
#include "messages/referral.pb.h"
#include "services/triage/domain/downtime_sheet.hpp"
#include "tests/unit/triage_transfer_bench.hpp"

using namespace rightplace;
using namespace rightplace::triage;
using namespace rightplace::triage::bench;

namespace {

// The breach watch's word, by way of referral.
std::vector<Outcome> sent_back(Hub& hub, bool before_journal = true) {
    test::Recorded recorded;
    recorded.event.set_event_id("sent-back");
    recorded.event.set_aggregate_id("d1");
    recorded.event.set_case_id("c1");
    recorded.event.set_case_number("A-1");
    auto settled = std::make_shared<referral::DeliverySettled>();
    settled->set_status(referral::DELIVERED);
    settled->set_before_journal(before_journal);
    recorded.payload = settled;
    return hub.react(recorded);
}

Outcome noted(Hub& hub) {
    const auto outcomes = sent_back(hub);
    REQUIRE(outcomes.size() == 1);
    return outcomes[0];
}

struct Consulting : Side {
    Consulting() {
        run(queue(now + 30 * minute));
        claim("x");
        consult();
    }
    void renew() {
        auto command = about<RenewClaim>();
        command.set_token(token());
        run(command, "x", "ed-consultant");
    }
    Outcome escalate(const std::string& who, intake::Category to = intake::C2, const std::string& reason = "worse") {
        auto command = about<EscalateReview>();
        command.set_to_category(to);
        command.set_reason_code(reason);
        return run(command, who, "ed-consultant");
    }
    void settle() {
        while (seen_here < log.size()) {
            const auto event = log[seen_here++];
            react(event);
        }
    }
    std::size_t told() {
        settle();
        return count("AlertRaised");
    }
    Outcome lapse() {
        auto command = about<LapseClaim>();
        command.set_token(token());
        return run(command);
    }
};

}  // namespace

TEST_CASE("A case that the breach watch gave back in mid-consultation says so, and its decision is late") {
    Consulting hub;
    hub.now += 30 * minute;
    hub.renew();
    CHECK(hub.breach().names() == Names{"ReviewBreached"});
    REQUIRE_FALSE(hub.review().returned());
    CHECK(sent_back(hub, false).empty());
    CHECK(noted(hub).names() == Names{"ReturnNoted"});
    CHECK(hub.review().returned());
    CHECK(hub.review().status() == IN_CONSULTATION);
    CHECK(to_ms(hub.review().returned_at()) == hub.now);
    CHECK(noted(hub).names().empty());  // once
    QueueReply queue;
    *queue.add_reviews() = hub.review();
    CHECK(downtime_sheet({"ashford", "", hub.now, 1, 0}, queue, {}).find("GIVEN BACK TO THE SENDER") !=
          std::string::npos);
    const auto decided = hub.decide(hub.token());
    REQUIRE(decided.names().back() == "ReviewDecided");
    CHECK(static_cast<const ReviewDecided&>(*decided.events.back().payload).late());
    CHECK(noted(hub).names().empty());  // and not of what is over
}

TEST_CASE("What the breach watch gave back is not given back again") {
    Consulting hub;
    hub.now += 30 * minute;
    hub.renew();
    hub.breach();
    sent_back(hub);
    auto release = hub.about<ReleaseClaim>();
    release.set_token(hub.token());
    CHECK(hub.run(release, "x", "ed-consultant").names() == Names{"ClaimReleased"});
    CHECK(hub.review().status() == RETURNED);
}

TEST_CASE("What was given back with the journal is known already, and what waits is shown as given back") {
    Hub known;
    known.run(queue(known.now + minute));
    known.now += minute;
    known.breach();
    REQUIRE(known.review().returned());
    CHECK(noted(known).names().empty());
    Hub unknown;
    CHECK(noted(unknown).code() == CONTENTION);  // not queued yet: asked again
    unknown.run(queue(unknown.now + minute));
    CHECK(noted(unknown).names() == Names{"ReturnNoted"});
    CHECK(unknown.review().status() == RETURNED);
}

TEST_CASE("That the watch gave a case back reaches the hub that has it") {
    Two hubs;
    hubs.transfer();
    REQUIRE(hubs.away.has_review());
    CHECK(noted(hubs.home).names() == Names{"PassedOn"});
    hubs.settle();
    CHECK(hubs.away.count("ReturnNoted") == 1);
    CHECK(hubs.away.review().returned());
}

TEST_CASE("An escalation by the holder of a live claim rouses nobody before that claim ends undecided") {
    Consulting hub;
    const auto escalated = hub.escalate("x");
    CHECK(static_cast<const ReviewEscalated&>(*escalated.events[0].payload).by_its_holder());
    CHECK(hub.told() == 0);
    SECTION("It is released") {
        auto release = hub.about<ReleaseClaim>();
        release.set_token(hub.token());
        hub.run(release, "x", "ed-consultant");
        CHECK(hub.told() == 1);
    }
    SECTION("Its lease runs out") {
        hub.now += 2 * minute;
        CHECK(hub.lapse().names() == Names{"ClaimLapsed"});
        CHECK(hub.told() == 1);
    }
    SECTION("Its lease runs out, and the breach time finds that first") {
        hub.now += 30 * minute;
        CHECK(hub.breach().names() == Names{"ClaimLapsed", "ReviewBreached"});
        CHECK(hub.told() == 2);  // and the breach
    }
    SECTION("Somebody takes it in the same moment, and leaves it later") {
        hub.now += 2 * minute;
        CHECK(hub.claim("y").names() == Names{"ClaimLapsed", "ReviewClaimed"});
        CHECK(hub.told() == 0);
        hub.now += 2 * minute;
        hub.lapse();
        CHECK(hub.told() == 1);
        hub.claim("z");
        hub.now += 2 * minute;
        hub.lapse();
        CHECK(hub.told() == 1);  // once
    }
    SECTION("It is weighed, and lowered again") {
        auto downgrade = hub.about<DowngradeReview>();
        downgrade.set_to_category(intake::C4);
        downgrade.set_reason_code("observations-settled");
        hub.run(downgrade, "x", "ed-consultant");
        hub.now += 2 * minute;
        hub.lapse();
        CHECK(hub.told() == 0);
    }
    SECTION("It is decided") {
        hub.decide(hub.token(), AMBULANCE_RESPONSE);
        CHECK(hub.told() == 0);
    }
    for (const auto& each : hub.log) {
        const auto* raised = runtime::as<AlertRaised>(*each.payload);
        if (raised != nullptr && raised->kind() != "review-breached") CHECK(raised->kind() == "review-escalated");
    }
}

TEST_CASE("Anybody else's escalation rouses people at once, and so does that of a holder whose lease is over") {
    Consulting hub;
    hub.escalate("y");
    CHECK(hub.told() == 1);
    Consulting gone;
    gone.now += 2 * minute;
    gone.escalate("x");
    CHECK(gone.told() == 1);
    gone.lapse();
    CHECK(gone.told() == 1);  // they know
}

TEST_CASE("An escalation counts whatever its reason says, and no words of it stand in clear") {
    for (const std::string reason : {"Mr Smith of 4 High Street fell again", "9990000018", "chest pain"}) {
        Consulting hub;
        const auto outcome = hub.escalate("y", intake::C1, reason);
        REQUIRE(outcome.names() == Names{"ReviewEscalated"});
        const auto& escalated = static_cast<const ReviewEscalated&>(*outcome.events[0].payload);
        CHECK(escalated.reason_code() == "see-note");
        CHECK(escalated.SerializeAsString().find(reason) == std::string::npos);
    }
    Consulting coded;
    const auto outcome = coded.escalate("y", intake::C1, "chest-pain");
    CHECK(static_cast<const ReviewEscalated&>(*outcome.events[0].payload).reason_code() == "chest-pain");
    Two hubs;
    hubs.transfer();
    auto command = hubs.home.about<EscalateReview>();
    command.set_to_category(intake::C1);
    command.set_reason_code("Mr Smith fell");
    const auto passed = hubs.home.run(command, "y", "nurse");
    REQUIRE(passed.names() == Names{"PassedOn"});
    CHECK(static_cast<const PassedOn&>(*passed.events[0].payload).escalate().reason_code() == "see-note");
}

TEST_CASE("What must take effect where the case is now is refused with that hub's name; a note never is") {
    Two hubs;
    hubs.transfer();
    auto contact = hubs.home.about<RecordContactAttempt>();
    contact.set_outcome("answered");
    contact.set_method("phone");
    const auto refused = hubs.home.run(contact, "a", "nurse");
    CHECK(refused.code() == WRONG_STATE);
    REQUIRE(refused.refusal);
    CHECK(refused.refusal->sentence().find("paddock-wood") != std::string::npos);
    auto plan = hubs.home.about<PlanWelfareCall>();
    plan.set_within_minutes(30);
    CHECK(hubs.home.run(plan, "a", "nurse").code() == WRONG_STATE);
    auto note = hubs.home.about<AddNote>();
    *note.mutable_text() = sealed("a note");
    CHECK(hubs.home.run(note, "a", "nurse").names() == Names{"NoteAdded"});
    CHECK(hubs.away.run(contact, "a", "nurse").names() == Names{"ContactAttempted"});
}
