// Numbers that people say aloud: the speakable case number, and the NHS number's check digit.
//
// Case number: <hub letter>-<yymmdd>-<counter, at least 4 digits>-<check character>. The check
// character is a weighted sum modulo 31 (a prime, with distinct weights), so that any one wrong
// character and any swap of two characters is noticed. It is never I, O, S, B or Z, which are
// taken for 1, 0, 5, 8 and 2.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rightplace::clinical {

inline constexpr std::uint32_t case_counter_max = 999'999;  // per hub and day

struct CaseNumber {
    char letter = '?';  // A..Z
    std::string day;    // yymmdd, Europe/London
    std::uint32_t counter = 0;
    // Order of issue within one hub.
    auto operator<=>(const CaseNumber&) const = default;
};

// `day` is yyyymmdd as from london_day(). INVARIANT: letter A..Z, day of 8 digits, counter 1..max.
std::string format_case_number(char letter, std::string_view day, std::uint32_t counter);
// Upper or lower case. Nothing when it is malformed or the check character does not fit.
std::optional<CaseNumber> parse_case_number(std::string_view text);
bool valid_case_number(std::string_view text);

// NHS number: 10 digits, modulus 11 (NHS Data Dictionary). Spaces and dashes are not accepted.
bool valid_nhs_number(std::string_view digits);

}  // namespace rightplace::clinical
