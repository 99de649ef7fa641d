// What somebody must act on waits for nothing, and people are told when it is not confirmed in time.
#include "common/base/limits.hpp"
#include "common/clinical/deliveries.hpp"
#include "services/referral/domain/referral_domain.hpp"
#include "tests/unit/domain_harness.hpp"

using namespace rightplace;
using namespace rightplace::referral;
using rightplace::test::Harness;
using rightplace::test::Outcome;
using rightplace::test::sealed;

namespace {

using Names = std::vector<std::string>;
const ReferralDomain domain;

struct Hub : Harness {
    Hub() : Harness(domain) {}

    Outcome request(const std::string& id, DeliveryKind kind, bool emergency = false) {
        RequestDelivery command;
        command.set_delivery_id(id);
        command.set_case_id("c1");
        command.set_case_number("A-1");
        command.set_kind(kind);
        command.mutable_reply_to()->set_protocol("bars");
        command.set_emergency(emergency);
        return run(command);
    }
    Outcome start(const std::string& id, std::uint32_t attempt = 1) {
        StartDelivery command;
        command.set_delivery_id(id);
        command.set_attempt(attempt);
        command.set_request_id("00000000-0000-4000-8000-000000000001");
        *command.mutable_body() = sealed("bytes");
        command.set_content_type("application/fhir+json");
        return run(command);
    }
    Outcome settle(const std::string& id, SettleOutcome outcome, std::uint32_t attempt = 1) {
        SettleDelivery command;
        command.set_delivery_id(id);
        command.set_attempt(attempt);
        command.set_outcome(outcome);
        return run(command);
    }
    const DeliveryState& delivery(const std::string& id) { return state<DeliveryState>("delivery", id); }
    // What the store's timer asks for; nothing when none is armed.
    std::shared_ptr<const runtime::Message> timer(const std::string& id) {
        for (const auto& entry : index("delivery", id)) {
            const auto name = runtime::parse_timer_member(entry.member);
            if (entry.queue != runtime::due_queue("referral") || !name) continue;
            return domain.on_timer(name->aggregate, name->kind, TimeMs(entry.score));
        }
        return nullptr;
    }
    Outcome fire_when_due(const std::string& id) {
        now += limits::delivery_confirm_ms;
        return run(*timer(id));
    }
};

template <typename T>
const T& said(const Outcome& outcome) {
    return runtime::must_be<T>(*outcome.events.at(0).payload);
}

}  // namespace

TEST_CASE("An emergency, a rejection and a return are to be confirmed in time; nothing else is") {
    Hub hub;
    hub.request("interim", INTERIM_RESPONSE);
    hub.request("full", FULL_RESPONSE);
    CHECK(hub.timer("interim") == nullptr);
    CHECK(hub.timer("full") == nullptr);
    hub.request("emergency", FULL_RESPONSE, true);
    hub.request("rejection", REJECTING_RESPONSE);
    hub.request("return", BREACH_RETURN);
    for (const auto* id : {"emergency", "rejection", "return"}) {
        INFO(id);
        REQUIRE(hub.timer(id) != nullptr);
        CHECK(to_ms(hub.delivery(id).confirm_by()) == hub.now + limits::delivery_confirm_ms);
        CHECK(hub.run(*hub.timer(id)).events.empty());  // not before its time
    }
    const auto timer = hub.timer("rejection");
    const auto missed = hub.fire_when_due("rejection");
    REQUIRE(missed.names() == Names{"DeliveryUnconfirmed"});
    CHECK(said<DeliveryUnconfirmed>(missed).kind() == REJECTING_RESPONSE);
    CHECK(hub.timer("rejection") == nullptr);
    CHECK(hub.run(*timer).events.empty());  // once
    CHECK(hub.delivery("rejection").status() == REQUESTED);
    CHECK_FALSE(domain.may("bars", "rightplace.referral.MissDelivery"));
}

