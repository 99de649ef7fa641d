// What two messages about one person have in common, written one way. Only these forms are hashed
// into match tokens; none of them is ever stored.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/time.hpp"

namespace rightplace::vault {

// Ten digits that pass the NHS number's modulus 11 check (weights 10 to 2); spaces and dashes go.
// Nothing for any other: the national samples carry numbers that fail, shared by unlike patients,
// so a failing number is a warning about data and never a ground for a match.
std::optional<std::string> normal_nhs_number(std::string_view written);

// Country code and number, digits only: +44, 0044 and a leading 0 become 44, as does +44 (0).
// Nothing for a number without country or trunk prefix (it names no one subscriber), for fewer than
// 9 or more than 15 digits (E.164's most), and for a filler of one repeated digit.
std::optional<std::string> normal_telephone(std::string_view written);

std::string month_of(TimeMs at);                   // "202611", in Europe/London
std::string month_before(std::string_view month);  // "202601" -> "202512"

}  // namespace rightplace::vault
