// FHIR documents, JSON and XML, as one tree: nlohmann::ordered_json in FHIR-JSON shape.
//
// Decimals are exact: one whose text a double would not give back ("37.50") stands in the tree as a
// binary value that holds its text. So write trees with write_document only, never with dump().
//
// Refused, with a path or a byte position and never with content: more than http_body_max_bytes,
// deeper than document_max_depth, more values than document_max_nodes, a DTD or foreign entity, text
// that is not UTF-8, an element FHIR R4 does not have there, a key given twice, a value of the wrong kind.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace rightplace::bars {

using Tree = nlohmann::ordered_json;
using SharedTree = std::shared_ptr<const Tree>;  // for those who only hand it on

enum class Format { json, xml };

struct DocumentError {
    std::string path;  // FHIRPath-like ("Bundle.entry[3].resource"), or "byte 123"
    std::string what;  // a sentence without content of the document
};

Result<SharedTree, DocumentError> read_document(std::string_view bytes, Format format);
std::string write_document(const Tree& resource, Format format);  // INVARIANT: a tree in FHIR shape
std::string_view media_type(Format format);                       // application/fhir+json or +xml

// The text of a primitive: strings, numbers and exact decimals alike; empty when it is none.
std::string primitive_text(const Tree& value);

}  // namespace rightplace::bars
