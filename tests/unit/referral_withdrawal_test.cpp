// A decision taken back: what it asked of others is withdrawn, as far as it can be.
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

    template <typename T>
    std::vector<Outcome> after(T payload, const std::string& event_id) {
        Event event;
        event.set_event_id(event_id);
        event.set_case_id("c1");
        event.set_seq(7);
        return react({event, std::make_shared<T>(payload)});
    }
    void decide(const std::string& event_id, triage::Pathway pathway = triage::UCR) {
        triage::ReviewDecided decided;
        decided.set_pathway(pathway);
        decided.mutable_reply_to()->set_protocol("bars");
        after(decided, event_id);
    }
    std::vector<Outcome> take_back(const std::string& outcome_id, triage::Pathway pathway = triage::UCR) {
        triage::ReviewReopened reopened;
        reopened.set_outcome_event_id(outcome_id);
        reopened.set_pathway(pathway);
        reopened.mutable_reply_to()->set_protocol("bars");
        return after(reopened, "r-" + outcome_id);
    }
    static std::string full(const std::string& event_id) {
        return clinical::delivery_id(FULL_RESPONSE, "c1", event_id);
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
    Outcome settle(const std::string& id, SettleOutcome outcome) {
        SettleDelivery command;
        command.set_delivery_id(id);
        command.set_attempt(1);
        command.set_outcome(outcome);
        return run(command);
    }
    DeliveryStatus status(const std::string& id) { return state<DeliveryState>("delivery", id).status(); }
    bool left() { return static_cast<const DeliveryWithdrawn&>(*log.back().payload).left(); }
};

}  // namespace

TEST_CASE("An answer that has not left stays here") {
    Hub hub;
    hub.decide("e1");
    hub.take_back("e1");
    CHECK(hub.status(Hub::full("e1")) == SUPERSEDED);
    CHECK_FALSE(static_cast<const DeliveryWithdrawn&>(*hub.log[2].payload).left());
    CHECK(hub.start(Hub::full("e1")).code() == WRONG_STATE);
    CHECK(hub.take_back("e1")[0].events.empty());
    // The next consultation's interim is not held back by an answer that nobody got.
    triage::ConsultationStarted again;
    again.mutable_reply_to()->set_protocol("bars");
    hub.after(again, "e2");
    CHECK(hub.status(clinical::delivery_id(INTERIM_RESPONSE, "c1", "e2")) == REQUESTED);
    hub.decide("e3", triage::ADVICE);
    CHECK(hub.status(Hub::full("e3")) == REQUESTED);
    CHECK(hub.start(Hub::full("e3")).names() == Names{"DeliveryStarted"});
}

TEST_CASE("Whoever undoes is in consultation, and the sender hears that when it has heard nothing yet") {
    Hub hub;
    hub.decide("e1", triage::ADVICE);
    const bool left = GENERATE(false, true);
    if (left) hub.start(Hub::full("e1"));
    triage::ReviewReopened undone;
    undone.set_outcome_event_id("e1");
    undone.set_pathway(triage::ADVICE);
    undone.mutable_holder()->set_id("x");
    undone.mutable_reply_to()->set_protocol("bars");
    hub.after(undone, "e2");
    CHECK(hub.status(clinical::delivery_id(INTERIM_RESPONSE, "c1", "e2")) == (left ? SUPERSEDED : REQUESTED));
}

TEST_CASE("A full response waits for an earlier one that is on its way") {
    Hub hub;
    hub.decide("e1", triage::ADVICE);
    hub.start(Hub::full("e1"));
    hub.take_back("e1", triage::ADVICE);
    hub.decide("e3", triage::ADVICE);
    CHECK(hub.start(Hub::full("e3")).code() == WRONG_STATE);
    hub.settle(Hub::full("e1"), OUTCOME_UNKNOWN);
    CHECK(hub.start(Hub::full("e3")).names() == Names{"DeliveryStarted"});
}

TEST_CASE("An answer under way is not sent again when its attempt fails, and what has left is said to have left") {
    Hub hub;
    hub.decide("e1", triage::ADVICE);
    REQUIRE(hub.start(Hub::full("e1")).names() == Names{"DeliveryStarted"});
    hub.take_back("e1", triage::ADVICE);
    CHECK(hub.left());
    CHECK(hub.status(Hub::full("e1")) == STARTED);
    SECTION("it fails") {
        hub.settle(Hub::full("e1"), OUTCOME_UNKNOWN);
        CHECK(hub.status(Hub::full("e1")) == SUPERSEDED);
    }
    SECTION("it arrives") {
        hub.settle(Hub::full("e1"), OK);
        CHECK(hub.status(Hub::full("e1")) == DELIVERED);
    }
    SECTION("nobody knows what became of it: its sender is gone") {
        const auto again = hub.start(Hub::full("e1"), 2);
        CHECK(again.code() == WRONG_STATE);
        CHECK(again.names() == Names{"DeliverySuperseded"});
        CHECK(hub.status(Hub::full("e1")) == SUPERSEDED);
    }
}

TEST_CASE("An answer that failed before, or that a person holds back, is not tried again") {
    Hub hub;
    hub.decide("e1", triage::ADVICE);
    hub.start(Hub::full("e1"));
    hub.settle(Hub::full("e1"), GENERATE(OUTCOME_UNKNOWN, REFUSED_FOR_GOOD));
    hub.take_back("e1", triage::ADVICE);
    CHECK(hub.left());  // it may be there
    CHECK(hub.status(Hub::full("e1")) == SUPERSEDED);
    CHECK(hub.index("delivery", Hub::full("e1")).empty());
}

TEST_CASE("A reopening that overtakes the request for what it withdraws asks again") {
    Hub hub;
    for (const auto& outcome : hub.take_back("e1")) CHECK(outcome.code() == CONTENTION);
    hub.decide("e1");
    for (const auto& outcome : hub.take_back("e1")) CHECK(outcome.names().size() == 1);
}

TEST_CASE("A referral is withdrawn, accepted or not, and nobody accepts or completes it then") {
    Hub hub;
    hub.decide("e1");
    const auto id = clinical::referral_id("c1", "e1");
    const bool accepted = GENERATE(false, true);
    AcceptReferral accept;
    accept.set_referral_id(id);
    if (accepted) hub.run(accept);
    hub.take_back("e1");
    const auto& withdrawn = static_cast<const ReferralWithdrawn&>(*hub.log.back().payload);
    CHECK(withdrawn.accepted() == accepted);
    const auto refused = hub.run(accept);
    CHECK(refused.code() == WRONG_STATE);
    CHECK(refused.refusal->sentence() == "The referral was withdrawn: the decision behind it was taken back.");
}

TEST_CASE("A completed referral stays completed, and says of which decision it was") {
    Hub hub;
    hub.decide("e1");
    CompleteReferral complete;
    complete.set_referral_id(clinical::referral_id("c1", "e1"));
    complete.set_outcome("seen");
    hub.run(complete);
    CHECK(static_cast<const ReferralCompleted&>(*hub.log.back().payload).outcome_seq() == 7);
    CHECK(hub.take_back("e1")[1].events.empty());
}
