#include "services/adapters/bars/domain/definitions.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "common/base/hash.hpp"
#include "services/adapters/bars/domain/bundle.hpp"
#include "services/adapters/bars/domain/header_fields.hpp"

namespace rightplace::bars {
namespace {

constexpr std::string_view url_base = "https://fhir.nhs.uk/MessageDefinition/";
constexpr std::string_view defined_on = "2024-06-17";  // of the published definitions

// Counts: the MessageDefinitions of NHS Booking and Referral (NHSDigital/IOPS-FHIR-Simplifier-Backup at 32fa716c).
constexpr auto validation_use_cases = std::to_array<std::string_view>({"a4t1", "a4t2", "a4t3"});
constexpr auto referral_use_cases =
    std::to_array<std::string_view>({"a3t1", "a1t1", "a1t2", "a1t3", "a1t4", "a1t5", "a1t6", "a1t7", "a1t8", "a1t9",
                                     "a1t10", "a1t11", "a1t12", "a2t1", "a2t2", "a2t3", "a2t4", "a2t5", "a2t6"});
constexpr auto all_use_cases = std::to_array<std::string_view>(
    {"a4t1", "a4t2", "a4t3",  "a3t1",  "a1t1",  "a1t2", "a1t3", "a1t4", "a1t5", "a1t6", "a1t7",
     "a1t8", "a1t9", "a1t10", "a1t11", "a1t12", "a2t1", "a2t2", "a2t3", "a2t4", "a2t5", "a2t6"});

constexpr std::array<Focus, 15> validation{{{"MessageHeader", 1, "1"},
                                            {"ServiceRequest", 1, "1"},
                                            {"Patient", 1, "1"},
                                            {"Encounter", 1, "1"},
                                            {"CarePlan", 1, "1"},
                                            {"HealthcareService", 1, "1"},
                                            {"Location", 1, "1"},
                                            {"Organization", 1, "*"},
                                            {"Practitioner", 1, "*"},
                                            {"PractitionerRole", 1, "*"},
                                            {"Consent", 1, "*"},
                                            {"Observation", 0, "*"},
                                            {"Flag", 0, "*"},
                                            {"MedicationStatement", 0, "*"},
                                            {"AllergyIntolerance", 0, "*"}}};
constexpr std::array<Focus, 21> referral{{{"MessageHeader", 1, "1"},
                                          {"ServiceRequest", 1, "1"},
                                          {"Patient", 1, "1"},
                                          {"Encounter", 1, "1"},
                                          {"CarePlan", 1, "1"},
                                          {"HealthcareService", 1, "1"},
                                          {"Organization", 2, "*"},
                                          {"Practitioner", 1, "*"},
                                          {"PractitionerRole", 1, "*"},
                                          {"Consent", 1, "*"},
                                          {"Location", 0, "*"},
                                          {"Observation", 0, "*"},
                                          {"Flag", 0, "*"},
                                          {"MedicationStatement", 0, "*"},
                                          {"AllergyIntolerance", 0, "*"},
                                          {"Questionnaire", 0, "*"},
                                          {"QuestionnaireResponse", 0, "*"},
                                          {"Condition", 0, "*"},
                                          {"Task", 0, "*"},
                                          {"Communication", 0, "*"},
                                          {"Procedure", 0, "*"}}};
constexpr std::array<Focus, 4> cancelled{
    {{"MessageHeader", 1, "1"}, {"ServiceRequest", 1, "1"}, {"Patient", 1, "1"}, {"Organization", 2, "*"}}};
constexpr std::array<Focus, 7> interim{{{"MessageHeader", 1, "1"},
                                        {"ServiceRequest", 1, "1"},
                                        {"Patient", 1, "1"},
                                        {"Encounter", 2, "2"},
                                        {"Organization", 1, "*"},
                                        {"Practitioner", 1, "*"},
                                        {"PractitionerRole", 1, "*"}}};
constexpr std::array<Focus, 10> full{{{"MessageHeader", 1, "1"},
                                      {"ServiceRequest", 1, "1"},
                                      {"Patient", 1, "1"},
                                      {"Encounter", 2, "3"},
                                      {"CarePlan", 1, "1"},
                                      {"Location", 1, "1"},
                                      {"HealthcareService", 1, "1"},
                                      {"Organization", 1, "*"},
                                      {"Practitioner", 1, "*"},
                                      {"PractitionerRole", 1, "*"}}};

constexpr std::string_view request = "servicerequest-request";
constexpr std::string_view response = "servicerequest-response";
constexpr std::string_view for_validation = "BARSServiceRequest-request-validation";
constexpr std::string_view for_referral = "BARSServiceRequest-request-referral";

constexpr std::array<Definition, 5> all{{
    {"bars-message-servicerequest-request-validation", request, true, for_validation, "1.1.0", validation_use_cases,
     validation},
    {"bars-message-servicerequest-request-referral", request, true, for_referral, "1.0.0", referral_use_cases,
     referral},
    {"bars-message-servicerequest-request-cancelled", request, true, for_validation, "1.1.0", all_use_cases, cancelled},
    {"bars-message-servicerequest-response-validation-interim", response, false, for_validation, "1.1.0",
     validation_use_cases, interim},
    {"bars-message-servicerequest-response-validation-full", response, false, for_validation, "1.1.0",
     validation_use_cases, full},
}};

Tree coding(std::string_view system, std::string_view code) {
    return {{"system", system}, {"code", code}};
}

Tree context(Tree code, Tree codings) {
    return {{"code", std::move(code)}, {"valueCodeableConcept", {{"coding", std::move(codings)}}}};
}

// One context of the new form and one of the old, and the use cases: the kit counts each.
Tree use_contexts(const Definition& definition, const std::string& service_id) {
    const auto workflow = coding("http://terminology.hl7.org/CodeSystem/usage-context-type", "workflow");
    Tree cases = Tree::array();
    for (const auto use_case : definition.use_cases) cases.push_back(coding(systems::use_case, use_case));
    return Tree::array(
        {context(workflow, Tree::array({coding(systems::dos_service, service_id)})),
         context(coding(systems::dos_service, service_id),
                 Tree::array({coding("http://terminology.hl7.org/CodeSystem/variant-state", "positive")})),
         context(workflow, std::move(cases))});
}

std::string profile_of(const Focus& focus, const Definition& definition) {
    const std::string nhs = "https://fhir.nhs.uk/StructureDefinition/";
    if (focus.resource == "MessageHeader") return nhs + "BARSMessageHeader-" + std::string(definition.event);
    if (focus.resource == "ServiceRequest") return nhs + std::string(definition.service_request_profile);
    return "https://fhir.hl7.org.uk/StructureDefinition/UKCore-" + std::string(focus.resource);
}

Tree resource_of(const Definition& definition, const std::string& service_id) {
    Tree focus = Tree::array({{{"code", "Bundle"},
                               {"profile", "https://fhir.nhs.uk/StructureDefinition/BARSBundleMessage"},
                               {"min", 1},
                               {"max", "1"}}});
    for (const auto& one : definition.focus) {
        focus.push_back(
            {{"code", one.resource}, {"profile", profile_of(one, definition)}, {"min", one.min}, {"max", one.max}});
    }
    return {{"resourceType", "MessageDefinition"},
            {"id", derived_uuid({"definition", service_id, definition.name})},
            {"url", definition_url(definition)},
            {"version", definition.application_version},
            {"name", definition.name},
            {"status", "active"},
            {"date", defined_on},
            {"useContext", use_contexts(definition, service_id)},
            {"eventCoding", coding(systems::event, definition.event)},
            {"focus", std::move(focus)}};
}

Problem context_problem(const char* issue, std::string diagnostics) {
    return {400, issue, "REC_BAD_REQUEST", "context", std::move(diagnostics)};
}

// The second "&" of a search with two contexts comes percent-encoded, so both stand in one value.
std::vector<std::string> contexts_of(const Target& target) {
    static constexpr std::string_view and_context = "&context=";
    std::vector<std::string> contexts;
    for (const auto& [name, given] : target.parameters) {
        if (name != "context") continue;
        std::string_view rest = given;
        while (true) {
            const auto at = rest.find(and_context);
            if (!trimmed(rest.substr(0, at)).empty()) contexts.emplace_back(trimmed(rest.substr(0, at)));
            if (at == std::string_view::npos) break;
            rest.remove_prefix(at + and_context.size());
        }
    }
    return contexts;
}

}  // namespace

std::span<const Definition> definitions() {
    return all;
}

std::string definition_url(const Definition& definition) {
    return std::string(url_base) + std::string(definition.name);
}

Result<std::vector<std::string>, Problems> services_asked(const Target& target) {
    std::vector<std::string> services;
    for (const auto& one : contexts_of(target)) {
        const auto bar = one.rfind('|');
        const auto system = one.substr(0, bar);
        const auto code = bar == std::string::npos ? std::string() : one.substr(bar + 1);
        const bool service = same_system(system, systems::dos_service);
        if (code.empty() || (!service && !same_system(system, systems::use_case))) {
            return Failure{Problems{context_problem(
                "value", "A context is a service id or a use case, written as system, a vertical bar, and code.")}};
        }
        if (service) services.push_back(code);
    }
    if (services.empty()) {
        return Failure{Problems{context_problem("required", "A search for message definitions names a service id.")}};
    }
    return services;
}

std::string definitions_bundle(const std::string& service_id, Format format) {
    Tree entries = Tree::array();
    for (const auto& definition : all) {
        auto resource = resource_of(definition, service_id);
        const auto url = "urn:uuid:" + derived_uuid({"definition-url", service_id, definition.name});
        entries.push_back({{"fullUrl", url}, {"resource", std::move(resource)}, {"search", {{"mode", "match"}}}});
    }
    const Tree bundle = {
        {"resourceType", "Bundle"},
        {"id", derived_uuid({"definitions", service_id})},
        {"type", "searchset"},
        {"total", entries.size()},
        {"link",
         Tree::array({{{"relation", "self"},
                       {"url", "MessageDefinition?context=" + std::string(systems::dos_service) + "|" + service_id}}})},
        {"entry", std::move(entries)}};
    return write_document(bundle, format);
}

}  // namespace rightplace::bars
