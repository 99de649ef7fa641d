// What the sender of a case says about it later: people see it, and decide.
#include "messages/intake.pb.h"
#include "messages/transfer.pb.h"
#include "tests/unit/triage_bench.hpp"

using namespace rightplace;
using namespace rightplace::triage;
using namespace rightplace::triage::bench;

namespace {

struct Queued : Hub {
    Queued() { run(queue(now + 100 * minute)); }

    CancelReview cancel() {
        auto command = about<CancelReview>();
        command.set_reason("revoked");
        return command;
    }
    NoteSenderUpdate update() {
        auto command = about<NoteSenderUpdate>();
        *command.mutable_facts() = review().facts();
        return command;
    }
};

}  // namespace

TEST_CASE("A cancellation ends a review that nobody has begun on") {
    Queued hub;
    CHECK(hub.run(hub.cancel()).names() == Names{"ReviewCancelled"});
    CHECK(hub.review().status() == CANCELLED);
    CHECK(hub.run(hub.cancel()).events.empty());
}

TEST_CASE("A cancelled review that somebody has claimed is theirs to end") {
    Queued hub;
    hub.claim("a");
    const auto token = hub.token();
    CHECK(hub.run(hub.cancel()).names() == Names{"CancellationNoted"});
    CHECK(hub.run(hub.cancel()).events.empty());
    CHECK(hub.review().status() == CLAIMED);
    CHECK(hub.review().cancellation_asked() == "revoked");
    CHECK(hub.token() == token);
    SECTION("they decide") {
        CHECK(hub.decide(token).code() == REFUSAL_CODE_UNSPECIFIED);
        CHECK(hub.review().status() == DECIDED);
    }
    SECTION("they leave it at that") {
        auto release = hub.about<ReleaseClaim>();
        release.set_token(token);
        CHECK(hub.run(release, "a", "nurse").names() == Names{"ReviewCancelled"});
        CHECK(hub.review().status() == CANCELLED);
        CHECK(hub.lease_of({"review", "c1"}) == 0);
    }
    SECTION("they are gone: it ends with their claim") {
        hub.now += 60 * minute;
        auto lapse = hub.about<LapseClaim>();
        lapse.set_token(token);
        CHECK(hub.run(lapse).names() == Names{"ReviewCancelled"});
        CHECK(hub.review().status() == CANCELLED);
        CHECK(hub.lease_of({"review", "c1"}) == 0);
    }
    SECTION("whoever releases it ends it") {
        auto release = hub.about<ReleaseClaim>();
        release.set_token(token);
        CHECK(hub.run(release, "a", "dispatcher").names() == Names{"ReviewCancelled"});
    }
    SECTION("they offer it to another hub, which accepts too late") {
        hub.other_hubs = {"paddock-wood"};
        auto offer = hub.about<TransferReview>();
        offer.set_to_hub("paddock-wood");
        offer.set_token(token);
        offer.set_reason_code("beds-there");
        hub.run(offer, "a", "nurse");
        auto let_go = hub.about<LetGo>();
        let_go.set_offer_id(hub.review().offer().offer_id());
        CHECK(hub.run(let_go).names() == Names{"TransferEnded", "ReviewCancelled"});
    }
}

TEST_CASE("A dead claim keeps no cancelled review in the queue, in consultation or not") {
    const bool consulting = GENERATE(false, true);
    Queued hub;
    hub.claim("a");
    if (consulting) hub.consult();
    hub.now += 2 * minute;  // the lease is one minute, and no scanner has come
    CHECK(hub.run(hub.cancel()).names() == Names{"ReviewCancelled"});
    CHECK(hub.review().status() == CANCELLED);
    CHECK_FALSE(hub.review().has_claim());
}

TEST_CASE("A cancelled review whose consultation was left is over at its breach time, and not given back") {
    Queued hub;
    hub.claim("a");
    hub.consult();
    hub.run(hub.cancel());
    hub.now += 100 * minute;
    CHECK(hub.breach().names() == Names{"ReviewBreached", "ReviewCancelled"});
    CHECK_FALSE(hub.review().returned());
}

TEST_CASE("A cancelled review whose patient is owed a call waits for a person, whatever becomes of the claim") {
    Queued hub;
    hub.claim("a");
    auto call = hub.about<PlanWelfareCall>();
    call.set_within_minutes(30);
    hub.run(call, "a", "nurse");
    hub.now += 2 * minute;
    CHECK(hub.run(hub.cancel()).names() == Names{"CancellationNoted"});
    auto lapse = hub.about<LapseClaim>();
    lapse.set_token(hub.token());
    CHECK(hub.run(lapse).names() == Names{"ClaimLapsed"});
    CHECK(hub.review().cancellation_asked() == "revoked");
    CHECK(hub.index("review", "c1").size() == 3);  // in the queue, with its breach and the call
}

