// What the simulator found, each kept as a test of its own.
#include "services/adapters/bars/domain/headers.hpp"
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

TEST_CASE("A breach return that was sent and not recorded is recorded after the adapter has died") {
    Ring ring(14);
    ring.start_all();
    int posts = 0;
    sim::Network::Door sender(ring.town.network, "sender",
                              [&posts](const http::Request&, const http::Server::Respond& respond) {
                                  ++posts;
                                  respond({});
                              });
    bars_sample::Sample sample;
    sample.now = ring.town.clock.wall_ms();
    sample.breach_at = sample.now + 60'000;
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
    for (int tries = 0; tries < 5 && answered != 200; ++tries) {  // as its sender would
        answered = 0;
        partner.post(request, [&answered](const seams::HttpAnswer& answer) { answered = answer.status; });
        ring.town.clock.run(10'000, [&answered] { return answered != 0; });
    }
    REQUIRE(answered == 200);
    for (const auto* dead : {"audit#1", "intake#1", "triage#1", "referral#1", "vault#1"}) ring.town.stop(dead);
    REQUIRE(ring.run(90'000, [&posts] { return posts == 1; }));  // given back, with nobody else alive
    ring.town.stop("bars#1");
    ring.town.start("bars#1");
    ring.run(5'000);
    for (const auto* alive : {"vault#1", "audit#1", "intake#1", "triage#1", "referral#1"}) ring.town.start(alive);
    REQUIRE(ring.run(60'000, [&ring] { return count_all(ring, "DeliverySettled") == 1; }));
    ring.run(5'000);
    CHECK(count_all(ring, "ReviewBreached") == 1);
    check_history(ring);
}
