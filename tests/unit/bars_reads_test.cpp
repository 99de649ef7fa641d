// What is answered to GET: definitions, capability statement, a sender's own requests.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <set>

#include "services/adapters/bars/domain/bundle.hpp"
#include "services/adapters/bars/domain/capability.hpp"
#include "services/adapters/bars/domain/definitions.hpp"
#include "services/adapters/bars/domain/service_request_read.hpp"
#include "tests/unit/bars_files.hpp"
#include "tests/unit/bars_sample.hpp"

using namespace rightplace;
using namespace rightplace::bars;

namespace {

constexpr auto service = "2000072489";
constexpr auto number = "9990000018";  // of the range that is never issued

Tree read(const std::string& text, Format format = Format::json) {
    const auto document = read_document(text, format);
    INFO((document ? "" : document.error().path + " " + document.error().what));
    REQUIRE(document);
    return *document.value();
}

Target query(const std::string& text) {
    return parse_target("/FHIR/R4/x?" + text);
}

template <typename T>
void expect(const Result<T, Problems>& result, const std::string& issue) {
    REQUIRE_FALSE(result);
    CHECK(result.error().front().http_status == 400);
    CHECK(result.error().front().issue_code == issue);
    CHECK(result.error().front().details_code == "REC_BAD_REQUEST");
}

bool has_coding(const Tree& concept_, std::string_view system, std::string_view code) {
    for (const auto& coding : list_at(concept_, "coding")) {
        if (text_at(coding, "system") == system && text_at(coding, "code") == code) return true;
    }
    return false;
}

}  // namespace

TEST_CASE("the services of a MessageDefinition search, as the kit writes it") {
    const std::string https = "context=https://fhir.nhs.uk/Id/dos-service-id|2000072489";
    const std::string two =
        "context=https://fhir.nhs.uk/CodeSystem/usecases-categories-bars|a4t1%26context=http://fhir.nhs.uk/Id/"
        "dos-service-id|2000072489";
    const std::string apart =
        "context=https%3A%2F%2Ffhir.nhs.uk%2FCodeSystem%2Fusecases-categories-bars%7Ca1t1&context=https%3A%2F%2F"
        "fhir.nhs.uk%2Fid%2Fdos-service-id%7C2000072489";
    for (const auto& good : {https, two, apart}) {
        INFO(good);
        const auto services = services_asked(query(good));
        REQUIRE(services);
        CHECK(services.value() == std::vector<std::string>{service});
    }
    expect(services_asked(query("")), "required");
    expect(services_asked(query("context=")), "required");
    expect(services_asked(query("Context=https://fhir.nhs.uk/Id/dos-service-id|1")), "required");
    expect(services_asked(query("context=https://fhir.nhs.uk/CodeSystem/usecases-categories-bars|a4t1")), "required");
    expect(services_asked(query("context=XXXXXXX")), "value");
    expect(services_asked(query("context=https://fhir.nhs.uk/Id/dos-service-id|")), "value");
    expect(services_asked(query("context=https://fhir.nhs.uk/Id/ods-organization-code|RYD")), "value");
}

TEST_CASE("every definition has one context of the new form, one of the old, and its use cases") {
    const auto bundle = read(definitions_bundle(service, Format::json));
    CHECK(bundle == read(definitions_bundle(service, Format::xml), Format::xml));
    CHECK(text_at(bundle, "type") == "searchset");
    CHECK(bundle["total"] == bundle["entry"].size());
    std::set<std::string> urls;
    for (const auto& entry : bundle["entry"]) {
        const Tree& definition = entry["resource"];
        urls.insert(text_at(definition, "url"));
        int new_form = 0, old_form = 0, use_cases = 0;
        for (const auto& context : definition["useContext"]) {
            const Tree& value = context["valueCodeableConcept"];
            const bool workflow =
                text_at(context, "code.system") == "http://terminology.hl7.org/CodeSystem/usage-context-type";
            new_form += workflow && has_coding(value, "https://fhir.nhs.uk/Id/dos-service-id", service) ? 1 : 0;
            old_form += text_at(context, "code.system") == "https://fhir.nhs.uk/Id/dos-service-id" &&
                                text_at(context, "code.code") == service &&
                                text_at(value, "coding.0.system").ends_with("/variant-state")
                            ? 1
                            : 0;
            use_cases += workflow && !code_in(value, systems::use_case).empty() ? 1 : 0;
        }
        INFO(text_at(definition, "url"));
        CHECK(new_form == 1);
        CHECK(old_form == 1);
        CHECK(use_cases == 1);
    }
    CHECK(urls.size() == bundle["entry"].size());
}

