// Content negotiation (BaRS content negotiation; RFC 9110 section 12): the body's format and the answer's are
// independent of each other.
#pragma once

#include <optional>

#include "services/adapters/bars/domain/header_fields.hpp"
#include "services/adapters/bars/domain/problem.hpp"
#include "services/adapters/bars/domain/query.hpp"

namespace rightplace::bars {

struct Negotiated {
    Format format = Format::json;
    std::optional<Problem> problem;
};

// Content-Type: FHIR JSON or FHIR XML in UTF-8, else 415; of version 1, else 406.
Negotiated body_format(const HeaderFields& fields);

// `_format`, else Accept, else JSON. 406 when what is asked cannot be produced; that answer is JSON.
Negotiated answer_format(const HeaderFields& fields, const Target& target);

struct Codings {
    bool body_gzipped = false;
    bool answer_gzipped = false;
    std::optional<Problem> problem;  // 415: a Content-Encoding that is not gzip
};
Codings codings(const HeaderFields& fields);

}  // namespace rightplace::bars
