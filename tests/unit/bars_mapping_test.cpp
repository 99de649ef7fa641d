#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "common/base/hash.hpp"
#include "services/adapters/bars/domain/checks.hpp"
#include "services/adapters/bars/domain/validation_request.hpp"
#include "tests/unit/bars_sample.hpp"

using namespace rightplace;
using namespace rightplace::bars;
using bars_sample::resource;

namespace {

ValidationRequest accept(const Tree& bundle, TimeMs now = bars_sample::Sample().now) {
    RequestHeaders headers;
    headers.request_id = "0E3371D1-1C15-4862-9552-D9560F8292BA";
    headers.correlation_id = "1E3371D1-1C15-4862-9552-D9560F8292BA";
    headers.target_service_id = "2000072489";
    auto judged = judge_request(bundle.dump(), headers, {"paddock-wood", now});
    if (!judged) FAIL(judged.error().front().path << ": " << judged.error().front().diagnostics);
    return judged.value();
}

bool warns(const ValidationRequest& request, const std::string& code) {
    for (const auto& warning : request.facts.warnings()) {
        if (warning.starts_with(code + " ")) return true;
    }
    return false;
}

}  // namespace

TEST_CASE("whoever asks the service of a site asks for that place") {
    RequestHeaders headers;
    headers.request_id = "0E3371D1-1C15-4862-9552-D9560F8292BA";
    headers.correlation_id = "1E3371D1-1C15-4862-9552-D9560F8292BA";
    const bars_sample::Sample sample;
    const auto site_of = [&](const std::string& site) {
        const auto judged = judge_request(bars_sample::request(sample).dump(), headers, {"ashford", sample.now, site});
        REQUIRE(judged.ok());
        return judged.value().facts.site();
    };
    CHECK(site_of("Dover") == "Dover");
    CHECK(site_of("").empty());
}

TEST_CASE("facts are mapped") {
    const bars_sample::Sample sample;
    const auto request = accept(bars_sample::request(sample));
    const auto& facts = request.facts;
    CHECK(facts.origin() == intake::VALIDATION_999);
    CHECK(facts.category() == intake::C3);
    CHECK(to_ms(facts.clock_start()) == sample.now);
    CHECK(to_ms(facts.breach_at()) == sample.breach_at);
    CHECK(facts.age_known());
    CHECK(facts.age_years() == 85);
    CHECK(facts.cad_number() == "SYN-000123");
    CHECK(facts.journey_id() == sample.journey_id);
    CHECK(facts.original_plan() == "Dx0122");
    REQUIRE(facts.outcome_codes_size() == 3);
    CHECK(facts.outcome_codes(0).code() == "SG1070");
    CHECK(facts.sender_organisation_ods() == "Z99003");
    REQUIRE(facts.flags_size() == 1);
    CHECK(facts.flags(0).category() == "SS");
    CHECK(facts.flags(0).code() == "S");
    const std::vector<std::string> warned(facts.warnings().begin(), facts.warnings().end());
    CHECK(warned == std::vector<std::string>{"too-many-location Bundle.entry", "too-few-practitioner Bundle.entry",
                                             "too-few-practitionerrole Bundle.entry"});
}

TEST_CASE("ids of the exchange, and one case for one message") {
    bars_sample::Sample sample;
    sample.bundle_id = "5D5F5B0E-27A4-4A3C-9A55-0F5C6E1D0A01";
    const Tree bundle = bars_sample::request(sample);
    const auto request = accept(bundle);
    CHECK(request.exchange.protocol() == "bars");
    CHECK(request.exchange.request_id() == "0e3371d1-1c15-4862-9552-d9560f8292ba");
    CHECK(request.exchange.message_id() == "5d5f5b0e-27a4-4a3c-9a55-0f5c6e1d0a01");
    CHECK(request.exchange.body_sha256() == to_hex(sha256(bundle.dump())));
    CHECK(request.reply_to.correlation_id() == "1E3371D1-1C15-4862-9552-D9560F8292BA");
    CHECK(request.reply_to.service_id() == "7700900001");
    CHECK(request.reply_to.use_case() == "a4t1");
    CHECK(request.case_id == derived_uuid({"case", "paddock-wood", "bars", "5d5f5b0e-27a4-4a3c-9a55-0f5c6e1d0a01"}));
    CHECK(case_id_of("ashford", sample.bundle_id) != request.case_id);
}

