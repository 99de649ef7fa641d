// An update or a cancellation of a request that we have (BaRS core: Cancellation, last updated date; application 4).
// Pure. Per entry, by fullUrl: a later meta.lastUpdated replaces, an equal one is ignored, an older one is a conflict,
// an unknown entry is added, an absent one is kept. Positions never change, and with them no id that was given out.
#pragma once

#include <string>

#include "services/adapters/bars/domain/answers.hpp"
#include "services/adapters/bars/domain/case_book.hpp"
#include "services/adapters/bars/domain/checks.hpp"
#include "services/adapters/bars/domain/own_resources.hpp"

namespace rightplace::bars {

// The case that a change is about: by the id that we gave to its ServiceRequest; one that names none, or only its own
// fullUrl's, by the Bundle.id of the request, else by its Journey ID when one open case of that sender has it. Null:
// none.
const BookedCase* case_of(const Message& change, const CaseBook& book, const std::string& sender_service_id);

// What stands against it, where `current` is the request as it stands. `content`: judged before anything else (BaRS
// application 4, order of checks); `state`: 409 conflict, to be answered only when the message is no re-sent one.
struct ChangeProblems {
    Problems content;
    Problems state;
};
ChangeProblems check_change(const Message& change, Kind kind, const Message& current, const BookedCase& booked);

// What people read of a cancellation: the sender's words, and whether its patient is another than the case's by NHS
// number or date of birth. Sealed: the sender's words may name somebody.
std::string cancellation_words(const Message& change, const Message& current);

struct Merged {
    SharedTree bundle;     // the request as it stands now, under its first Bundle.id
    bool changed = false;  // something in it is new
};
Merged merge(const Message& change, const Message& current, const OwnCase& own);

// The 200 answers: of an update the Bundle as it stands, of a cancellation as it came, each under the Bundle.id that it
// came with and with our ids; with the update our Encounter, as it stands.
std::string update_answer(const Message& change, const Tree& merged, const OwnCase& own, const OwnEncounter& encounter,
                          Format format);
std::string cancel_answer(const Message& change, const Message& current, const OwnCase& own, Format format);
std::string response_answer(const Message& response, Format format);
OwnEncounter encounter_now(const BookedCase& booked);

}  // namespace rightplace::bars
