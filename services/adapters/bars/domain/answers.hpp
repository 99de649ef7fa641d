// What we send: the 200 answer to a validation request, and the responder's messages about it.
// All are pure functions of the request as received and of what is passed in, so a retry, a rebuild and
// the breach watch render the same bytes.
//
// Ids: every resource gets an id made by us, derived from the case and its position in the request; ids
// that came with the request never come back. The same resource has the same id in every later message.
// Our own Encounter carries the case number under the system "urn:rightplace:case-number".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/time.hpp"
#include "messages/intake.pb.h"
#include "messages/triage.pb.h"
#include "services/adapters/bars/domain/fhir_document.hpp"
#include "services/adapters/bars/domain/headers.hpp"

namespace rightplace::bars {

struct OwnCase {
    std::string case_id;
    std::string case_number;  // speakable; the requester shows it to its user
};

// The Bundle as received with the same Bundle.id and order, ids by us, our Encounter (planned) appended.
std::string acknowledgement(const Tree& request, const OwnCase& own, TimeMs now, Format format);

struct ResponseFrame {
    OwnCase own;
    std::string service_id;  // ours: source.endpoint
    std::string bundle_id;   // of this response: new, GUID
    TimeMs now = 0;          // lastUpdated and timestamp
    TimeMs started = 0;      // of the consultation; 0: none was begun, `now` is taken
    bool update = false;     // a response went out before: a full one has reason update then, else new as all others
    bool least = false;      // of a rejection: echoes only what its sender knows its request again by
};

// Sent when the clinician starts the consultation (not on a call attempt).
std::string interim_response(const Tree& request, const ResponseFrame& frame, Format format);

// Sent when a clinician rejects, and at the breach time with RRNA. `text` goes with OTH.
std::string rejecting_response(const Tree& request, const ResponseFrame& frame, triage::RejectReason reason,
                               std::string_view text, Format format);

struct Outcome {
    bool ambulance_needed = false;  // CarePlan.status active, else completed
    intake::Category category = intake::CATEGORY_UNSPECIFIED;
    std::vector<intake::Coded> outcome_codes;  // Pathways SG, SD, DX, and others such as PATLIFT
    std::string summary;                       // the clinician's text
    TimeMs decided = 0;
    bool late = false;                // the case had been given back at its breach time
    bool emergency = false;           // C1 or C2 and an ambulance: a third Encounter says what was asked of whom
    std::string ambulance_reference;  // the ambulance service's number of that; empty: nothing was asked by machine
};
// Sent when the consultation is complete. CarePlan.period.start stays the requester's clock start (T5)
// unless the ARP priority is raised; then it is the time of the decision (application 4, responder payload).
std::string full_response(const Tree& request, const ResponseFrame& frame, const Outcome& outcome, Format format);

// Headers of an outgoing response: new request id, the case's correlation id. `organisation_ods`: the hub's, who sends
// it; left out when empty.
HeaderFields response_headers(const intake::ReplyTo& reply_to, std::string_view request_id, bool update, Format format,
                              const std::string& organisation_ods);

// 1 highest .. 5; 0 when there is none. HCP and IFT levels rank with the category of their number.
int priority_level(intake::Category category);

}  // namespace rightplace::bars
