// Handing reviews over at shift end, and what a person should take next.
#include "common/clinical/hub_policy.hpp"
#include "services/triage/domain/downtime_sheet.hpp"
#include "tests/unit/triage_bench.hpp"

using namespace rightplace;
using namespace rightplace::triage;
using namespace rightplace::triage::bench;

namespace {

struct Shift : Hub {
    Shift() {
        run(queue(now + 100 * minute));
        sign_on("b");
    }
    void sign_on(const std::string& who) {
        SignOn on;
        on.set_staff_id(who);
        run(on, who, "nurse");
    }
    Outcome hand_over(const std::string& to, const std::string& with_token) {
        auto command = about<HandOverReview>();
        command.set_token(with_token);
        command.set_to_staff_id(to);
        *command.mutable_text() = sealed("what to know");
        return run(command, "a", "nurse");
    }
    Outcome acknowledge(const std::string& who) { return run(about<AcknowledgeHandover>(), who, "role-" + who); }
    NextReply next(const std::string& who) {
        GetNext get;
        get.set_staff_id(who);
        const auto answer = domain.query({&get, nullptr, 0}, context());
        REQUIRE(answer.ok());
        return static_cast<const NextReply&>(*answer.value());
    }
    void queue_another(const std::string& id, TimeMs breach) {
        auto another = queue(breach);
        another.set_case_id(id);
        another.set_case_number("N-" + id);
        run(another);
    }
};

}  // namespace

