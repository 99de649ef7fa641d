// Who the patients of a season are: nobody. Every number is of the range that is never issued, every name and address
// says that it was made up, and every telephone number is one that Ofcom keeps for drama.
#pragma once

#include <cstddef>
#include <string>

#include "messages/envelope.pb.h"
#include "messages/intake.pb.h"

namespace rightplace::sim {

// Another person for each number below 500,000, and the same one every time.
intake::Person made_up_person(std::size_t number);

// In place of a text or a person where nobody ever looks: no key opens it.
Sealed sealed_bytes(const std::string& key_id);

}  // namespace rightplace::sim
