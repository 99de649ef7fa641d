#include "services/referral/domain/referral_domain.hpp"

#include "common/base/limits.hpp"
#include "common/clinical/deliveries.hpp"
#include "tests/unit/domain_harness.hpp"

using namespace rightplace;
using namespace rightplace::referral;
using rightplace::test::Harness;
using rightplace::test::Outcome;
using rightplace::test::sealed;

namespace {

using Names = std::vector<std::string>;
const ReferralDomain domain;
const std::string outside_id = "00000000-0000-4000-8000-000000000001";

struct Hub : Harness {
    Hub() : Harness(domain) {}

    Outcome request(const std::string& id, DeliveryKind kind) {
        RequestDelivery command;
        command.set_delivery_id(id);
        command.set_case_id("c1");
        command.set_case_number("A-1");
        command.set_kind(kind);
        command.mutable_reply_to()->set_protocol("bars");
        return run(command);
    }
    Outcome start(const std::string& id, std::uint32_t attempt, const std::string& body = "bytes") {
        StartDelivery command;
        command.set_delivery_id(id);
        command.set_attempt(attempt);
        command.set_request_id(outside_id);
        *command.mutable_body() = sealed(body);
        command.set_content_type("application/fhir+json");
        return run(command);
    }
    Outcome settle(const std::string& id, std::uint32_t attempt, SettleOutcome outcome) {
        SettleDelivery command;
        command.set_delivery_id(id);
        command.set_attempt(attempt);
        command.set_outcome(outcome);
        return run(command);
    }
    const DeliveryState& delivery(const std::string& id) { return state<DeliveryState>("delivery", id); }
    template <typename T>
    std::vector<Outcome> after(T payload) {
        Event event;
        event.set_event_id("e1");
        event.set_case_id("c1");
        event.set_case_number("A-1");
        return react({event, std::make_shared<T>(payload)});
    }
};

RecordReturn returned(SettleOutcome outcome) {
    RecordReturn command;
    command.set_case_id("c1");
    command.mutable_reply_to()->set_protocol("bars");
    command.set_request_id(clinical::breach_return_request_id("c1"));
    command.set_outcome(outcome);
    *command.mutable_body() = sealed("return");
    return command;
}

}  // namespace

TEST_CASE("What triage decides becomes deliveries and referrals") {
    Hub hub;
    triage::ConsultationStarted consultation;
    CHECK(hub.after(consultation).empty());  // nobody waits for an answer
    consultation.mutable_reply_to()->set_protocol("bars");
    hub.after(consultation);
    CHECK(hub.delivery(clinical::delivery_id(INTERIM_RESPONSE, "c1", "e1")).status() == REQUESTED);
    triage::ReviewDecided decided;
    decided.set_pathway(triage::ADVICE);
    CHECK(hub.after(decided).empty());
    decided.set_pathway(triage::UCR);
    decided.set_refer_to_service_id("s1");
    decided.mutable_reply_to()->set_protocol("bars");
    CHECK(hub.after(decided).size() == 2);
    CHECK(hub.delivery(clinical::delivery_id(FULL_RESPONSE, "c1", "e1")).case_number() == "A-1");
    CHECK(hub.delivery(clinical::delivery_id(INTERIM_RESPONSE, "c1", "e1")).status() == SUPERSEDED);
    GetDeliveries asked;
    const auto answer = domain.query({&asked, nullptr, 0}, hub.context());
    const auto& reply = runtime::must_be<DeliveriesReply>(*answer.value());
    REQUIRE(reply.referrals_size() == 1);
    CHECK(reply.deliveries_size() == 1);
    AcceptReferral accept;
    accept.set_referral_id(reply.referrals(0).referral_id());
    CHECK(hub.run(accept).names() == Names{"ReferralAccepted"});
    CHECK(hub.run(accept).events.empty());
    CompleteReferral complete;
    complete.set_referral_id(accept.referral_id());
    complete.set_outcome("seen");
    CHECK(hub.run(complete).names() == Names{"ReferralCompleted"});
    CHECK(hub.run(complete).code() == WRONG_STATE);
    CHECK(hub.run(accept).code() == WRONG_STATE);
}