TEST_CASE("the counts of the definitions are the standard's") {
    const auto bundle = read(definitions_bundle(service, Format::json));
    const auto count = [&](const std::string& name, const std::string& type) -> std::string {
        for (const auto& entry : bundle["entry"]) {
            if (text_at(entry["resource"], "url") != "https://fhir.nhs.uk/MessageDefinition/bars-message-" + name)
                continue;
            for (const auto& focus : entry["resource"]["focus"]) {
                if (text_at(focus, "code") == type) return focus["min"].dump() + ".." + text_at(focus, "max");
            }
        }
        return "none";
    };
    CHECK(count("servicerequest-request-validation", "Location") == "1..1");
    CHECK(count("servicerequest-request-validation", "Encounter") == "1..1");
    CHECK(count("servicerequest-request-validation", "Consent") == "1..*");
    CHECK(count("servicerequest-request-validation", "Task") == "none");
    CHECK(count("servicerequest-request-referral", "Organization") == "2..*");
    CHECK(count("servicerequest-request-referral", "Location") == "0..*");
    CHECK(count("servicerequest-request-cancelled", "Organization") == "2..*");
    CHECK(count("servicerequest-response-validation-interim", "Encounter") == "2..2");
    CHECK(count("servicerequest-response-validation-interim", "CarePlan") == "none");
    CHECK(count("servicerequest-response-validation-full", "Encounter") == "2..3");
    CHECK(count("servicerequest-response-validation-full", "CarePlan") == "1..1");
}

TEST_CASE("the capability statement says what is served, in both formats") {
    const auto statement = read(capability_statement("1.2.3", Format::json));
    CHECK(statement == read(capability_statement("1.2.3", Format::xml), Format::xml));
    CHECK(text_at(statement, "rest.0.mode") == "server");
    CHECK(text_at(statement, "software.version") == "1.2.3");
    std::set<std::string> types;
    for (const auto& resource : statement["rest"][0]["resource"]) types.insert(text_at(resource, "type"));
    CHECK(types == std::set<std::string>{"MessageDefinition", "ServiceRequest"});  // no slots, no appointments
    REQUIRE(statement["messaging"][0]["supportedMessage"].size() == definitions().size());
    std::size_t i = 0;
    for (const auto& message : statement["messaging"][0]["supportedMessage"]) {
        CHECK(text_at(message, "definition") == definition_url(definitions()[i]));
        CHECK(text_at(message, "mode") ==
              (text_at(message, "definition").find("-request-") != std::string::npos ? "receiver" : "sender"));
        ++i;
    }
}

TEST_CASE("a read by id: required, a GUID, in any case") {
    expect(judge_read("/", query("")), "required");
    expect(judge_read("/XXXXXXXXX", query("")), "value");
    expect(judge_read("/5d5f5b0e-27a4-4a3c-9a55-0f5c6e1d0a01/_history", query("")), "value");
    const auto asked = judge_read("/5D5F5B0E-27a4-4a3c-9a55-0f5c6e1d0a01", query(""));
    REQUIRE(asked);
    CHECK(asked.value().service_request_id == "5d5f5b0e-27a4-4a3c-9a55-0f5c6e1d0a01");
}

TEST_CASE("a search by NHS number: the rules look at the raw query, as the kit writes it") {
    const std::string system = "https://fhir.nhs.uk/Id/nhs-number|";
    const std::string encoded = "patient%3Aidentifier=http%3A%2F%2Ffhir.nhs.uk%2Fid%2Fnhs-number%7C999%20000%200018";
    for (const auto& good : {"patient:identifier=" + system + number, encoded}) {
        INFO(good);
        const auto asked = judge_read("", query(good));
        REQUIRE(asked);
        CHECK(asked.value().nhs_number == number);
    }
    expect(judge_read("", query("")), "required");
    expect(judge_read("", query(system)), "required");
    expect(judge_read("", query("patient:identifier=")), "required");
    expect(judge_read("", query("patient:identifier=" + system)), "required");
    expect(judge_read("", query(system + number)), "required");
    expect(judge_read("", query("patient:identifier=" + system + "XXXXXX")), "value");
    for (const std::string wrong : {"999000001", "99900000181", "999000001A"}) {
        expect(judge_read("", query("patient:identifier=" + system + wrong)), "value");
    }
    // A wrong check digit is let in with a request: a search by it is answered, not refused.
    const auto odd = judge_read("", query("patient:identifier=" + system + "9990000019"));
    REQUIRE(odd);
    CHECK(odd.value().nhs_number == "9990000019");
    expect(judge_read("", query("patient:identifier=https://fhir.nhs.uk/Id/other|" + std::string(number))), "value");
    expect(judge_read("", query(system + "XXXXXX")), "value");  // the Appointment test's way
    const auto refused = judge_read("", query("patient:identifier=" + system + "999000001"));
    CHECK(operation_outcome(refused.error(), Format::json).find("9990000019") == std::string::npos);
}

