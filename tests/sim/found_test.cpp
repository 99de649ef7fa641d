// What the simulator found, each kept as a test of its own.
#include "services/adapters/bars/domain/headers.hpp"
#include "services/adapters/bars/domain/validation_request.hpp"
#include "tests/sim/ring.hpp"
#include "tests/sim/world/doctored.hpp"
#include "tests/unit/bars_sample.hpp"

using namespace rightplace;
using namespace rightplace::testing;

TEST_CASE("A reaction that waits for what never comes is parked, and the ones behind it go on") {
    Ring ring(13);
    ring.start_all();
    auto open = open_case(ring, 1);
    intake::OpenCase payload;
    REQUIRE(open.payload().UnpackTo(&payload));
    payload.mutable_facts()->set_cad_number(std::string(sim::poison_react));  // its review is never queued
    open.mutable_payload()->PackFrom(payload);
    REQUIRE(ring.command("intake", open).status() == ACCEPTED);
    auto cancel = about<intake::CancelCase>(1);
    cancel.set_reason("no longer needed");
    REQUIRE(ring.command("intake", command_of(cancel, "cancel-1")).status() == ACCEPTED);
    ring.run(120'000);
    CHECK(count_all(ring, "ReactionParked") == 2);  // queueing it, and cancelling it
    const auto status = ring.hub_of("triage").status();
    CHECK(status.cursor() == status.folded_seq());
    go_through(ring, 2);
    check_all(ring);
}

namespace {

// The ambulance service: posts a request for validation until it is taken, and keeps what it is sent.
struct Ambulance {
    explicit Ambulance(Ring& at)
        : ring(at),
          door(at.town.network, "sender", [this](const http::Request& request, const http::Server::Respond& respond) {
              got.push_back(request.body);
              http::Response response;
              response.headers = request.headers;  // the ids among them
              respond(response);
          }) {}
    // Gives the case's id.
    std::string ask(std::int64_t breach_in_ms) {
        bars_sample::Sample sample;
        sample.now = ring.town.clock.wall_ms();
        sample.breach_at = sample.now + breach_in_ms;
        seams::HttpRequest request;
        request.url = "http://bars/FHIR/R4/$process-message";
        request.headers = {{"Content-Type", "application/fhir+json"},
                           {"X-Request-Id", derived_uuid({"ring", "request"})},
                           {"X-Correlation-Id", sample.journey_id},
                           {"NHSD-Target-Identifier", bars::target_identifier("2000072489")}};
        request.body = bars_sample::request(sample).dump();
        request.timeout_ms = 5'000;
        int answered = 0;
        sim::Network::Partner partner(ring.town.network, "ambulance");
        for (int tries = 0; tries < 5 && answered != 200; ++tries) {
            answered = 0;
            partner.post(request, [&answered](const seams::HttpAnswer& answer) { answered = answer.status; });
            ring.town.clock.run(10'000, [&answered] { return answered != 0; });
        }
        REQUIRE(answered == 200);
        return bars::case_id_of(hub, sample.bundle_id);
    }
    Ring& ring;
    std::vector<std::string> got;
    sim::Network::Door door;
};

}  // namespace

TEST_CASE("A breach return that was sent and not recorded is recorded after the adapter has died") {
    Ring ring(14);
    ring.start_all();
    Ambulance ambulance(ring);
    ambulance.ask(60'000);
    for (const auto* dead : {"audit#1", "intake#1", "triage#1", "referral#1", "vault#1"}) ring.town.stop(dead);
    REQUIRE(ring.run(90'000, [&ambulance] { return ambulance.got.size() == 1; }));  // with nobody else alive
    ring.town.stop("bars#1");
    ring.town.start("bars#1");
    ring.run(5'000);
    for (const auto* alive : {"vault#1", "audit#1", "intake#1", "triage#1", "referral#1"}) ring.town.start(alive);
    REQUIRE(ring.run(60'000, [&ring] { return count_all(ring, "DeliverySettled") == 1; }));
    ring.run(5'000);
    CHECK(count_all(ring, "ReviewBreached") == 1);
    check_history(ring);
}

TEST_CASE("A full response goes out without the clinician's text when vault keeps its key") {
    Ring ring(15);
    ring.start_all();
    Ambulance ambulance(ring);
    const auto id = ambulance.ask(30 * minute_ms);
    const auto give = [&](auto payload, const std::string& command_id) {
        payload.set_case_id(id);
        const auto reply = ring.command("triage", command_of(payload, command_id));
        REQUIRE(done(reply));
        return reply;
    };
    ring.run(5'000);
    const auto token = give(triage::ClaimReview(), "claim").receipt().events(0).event_id();
    triage::StartConsultation start;
    start.set_token(token);
    give(start, "start");
    triage::DecideReview decide;
    decide.set_token(token);
    decide.set_pathway(triage::ADVICE);
    decide.mutable_rationale()->set_key_id("k-000000999999");  // no key of this case
    decide.mutable_rationale()->set_nonce(std::string(24, 'n'));
    decide.mutable_rationale()->set_ciphertext(std::string(40, 'c'));
    give(decide, "decide");
    ring.town.clock.run(30'000);
    CHECK(ambulance.got.size() == 1);  // the interim; for a while vault may only not have seen the case
    ring.town.clock.run(60'000);
    REQUIRE(ambulance.got.size() == 2);
    CHECK(ambulance.got[1].find("validation-full") != std::string::npos);
    check_all(ring);
}

TEST_CASE("What was done stays done when Redis is flushed while an epoch is being opened") {
    for (std::int64_t later_ms = 1'000; later_ms < 1'030; ++later_ms) {  // audit looks again after 1 s
        Ring ring(17);
        ring.start_all();
        const auto open = open_case(ring, 1);
        REQUIRE(ring.command("intake", open).status() == ACCEPTED);
        ring.run(1'000);
        ring.town.redis().lose_everything();
        ring.run(later_ms);
        ring.town.redis().flush_all();
        INFO(later_ms);
        CHECK(ring.command("intake", open).status() == DUPLICATE);
    }
}
