#include "services/adapters/bars/domain/response_parts.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "common/base/hash.hpp"
#include "common/base/invariant.hpp"
#include "services/adapters/bars/domain/checks.hpp"
#include "services/adapters/bars/domain/own_resources.hpp"

namespace rightplace::bars {
namespace {

constexpr std::string_view late_note = "LATE: this case was given back before this consultation was complete.";

// MessageDefinition servicerequest-response-validation-interim, and what the payload table adds to it.
constexpr std::array brief_types{"ServiceRequest",   "Encounter",         "Patient",  "Organization", "Practitioner",
                                 "PractitionerRole", "HealthcareService", "Location", "Flag",         "Consent"};
constexpr std::array least_types{"ServiceRequest", "Encounter", "Patient"};
// What servicerequest-response-validation-full has beyond those.
constexpr std::array full_types{"Observation", "MedicationStatement", "AllergyIntolerance"};

template <std::size_t N>
bool among(const std::array<const char*, N>& types, const std::string& type) {
    return std::find(types.begin(), types.end(), type) != types.end();
}

bool is(const std::optional<Entry>& one, const Entry& entry) {
    return !one || one->index == entry.index;
}

std::optional<Entry> referred(const Message& request, std::string_view path, std::string_view type) {
    const auto asks = request.service_request();
    if (!asks) return request.first(type);
    for (const auto& reference : list_at(*asks->resource, path)) {
        if (auto found = request.resolve(text_at(reference, "reference"), type)) return found;
    }
    return request.first(type);
}

// The place that the clinician was shown as that of the incident.
std::optional<Entry> echoed_location(const Message& request) {
    const auto incident = incident_entry(request);
    return incident ? incident : request.first("Location");
}

// Of several Locations one goes back. What is said of another, as a Flag is, still says of which: by its name.
void name_other_places(Tree& tree, const Message& request, const std::optional<Entry>& echoed) {
    if (!tree.is_structured()) return;
    const auto place = request.resolve(text_at(tree, "reference"), "Location");
    if (place && !is(echoed, *place)) {
        const auto name = text_at(*place->resource, "name");
        tree.erase("reference");
        tree["type"] = "Location";
        if (text_at(tree, "display").empty()) tree["display"] = name.empty() ? "another place of the request" : name;
    }
    for (auto& part : tree) name_other_places(part, request, echoed);
}

bool is_echoed(const Message& request, const Entry& entry, Extent extent) {
    const std::string type = text_at(*entry.resource, "resourceType");
    if (extent == Extent::least && !among(least_types, type)) return false;
    if (!among(brief_types, type) && !(extent == Extent::full && among(full_types, type))) return false;
    if (type == "ServiceRequest") return is(request.service_request(), entry);
    if (type == "Encounter") return is(request.sender_encounter(), entry);
    if (type == "Patient") return is(request.patient(), entry);
    if (type == "Location") return is(echoed_location(request), entry);
    if (type == "HealthcareService") return is(referred(request, "performer", "HealthcareService"), entry);
    return true;
}

// One of ours, that no request has had; `which` tells several of a type apart.
Tree own_entry(const ResponseFrame& frame, const std::string& type, Tree resource, std::string which = {}) {
    if (which.empty()) which = type;
    Tree whole = {{"resourceType", type},
                  {"id", derived_uuid({"own", which, frame.own.case_id})},
                  {"meta",
                   {{"lastUpdated", format_utc(frame.now)},
                    {"profile", Tree::array({"https://fhir.hl7.org.uk/StructureDefinition/UKCore-" + type})}}}};
    for (auto& [name, value] : resource.items()) whole[name] = std::move(value);
    return {{"fullUrl", "urn:uuid:" + derived_uuid({"own-url", which, frame.own.case_id})},
            {"resource", std::move(whole)}};
}

std::string url_of_first(const Tree& entries, std::string_view type) {
    for (const auto& entry : entries) {
        if (text_at(entry, "resource.resourceType") == type) return text_at(entry, "fullUrl");
    }
    return {};
}

std::size_t count_of(const Tree& entries, std::string_view type) {
    return std::size_t(std::count_if(entries.begin(), entries.end(), [&](const Tree& entry) {
        return text_at(entry, "resource.resourceType") == type;
    }));
}

std::string clock_start(const Tree& plan, intake::Category before, const Outcome& outcome) {
    const std::string t5 = text_at(plan, "period.start");
    const int was = priority_level(before);
    const int is = priority_level(outcome.category);
    const bool raised = was != 0 && is != 0 && is < was;
    return raised || t5.empty() ? format_utc(outcome.decided) : t5;
}

// An ambulance at the category that the sender asked for: its own triage codes hold, unless there are others.
bool stands(intake::Category before, const Outcome& outcome) {
    const bool same = outcome.category == intake::CATEGORY_UNSPECIFIED || outcome.category == before;
    return outcome.ambulance_needed && same;
}

std::string ambulance_url(const ResponseFrame& frame) {
    return "urn:uuid:" + derived_uuid({"ambulance-encounter-url", frame.own.case_id});
}

void add_codes(Tree& outcomes, const intake::CaseFacts& asked, const Outcome& outcome) {
    const auto add = [&](const intake::Coded& code) {
        outcomes.push_back(concept_of(coding(code.system(), code.code(), code.display())));
    };
    for (const auto& code : outcome.outcome_codes) add(code);
    if (!stands(asked.category(), outcome)) return;
    const auto given = [&](const intake::Coded& code) {
        return std::any_of(outcome.outcome_codes.begin(), outcome.outcome_codes.end(),
                           [&](const intake::Coded& other) { return same_system(other.system(), code.system()); });
    };
    for (const auto& code : asked.outcome_codes()) {
        if (!given(code)) add(code);
    }
}

}  // namespace

Tree coding(std::string_view system, std::string_view code, std::string_view display) {
    Tree out = {{"system", system}, {"code", code}};
    if (!display.empty()) out["display"] = display;
    return out;
}

Tree concept_of(Tree one_coding) {
    return {{"coding", Tree::array({std::move(one_coding)})}};
}

std::string clean(std::string_view text) {
    std::string out(text);
    std::replace_if(
        out.begin(), out.end(),
        [](char c) { return (c >= 0 && c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == '\x7f'; }, ' ');
    return out;
}

Tree echoed_entries(const Message& request, const ResponseFrame& frame, Extent extent) {
    Tree entries = Tree::array();
    const auto place = echoed_location(request);
    for (const auto& entry : request.entries()) {
        if (!is_echoed(request, entry, extent)) continue;
        Tree copy = with_own_id(request.bundle()["entry"][entry.index], frame.own, entry.index);
        if (text_at(*entry.resource, "resourceType") == "ServiceRequest") {
            copy["resource"]["status"] = "active";
            // Left out with the plan itself. Nothing has changed by that, so its date stays: a later message, which has
            // it again, must not look older.
            if (extent != Extent::full) copy["resource"].erase("basedOn");
        }
        name_other_places(copy["resource"], request, place);
        entries.push_back(std::move(copy));
    }
    return entries;
}

void add_own_people(Tree& entries, const Message& request, const ResponseFrame& frame, Extent extent) {
    const auto add_organisation = [&](const std::string& service_id, const std::string& says, std::string name) {
        const Tree identifier = {{"system", systems::dos_service}, {"value", service_id}};
        entries.push_back(own_entry(frame, "Organization", {{"identifier", Tree::array({identifier})}, {"name", says}},
                                    std::move(name)));
    };
    const std::size_t organisations = extent == Extent::full ? 2 : 1;
    if (count_of(entries, "Organization") < organisations) add_organisation(frame.service_id, "Co-ordination hub", {});
    if (count_of(entries, "Organization") < organisations) {
        const auto header = request.header();
        const auto source = header ? text_at(*header->resource, "source.endpoint") : std::string();
        const auto name = header ? text_at(*header->resource, "source.name") : std::string();
        add_organisation(service_of_endpoint(source), name.empty() ? "Requester" : name, "Organization that asked");
    }
    if (extent == Extent::full && count_of(entries, "HealthcareService") == 0) {
        const Tree identifier = {{"system", systems::dos_service}, {"value", frame.service_id}};
        entries.push_back(
            own_entry(frame, "HealthcareService", {{"identifier", Tree::array({identifier})}, {"active", true}}));
    }
    if (count_of(entries, "Practitioner") == 0) {
        entries.push_back(own_entry(frame, "Practitioner", {{"active", true}}));
    }
    if (count_of(entries, "PractitionerRole") == 0) {
        Tree role = {{"active", true},
                     {"practitioner", {{"reference", url_of_first(entries, "Practitioner")}}},
                     {"organization", {{"reference", url_of_first(entries, "Organization")}}}};
        entries.push_back(own_entry(frame, "PractitionerRole", std::move(role)));
    }
}

Tree outcome_plan(const Message& request, const ResponseFrame& frame, const Outcome& outcome) {
    const auto received = request.care_plan();
    INVARIANT(received);
    const auto asked = map_facts(request, frame.now);
    Tree outcomes = Tree::array();
    add_codes(outcomes, asked, outcome);
    const bool as_asked = outcome.category == intake::CATEGORY_UNSPECIFIED && stands(asked.category(), outcome);
    if (const auto arp = arp_code(as_asked ? asked.category() : outcome.category); !arp.empty()) {
        outcomes.push_back(concept_of(coding(systems::arp, arp)));
    }
    if (outcome.late) outcomes.push_back({{"text", late_note}});
    if (!outcome.summary.empty()) outcomes.push_back({{"text", clean(outcome.summary)}});
    Tree plan = {{"resourceType", "CarePlan"},
                 {"id", resource_id(frame.own, received->index)},
                 {"meta",
                  {{"lastUpdated", format_utc(frame.now)},
                   {"profile", Tree::array({"https://fhir.hl7.org.uk/StructureDefinition/UKCore-CarePlan"})}}},
                 {"status", outcome.ambulance_needed ? "active" : "completed"},
                 {"intent", "plan"},
                 {"subject", at(*received->resource, "subject")},
                 {"encounter", {{"reference", own_encounter_url(frame.own)}}},
                 {"period", {{"start", clock_start(*received->resource, asked.category(), outcome)}}}};
    Tree activity = Tree::object();
    if (!outcomes.empty()) activity["outcomeCodeableConcept"] = std::move(outcomes);
    if (outcome.emergency) activity["outcomeReference"] = Tree::array({{{"reference", ambulance_url(frame)}}});
    if (!activity.empty()) plan["activity"] = Tree::array({std::move(activity)});
    return {{"fullUrl", received->full_url}, {"resource", std::move(plan)}};
}

Tree ambulance_encounter(const Message& request, const ResponseFrame& frame, const Outcome& outcome) {
    const bool asked = !outcome.ambulance_reference.empty();
    Tree entry =
        own_encounter(request, frame.own, {asked ? "finished" : "planned", frame.now, outcome.decided, 0}, nullptr);
    entry["fullUrl"] = ambulance_url(frame);
    Tree& resource = entry["resource"];
    resource["id"] = derived_uuid({"ambulance-encounter", frame.own.case_id});
    resource.erase("identifier");
    if (asked) {
        resource["identifier"] =
            Tree::array({{{"system", systems::ambulance_reference}, {"value", outcome.ambulance_reference}}});
    }
    return entry;
}

}  // namespace rightplace::bars
