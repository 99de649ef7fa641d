// GET /ServiceRequest (BaRS core: find resource; the tests of the national kit): a sender reads back where its request
// stands before it updates or cancels it. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "services/adapters/bars/domain/case_book.hpp"
#include "services/adapters/bars/domain/problem.hpp"
#include "services/adapters/bars/domain/query.hpp"
#include "services/adapters/bars/domain/requester.hpp"

namespace rightplace::bars {

// Exactly one of the two. An NHS number is identity: it goes to vault and into no log, id or error.
struct ReadAsked {
    std::string service_request_id;  // in lower case
    std::string nhs_number;          // ten digits
};
// `rest` is what stands after "ServiceRequest" in the path: empty for a search, else it begins with "/".
Result<ReadAsked, Problems> judge_read(std::string_view rest, const Target& target);

// Whether that organisation sent the case, as far as the case and the question say it; else everybody the hub answers.
bool may_read(const BookedCase& booked, const std::string& organisation_ods);

// A search goes by a number that many know, where a read goes by an id that only we and the sender do: so a search
// finds what that very organisation sent, and 400 tells whoever does not say who it is.
bool is_sent_by(const BookedCase& booked, const std::string& organisation_ods);
Problems check_searcher(const Requester& requester);

// By its match tokens; one without any (vault was late, or there is neither number nor telephone) has to be looked at.
bool may_be_about(const BookedCase& booked, const std::vector<std::string>& tokens);

// active; revoked or entered-in-error once its sender has cancelled it; completed once it is decided or rejected. The
// responses that we send carry `active` to the end (BaRS conflict 2), but a sender that reads asks whether it may still
// change its request, and it may not.
std::string service_request_status(const BookedCase& booked);

// The entry of the case's ServiceRequest: as it was sent last, with our id, its status now, and lastUpdated of when
// that changed. `message` is the request.
Tree present_service_request(const Tree& message, const BookedCase& booked);

bool is_about_patient(const Tree& message, const std::string& nhs_number);

// A searchset of such entries. Its link does not repeat the search: that holds the NHS number.
std::string found_bundle(std::vector<Tree> entries, const std::string& bundle_id, Format format);

}  // namespace rightplace::bars