TEST_CASE("identity and free text are in Person and nowhere else") {
    const auto request = accept(bars_sample::request());
    const auto& person = request.person;
    CHECK(person.nhs_number() == "9990000018");
    CHECK(person.nhs_number_status() == "number-present-and-verified");
    CHECK(person.name() == "Wren Aspen Testcase");
    CHECK(person.general_practice_ods() == "Z99001");
    CHECK(person.address() == "1 Example Row, Exampleton, ZZ99 3VZ");
    REQUIRE(person.contacts_size() == 2);
    CHECK(person.contacts(0).rank() == 1);
    CHECK(person.contacts(0).methods(0).value() == "07700 900102");
    CHECK(person.location().kind() == "ILOC");
    CHECK(person.location().uprn() == "000012345678");
    CHECK(person.location().latitude() == "51.1762");
    REQUIRE(person.narrative_size() == 1);
    const std::string clear =
        request.facts.DebugString() + request.reply_to.DebugString() + request.exchange.DebugString();
    for (const auto word :
         {"9990000018", "Testcase", "Wren", "07700", "Example Row", "ZZ99", "kitchen", "1941", "51.1762"}) {
        INFO(word);
        CHECK(clear.find(word) == std::string::npos);
    }
}

TEST_CASE("observations are taken by code, never invented") {
    Tree bundle = bars_sample::request();
    const auto plain = accept(bundle).facts.observations();
    CHECK(plain.pulse_per_minute() == 96);
    CHECK(plain.received_total() == 3);
    CHECK(plain.has_on_oxygen());
    CHECK_FALSE(plain.on_oxygen());
    CHECK_FALSE(plain.has_systolic_mmhg());
    CHECK(plain.consciousness() == intake::CONSCIOUSNESS_UNSPECIFIED);
    CHECK(to_ms(plain.taken_at()) == bars_sample::Sample().now - 120'000);

    Tree later = resource(bundle, "Observation");
    later["valueQuantity"]["value"] = Tree::parse("37.55");
    later["code"]["coding"][0]["code"] = "276885007";
    bundle["entry"].push_back({{"fullUrl", "urn:uuid:1"}, {"resource", later}});
    later = resource(bundle, "Observation");
    later["effectiveDateTime"] = format_utc(bars_sample::Sample().now - 180'000);
    later["valueQuantity"]["value"] = 50;  // older than the one before it
    bundle["entry"].push_back({{"fullUrl", "urn:uuid:2"}, {"resource", later}});
    later["code"]["coding"][0]["code"] = "103228002";
    later["valueQuantity"]["value"] = 930;
    bundle["entry"].push_back({{"fullUrl", "urn:uuid:3"}, {"resource", later}});
    const auto request = accept(bundle);
    CHECK(request.facts.observations().temperature_tenths_c() == 376);
    CHECK(request.facts.observations().pulse_per_minute() == 96);
    CHECK_FALSE(request.facts.observations().has_oxygen_saturation_percent());
    CHECK(warns(request, "measurement-out-of-range"));
}

TEST_CASE("a tolerant reader notices and lets pass") {
    const auto changed = [](auto change) {
        Tree bundle = bars_sample::request();
        change(bundle);
        return accept(bundle);
    };
    CHECK(warns(changed([](Tree& b) { resource(b, "Patient")["identifier"][0]["value"] = "9990000017"; }),
                "nhs-number-check-digit"));
    CHECK_FALSE(warns(changed([](Tree& b) { resource(b, "Patient").erase("identifier"); }), "nhs-number-check-digit"));
    CHECK(warns(changed([](Tree& b) { resource(b, "ServiceRequest").erase("occurrencePeriod"); }), "no-breach-time"));
    CHECK(warns(changed([](Tree& b) { resource(b, "CarePlan").erase("period"); }), "no-clock-start"));
    CHECK(warns(changed([](Tree& b) { bars_sample::remove(b, "Flag"); }), "no-scene-safety-flag"));
    CHECK(warns(changed([](Tree& b) { resource(b, "Encounter").erase("episodeOfCare"); }), "no-journey-id"));
    CHECK(warns(changed([](Tree& b) { resource(b, "Flag")["meta"].erase("lastUpdated"); }), "no-last-updated"));
    CHECK(
        warns(changed([](Tree& b) { resource(b, "Patient")["contact"][0].erase("extension"); }), "contact-not-ranked"));
    bars_sample::Sample other;
    other.target_service_id = "111";
    CHECK(warns(accept(bars_sample::request(other)), "destination-differs"));
}

TEST_CASE("consent, the number's status, and whom nobody knows") {
    const auto known = accept(bars_sample::request()).facts;
    CHECK(known.consent() == "DRC");
    CHECK(known.use_case() == "a4t1");
    CHECK_FALSE(known.referral());
    CHECK_FALSE(known.patient_unknown());
    Tree verified = bars_sample::request();
    resource(verified, "Patient")["identifier"][0]["extension"][0] = {
        {"url", "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"},
        {"valueCodeableConcept", {{"coding", Tree::array({{{"code", "number-present-and-verified"}}})}}}};
    CHECK(accept(verified).facts.nhs_number_status() == "number-present-and-verified");
    CHECK(accept(verified).person.nhs_number_status() == "number-present-and-verified");
    Tree unnumbered = bars_sample::request();
    resource(unnumbered, "Patient").erase("identifier");
    CHECK(accept(unnumbered).facts.nhs_number_status() == "missing");
    CHECK_FALSE(accept(unnumbered).facts.patient_unknown());
    resource(unnumbered, "Patient").erase("name");
    CHECK(accept(unnumbered).facts.patient_unknown());
}

TEST_CASE("AMPDS and Pathways codes, scene safety and safeguarding reach the facts as they were sent") {
    Tree bundle = bars_sample::request();
    auto& outcomes = resource(bundle, "CarePlan")["activity"][0]["outcomeCodeableConcept"];
    outcomes.push_back(
        {{"coding", Tree::array({{{"system", "https://fhir.nhs.uk/CodeSystem/ampds-codes"}, {"code", "17A01G"}}})}});
    Tree unsafe = resource(bundle, "Flag");
    unsafe["category"][0]["coding"][0]["code"] = "SG";
    unsafe["code"]["coding"][0] = {
        {"system", "http://snomed.info/sct"}, {"code", "878111000000109"}, {"display", "Safeguarding concern"}};
    resource(bundle, "Flag")["code"]["coding"][0]["code"] = "U";
    bundle["entry"].push_back({{"fullUrl", "urn:uuid:77777777-27a4-4a3c-9a55-0f5c6e1d0a01"}, {"resource", unsafe}});
    const auto facts = accept(bundle).facts;
    CHECK(facts.outcome_codes(facts.outcome_codes_size() - 1).code() == "17A01G");
    REQUIRE(facts.flags_size() == 2);
    CHECK(facts.flags(0).code() == "U");
    CHECK(facts.flags(1).category() == "SG");
    CHECK(facts.flags(1).display() == "Safeguarding concern");
}

TEST_CASE("ages, journeys and categories in their variants") {
    Tree bundle = bars_sample::request();
    const TimeMs birthday = *parse_instant("2026-03-09T00:00:00Z");
    CHECK(accept(bundle, birthday).facts.age_years() == 85);
    CHECK(accept(bundle, birthday - 1).facts.age_years() == 84);
    resource(bundle, "Patient")["birthDate"] = "1941";
    CHECK_FALSE(accept(bundle).facts.age_known());
    resource(bundle, "Encounter")["episodeOfCare"][0]["reference"] = "urn:uuid:abc";
    CHECK(accept(bundle).facts.journey_id() == "abc");
    Tree& outcomes = resource(bundle, "CarePlan")["activity"][0]["outcomeCodeableConcept"];
    outcomes[3]["coding"][0] = {{"system", "https://fhir.nhs.uk/CodeSystem/arp-priority-code"}, {"code", "HP4T"}};
    outcomes.erase(2);
    CHECK(accept(bundle).facts.category() == intake::HCP4T);
    CHECK(accept(bundle).facts.original_plan() == "HP4T");
    resource(bundle, "CarePlan")["activity"][0]["outcomeCodeableConcept"].erase(2);
    CHECK(warns(accept(bundle), "no-arp-category"));
}

TEST_CASE("the NHS number's check digit") {
    CHECK(nhs_number_is_valid("9990000018"));
    CHECK_FALSE(nhs_number_is_valid("9990000081"));
    CHECK_FALSE(nhs_number_is_valid("999000001"));
    CHECK_FALSE(nhs_number_is_valid("999000001a"));
}