TEST_CASE("A cancellation ends a review that somebody consulted on and left") {
    Queued hub;
    hub.claim("a");
    auto start = hub.about<StartConsultation>();
    start.set_token(hub.token());
    hub.run(start, "a");
    auto release = hub.about<ReleaseClaim>();
    release.set_token(hub.token());
    hub.run(release, "a");
    CHECK(hub.run(hub.cancel()).names() == Names{"ReviewCancelled"});
}

TEST_CASE("An update raises the category and brings the breach forward, and never the other way") {
    Queued hub;
    const auto breach = to_ms(hub.review().breach_at());
    auto worse = hub.update();
    worse.mutable_facts()->set_category(intake::C1);
    *worse.mutable_facts()->mutable_breach_at() = to_timestamp(breach - 30 * minute);
    CHECK(hub.run(worse).names() == Names{"SenderUpdateNoted", "ReviewEscalated"});
    CHECK(hub.review().category() == intake::C1);
    CHECK(to_ms(hub.review().breach_at()) == breach - 30 * minute);
    CHECK(hub.index("review", "c1")[0].score == double(breach - 30 * minute));
    auto better = hub.update();
    better.mutable_facts()->set_category(intake::C5);
    *better.mutable_facts()->mutable_breach_at() = to_timestamp(breach + 30 * minute);
    CHECK(hub.run(better).names() == Names{"SenderUpdateNoted"});
    CHECK(hub.review().category() == intake::C1);
    CHECK(hub.review().facts().category() == intake::C5);
    CHECK(to_ms(hub.review().breach_at()) == breach - 30 * minute);
    CHECK(hub.review().sender_updates() == 2);
    auto unknown = hub.update();
    unknown.mutable_facts()->set_category(intake::CATEGORY_UNSPECIFIED);
    CHECK(hub.run(unknown).names() == Names{"SenderUpdateNoted"});
}

TEST_CASE("What a clinician decided stands when the sender updates; people are told") {
    Queued hub;
    hub.claim("a");
    hub.decide(hub.token());
    auto late = hub.update();
    late.mutable_facts()->set_category(intake::C5);
    const auto noted = hub.run(late);
    REQUIRE(noted.names() == Names{"SenderUpdateNoted"});
    CHECK(hub.review().status() == DECIDED);
    hub.react(noted.events[0]);
    CHECK(runtime::must_be<AlertRaised>(*hub.log.back().payload).kind() == "updated-after-end");
}

TEST_CASE("The sender's same word again does not undo what a clinician lowered") {
    Queued hub;
    auto lower = hub.about<DowngradeReview>();
    lower.set_to_category(intake::C5);
    lower.set_reason_code("settled");
    hub.run(lower, "b", "ed-consultant");
    auto again = hub.update();
    CHECK(hub.run(again).names() == Names{"SenderUpdateNoted"});
    CHECK(hub.review().category() == intake::C5);
    again.mutable_facts()->set_category(intake::C2);
    CHECK(hub.run(again).names() == Names{"SenderUpdateNoted", "ReviewEscalated"});
}

TEST_CASE("An update before the review is queued is asked for again") {
    Hub hub;
    auto early = hub.about<NoteSenderUpdate>();
    CHECK(hub.run(early).code() == CONTENTION);
}

TEST_CASE("What a sender's update says of the patient is scored anew, and may raise the case by the policy's rule") {
    static const auto with_rule =
        clinical::parse_policy(policy_text("ashford") +
                               " priority { to_category: \"C2\" when { code: \"news2-high\" news2_from: 7 says: \"w\" "
                               "source: \"s\" } }")
            .value();
    const bool over = GENERATE(false, true);
    Queued hub;
    hub.policy = &with_rule;
    if (over) {
        hub.claim("a");
        hub.decide(hub.token());
    }
    auto update = hub.update();
    auto& seen = *update.mutable_facts()->mutable_observations();
    seen.set_respirations_per_minute(25);          // 3
    seen.set_oxygen_saturation_percent(91);        // 3
    seen.set_consciousness(intake::UNRESPONSIVE);  // 3
    const auto noted = hub.run(update);
    CHECK(noted.names() == (over ? Names{"SenderUpdateNoted"} : Names{"SenderUpdateNoted", "ReviewEscalated"}));
    CHECK(hub.review().news2().total() == 9);
    CHECK(hub.review().category() == (over ? intake::C3 : intake::C2));
    CHECK(hub.run(update).names() == Names{"SenderUpdateNoted"});  // nothing new: not raised again
}

