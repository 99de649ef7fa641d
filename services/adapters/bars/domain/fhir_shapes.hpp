// Shared by the JSON and the XML side of fhir_document. Not for others.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "services/adapters/bars/domain/fhir_document.hpp"

namespace rightplace::bars {

Result<Tree, DocumentError> read_json(std::string_view bytes);
Result<Tree, DocumentError> read_xml(std::string_view bytes);
std::string write_json(const Tree& tree);
std::string write_xml(const Tree& resource);

// Every element is one that FHIR has there, of the right kind and number.
std::optional<DocumentError> check_resource(const Tree& resource, const std::string& path, int depth);

bool is_utf8(std::string_view text);
bool is_div(std::string_view text);         // one well-formed XHTML div within the bounds
bool is_decimal(std::string_view text);     // FHIR decimal: an optional sign, digits, fraction, exponent
Tree decimal_value(std::string_view text);  // exact: see fhir_document.hpp

}  // namespace rightplace::bars
