// The front door seen by a stock client: negotiation, gzip, methods, paths, and what is read with GET.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>

#include "common/runtime/payload.hpp"
#include "messages/vault.pb.h"
#include "services/adapters/bars/domain/headers.hpp"
#include "tests/integration/curl.hpp"
#include "tests/integration/hub.hpp"

using namespace rightplace;
using namespace rightplace::testing;

namespace {

constexpr auto search = "ServiceRequest?patient:identifier=https://fhir.nhs.uk/Id/nhs-number%7C";
constexpr auto patient = "9990000018";  // of the sample

}  // namespace

TEST_CASE("a stock client: formats, gzip, methods and paths") {
    RunningHub hub;
    const Curl curl(hub.stack);
    SECTION("the capability statement, in every way") {
        CHECK(curl.get_r4("metadata").parsed()["resourceType"] == "CapabilityStatement");
        const auto xml = curl.get_r4("metadata", "-H 'Accept: application/fhir+xml; version=1.1.0'");
        CHECK(xml.has("Content-Type: application/fhir+xml"));
        CHECK(xml.body.find("<CapabilityStatement xmlns=") < 60);  // behind the declaration
        CHECK(curl.get_r4("metadata?_format=json", "-H 'Accept: application/fhir+xml'")
                  .has("Content-Type: application/fhir+json"));
        const auto packed = curl.get_r4("metadata", "--compressed");
        CHECK(packed.has("Content-Encoding: gzip"));
        CHECK(packed.parsed()["fhirVersion"] == "4.0.1");
        Curl bare(hub.stack);
        bare.with_target = false;
        CHECK(bare.get_r4("metadata").status == 200);  // needs no target
        CHECK(bare.get_r4("MessageDefinition").code() == "required");
        const auto head = curl.get_r4("metadata", "--head");
        CHECK(head.status == 200);
        CHECK(head.body.empty());
    }
    SECTION("refusals follow the negotiation") {
        CHECK(curl.get_r4("metadata", "-H 'Accept: text/html'").status == 406);
        const auto xml = curl.get_r4("Nothing", "-H 'Accept: application/fhir+xml'");
        CHECK(xml.status == 404);
        CHECK(xml.body.find("<OperationOutcome") != std::string::npos);
        const auto wrong = curl.post("<a/>", "application/xml", "-H 'Accept: application/fhir+xml' --compressed");
        CHECK(wrong.status == 415);
        CHECK(wrong.has("Content-Encoding: gzip"));
        CHECK(wrong.body.find("<OperationOutcome") != std::string::npos);
    }
    SECTION("methods and paths") {
        const auto put = curl.get_r4("$process-message", "-X PUT -d x -H 'Content-Type: application/fhir+json'");
        CHECK(put.status == 405);
        CHECK(put.has("Allow: POST, OPTIONS"));
        CHECK(put.code() == "not-supported");
        for (const std::string path : {"metadata", "MessageDefinition", "ServiceRequest", "ServiceRequest/1", "Slot"}) {
            INFO(path);
            const auto posted = curl.get_r4(path, "-X DELETE");
            CHECK(posted.status == 405);
            CHECK(posted.has("Allow: GET, HEAD, OPTIONS"));
        }
        CHECK(curl.get_r4("metadata", "-X OPTIONS").status == 200);
        CHECK(curl.get_r4("Metadata").status == 404);  // case-sensitive
        CHECK(curl.get("/fhir/R4/metadata").status == 404);
        CHECK(curl.get_r4("metadata/").status == 404);
        CHECK(curl.get_r4("Slot?status=free").status == 501);
        CHECK(curl.get_r4("Appointment/1").status == 501);
        Curl odd(hub.stack);
        odd.request_id = "no-guid";
        CHECK(odd.get_r4("metadata").code() == "value");
    }
    SECTION("what is too large, in a body, packed, or in a header") {
        CHECK(curl.post(std::string(2'000'001, ' '), "application/fhir+json").code() == "too-long");
        CHECK(curl.get_r4("metadata", "-H 'X-Long: " + std::string(70'000, 'x') + "'").status == 431);
        CHECK(curl.post("x", "application/fhir+json", "-H 'Content-Encoding: br'").status == 415);
        CHECK(curl.post("no gzip", "application/fhir+json", "-H 'Content-Encoding: gzip'").status == 400);
        const auto file = hub.stack.state_dir() + "/bomb";
        REQUIRE(std::system(("head -c 50000000 /dev/zero | gzip >" + file).c_str()) == 0);
        const auto bomb = curl.get_r4("$process-message", "--data-binary @" + file +
                                                              " -H 'Content-Type: application/fhir+json' "
                                                              "-H 'Content-Encoding: gzip'");
        CHECK(bomb.status == 413);
        CHECK(bomb.code() == "too-long");
    }
}

TEST_CASE("message definitions of the hub's service, as the kit asks for them") {
    RunningHub hub;
    const Curl curl(hub.stack);
    const std::string service = "https://fhir.nhs.uk/Id/dos-service-id%7C";
    const auto found = curl.get_r4("MessageDefinition?context=" + service + Stack::service_of(hub.stack.hub()));
    CHECK(found.status == 200);
    CHECK(found.parsed()["total"] > 0);
    CHECK(curl.get_r4("MessageDefinition?context=https://fhir.nhs.uk/CodeSystem/usecases-categories-bars%7Ca4t1"
                      "%26context=http://fhir.nhs.uk/Id/dos-service-id%7C" +
                      Stack::service_of(hub.stack.hub()))
              .parsed()["total"] > 0);
    CHECK(curl.get_r4("MessageDefinition").code() == "required");
    CHECK(curl.get_r4("MessageDefinition?context=XXXXXXX").code() == "value");
    const auto unknown = curl.get_r4("MessageDefinition?context=" + service + "99999999999999");
    CHECK(unknown.status == 404);
    CHECK(unknown.code() == "not-found");
}

TEST_CASE("a sender reads its request back; each look is recorded; who asked is kept") {
    RunningHub hub;
    const Curl curl(hub.stack);
    const auto sample = hub.visitor.sample();
    const auto id = hub.case_id(sample);
    const std::string practitioner =
        header("NHSD-Requesting-Practitioner", R"({"resourceType":"PractitionerRole","code":[{"text":"Call handler"}],)"
                                               R"("practitioner":{"display":"Fay Sample"}})");
    const auto posted = curl.post(bars_sample::request(sample).dump(), "application/fhir+json",
                                  organisation("RYD") + practitioner + "-H 'NHSD-Requesting-Software: !'");
    REQUIRE(posted.status == 200);
    const auto request = service_request_id(posted.parsed());

    const auto read = curl.get_r4("ServiceRequest/" + request, organisation("ryd"));
    REQUIRE(read.status == 200);
    CHECK(read.parsed()["id"] == request);
    CHECK(read.parsed()["status"] == "active");
    CHECK(curl.get_r4("ServiceRequest/" + request, organisation("RX9")).status == 404);  // another's
    const auto found = curl.get_r4(search + std::string(patient), organisation("RYD"));
    REQUIRE(found.status == 200);
    CHECK(found.parsed()["total"] == 1);
    CHECK(found.parsed()["entry"][0]["resource"] == read.parsed());
    CHECK(curl.get_r4(search + std::string("9990000026"), organisation("RYD")).parsed()["total"] == 0);
    CHECK(curl.get_r4(search + std::string(patient), organisation("RX9")).parsed()["total"] == 0);
    const auto nobody = curl.get_r4(search + std::string(patient));  // who does not say who it is gets no hub's book
    CHECK(nobody.status == 400);
    CHECK(nobody.code() == "required");
    CHECK(curl.get_r4(search + std::string(patient), "-H 'NHSD-End-User-Organisation: !'").code() == "value");
    CHECK(curl.get_r4(search + std::string("XXXXXX")).code() == "value");
    CHECK(curl.get_r4("ServiceRequest/").code() == "required");
    CHECK(curl.get_r4("ServiceRequest/XXXXXXXXX").code() == "value");
    CHECK(curl.get_r4("ServiceRequest/" + new_uuid()).code() == "not-found");

    REQUIRE(hub.wait_for_status(id, triage::QUEUED));
    REQUIRE(hub.decide(id, hub.claim_and_start(id)).status() == ACCEPTED);
    REQUIRE(hub.stack.wait_until(
        [&] { return curl.get_r4("ServiceRequest/" + request, "").parsed()["status"] == "completed"; }));

    int views = 0;
    bool kept = false;
    for (const auto& stored : hub.stack.journal()) {
        Event event;
        REQUIRE(event.ParseFromString(stored));
        CHECK(stored.find("Fay Sample") == std::string::npos);
        CHECK(stored.find(patient) == std::string::npos);
        vault::IdentityViewed viewed;
        intake::ExchangeAnswered answered;
        if (event.payload().UnpackTo(&viewed)) {
            ++views;
            CHECK(event.case_id() == id);
            CHECK(viewed.purpose() == "sender-read");
            CHECK(viewed.by().role() == "sender");
        }
        if (!event.payload().UnpackTo(&answered) || !answered.exchange().has_requester()) continue;
        kept = true;
        CHECK(answered.exchange().requester_organisation_ods() == "RYD");
        REQUIRE(answered.exchange().header_warnings_size() == 1);
        CHECK(answered.exchange().header_warnings(0) == "NHSD-Requesting-Software");
    }
    CHECK(kept);
    CHECK(views >= 2);  // of RYD, and of one that did not say who it is
    CHECK(hub.stack.log_of("bars").find(patient) == std::string::npos);
}

TEST_CASE("a packed request in XML, answered packed in JSON") {
    RunningHub hub;
    const Curl curl(hub.stack);
    const auto sample = hub.visitor.sample();
    const auto plain = hub.stack.state_dir() + "/plain";
    std::ofstream(plain) << bars::write_document(bars_sample::request(sample), bars::Format::xml);
    REQUIRE(std::system(("gzip <" + plain + " >" + plain + ".gz").c_str()) == 0);
    const auto posted = curl.get_r4("$process-message?_format=json",
                                    "--compressed --data-binary @" + plain +
                                        ".gz -H 'Content-Encoding: gzip' -H 'Content-Type: application/fhir+xml; "
                                        "charset=utf-8' -H 'Accept: application/fhir+xml'");
    CHECK(posted.status == 200);
    CHECK(posted.has("Content-Encoding: gzip"));
    CHECK(posted.parsed()["id"] == sample.bundle_id);
}