TEST_CASE("One winner per attempt, and every attempt sends the first one's bytes") {
    Hub hub;
    hub.request("d", FULL_RESPONSE);
    CHECK(hub.request("d", FULL_RESPONSE).events.empty());
    CHECK(hub.start("d", 2).code() == WRONG_STATE);
    CHECK(hub.start("d", 1).names() == Names{"DeliveryStarted"});
    CHECK(hub.start("d", 1).code() == WRONG_STATE);
    CHECK(hub.start("d", 2, "other").names() == Names{"DeliveryStarted"});  // after the sender's restart
    CHECK(hub.delivery("d").body().ciphertext() == "bytes");
    CHECK(hub.delivery("d").request_id() == outside_id);
    CHECK(hub.settle("d", 1, NOT_SENT).code() == WRONG_STATE);
    CHECK(hub.settle("d", 3, OK).code() == WRONG_STATE);
    CHECK(hub.settle("d", 1, OK).names() == Names{"DeliverySettled"});  // got through after all
    CHECK(hub.delivery("d").status() == DELIVERED);
    CHECK(hub.settle("d", 2, OUTCOME_UNKNOWN).events.empty());
    CHECK(hub.start("d", 3).code() == WRONG_STATE);
    CHECK(hub.index("delivery", "d").empty());
}

TEST_CASE("A failed attempt waits longer each time, a refusal for good waits for a person") {
    Hub hub;
    hub.request("d", REJECTING_RESPONSE);
    TimeMs wait = limits::delivery_backoff_first_ms;
    for (std::uint32_t attempt = 1; attempt <= 9; ++attempt) {
        hub.start("d", attempt);
        hub.settle("d", attempt, attempt % 2 ? NOT_SENT : OUTCOME_UNKNOWN);
        CHECK(hub.delivery("d").status() == WAITING);
        CHECK(to_ms(hub.delivery("d").next_attempt_at()) == hub.now + wait);
        CHECK(hub.index("delivery", "d")[0].score == double(hub.now + wait));
        wait = std::min(wait * 2, limits::delivery_backoff_max_ms);
    }
    hub.start("d", 10);
    hub.settle("d", 10, REFUSED_FOR_GOOD);
    CHECK(hub.delivery("d").status() == QUARANTINED);
    CHECK(hub.start("d", 11).code() == WRONG_STATE);
}

TEST_CASE("The first attempt needs its bytes and a UUID") {
    Hub hub;
    hub.request("d", FULL_RESPONSE);
    StartDelivery command;
    command.set_delivery_id("d");
    command.set_attempt(1);
    CHECK(hub.run(command).refusal->field() == "request_id");
    command.set_request_id(outside_id);
    CHECK(hub.run(command).refusal->field() == "body");
    *command.mutable_body() = sealed("bytes");
    CHECK(hub.run(command).refusal->field() == "content_type");
    command.set_delivery_id("other");
    CHECK(hub.run(command).code() == NOT_FOUND);
}

TEST_CASE("The full response waits for a started interim and overtakes an unsent one") {
    Hub hub;
    hub.request("i", INTERIM_RESPONSE);
    hub.start("i", 1);
    CHECK(hub.request("f", FULL_RESPONSE).names() == Names{"DeliveryRequested"});
    CHECK(hub.start("f", 1).code() == WRONG_STATE);
    hub.request("r", REJECTING_RESPONSE);
    CHECK(hub.start("r", 1).names() == Names{"DeliveryStarted"});  // never waits
    hub.settle("i", 1, NOT_SENT);
    const auto overtaken = hub.start("i", 2);
    CHECK(overtaken.code() == WRONG_STATE);
    CHECK(overtaken.names() == Names{"DeliverySuperseded"});
    CHECK(hub.start("f", 1).names() == Names{"DeliveryStarted"});
    CHECK(hub.request("late", INTERIM_RESPONSE).names() == Names{"DeliveryRequested", "DeliverySuperseded"});
}

TEST_CASE("The breach watch and the breach event make one return") {
    const std::string id = clinical::breach_return_delivery_id("c1");
    triage::ReviewBreached breached;
    breached.mutable_reply_to()->set_protocol("bars");
    {
        Hub watch_first;
        CHECK(watch_first.run(returned(OK)).names() ==
              Names{"DeliveryRequested", "DeliveryStarted", "DeliverySettled"});
        breached.set_returned(true);
        CHECK(watch_first.after(breached)[0].events.empty());
        CHECK(watch_first.run(returned(OK)).events.empty());
        CHECK(watch_first.delivery(id).status() == DELIVERED);
        CHECK(watch_first.delivery(id).body().ciphertext() == "return");
    }
    triage::ReviewReturned after_all;
    after_all.mutable_reply_to()->set_protocol("bars");
    Hub after_consultation;
    after_consultation.after(after_all);
    CHECK(after_consultation.delivery(id).kind() == BREACH_RETURN);
    Hub event_first;
    breached.set_returned(false);
    CHECK(event_first.after(breached).empty());
    breached.set_returned(true);
    event_first.after(breached);
    CHECK(event_first.delivery(id).request_id() == clinical::breach_return_request_id("c1"));
    CHECK(event_first.run(returned(SETTLE_OUTCOME_UNSPECIFIED)).names() == Names{"DeliveryStarted"});
    const auto settled = event_first.run(returned(NOT_SENT));
    REQUIRE(settled.names() == Names{"DeliverySettled"});
    CHECK(runtime::must_be<DeliverySettled>(*settled.events[0].payload).before_journal());
    CHECK(event_first.start(id, 2).names() == Names{"DeliveryStarted"});
    CHECK(event_first.settle(id, 2, REFUSED_FOR_GOOD).names() == Names{"DeliverySettled"});
    CHECK(event_first.run(returned(OK)).names() == Names{"DeliveryStarted", "DeliverySettled"});
    CHECK(event_first.delivery(id).status() == DELIVERED);
}

