#include "tests/unit/bars_full_sample.hpp"

#include "tests/unit/bars_sample.hpp"

namespace rightplace::bars_sample {
namespace {

using Json = nlohmann::ordered_json;

const std::string snomed = "http://snomed.info/sct";

Json concept_of(const std::string& system, const std::string& code, const std::string& display = "") {
    Json coding = {{"system", system}, {"code", code}};
    if (!display.empty()) coding["display"] = display;
    return {{"coding", Json::array({coding})}};
}

void add(Json& bundle, Json resource) {
    resource["meta"] = {{"lastUpdated", format_utc(Sample().now)}};
    bundle["entry"].push_back({{"resource", std::move(resource)}});
}

Json observation(Json code, const std::string& key, Json value) {
    return {{"resourceType", "Observation"},
            {"status", "final"},
            {"code", std::move(code)},
            {"effectiveDateTime", format_utc(Sample().now - 60'000)},
            {key, std::move(value)}};
}

void tell_more_of_the_patient(Json& bundle) {
    Json& patient = resource(bundle, "Patient");
    patient["name"][0]["prefix"] = Json::array({"Dr"});
    patient["address"][0]["district"] = "Exampleshire";
    patient["identifier"].push_back({{"system", "urn:made:up"}, {"value", "OTHER-1"}});
    patient["telecom"] = Json::array({{{"system", "phone"}, {"value", "07700 900109"}, {"use", "home"}, {"rank", 2}}});
    patient["communication"] =
        Json::array({{{"language", concept_of("urn:ietf:bcp:47", "cy", "Welsh")}, {"preferred", true}}});
    patient["deceasedBoolean"] = false;
    patient["contact"][0]["name"] = {
        {"prefix", Json::array({"Ms"})}, {"given", Json::array({"Rowan"})}, {"family", "Testcase"}};
    patient["contact"][0]["relationship"] =
        Json::array({{{"coding", Json::array({{{"system", "urn:made:up"}, {"display", "Neighbour"}}})}}});
    patient["contact"][0]["gender"] = "other";
}

void tell_more_of_the_contact(Json& bundle) {
    Json& request = resource(bundle, "ServiceRequest");
    request["note"] = Json::array({{{"text", "Key safe by the door."}}});
    request["patientInstruction"] = "Keep warm, do not move.";
    request["authoredOn"] = format_utc(Sample().now);
    request["priority"] = "urgent";
    resource(bundle, "MessageHeader")["source"]["contact"] = {{"system", "phone"}, {"value", "07700 900108"}};
    Json& plan = resource(bundle, "CarePlan");
    plan["title"] = "Falls pathway";
    plan["description"] = "Lives alone.";
    plan["note"] = Json::array({{{"text", "Prefers to be called."}}});
    plan["activity"][0]["progress"] = Json::array({{{"text", "Neighbour is with her."}}});
    plan["activity"][0]["outcomeCodeableConcept"][0]["coding"][0]["display"] = "Falls";
    Json& encounter = resource(bundle, "Encounter");
    encounter["reasonCode"] = Json::array({{{"text", "Fall"}}});
    Json& flag = resource(bundle, "Flag");
    flag["code"]["coding"][0]["display"] = "The scene is safe";
    flag["code"]["text"] = "A friendly dog.";
    flag["period"] = {{"start", "2026-11-01"}};
    Json& place = resource(bundle, "Location");
    place["address"]["district"] = "Exampleshire";
    place["description"] = "Second door on the left.";
}

void tell_more_of_what_was_seen(Json& bundle) {
    Json breaths =
        observation(concept_of(snomed, "86290005", "Breaths"), "valueQuantity", {{"value", 19}, {"unit", "/min"}});
    breaths.erase("effectiveDateTime");
    breaths["effectiveInstant"] = format_utc(Sample().now - 30'000);
    add(bundle, breaths);
    Json panel = {{"resourceType", "Observation"},
                  {"status", "final"},
                  {"code", concept_of(snomed, "75367002", "Blood pressure")},
                  {"component", Json::array()}};
    for (const auto& [code, value] : {std::pair{"72313002", 138}, std::pair{"1091811000000102", 84}}) {
        panel["component"].push_back(
            {{"code", concept_of(snomed, code)}, {"valueQuantity", {{"value", value}, {"unit", "mmHg"}}}});
    }
    panel["component"].push_back(
        {{"code", concept_of(snomed, "1104441000000107")}, {"valueCodeableConcept", concept_of(snomed, "248234008")}});
    add(bundle, panel);
    Json words = observation({{"text", "Expectations"}}, "valueString", "Hopes to stay at home.");
    words["note"] = Json::array({{{"text", "Said twice."}}});
    add(bundle, words);
    add(bundle, {{"resourceType", "AllergyIntolerance"}, {"code", concept_of(snomed, "91936005", "Penicillin")}});
    add(bundle, {{"resourceType", "MedicationStatement"},
                 {"status", "active"},
                 {"medicationCodeableConcept", {{"text", "Made-up tablets"}}},
                 {"dosage", Json::array({{{"text", "one at night"}}})}});
    add(bundle, {{"resourceType", "Practitioner"}, {"name", Json::array({{{"family", "Madeup"}}})}});
}

}  // namespace

Json full_request() {
    Json bundle = request();
    tell_more_of_the_patient(bundle);
    tell_more_of_the_contact(bundle);
    tell_more_of_what_was_seen(bundle);
    return bundle;
}

Json shadowed_request() {
    Json bundle = full_request();
    Json& patient = resource(bundle, "Patient");
    patient["name"][0]["text"] = "Wren, whom all call Jenny";
    patient["address"][0]["text"] = "The house behind the mill";
    patient["contact"][0]["name"]["text"] = "Rowan next door";
    patient["contact"][0]["relationship"][0]["coding"][0]["code"] = "NBR";
    Json& place = resource(bundle, "Location");
    place["address"]["text"] = "Bench by the pond";
    for (const auto& [url, value] : {std::pair{"accessNotes", "Gate code on the card"}, std::pair{"UPRN", "000099"}}) {
        place["extension"][0]["extension"].push_back({{"url", url}, {"valueString", value}});
    }
    Json& outcomes = resource(bundle, "CarePlan")["activity"][0]["outcomeCodeableConcept"];
    outcomes[3]["coding"][0]["display"] = "Category 3";
    outcomes.push_back(concept_of("https://fhir.nhs.uk/CodeSystem/arp-priority-codes", "C5", "Category 5"));
    outcomes.push_back(concept_of("urn:made:up", "17A", "Fall on the ground"));
    Json local = resource(bundle, "Flag");
    local["code"] = concept_of("urn:made:up", "DOG", "Fierce dog");
    local["category"][0]["coding"].push_back({{"system", "urn:made:up"}, {"code", "PET"}, {"display", "Animals"}});
    add(bundle, local);
    local["status"] = "entered-in-error";
    add(bundle, local);
    Json earlier = observation(concept_of(snomed, "364075005", "Pulse"), "valueQuantity", {{"value", 41}});
    earlier["effectiveDateTime"] = format_utc(Sample().now - 900'000);
    add(bundle, earlier);
    Json panel = {{"resourceType", "Observation"}, {"status", "final"}, {"component", Json::array()}};
    panel["code"] = concept_of(snomed, "75367002", "Blood pressure");
    panel["effectiveDateTime"] = format_utc(Sample().now - 900'000);
    panel["component"].push_back(
        {{"code", concept_of(snomed, "86290005")}, {"valueQuantity", {{"value", 31}, {"unit", "/min"}}}});
    add(bundle, panel);
    return bundle;
}

Json request_in_words() {
    Json bundle = request();
    Json& patient = resource(bundle, "Patient");
    patient["name"] = Json::array({{{"text", "Wren Testcase"}}});
    patient["address"] = Json::array({{{"text", "1 Example Row, Exampleton"}}});
    resource(bundle, "Location")["address"] = {{"text", "Bench by the pond, Exampleton"}};
    return bundle;
}

}  // namespace rightplace::bars_sample
