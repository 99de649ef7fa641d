// The FHIR R4 element table: cardinality and type of each element, from the StructureDefinitions
// (fhir_r4_elements.tsv names its source). It decides how XML and JSON map onto each other and
// which shapes are let in at all.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rightplace::bars {

std::string_view fhir_element_table();  // the text of fhir_r4_elements.tsv

struct Element {
    std::string name;                // "value" for value[x]
    std::vector<std::string> types;  // resolved: a type, a path with content, "Resource" or a primitive
    bool required = false;
    bool repeats = false;
    bool choice = false;
};
using Content = std::vector<Element>;  // in the order XML demands

// An element as it stands in a document: choices resolved, "valueString" -> value[x] of string.
struct Use {
    const Element* element = nullptr;
    std::size_t position = 0;  // in the content
    std::string_view type;
};

const Content* find_content(std::string_view type);  // null when the table does not have it
std::optional<Use> find_use(const Content& content, std::string_view name);
bool is_primitive(std::string_view type);
bool is_resource(std::string_view type);
// In XML these are attributes: the id of anything but a resource, and the url of an extension.
bool is_attribute(std::string_view owner_type, std::string_view name);

}  // namespace rightplace::bars
