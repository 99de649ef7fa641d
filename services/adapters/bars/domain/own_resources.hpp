// Shared by acknowledgement.cpp and responses.cpp: ids by us, our own Encounter.
#pragma once

#include "services/adapters/bars/domain/answers.hpp"
#include "services/adapters/bars/domain/bundle.hpp"

namespace rightplace::bars {

std::string resource_id(const OwnCase& own, std::size_t position);  // in the request's Bundle
std::string own_encounter_url(const OwnCase& own);                  // urn:uuid:...
std::string own_encounter_id(const OwnCase& own);
// Its entry; `reason` is null or a CodeableConcept; `ended` 0 while it goes on.
struct OwnEncounter {
    std::string status;
    TimeMs changed = 0;
    TimeMs started = 0;
    TimeMs ended = 0;
};
Tree own_encounter(const Message& request, const OwnCase& own, const OwnEncounter& encounter, Tree reason);
Tree with_own_id(const Tree& entry, const OwnCase& own, std::size_t position);

}  // namespace rightplace::bars