TEST_CASE("A breach time that a sender brings forward is not put off by the category that comes with it") {
    Hub hub;
    auto command = queue(hub.now);
    command.mutable_facts()->clear_breach_at();  // 120 minutes by policy
    hub.run(command);
    auto update = hub.about<NoteSenderUpdate>();
    *update.mutable_facts() = hub.review().facts();
    *update.mutable_facts()->mutable_breach_at() = to_timestamp(hub.now + 10 * minute);
    update.mutable_facts()->set_category(intake::C2);  // 30 minutes by policy
    CHECK(hub.run(update).names() == Names{"SenderUpdateNoted", "ReviewEscalated"});
    CHECK(to_ms(hub.review().breach_at()) == hub.now + 10 * minute);
}

TEST_CASE("What policy had set gives way to an escalation even after the sender has named a later time") {
    Hub hub;
    auto command = queue(hub.now);
    command.mutable_facts()->clear_breach_at();  // 120 minutes by policy
    hub.run(command);
    auto update = hub.about<NoteSenderUpdate>();
    *update.mutable_facts() = hub.review().facts();
    *update.mutable_facts()->mutable_breach_at() = to_timestamp(hub.now + 180 * minute);
    update.mutable_facts()->set_category(intake::C2);
    hub.run(update);
    CHECK(to_ms(hub.review().breach_at()) == hub.now + 30 * minute);
}

TEST_CASE("A sender that sends something newer does not want it cancelled any more") {
    Queued hub;
    hub.claim("a");
    hub.run(hub.cancel());
    hub.run(hub.update());
    CHECK(hub.review().cancellation_asked().empty());
    hub.run(hub.cancel());
    auto release = hub.about<ReleaseClaim>();
    release.set_token(hub.token());
    CHECK(hub.run(release, "a", "nurse").names() == Names{"ReviewCancelled"});
}

TEST_CASE("An older word of the sender that comes late changes neither facts nor breach; a worse category counts") {
    Queued hub;
    const auto breach = to_ms(hub.review().breach_at());
    auto older = hub.update(), newer = hub.update();
    older.set_update_number(1);
    older.mutable_facts()->set_age_years(70);
    *older.mutable_facts()->mutable_breach_at() = to_timestamp(breach - 30 * minute);
    older.mutable_facts()->mutable_observations()->set_pulse_per_minute(135);
    newer.set_update_number(2);
    newer.mutable_facts()->set_age_years(71);
    CHECK(hub.run(newer).names() == Names{"SenderUpdateNoted"});
    CHECK(hub.review().update_number() == 2);
    CHECK(hub.run(newer).events.empty());  // noted before
    SECTION("as it was") {
        hub.claim("a");
        hub.run(hub.cancel());  // after both of them
        const auto late = hub.run(older);
        REQUIRE(late.names() == Names{"SenderUpdateNoted"});
        const auto& noted = runtime::must_be<SenderUpdateNoted>(*late.events[0].payload);
        CHECK(noted.overtaken());
        CHECK(noted.facts().age_years() == 70);  // nothing that came is lost
        CHECK_FALSE(noted.has_breach_at());
        CHECK(hub.review().cancellation_asked() == "revoked");
    }
    SECTION("worse than all that was said since") {
        older.mutable_facts()->set_category(intake::C1);
        CHECK(hub.run(older).names() == Names{"SenderUpdateNoted", "ReviewEscalated"});
        CHECK(hub.review().category() == intake::C1);
    }
    CHECK(hub.review().facts().age_years() == 71);
    CHECK(hub.review().news2().total() == 0);
    CHECK(to_ms(hub.review().breach_at()) == breach);
    CHECK(hub.review().update_number() == 2);
    CHECK(hub.review().sender_updates() == 1);
}

TEST_CASE("Updates of an older build, without a count, are noted as they come") {
    Queued hub;
    auto counted = hub.update(), uncounted = hub.update();
    counted.set_update_number(3);
    uncounted.mutable_facts()->set_age_years(70);
    hub.run(counted);
    CHECK(hub.run(uncounted).names() == Names{"SenderUpdateNoted"});
    CHECK(hub.review().facts().age_years() == 70);
    CHECK(hub.review().update_number() == 3);
}

TEST_CASE("What intake counted goes along to the review") {
    Queued hub;
    intake::CaseUpdated updated;
    *updated.mutable_facts() = hub.review().facts();
    updated.set_update_number(4);
    test::Recorded event{{}, std::make_shared<intake::CaseUpdated>(updated)};
    event.event.set_aggregate_id("c1");
    hub.react(event);
    CHECK(hub.review().update_number() == 4);
}

TEST_CASE("A clinician's scale 2 holds for what the sender measures later") {
    Queued hub;
    auto scale = hub.about<UseSpo2Scale2>();
    scale.set_reason_code("copd");
    hub.run(scale, "c-1", "ed-consultant");
    auto update = hub.update();
    auto& seen = *update.mutable_facts()->mutable_observations();
    seen.set_oxygen_saturation_percent(90);
    seen.set_on_oxygen(false);
    hub.run(update);
    CHECK(hub.review().news2().total() == 0);
}
