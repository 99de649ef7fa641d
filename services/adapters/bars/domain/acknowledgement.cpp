#include <nlohmann/json.hpp>

#include "common/base/hash.hpp"
#include "services/adapters/bars/domain/own_resources.hpp"

namespace rightplace::bars {

std::string resource_id(const OwnCase& own, std::size_t position) {
    return derived_uuid({"resource", own.case_id, std::to_string(position)});
}

std::string own_encounter_url(const OwnCase& own) {
    return "urn:uuid:" + derived_uuid({"encounter-url", own.case_id});
}

std::string own_encounter_id(const OwnCase& own) {
    return derived_uuid({"encounter", own.case_id});
}

Tree with_own_id(const Tree& entry, const OwnCase& own, std::size_t position) {
    Tree out = entry;
    if (!at(entry, "resource").is_object()) return out;
    Tree& resource = out["resource"];
    // Right after resourceType, where readers look for it.
    Tree renamed = {{"resourceType", resource["resourceType"]}, {"id", resource_id(own, position)}};
    for (auto& [name, value] : resource.items()) {
        if (name != "resourceType" && name != "id" && name != "_id") renamed[name] = std::move(value);
    }
    resource = std::move(renamed);
    return out;
}

Tree own_encounter(const Message& request, const OwnCase& own, const OwnEncounter& encounter, Tree reason) {
    Tree resource = {
        {"resourceType", "Encounter"},
        {"id", own_encounter_id(own)},
        {"meta",
         {{"lastUpdated", format_utc(encounter.changed)},
          {"profile", Tree::array({"https://fhir.hl7.org.uk/StructureDefinition/UKCore-Encounter"})}}},
        {"identifier", Tree::array({{{"system", systems::case_number}, {"value", own.case_number}}})},
        {"status", encounter.status},
        {"class",
         {{"system", "http://terminology.hl7.org/CodeSystem/v3-ActCode"}, {"code", "EMER"}, {"display", "emergency"}}}};
    const auto sender = request.sender_encounter();
    const auto patient = request.patient();
    if (patient) resource["subject"] = {{"reference", patient->full_url}};
    if (sender && !list_at(*sender->resource, "episodeOfCare").empty()) {
        resource["episodeOfCare"] = at(*sender->resource, "episodeOfCare");  // the Journey ID goes on
    }
    resource["period"] = {{"start", format_utc(encounter.started)}};
    if (encounter.ended != 0) resource["period"]["end"] = format_utc(encounter.ended);
    if (!reason.is_null()) resource["reasonCode"] = Tree::array({std::move(reason)});
    return {{"fullUrl", own_encounter_url(own)}, {"resource", std::move(resource)}};
}

std::string acknowledgement(const Tree& request, const OwnCase& own, TimeMs now, Format format) {
    Tree answer = request;
    std::size_t position = 0;
    for (auto& entry : answer["entry"]) {
        entry = with_own_id(entry, own, position);
        ++position;
    }
    answer["entry"].push_back(own_encounter(Message(request), own, {"planned", now, now, 0}, nullptr));
    return write_document(answer, format);
}

}  // namespace rightplace::bars
