// A responder's message, read as whoever asked for the validation reads it: what it says, and what is not as its
// MessageDefinition wants it. Tolerant: what can be understood is, and the rest is said as a warning.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "messages/intake.pb.h"
#include "services/adapters/bars/domain/bundle.hpp"
#include "services/adapters/bars/domain/problem.hpp"

namespace rightplace::bars {

enum class ResponseKind {
    interim,    // a clinician has begun
    rejection,  // the responder will not: take the case back, now
    full        // what it came to
};

struct ReadResponse {
    ResponseKind kind = ResponseKind::interim;
    std::string bundle_id;
    std::string answers;  // Bundle.id of the request, or of the interim (the guide's own example has that)
    bool update = false;  // not the first response
    std::string use_case;
    std::string journey_id;
    std::string sender_case_number;  // of whoever asked
    std::string case_number;         // of whoever answers
    std::size_t encounters = 0;
    std::string reject_code;  // FC, RRNA, OTH; RRNA is also what comes back at the breach time
    // Of a full response.
    bool ambulance_needed = false;  // CarePlan active: somebody has to go
    intake::Category category = intake::CATEGORY_UNSPECIFIED;
    std::vector<intake::Coded> outcome_codes;  // but for the category
    TimeMs clock_start = 0;
    std::string ambulance_reference;    // of what was asked of an ambulance service by machine
    std::vector<std::string> warnings;  // "<code> <path>": never content
};

// 400 invariant when it is no response, answers nothing, or its Encounter or plan does not say what it came to.
Result<ReadResponse, Problems> read_response(const Message& message);

// How the record calls it, in codes alone: "response interim", "response rejection RRNA", "response full C4
// no-ambulance".
std::string kind_of_exchange(const ReadResponse& response);

// 400 not-found REC_NOT_FOUND: it answers nothing that was sent from here (BaRS conflict 7: the tests want 400, where
// the guide says 404).
Problem not_sent_from_here(const Message& response);

// Which counts of the MessageDefinition that the header names are not met, e.g. "Encounter 1, 2..2 wanted".
std::vector<std::string> wrong_counts(const Message& message);

}  // namespace rightplace::bars
