// What goes back, as whoever asked sees it: an emergency ahead of everything, people told of what is not confirmed, and
// each message read by our own reader as the ambulance service's would read it.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "services/adapters/bars/domain/response_reading.hpp"
#include "tests/integration/hub.hpp"

using namespace rightplace;
using namespace rightplace::testing;

namespace {

std::string accepted(RunningHub& hub, std::int64_t breach_in_ms = 30 * 60'000) {
    const auto sample = hub.visitor.sample(breach_in_ms);
    const auto id = hub.case_id(sample);
    REQUIRE(hub.visitor.post(sample).status == 200);
    REQUIRE(hub.wait_for_status(id, triage::QUEUED));
    return id;
}

triage::DecideReview ambulance(const std::string& id, const std::string& token) {
    triage::DecideReview decide;
    decide.set_case_id(id);
    decide.set_token(token);
    decide.set_pathway(triage::AMBULANCE_RESPONSE);
    decide.set_category(intake::C2);
    decide.set_rationale_code("worse");
    return decide;
}

triage::RejectReview rejection(const std::string& id, const std::string& token) {
    triage::RejectReview reject;
    reject.set_case_id(id);
    reject.set_token(token);
    reject.set_reason(triage::FC);
    return reject;
}

std::vector<std::string> alert_kinds(RunningHub& hub) {
    std::vector<std::string> kinds;
    const auto queue = hub.stack.query<triage::QueueReply>("triage", triage::GetQueue());
    for (int i = 0; queue && i < queue->alerts_size(); ++i) kinds.push_back(queue->alerts(i).kind());
    return kinds;
}

}  // namespace

TEST_CASE("An emergency leaves ahead of everything that waits for a destination that does not answer") {
    constexpr int many = 72;  // more than twice what is under way at once
    RunningHub hub;
    std::vector<std::string> ids;
    for (int i = 0; i <= many; ++i) ids.push_back(accepted(hub));
    hub.sender.holds = true;
    for (int i = 0; i < many; ++i) REQUIRE(hub.decide(ids[i], hub.claim(ids[i])).status() == ACCEPTED);
    REQUIRE(hub.stack.wait_until([&] { return hub.sender.count("validation-full") >= 32; }));
    const auto token = hub.claim(ids[many]);
    REQUIRE(hub.stack.ask("triage", ambulance(ids[many], token), "emergency").status() == ACCEPTED);
    REQUIRE(hub.stack.wait_until([&] { return hub.sender.count("outcomeReference") == 1; }));
    CHECK(hub.sender.count("validation-full") < many);  // those decided before it still wait
}

TEST_CASE("A rejection that its sender does not confirm is an alert, and is over when it is confirmed") {
    RunningHub hub;
    const auto id = accepted(hub);
    hub.sender.status = 503;
    REQUIRE(hub.stack.ask("triage", rejection(id, hub.claim(id)), "reject").status() == ACCEPTED);
    const std::vector<std::string> wanted{"answer-unconfirmed"};
    REQUIRE(hub.stack.wait_until([&] { return alert_kinds(hub) == wanted; }, 60'000));
    CHECK(hub.sender.count("cancelled") >= 2);  // it is tried on all the same
    hub.sender.status = 200;
    REQUIRE(hub.stack.wait_until([&] { return alert_kinds(hub).empty(); }, 60'000));
    const auto events = hub.events_of(id);
    CHECK(count(events, "DeliveryUnconfirmed") == 1);
    CHECK(count(events, "AlertSettled") == 1);
}

TEST_CASE("A rejection that is refused with an OperationOutcome is not confirmed: a person decides") {
    RunningHub hub;
    const auto id = accepted(hub);
    hub.sender.status = 422;
    REQUIRE(hub.stack.ask("triage", rejection(id, hub.claim(id)), "reject").status() == ACCEPTED);
    const std::vector<std::string> wanted{"delivery-quarantined"};
    REQUIRE(hub.stack.wait_until([&] { return alert_kinds(hub) == wanted; }));
}

TEST_CASE("Every kind of response is read by whoever asked, as it came over HTTP") {
    using bars::ResponseKind;
    RunningHub hub;
    const auto asked = hub.visitor.sample();
    const auto id = hub.case_id(asked);
    REQUIRE(hub.visitor.post(asked).status == 200);
    REQUIRE(hub.wait_for_status(id, triage::QUEUED));
    auto emergency = ambulance(id, hub.claim_and_start(id));
    REQUIRE(hub.stack.wait_until([&] { return hub.sender.received().size() == 1; }));
    REQUIRE(hub.stack.wait_until([&] { return count(hub.events_of(id), "DeliverySettled") == 1; }));  // or it is "new"
    emergency.set_ambulance_reference("S2601280042");
    REQUIRE(hub.stack.ask("triage", emergency, "emergency").status() == ACCEPTED);
    const auto rejected = accepted(hub);
    REQUIRE(hub.stack.wait_until([&] { return hub.sender.received().size() == 2; }));
    REQUIRE(hub.stack.ask("triage", rejection(rejected, hub.claim(rejected)), "reject").status() == ACCEPTED);
    REQUIRE(hub.stack.wait_until([&] { return hub.sender.received().size() == 3; }));
    accepted(hub, 4'000);
    REQUIRE(hub.stack.wait_until([&] { return hub.sender.received().size() == 4; }));

    std::vector<bars::ReadResponse> read;
    for (const auto& received : hub.sender.received()) {
        const auto document = bars::read_document(received.body, bars::Format::json);
        REQUIRE(document.ok());
        const auto response = bars::read_response(bars::Message(*document.value()));
        REQUIRE(response.ok());
        CHECK(response.value().warnings.empty());
        read.push_back(response.value());
    }
    CHECK(hub.sender.received()[0].correlation_id == hub.sender.received()[1].correlation_id);
    CHECK(read[0].kind == ResponseKind::interim);
    CHECK(read[0].answers == asked.bundle_id);
    CHECK(read[0].journey_id == asked.journey_id);
    CHECK(read[1].kind == ResponseKind::full);
    CHECK(read[1].update);
    CHECK(read[1].answers == asked.bundle_id);
    CHECK(read[1].case_number == read[0].case_number);
    CHECK(read[1].category == intake::C2);
    CHECK(read[1].ambulance_reference == "S2601280042");
    CHECK(read[2].kind == ResponseKind::rejection);
    CHECK(read[2].reject_code == "FC");
    CHECK(read[3].kind == ResponseKind::rejection);
    CHECK(read[3].reject_code == "RRNA");
}