TEST_CASE("Who may ask referral for what") {
    CHECK(domain.may("referral", "rightplace.referral.RequestDelivery"));
    CHECK_FALSE(domain.may("bars", "rightplace.referral.RequestDelivery"));
    CHECK(domain.may("bars", "rightplace.referral.StartDelivery"));
    CHECK_FALSE(domain.may("cli", "rightplace.referral.StartDelivery"));
    CHECK(domain.may("cli", "rightplace.referral.CompleteReferral"));
}

TEST_CASE("A quarantined delivery waits for a named person, who has it sent again or settles it") {
    Hub hub;
    hub.request("d", FULL_RESPONSE);
    hub.start("d", 1);
    const auto by_person = [&hub](const runtime::Message& command) {
        return hub.run(command, "j.smith", "hub-manager");
    };
    ReleaseDelivery release;
    release.set_delivery_id("d");
    CHECK(by_person(release).code() == WRONG_STATE);  // it is under way
    hub.settle("d", 1, REFUSED_FOR_GOOD);
    REQUIRE(hub.delivery("d").status() == QUARANTINED);
    CHECK(hub.run(release).refusal->field() == "actor.id");
    CHECK(hub.run(release, "bars", "system").refusal->field() == "actor.id");
    const auto released = by_person(release);
    REQUIRE(released.names() == Names{"DeliveryReleased"});
    CHECK(runtime::must_be<DeliveryReleased>(*released.events[0].payload).by().id() == "j.smith");
    CHECK(hub.delivery("d").status() == WAITING);
    CHECK(hub.index("delivery", "d")[0].score == double(hub.now));
    CHECK(by_person(release).code() == WRONG_STATE);
    hub.start("d", 2, "other bytes");
    CHECK(hub.delivery("d").body().ciphertext() == "bytes");  // the same, under the same request id
    CHECK(hub.delivery("d").request_id() == outside_id);

    SettleDeliveryByHand by_hand;
    by_hand.set_delivery_id("d");
    by_hand.set_how(TOLD_BY_TELEPHONE);
    CHECK(by_person(by_hand).code() == WRONG_STATE);
    hub.settle("d", 2, REFUSED_FOR_GOOD);
    by_hand.clear_how();
    CHECK(by_person(by_hand).refusal->field() == "how");
    by_hand.set_how(TOLD_BY_TELEPHONE);
    CHECK(by_person(by_hand).names() == Names{"DeliverySettledByHand"});
    CHECK(hub.delivery("d").status() == SETTLED_BY_HAND);
    CHECK(hub.start("d", 3).code() == WRONG_STATE);
    CHECK(hub.index("delivery", "d").empty());
    CHECK(domain.closed("delivery", hub.delivery("d")));
    by_hand.set_delivery_id("other");
    CHECK(by_person(by_hand).code() == NOT_FOUND);
    for (const auto* command : {"rightplace.referral.ReleaseDelivery", "rightplace.referral.SettleDeliveryByHand"}) {
        CHECK(domain.may("cli", command));
        CHECK(domain.may("clinician", command));
        CHECK_FALSE(domain.may("bars", command));
    }
}

TEST_CASE("A destination that asks for patience gets it, within the longest wait of ours") {
    const auto waited = [](std::uint32_t attempts, std::uint32_t asked_ms) {
        Hub hub;
        hub.request("d", FULL_RESPONSE);
        for (std::uint32_t attempt = 1; attempt <= attempts; ++attempt) {
            hub.start("d", attempt);
            SettleDelivery command;
            command.set_delivery_id("d");
            command.set_attempt(attempt);
            command.set_outcome(OUTCOME_UNKNOWN);
            command.set_http_status(429);
            command.set_retry_after_ms(asked_ms);
            hub.run(command);
        }
        CHECK(hub.delivery("d").status() == WAITING);
        return to_ms(hub.delivery("d").next_attempt_at()) - hub.now;
    };
    CHECK(waited(1, 0) == limits::delivery_backoff_first_ms);
    CHECK(waited(1, 20'000) == 20'000);
    CHECK(waited(5, 2'000) == 16'000);  // our own rhythm is slower by then
    CHECK(waited(1, 3'600'000) == limits::delivery_backoff_max_ms);
}
