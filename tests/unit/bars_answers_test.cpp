#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "common/base/base64.hpp"
#include "common/base/hash.hpp"
#include "common/base/limits.hpp"
#include "services/adapters/bars/domain/answers.hpp"
#include "services/adapters/bars/domain/outcome.hpp"
#include "services/adapters/bars/domain/render_delivery.hpp"
#include "services/adapters/bars/domain/validation_request.hpp"
#include "tests/unit/bars_files.hpp"
#include "tests/unit/bars_sample.hpp"

using namespace rightplace;
using namespace rightplace::bars;
using bars_sample::resource;

namespace {

const OwnCase own{"3d5f5b0e-27a4-4a3c-9a55-0f5c6e1d0a01", "P-20261126-007-K"};
const TimeMs sent = bars_sample::Sample().now + 600'000;

ResponseFrame frame() {
    return {own, "2000072489", "9a7c2b10-0000-4000-8000-000000000001", sent, sent - 60'000, false};
}

Outcome outcome(intake::Category category) {
    Outcome out;
    out.category = category;
    out.decided = sent - 1'000;
    out.summary = "Seen by video.\x0b Safe at home.";
    intake::Coded code;
    code.set_system("https://fhir.nhs.uk/CodeSystem/response-outcome-codes");
    code.set_code("PATLIFT");
    out.outcome_codes.push_back(code);
    return out;
}

// What is rendered can be read again, in both formats, with the same content.
Tree parsed(const std::function<std::string(Format)>& render) {
    const auto json = read_document(render(Format::json), Format::json);
    const auto xml = read_document(render(Format::xml), Format::xml);
    REQUIRE(json.ok());
    REQUIRE(xml.ok());
    CHECK(nlohmann::json(*json.value()) == nlohmann::json(*xml.value()));
    return *json.value();
}

std::string start_of_plan(const std::string& text) {
    Tree bundle = Tree::parse(text);
    return resource(bundle, "CarePlan")["period"]["start"];
}

}  // namespace

TEST_CASE("the acknowledgement is the request with our ids and our Encounter at its end") {
    Tree request = bars_sample::request();
    for (auto& entry : request["entry"]) entry["resource"]["id"] = "__PLACEHOLDER__";
    const Tree answer = parsed([&](Format format) { return acknowledgement(request, own, sent, format); });
    CHECK(answer["id"] == request["id"]);
    CHECK(answer.dump().find("__PLACEHOLDER__") == std::string::npos);
    REQUIRE(answer["entry"].size() == request["entry"].size() + 1);
    std::set<std::string> ids;
    for (std::size_t i = 0; i < request["entry"].size(); ++i) {
        const Tree& entry = answer["entry"][i];
        CHECK(entry["fullUrl"] == request["entry"][i]["fullUrl"]);
        Tree without = entry["resource"], before = request["entry"][i]["resource"];
        const std::string id = without["id"];
        CHECK(is_uuid(id));
        CHECK(entry["fullUrl"] != "urn:uuid:" + id);
        ids.insert(id);
        without.erase("id");
        before.erase("id");
        CHECK(without == before);
    }
    const Tree& last = answer["entry"].back()["resource"];
    ids.insert(last["id"].get<std::string>());
    CHECK(ids.size() == answer["entry"].size());
    CHECK(last["resourceType"] == "Encounter");
    CHECK(last["status"] == "planned");
    CHECK(last["identifier"][0]["value"] == own.case_number);
    CHECK(last["episodeOfCare"][0]["reference"] == "EpisodeOfCare/" + bars_sample::Sample().journey_id);
    CHECK(acknowledgement(request, own, sent, Format::xml) == acknowledgement(request, own, sent, Format::xml));
}

TEST_CASE("an interim response") {
    Tree request = bars_sample::request();
    Tree ack = Tree::parse(acknowledgement(request, own, sent, Format::json));
    Tree interim = parsed([&](Format format) { return interim_response(request, frame(), format); });
    const Tree& header = resource(interim, "MessageHeader");
    const std::string service = "https://fhir.nhs.uk/Id/dos-service-id|";
    CHECK(interim["id"] == frame().bundle_id);
    CHECK(header["eventCoding"]["code"] == "servicerequest-response");
    CHECK(header["reason"]["coding"][0]["code"] == "new");
    CHECK(header["response"]["identifier"] == request["id"]);
    CHECK(header["response"]["code"] == "ok");
    CHECK(header["destination"][0]["endpoint"] == service + "7700900001");
    CHECK(header["source"]["endpoint"] == service + "2000072489");
    const Tree& asked = resource(request, "MessageHeader");
    CHECK(header["destination"][0]["receiver"] == asked["sender"]);
    CHECK(header["sender"] == asked["destination"][0]["receiver"]);
    CHECK(header["definition"] ==
          "https://fhir.nhs.uk/MessageDefinition/bars-message-servicerequest-response-validation-interim");
    CHECK(header["focus"][0]["reference"] == interim["entry"].back()["fullUrl"]);
    CHECK(interim["entry"].back()["fullUrl"] == ack["entry"].back()["fullUrl"]);
    const Tree& encounter = resource(interim, "Encounter", 1);
    CHECK(encounter["id"] == ack["entry"].back()["resource"]["id"]);
    CHECK(encounter["status"] == "in-progress");
    CHECK(encounter["reasonCode"][0]["coding"][0]["code"] == "validation-triage-outcome");
    CHECK(encounter["period"]["start"] == format_utc(sent - 60'000));
    CHECK(resource(interim, "ServiceRequest")["status"] == "active");
    CHECK(resource(interim, "ServiceRequest")["id"] == resource(ack, "ServiceRequest")["id"]);
    CHECK_THROWS(resource(interim, "CarePlan"));
    CHECK_FALSE(resource(interim, "ServiceRequest").contains("basedOn"));
}

TEST_CASE("a rejecting response says why") {
    const Tree request = bars_sample::request();
    Tree breach = parsed([&](Format format) { return rejecting_response(request, frame(), triage::RRNA, "", format); });
    const Tree& returned = resource(breach, "Encounter", 1);
    CHECK(returned["status"] == "cancelled");
    CHECK(returned["reasonCode"][0]["coding"][0]["system"] == "https://fhir.nhs.uk/CodeSystem/rejected-reasons-bars");
    CHECK(returned["reasonCode"][0]["coding"][0]["code"] == "RRNA");
    CHECK(resource(breach, "MessageHeader")["definition"].get<std::string>().ends_with("validation-interim"));
    Tree other =
        parsed([&](Format format) { return rejecting_response(request, frame(), triage::OTH, "No. \x01", format); });
    CHECK(resource(other, "Encounter", 1)["reasonCode"][0]["text"] == "No.  ");
    Tree failed = parsed([&](Format format) { return rejecting_response(request, frame(), triage::FC, "", format); });
    CHECK(resource(failed, "Encounter", 1)["reasonCode"][0]["coding"][0]["code"] == "FC");
}

TEST_CASE("a full response carries the plan") {
    Tree request = bars_sample::request();
    Tree ack = Tree::parse(acknowledgement(request, own, sent, Format::json));
    auto with = frame();
    with.update = true;
    Tree full = parsed([&](Format format) { return full_response(request, with, outcome(intake::C5), format); });
    CHECK(resource(full, "MessageHeader")["reason"]["coding"][0]["code"] == "update");
    CHECK(resource(full, "MessageHeader")["definition"].get<std::string>().ends_with("validation-full"));
    CHECK(resource(full, "Encounter")["status"] == "triaged");
    CHECK(resource(full, "Encounter", 1)["status"] == "finished");
    const Tree& plan = resource(full, "CarePlan");
    CHECK(plan["status"] == "completed");
    CHECK(plan["id"] == resource(ack, "CarePlan")["id"]);
    CHECK(plan["encounter"]["reference"] == full["entry"].back()["fullUrl"]);
    const Tree& outcomes = plan["activity"][0]["outcomeCodeableConcept"];
    REQUIRE(outcomes.size() == 3);
    CHECK(outcomes[0]["coding"][0]["code"] == "PATLIFT");
    CHECK(outcomes[1]["coding"][0]["code"] == "C5");
    CHECK(outcomes[2]["text"] == "Seen by video.  Safe at home.");
    auto late = outcome(intake::C2);
    late.late = true;
    late.ambulance_needed = true;
    Tree upgraded = parsed([&](Format format) { return full_response(request, with, late, format); });
    CHECK(resource(upgraded, "CarePlan")["status"] == "active");
    CHECK(resource(upgraded, "CarePlan").dump().find("LATE: ") != std::string::npos);
}

TEST_CASE("the clock start stays T5 unless the priority is raised") {
    const Tree request = bars_sample::request();  // C3
    const std::string t5 = format_utc(bars_sample::Sample().now);
    const std::string decided = format_utc(sent - 1'000);
    const auto start = [&](const Tree& from, intake::Category category) {
        return start_of_plan(full_response(from, frame(), outcome(category), Format::json));
    };
    for (const auto same_or_lower :
         {intake::C3, intake::C4, intake::C4T, intake::C5, intake::HCP3, intake::CATEGORY_UNSPECIFIED}) {
        CHECK(start(request, same_or_lower) == t5);
    }
    for (const auto higher : {intake::C1, intake::C2, intake::HCP2}) CHECK(start(request, higher) == decided);
    Tree without = request;
    resource(without, "CarePlan").erase("period");
    CHECK(start(without, intake::C4) == decided);
}

TEST_CASE("what follows a case's return is newer than that, also when it was given back before its breach time") {
    const auto request = std::make_shared<const Tree>(bars_sample::request());
    BookedCase booked;
    booked.case_id = own.case_id;
    booked.case_number = own.case_number;
    booked.content_type = "application/fhir+json";
    booked.breach_at = sent + 3'600'000;
    booked.consultation_at = sent + 60'000;
    booked.decided_at = sent + 120'000;
    booked.answered_before = true;
    const auto newest = [](const std::string& body) {
        std::string last;
        const auto bundle = Tree::parse(body);
        for (const auto& entry : bundle["entry"]) {
            const auto& resource = entry["resource"];
            if (resource.contains("meta") && resource["meta"].contains("lastUpdated"))
                last = std::max(last, resource["meta"]["lastUpdated"].get<std::string>());
        }
        return *parse_instant(last);
    };
    const auto rendered = [&](referral::DeliveryKind kind) {
        return newest(render_delivery({booked, kind, "d", request->dump(), "2000072489", ""})->body);
    };
    CHECK(rendered(referral::FULL_RESPONSE) == booked.decided_at);
    booked.returned = true;
    const auto given_back = newest(render_breach_return(request, own, "2000072489", booked.breach_at, Format::json));
    CHECK(given_back < rendered(referral::INTERIM_RESPONSE));
    CHECK(rendered(referral::INTERIM_RESPONSE) < rendered(referral::FULL_RESPONSE));
    booked.decided_at = booked.breach_at + 3'600'000;
    CHECK(rendered(referral::FULL_RESPONSE) == booked.decided_at);
}

TEST_CASE("whether another response went before is told by the bytes, in both formats") {
    for (const auto format : {Format::json, Format::xml}) {
        auto with = frame();
        CHECK_FALSE(says_update(full_response(bars_sample::request(), with, outcome(intake::C5), format), format));
        with.update = true;
        CHECK(says_update(full_response(bars_sample::request(), with, outcome(intake::C5), format), format));
    }
    CHECK_FALSE(says_update("{", Format::json));
}

TEST_CASE("headers of a response") {
    intake::ReplyTo reply;
    reply.set_service_id("7700900001");
    reply.set_correlation_id("1E3371D1-1C15-4862-9552-D9560F8292BA");
    reply.set_use_case("a4t2");
    const std::string id = "0e3371d1-1c15-4862-9552-d9560f8292ba";
    const auto fields = response_headers(reply, id, true, Format::xml, "Z99002");
    const std::map<std::string, std::string> by_name(fields.begin(), fields.end());
    CHECK(base64_decode(by_name.at("NHSD-Target-Identifier"))->find("7700900001") != std::string::npos);
    CHECK(by_name.at("X-Request-Id") == "0e3371d1-1c15-4862-9552-d9560f8292ba");
    CHECK(by_name.at("X-Correlation-Id") == reply.correlation_id());
    CHECK(by_name.at("use-context") == "a4t2|validation|servicerequest-response|update");
    CHECK(by_name.at("Content-Type") == "application/fhir+xml");
    const auto organisation = Tree::parse(*base64_decode(by_name.at("NHSD-End-User-Organisation")));
    CHECK(organisation["resourceType"] == "Organization");
    CHECK(organisation["identifier"][0]["value"] == "Z99002");
    for (const auto& [name, value] : response_headers(reply, id, true, Format::xml, ""))
        CHECK(name != "NHSD-End-User-Organisation");
}

TEST_CASE("answers to the published request can be rendered") {
    if (!bars_files::present()) return;
    const auto request = read_document(bars_files::read(bars_files::examples / "bars/VALREQ01-new.xml"), Format::xml);
    REQUIRE(request.ok());
    Tree ack = parsed([&](Format format) { return acknowledgement(*request.value(), own, sent, format); });
    CHECK(ack["entry"].size() == 20);
    Tree full =
        parsed([&](Format format) { return full_response(*request.value(), frame(), outcome(intake::C4), format); });
    CHECK(resource(full, "MessageHeader")["response"]["identifier"] == "86e3371d-1c15-4862-9552-d9560f8292ba");
}

TEST_CASE("Retry-After is read as seconds or as a date, and whatever else it holds is no wish") {
    const auto asked = [](const std::string& value) {
        seams::HttpAnswer answer;
        answer.status = 429;
        answer.headers = {{"retry-after", value}, {"X-Request-Id", "r"}, {"X-Correlation-Id", "c"}};
        CHECK(bars::response_outcome(answer) == referral::OUTCOME_UNKNOWN);
        return bars::retry_after_ms(answer, 1'795'728'000'000);  // 26 Nov 2026 21:20:00 UTC
    };
    CHECK(bars::retry_after_ms({}, 0) == 0);
    CHECK(asked("30") == 30'000);
    CHECK(asked("0") == 0);
    CHECK(asked("-5") == 0);
    CHECK(asked("soon") == 0);
    CHECK(asked("30 s") == 0);
    CHECK(asked("Thu, 26 Nov 2026 21:20:45 GMT") == 45'000);
    CHECK(asked("Thu, 26 Nov 2026 21:19:00 GMT") == 0);
    CHECK(asked("Thu, 26 Nev 2026 21:20:45 GMT") == 0);
    CHECK(asked("Thu, 96 Nov 2026 21:20:45 GMT") == 0);
    CHECK(asked(std::string(25, 'x') + " GMT") == 0);
    CHECK(asked("9999999999") <= 0xFFFFFFFF);
    CHECK(asked("9999999999") > limits::delivery_backoff_max_ms);
}
