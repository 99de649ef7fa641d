// Request headers of BaRS (core: end-to-end workflow, content negotiation; bars tests of the national kit).
// Names are case-insensitive. use-context and the NHSD-End-User-, Requesting- headers are never required.
#pragma once

#include <string>
#include <string_view>

#include "services/adapters/bars/domain/header_fields.hpp"
#include "services/adapters/bars/domain/problem.hpp"

namespace rightplace::bars {

struct RequestHeaders {
    std::string request_id;         // as sent: echoed unchanged on every answer
    std::string correlation_id;     // as sent: echoed unchanged, kept through the whole case
    std::string target_service_id;  // from NHSD-Target-Identifier
    Format body_format = Format::json;
    Format answer_format = Format::json;  // _format, else Accept, else JSON; errors follow it too
    bool ids_are_guids = true;            // judged later: the error's code depends on the message's category
    bool body_gzipped = false;
    bool answer_gzipped = false;
};

// What a request needs. GET /metadata needs no target.
struct HeaderRules {
    bool body = true;
    bool target = true;
};

struct CheckedHeaders {
    RequestHeaders headers;  // as far as known even with problems
    Problems problems;
};

// Every problem, in the order of BaRS (media types before ids). `query` is the raw query string, without "?".
CheckedHeaders check_headers(const HeaderFields& fields, std::string_view query, const HeaderRules& rules);

// The kit wants `invariant` for a validation request and `value` for everything else.
Problem ids_are_not_guids(bool validation);

std::string target_identifier(std::string_view service_id);  // value of NHSD-Target-Identifier

}  // namespace rightplace::bars