TEST_CASE("What is handed over stays with the giver until that very colleague acknowledges it") {
    Shift hub;
    hub.claim("a");
    const auto old = hub.token();
    hub.consult();
    CHECK(hub.hand_over("", old).code() == INVALID);
    CHECK(hub.hand_over("a", old).code() == INVALID);          // to oneself
    CHECK(hub.hand_over("c", old).code() == WRONG_STATE);      // not on shift
    CHECK(hub.hand_over("b", "other").code() == STALE_TOKEN);  // not the holder's to give
    REQUIRE(hub.hand_over("b", old).names() == Names{"HandoverOffered"});
    CHECK(hub.token() == old);
    CHECK(hub.review().status() == IN_CONSULTATION);  // nothing is lost by offering
    CHECK(hub.review().handover().from().id() == "a");
    CHECK(hub.acknowledge("c").code() == WRONG_STATE);
    CHECK(hub.acknowledge("").code() == WRONG_STATE);
    REQUIRE(hub.acknowledge("b").names() == Names{"ReviewTakenOver"});
    CHECK(hub.review().claim().holder().id() == "b");
    CHECK(hub.review().claim().taken_from().id() == "a");
    CHECK(hub.review().claim().reason_code() == "hand-over");
    CHECK_FALSE(hub.review().has_handover());
    CHECK(hub.lease_of({"review", "c1"}) == hub.now + 60'000);
    CHECK(hub.acknowledge("b").code() == REFUSAL_CODE_UNSPECIFIED);  // asked again, because no answer came
    CHECK(hub.log.back().payload->GetDescriptor()->name() == "ReviewTakenOver");
    CHECK(hub.decide(old).code() == STALE_TOKEN);
    CHECK(hub.decide(hub.token()).names() == Names{"ReviewDecided"});
}

TEST_CASE("An offer renews the giver's lease, is made once, and can be taken back") {
    Shift hub;
    hub.claim("a");
    hub.now += minute / 2;
    REQUIRE(hub.hand_over("b", hub.token()).names() == Names{"HandoverOffered"});
    CHECK(hub.lease_of({"review", "c1"}) == hub.now + minute);
    auto again = hub.about<HandOverReview>();
    again.set_token(hub.token());
    again.set_to_staff_id("b");
    CHECK(hub.run(again, "a", "nurse").names() == Names{});
    auto back = hub.about<WithdrawHandover>();
    back.set_token("other");
    CHECK(hub.run(back, "a", "nurse").code() == STALE_TOKEN);
    back.set_token(hub.token());
    REQUIRE(hub.run(back, "a", "nurse").names() == Names{"HandoverWithdrawn"});
    CHECK(hub.run(back, "a", "nurse").names() == Names{});
    CHECK(hub.acknowledge("b").code() == WRONG_STATE);
}

TEST_CASE("An offer ends when the giver works on it after all, gives it to everybody, or waits too long") {
    Shift hub;
    hub.claim("a");
    hub.hand_over("b", hub.token());
    SECTION("a consultation") {
        hub.consult();
    }
    SECTION("a release") {
        auto release = hub.about<ReleaseClaim>();
        release.set_token(hub.token());
        hub.run(release, "a");
    }
    SECTION("half an hour") {
        hub.now += clinical::handover_stands_ms(nullptr) + 1;
        CHECK(hub.next("b").why() != "handed-over-to-you");
    }
    CHECK(hub.acknowledge("b").code() == WRONG_STATE);
}

TEST_CASE("Nobody takes a review over under the reason of a hand-over") {
    Shift hub;
    hub.claim("a");
    auto take = hub.about<TakeOverReview>();
    take.set_reason_code("hand-over");
    CHECK(hub.run(take, "c", "nurse").code() == INVALID);
}

TEST_CASE("An escalation brings a review forward, though its breach time stays") {
    Shift hub;
    hub.queue_another("c2", hub.now + 20 * minute);
    CHECK(hub.next("b").review().case_id() == "c2");
    auto escalate = hub.about<EscalateReview>();
    escalate.set_to_category(intake::C1);
    hub.run(escalate, "a", "nurse");
    policy::HubPolicy strict = rules;
    auto& c1 = *strict.add_breach();
    c1.set_category("C1");
    c1.set_minutes(7);
    hub.policy = &strict;
    CHECK(hub.next("b").review().case_id() == "c1");
    CHECK(hub.next("b").why() == "urgent-by-its-category");
}

TEST_CASE("A giver who left before it was acknowledged leaves it in the queue, still offered") {
    Shift hub;
    hub.claim("a");
    hub.hand_over("b", hub.token());
    hub.now += 2 * minute;
    auto lapse = hub.about<LapseClaim>();
    lapse.set_token(hub.token());
    REQUIRE(hub.run(lapse).names() == Names{"ClaimLapsed"});
    CHECK(hub.review().status() == QUEUED);
    CHECK(hub.next("c").review().case_id() == "c1");  // anybody may have it
    CHECK(hub.next("b").why() == "handed-over-to-you");
    SECTION("the colleague takes it: a claim like any other") {
        CHECK(hub.acknowledge("b").names() == Names{"ReviewClaimed"});
        CHECK(hub.review().claim().holder().id() == "b");
    }
    SECTION("somebody else claims it: it is no longer offered") {
        hub.claim("c");
        CHECK_FALSE(hub.review().has_handover());
        CHECK(hub.acknowledge("b").code() == WRONG_STATE);
    }
}

TEST_CASE("A hand-over mid-consultation past the breach gives the case back first") {
    Shift hub;
    hub.claim("a");
    hub.consult();
    for (int renewals = 0; renewals < 200; ++renewals) {  // every half minute, up to the breach
        hub.now += minute / 2;
        auto renew = hub.about<RenewClaim>();
        renew.set_token(hub.token());
        hub.run(renew, "a");
    }
    hub.hand_over("b", hub.token());
    REQUIRE(hub.breach().names() == Names{"ReviewBreached"});
    CHECK_FALSE(hub.review().returned());
    CHECK(hub.acknowledge("b").names() == Names{"ReviewReturned", "ReviewTakenOver"});
}

TEST_CASE("The end of a review ends its hand-over") {
    Shift hub;
    hub.claim("a");
    hub.hand_over("b", hub.token());
    hub.decide(hub.token());
    CHECK_FALSE(hub.review().has_handover());
    CHECK(hub.acknowledge("b").code() == WRONG_STATE);
    CHECK(hub.next("b").waiting() == 0);
}

TEST_CASE("Next is what was handed over, then the earliest deadline that nobody holds, a promised call's too") {
    Shift hub;
    hub.queue_another("c2", hub.now + 50 * minute);
    hub.queue_another("c3", hub.now + 200 * minute);
    CHECK(hub.next("b").review().case_id() == "c2");
    CHECK(hub.next("b").why() == "next-to-breach");
    CHECK(hub.next("b").waiting() == 3);
    auto promise = PlanWelfareCall();
    promise.set_case_id("c3");
    promise.set_within_minutes(1);
    hub.run(promise, "a", "nurse");
    CHECK(hub.next("b").why() == "welfare-call-promised");
    hub.now += minute;
    MissWelfareCall miss;
    miss.set_case_id("c3");
    *miss.mutable_due() = to_timestamp(hub.now);
    hub.run(miss);
    CHECK(hub.next("b").review().case_id() == "c3");
    CHECK(hub.next("b").why() == "welfare-call-missed");
    hub.claim("a");
    CHECK(hub.next("b").waiting() == 2);  // a's is not waiting
    hub.hand_over("b", hub.token());
    CHECK(hub.next("b").review().case_id() == "c1");
    CHECK(hub.next("c").review().case_id() == "c3");
}

TEST_CASE("What its sender has back lets those still in time go first, but not for ever") {
    Shift hub;
    hub.now += 100 * minute;
    hub.breach();
    CHECK(hub.review().returned());
    CHECK(hub.next("b").why() == "given-back-and-waiting");
    hub.queue_another("c2", hub.now + clinical::given_back_head_start_ms(nullptr) - minute);
    CHECK(hub.next("b").review().case_id() == "c2");
    hub.queue_another("c3", hub.now + clinical::given_back_head_start_ms(nullptr) + minute);
    ClaimReview take;
    take.set_case_id("c2");
    hub.run(take, "c", "nurse");
    CHECK(hub.next("b").review().case_id() == "c1");  // c3 came too late to go before it
}

TEST_CASE("The downtime sheet says what was handed over and not taken") {
    Shift hub;
    hub.claim("a");
    hub.hand_over("b", hub.token());
    QueueReply queue;
    *queue.add_reviews() = hub.review();
    const auto sheet = downtime_sheet({"ashford", "", hub.now, 1, 0}, queue);
    CHECK(sheet.find("handed over to b, NOT TAKEN YET") != std::string::npos);
}
