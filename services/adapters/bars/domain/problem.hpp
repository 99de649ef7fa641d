// What is wrong with a request, and its OperationOutcome (BaRS core: error handling).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/adapters/bars/domain/fhir_document.hpp"

namespace rightplace::bars {

// The first of several is the one that the national test kit looks at.
struct Problem {
    int http_status = 400;
    std::string issue_code;    // FHIR issue-type: required, invariant, value, not-supported, ...
    std::string details_code;  // NHS http-error-codes: REC_BAD_REQUEST, ...
    std::string path;          // header or FHIRPath, or empty
    std::string diagnostics;   // a sentence; no content of the message, no patient data
};
using Problems = std::vector<Problem>;

// 400 invariant REC_BAD_REQUEST: the code that the kit wants for nearly every broken content rule.
Problem broken_rule(std::string path, std::string diagnostics);

// Answers that the shell needs beyond what this library decides (BaRS failure scenarios).
Problem already_received();  // 409 duplicate REC_CONFLICT: same X-Request-Id, processed before
Problem still_processing();  // 425 duplicate REC_TOO_EARLY
Problem refused_before(const std::string& details_code);  // the same message again: that refusal's status again
Problem bundle_id_reused();    // 400 invariant REC_BAD_REQUEST: new message, Bundle.id seen before
Problem method_not_allowed();  // 405 not-supported REC_METHOD_NOT_ALLOWED
Problem timed_out();           // 408 timeout REC_TIMEOUT
Problem too_many_requests();   // 429 throttled REC_TOO_MANY_REQUESTS
Problem internal_error();      // 500 exception REC_SERVER_ERROR
Problem unavailable();         // 503 transient REC_UNAVAILABLE
Problem unknown_service();     // 404 not-found REC_NOT_FOUND: NHSD-Target-Identifier is no hub of ours
Problem not_found();           // 404 not-found REC_NOT_FOUND: no such path or resource

Problem not_supported();  // 501 not-supported REC_NOT_IMPLEMENTED: a part of BaRS that is not served here
Problem too_large();      // 413 too-long REC_BAD_REQUEST
Problem not_gzip();       // 400 structure REC_BAD_REQUEST

int http_status(const Problems& problems);  // of the first; INVARIANT: there is one

// All problems as issues, in their order, each with its path both as expression and in its diagnostics.
std::string operation_outcome(const Problems& problems, Format format);

}  // namespace rightplace::bars
