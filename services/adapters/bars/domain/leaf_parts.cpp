#include "services/adapters/bars/domain/leaf_parts.hpp"

#include <nlohmann/json.hpp>

#include "services/adapters/bars/domain/checks.hpp"

namespace rightplace::bars {

LeafParts::LeafParts(const Message& message) {
    for (const auto& entry : message.entries()) {
        if (is_retracted(*entry.resource)) keep(*entry.resource, "(retracted)");
    }
    const auto organisation = [&](const std::optional<Entry>& from, const char* path, const char* part) {
        if (!from) return;
        const auto found = message.resolve(text_at(*from->resource, path), "Organization");
        if (found) keep(*found->resource, part);
    };
    if (const auto found = message.patient()) patient(*found->resource);
    if (const auto found = message.care_plan()) plan(*found->resource);
    if (const auto found = message.sender_encounter()) keep(*found->resource, "(sender)");
    if (const auto found = incident_entry(message)) incident(*found->resource);
    organisation(message.header(), "sender.reference", "(sender)");
    organisation(message.patient(), "generalPractitioner.0.reference", "(practice)");
    for (const auto& entry : message.all("Flag")) flag(*entry.resource);
    for (const auto& [holder, reading] : readings_of(message)) {
        if (reading == Told::measured) keep(*holder, "(measured)");
        if (reading == Told::answer) keep(*holder, "(answer)");
    }
}

std::string LeafParts::of(const Tree& node) const {
    const auto found = parts_.find(&node);
    return found == parts_.end() ? std::string() : found->second;
}

std::string LeafParts::of_resource(const Tree& tree) const {
    return text_at(tree, "resourceType") + of(tree);
}

void LeafParts::keep(const Tree& node, const char* part) {
    parts_[&node] = part;
}

void LeafParts::patient(const Tree& resource) {
    keep(resource, "(message)");
    const auto words = [this](const Tree& node, const char* text) {
        if (!text_at(node, text).empty()) keep(node, "(worded)");
    };
    words(at(resource, "name.0"), "text");
    words(at(resource, "address.0"), "text");
    for (const auto& contact : list_at(resource, "contact")) {
        words(at(contact, "name"), "text");
        words(at(contact, "relationship.0.coding.0"), "display");
    }
}

void LeafParts::incident(const Tree& resource) {
    keep(resource, "(incident)");
    if (!text_at(resource, "address.text").empty()) keep(at(resource, "address"), "(worded)");
    for (const auto* extension : place_extensions(resource)) keep(*extension, "(known)");
}

void LeafParts::plan(const Tree& resource) {
    keep(resource, "(message)");
    for (const auto& activity : list_at(resource, "activity")) {
        for (const auto& outcome : list_at(activity, "outcomeCodeableConcept")) {
            for (const auto& coding : list_at(outcome, "coding")) {
                if (!is_national(text_at(coding, "system"))) keep(coding, "(local)");
            }
        }
    }
    const auto arp = arp_codings(resource);
    for (const auto* coding : arp.taken) keep(*coding, "(category)");
    for (const auto* coding : arp.others) keep(*coding, "(another)");
}

void LeafParts::flag(const Tree& resource) {
    for (const auto& concept_there : list_at(resource, "category")) {
        for (const auto& coding : list_at(concept_there, "coding")) {
            if (!same_system(text_at(coding, "system"), systems::flag_category)) keep(coding, "(local)");
        }
    }
    const Tree& code = at(resource, "code.coding.0");
    if (code.is_object() && !is_national(text_at(code, "system"))) keep(code, "(local)");
}

}  // namespace rightplace::bars
