#include "tests/unit/bars_sample.hpp"

#include <stdexcept>

#include "common/base/hash.hpp"

namespace rightplace::bars_sample {
namespace {

using Json = nlohmann::ordered_json;

const std::string code_systems = "https://fhir.nhs.uk/CodeSystem/";
const std::string snomed = "http://snomed.info/sct";

std::string url(const std::string& name) {
    return "urn:uuid:" + derived_uuid({"bars-sample", name});
}

Json refer(const std::string& name) {
    return {{"reference", url(name)}};
}
Json coding(const std::string& system, const std::string& code) {
    return {{"system", system}, {"code", code}};
}
Json one(Json value) {
    return Json::array({std::move(value)});
}
Json concept_of(const std::string& system, const std::string& code) {
    return {{"coding", one(coding(system, code))}};
}
Json identifier(const std::string& system, const std::string& value) {
    return one({{"system", system}, {"value", value}});
}

Json header(const Sample& sample) {
    const std::string service = "https://fhir.nhs.uk/Id/dos-service-id|";
    return {{"resourceType", "MessageHeader"},
            {"eventCoding", coding(code_systems + "message-events-bars", "servicerequest-request")},
            {"destination", one({{"endpoint", service + sample.target_service_id}, {"receiver", refer("receiver")}})},
            {"sender", refer("sender")},
            {"source", {{"name", "Synthetic ambulance service"}, {"endpoint", service + sample.source_service_id}}},
            {"reason", concept_of(code_systems + "message-reason-bars", "new")},
            {"focus", one(refer("request"))},
            {"definition", "https://fhir.nhs.uk/MessageDefinition/bars-message-servicerequest-request-validation"}};
}

Json service_request(const Sample& sample) {
    return {{"resourceType", "ServiceRequest"},
            {"basedOn", one(refer("plan"))},
            {"status", "active"},
            {"intent", "plan"},
            {"category",
             one({{"coding", Json::array({coding(code_systems + "message-category-servicerequest", "validation"),
                                          coding(code_systems + "usecases-categories-bars", sample.use_case)})}})},
            {"subject", refer("patient")},
            {"encounter", refer("encounter")},
            {"occurrencePeriod", {{"start", format_utc(sample.now)}, {"end", format_utc(sample.breach_at)}}},
            {"performer", one(refer("service"))},
            {"locationReference", one(refer("location"))}};
}

Json encounter(const Sample& sample) {
    return {{"resourceType", "Encounter"},
            {"identifier", identifier("https://ambulance.example/Id/case-number", sample.cad_number)},
            {"status", "triaged"},
            {"class", coding("http://terminology.hl7.org/CodeSystem/v3-ActCode", "EMER")},
            {"subject", refer("patient")},
            {"episodeOfCare", one({{"reference", "EpisodeOfCare/" + sample.journey_id}})},
            {"period", {{"start", format_utc(sample.now)}}}};
}

Json care_plan(const Sample& sample) {
    const Json outcomes = Json::array({concept_of(code_systems + "pathways-sg-codes", "SG1070"),
                                       concept_of(code_systems + "pathways-sd-codes", "SD4050"),
                                       concept_of(code_systems + "pathways-dx-codes", "Dx0122"),
                                       concept_of(code_systems + "arp-priority-codes", sample.category),
                                       {{"text", "Fell in the kitchen, no head injury, cannot get up alone."}}});
    return {{"resourceType", "CarePlan"},
            {"status", "active"},
            {"intent", "plan"},
            {"subject", refer("patient")},
            {"encounter", refer("encounter")},
            {"period", {{"start", format_utc(sample.now)}}},
            {"activity", one({{"outcomeCodeableConcept", outcomes}})}};
}

Json contact(int rank, const std::string& relationship, const std::string& name, const std::string& phone) {
    return {{"extension", one({{"url", "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-ContactRank"},
                               {"valuePositiveInt", rank}})},
            {"relationship", one(concept_of("http://terminology.hl7.org/CodeSystem/v3-RoleCode", relationship))},
            {"name", {{"text", name}}},
            {"telecom", one({{"system", "phone"}, {"value", phone}, {"use", "mobile"}, {"rank", 1}})}};
}

Json patient() {
    const Json verified = {
        {"url", "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"},
        {"valueCodeableConcept", concept_of("https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatus",
                                            "number-present-and-verified")}};
    return {
        {"resourceType", "Patient"},
        {"identifier",
         one({{"extension", one(verified)}, {"system", "https://fhir.nhs.uk/Id/nhs-number"}, {"value", "9990000018"}})},
        {"name", one({{"use", "official"}, {"family", "Testcase"}, {"given", Json::array({"Wren", "Aspen"})}})},
        {"gender", "female"},
        {"birthDate", "1941-03-09"},
        {"address", one({{"line", one("1 Example Row")}, {"city", "Exampleton"}, {"postalCode", "ZZ99 3VZ"}})},
        {"contact", Json::array({contact(2, "ONESELF", "Wren Testcase", "07700 900101"),
                                 contact(1, "DAU", "Robin Testcase", "07700 900102")})},
        {"generalPractitioner", one(refer("practice"))}};
}

Json organisation(const std::string& name, const std::string& ods) {
    return {{"resourceType", "Organization"},
            {"identifier", identifier("https://fhir.nhs.uk/Id/ods-organization-code", ods)},
            {"name", name}};
}

Json location(const std::string& kind, const std::string& uprn) {
    Json extensions = Json::array({{{"url", "UPRN"}, {"valueString", uprn}},
                                   {{"url", "eastings"}, {"valueString", "567100"}},
                                   {{"url", "northings"}, {"valueString", "144900"}}});
    return {{"resourceType", "Location"},
            {"extension", one({{"url", "https://fhir.nhs.uk/StructureDefinition/LocationExtension"},
                               {"extension", std::move(extensions)}})},
            {"name", "Example Row"},
            {"type", one(concept_of(code_systems + "location-types-bars", kind))},
            {"address", {{"line", one("1 Example Row")}, {"city", "Exampleton"}, {"postalCode", "ZZ99 3VZ"}}},
            {"position", {{"longitude", 0.3955}, {"latitude", 51.1762}}}};
}

Json flag() {
    return {{"resourceType", "Flag"},
            {"status", "active"},
            {"category", one(concept_of(code_systems + "flag-categories-bars", "SS"))},
            {"code", concept_of(code_systems + "scene-safety-codes-bars", "S")},
            {"subject", refer("location")},
            {"encounter", refer("encounter")}};
}

Json consent() {
    return {{"resourceType", "Consent"},
            {"status", "active"},
            {"scope", concept_of("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy")},
            {"category", one(concept_of(code_systems + "consent-categories-bars", "DRC"))},
            {"patient", refer("patient")},
            {"policyRule", concept_of("http://terminology.hl7.org/CodeSystem/v3-ActCode", "IMPLIED")}};
}

Json observation(const Sample& sample, const std::string& code, const std::string& key, Json value) {
    Json out = {{"resourceType", "Observation"},
                {"status", "final"},
                {"code", concept_of(snomed, code)},
                {"subject", refer("patient")},
                {"effectiveDateTime", format_utc(sample.now - 120'000)}};
    out[key] = std::move(value);
    return out;
}

}  // namespace

nlohmann::ordered_json request(const Sample& sample) {
    const Json service = {{"resourceType", "HealthcareService"},
                          {"identifier", identifier("https://fhir.nhs.uk/Id/dos-service-id", sample.target_service_id)},
                          {"active", true},
                          {"providedBy", refer("receiver")}};
    const std::vector<std::pair<std::string, Json>> resources{
        {"header", header(sample)},
        {"request", service_request(sample)},
        {"service", service},
        {"encounter", encounter(sample)},
        {"plan", care_plan(sample)},
        {"patient", patient()},
        {"practice", organisation("Synthetic surgery", "Z99001")},
        {"receiver", organisation("Synthetic hub", "Z99002")},
        {"sender", organisation("Synthetic ambulance service", "Z99003")},
        {"location", location("ILOC", "000012345678")},
        {"caller", location("CLOC", "000087654321")},
        {"flag", flag()},
        {"consent", consent()},
        {"pulse", observation(sample, "364075005", "valueQuantity", {{"value", 96}, {"unit", "/min"}})},
        {"news2", observation(sample, "1104051000000101", "valueInteger", 3)},
        {"oxygen", observation(sample, "1104331000000105", "valueCodeableConcept", concept_of(snomed, "722742002"))}};
    Json bundle = {{"resourceType", "Bundle"},
                   {"id", sample.bundle_id},
                   {"meta", {{"versionId", "1.1.0"}, {"lastUpdated", format_utc(sample.now)}}},
                   {"type", "message"},
                   {"timestamp", format_utc(sample.now)},
                   {"entry", Json::array()}};
    for (auto [name, one_resource] : resources) {
        one_resource["meta"] = {{"lastUpdated", format_utc(sample.now)}};
        bundle["entry"].push_back({{"fullUrl", url(name)}, {"resource", std::move(one_resource)}});
    }
    return bundle;
}

nlohmann::ordered_json& resource(nlohmann::ordered_json& bundle, const std::string& type, std::size_t n) {
    for (auto& entry : bundle["entry"]) {
        if (entry["resource"]["resourceType"] == type && n-- == 0) return entry["resource"];
    }
    throw std::logic_error("the bundle has no such " + type);
}

void remove(nlohmann::ordered_json& bundle, const std::string& type) {
    Json kept = Json::array();
    for (auto& entry : bundle["entry"]) {
        if (entry["resource"]["resourceType"] != type) kept.push_back(std::move(entry));
    }
    bundle["entry"] = std::move(kept);
}

}  // namespace rightplace::bars_sample