TEST_CASE("a request is shown with our id and where it stands") {
    const auto request = bars_sample::request();
    BookedCase booked;
    booked.service_request_id = "aaaaaaaa-0000-8000-8000-000000000001";
    const auto shown = [&] { return present_service_request(request, booked); };
    const auto sent = Message(request).service_request();
    REQUIRE(sent);
    CHECK(shown()["fullUrl"] == sent->full_url);
    CHECK(text_at(shown(), "resource.id") == booked.service_request_id);
    CHECK(text_at(shown(), "resource.status") == "active");
    CHECK(text_at(shown(), "resource.meta.lastUpdated") == text_at(*sent->resource, "meta.lastUpdated"));
    CHECK(at(shown(), "resource.occurrencePeriod") == at(*sent->resource, "occurrencePeriod"));

    const TimeMs later = bars_sample::Sample{}.now + 60'000;
    booked.ended = true;
    booked.ended_at = later;
    CHECK(text_at(shown(), "resource.status") == "completed");
    CHECK(text_at(shown(), "resource.meta.lastUpdated") == format_utc(later));
    booked.ended = false;
    booked.not_before = later + 1'000;  // reopened
    CHECK(text_at(shown(), "resource.status") == "active");
    CHECK(text_at(shown(), "resource.meta.lastUpdated") == format_utc(later + 1'000));
    booked.cancelled = "revoked";
    booked.cancelled_at = later + 2'000;
    CHECK(text_at(shown(), "resource.status") == "revoked");
    CHECK(text_at(shown(), "resource.meta.lastUpdated") == format_utc(later + 2'000));
    booked.cancelled = "entered-in-error";
    CHECK(text_at(shown(), "resource.status") == "entered-in-error");
    read(shown()["resource"].dump());
}

TEST_CASE("an organisation reads what it sent; one that does not say who it is, what the hub answers") {
    BookedCase booked;
    CHECK(may_read(booked, "RYD"));
    booked.facts.set_sender_organisation_ods("RYD");
    CHECK(may_read(booked, ""));
    CHECK(may_read(booked, "ryd"));
    CHECK_FALSE(may_read(booked, "RX9"));
    booked.requester_ods = "RX9";  // another organisation's system sent it for them
    CHECK(may_read(booked, "RX9"));
    CHECK(may_read(booked, "RYD"));
    CHECK_FALSE(may_read(booked, "RRU"));
}

TEST_CASE("a search is answered to the organisation that sent, and to nobody who does not say who it is") {
    Requester nobody;
    REQUIRE(check_searcher(nobody).size() == 1);
    CHECK(check_searcher(nobody).front().http_status == 400);
    CHECK(check_searcher(nobody).front().issue_code == "required");
    CHECK(check_searcher(nobody).front().path == organisation_header);
    nobody.said.add_headers()->set_name(organisation_header);  // one that names no organisation
    CHECK(check_searcher(nobody).front().issue_code == "value");
    nobody.organisation_ods = "RYD";
    CHECK(check_searcher(nobody).empty());

    BookedCase booked;
    CHECK_FALSE(is_sent_by(booked, ""));
    CHECK_FALSE(is_sent_by(booked, "RYD"));  // nobody knows who sent it: not even then
    booked.facts.set_sender_organisation_ods("RYD");
    CHECK(is_sent_by(booked, "ryd"));
    CHECK_FALSE(is_sent_by(booked, "RX9"));
    booked.requester_ods = "RX9";
    CHECK(is_sent_by(booked, "RX9"));

    CHECK(may_be_about(booked, {"token"}));  // without tokens it has to be looked at
    booked.facts.add_match_tokens("another");
    CHECK_FALSE(may_be_about(booked, {"token"}));
    booked.facts.add_match_tokens("token");
    CHECK(may_be_about(booked, {"token"}));
}

TEST_CASE("what is found is a searchset that does not repeat the number") {
    const auto request = bars_sample::request();
    BookedCase booked;
    booked.service_request_id = "aaaaaaaa-0000-8000-8000-000000000001";
    for (const auto format : {Format::json, Format::xml}) {
        const auto text = found_bundle({present_service_request(request, booked)}, booked.service_request_id, format);
        const auto bundle = read(text, format);
        CHECK(text_at(bundle, "type") == "searchset");
        CHECK(bundle["total"] == 1);
        CHECK(text_at(bundle, "entry.0.search.mode") == "match");
        CHECK(text.find(identifier_in(*Message(request).patient()->resource, systems::nhs_number)) ==
              std::string::npos);
    }
    const auto none = read(found_bundle({}, booked.service_request_id, Format::json));
    CHECK(none["total"] == 0);
    CHECK_FALSE(none.contains("entry"));
    CHECK(is_about_patient(request, identifier_in(*Message(request).patient()->resource, systems::nhs_number)));
    CHECK_FALSE(is_about_patient(request, "9990000026"));
}

TEST_CASE("the published answer to a read has the shape of ours") {
    if (!bars_files::present()) return;
    // Read as JSON only: one has a basedOn, the other a security that FHIR R4 does not allow.
    const auto published = Tree::parse(bars_files::read(bars_files::examples / "bars/API-servicerequest-id-GET.json"));
    CHECK(text_at(published, "resourceType") == "ServiceRequest");
    CHECK(text_at(published, "subject.reference").starts_with("urn:uuid:"));
    const auto capability = Tree::parse(bars_files::read(bars_files::examples / "bars/API-capability.json"));
    const auto ours = read(capability_statement("1", Format::json));
    for (const auto& [name, value] : ours.items()) {
        if (name == "title") continue;
        INFO(name);
        CHECK(capability.contains(name));
    }
}