TEST_CASE("What is confirmed, withdrawn or refused is not said to be unconfirmed") {
    Hub hub;
    for (const auto* id : {"confirmed", "refused", "withdrawn"}) hub.request(id, REJECTING_RESPONSE);
    hub.start("confirmed");
    CHECK(hub.settle("confirmed", OK).names() == Names{"DeliverySettled"});
    hub.start("refused");
    hub.settle("refused", REFUSED_FOR_GOOD);
    WithdrawDelivery withdraw;
    withdraw.set_delivery_id("withdrawn");
    hub.run(withdraw);
    for (const auto* id : {"confirmed", "refused", "withdrawn"}) {
        INFO(id);
        CHECK(hub.timer(id) == nullptr);
        MissDelivery miss;
        miss.set_delivery_id(id);
        *miss.mutable_due() = to_timestamp(hub.now);
        CHECK(hub.run(miss).events.empty());
    }
}

TEST_CASE("A delay is said by the clock and not by attempts; what ends it says that people were told") {
    Hub hub;
    hub.request("r", REJECTING_RESPONSE);
    hub.start("r");
    CHECK(said<DeliverySettled>(hub.settle("r", OUTCOME_UNKNOWN)).watched());
    hub.fire_when_due("r");
    const auto since = hub.delivery("r").unconfirmed_since();
    hub.start("r", 2);
    const auto again = hub.settle("r", OUTCOME_UNKNOWN, 2);
    CHECK_FALSE(said<DeliverySettled>(again).has_unconfirmed_since());
    hub.start("r", 3);
    const auto over = hub.settle("r", OK, 3);
    CHECK(to_ms(said<DeliverySettled>(over).unconfirmed_since()) == to_ms(since));
    CHECK_FALSE(hub.delivery("r").has_unconfirmed_since());
    hub.request("d", FULL_RESPONSE);
    hub.start("d");
    CHECK_FALSE(said<DeliverySettled>(hub.settle("d", OUTCOME_UNKNOWN)).watched());
}

TEST_CASE("Refused and released, it has its time once more") {
    Hub hub;
    hub.request("r", REJECTING_RESPONSE);
    hub.start("r");
    hub.fire_when_due("r");
    CHECK(said<DeliverySettled>(hub.settle("r", REFUSED_FOR_GOOD)).has_unconfirmed_since());
    hub.now += 3'600'000;
    ReleaseDelivery release;
    release.set_delivery_id("r");
    REQUIRE(hub.run(release, "duty", "paramedic").names() == Names{"DeliveryReleased"});
    CHECK(to_ms(hub.delivery("r").confirm_by()) == hub.now + limits::delivery_confirm_ms);
    CHECK(hub.fire_when_due("r").names() == Names{"DeliveryUnconfirmed"});
}

TEST_CASE("A withdrawn one that nobody had confirmed says so") {
    Hub hub;
    hub.request("r", REJECTING_RESPONSE);
    hub.fire_when_due("r");
    WithdrawDelivery withdraw;
    withdraw.set_delivery_id("r");
    CHECK(said<DeliveryWithdrawn>(hub.run(withdraw)).has_unconfirmed_since());
    CHECK_FALSE(hub.delivery("r").has_unconfirmed_since());
}

TEST_CASE("An emergency waits for no interim on its way, and the interim is not tried again after it") {
    Hub hub;
    hub.request("interim", INTERIM_RESPONSE);
    hub.start("interim");
    hub.request("full", FULL_RESPONSE);
    CHECK(hub.start("full").code() == WRONG_STATE);
    hub.request("emergency", FULL_RESPONSE, true);
    CHECK(hub.start("emergency").names() == Names{"DeliveryStarted"});
    // The destination refuses the older interim: that needs nobody.
    hub.settle("interim", REFUSED_FOR_GOOD);
    CHECK(hub.delivery("interim").status() == SUPERSEDED);
    Hub without;
    without.request("interim", INTERIM_RESPONSE);
    without.start("interim");
    without.settle("interim", REFUSED_FOR_GOOD);
    CHECK(without.delivery("interim").status() == QUARANTINED);
}

TEST_CASE("A decision for an ambulance at C1 or C2 is asked for as an emergency") {
    Hub hub;
    triage::ReviewDecided decided;
    decided.mutable_reply_to()->set_protocol("bars");
    decided.set_pathway(triage::AMBULANCE_RESPONSE);
    decided.set_emergency(true);
    Event event;
    event.set_event_id("e1");
    event.set_case_id("c1");
    hub.react({event, std::make_shared<triage::ReviewDecided>(decided)});
    CHECK(hub.delivery(clinical::delivery_id(FULL_RESPONSE, "c1", "e1")).emergency());
}
