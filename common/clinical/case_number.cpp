#include "common/clinical/case_number.hpp"

#include <array>
#include <cctype>

#include "common/base/invariant.hpp"

namespace rightplace::clinical {
namespace {

// Digits keep their value, so a digit swapped with the check character is noticed as well.
constexpr std::string_view check_alphabet = "0123456789ACDEFGHJKLMNPQRTUVWXY";
constexpr unsigned modulus = 31;
static_assert(check_alphabet.size() == modulus);
constexpr std::size_t counter_digits_min = 4;
constexpr std::size_t counter_digits_max = 6;
// Weights 2, 3, ... from the right; the check character has weight 1. All distinct below 31.
static_assert(2 + 1 + 6 + counter_digits_max < modulus);

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
    for (const char c : text) {
        if (!is_digit(c)) return false;
    }
    return !text.empty();
}

// `body` is letter, six digits, counter, without dashes.
char check_character(std::string_view body) {
    unsigned sum = 0;
    unsigned weight = 2;
    for (auto c = body.rbegin(); c != body.rend(); ++c, ++weight) {
        const unsigned value = is_digit(*c) ? unsigned(*c - '0') : unsigned(*c - 'A');
        sum += value * weight;
    }
    return check_alphabet[(modulus - sum % modulus) % modulus];
}

}  // namespace

std::string format_case_number(char letter, std::string_view day, std::uint32_t counter) {
    INVARIANT(letter >= 'A' && letter <= 'Z');
    INVARIANT(day.size() == 8 && all_digits(day));
    INVARIANT(counter >= 1 && counter <= case_counter_max);
    const std::string short_day(day.substr(2));
    std::string digits = std::to_string(counter);
    if (digits.size() < counter_digits_min) digits.insert(0, counter_digits_min - digits.size(), '0');
    const char check = check_character(letter + short_day + digits);
    return std::string(1, letter) + "-" + short_day + "-" + digits + "-" + check;
}

std::optional<CaseNumber> parse_case_number(std::string_view text) {
    constexpr std::size_t counter_at = 9;  // L-yymmdd-
    if (text.size() < counter_at + counter_digits_min + 2) return std::nullopt;
    std::string upper;
    for (const char c : text) upper += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    const std::size_t counter_size = upper.size() - counter_at - 2;
    if (counter_size > counter_digits_max) return std::nullopt;
    const std::string day = upper.substr(2, 6);
    const std::string counter = upper.substr(counter_at, counter_size);
    if (upper[0] < 'A' || upper[0] > 'Z' || upper[1] != '-' || upper[8] != '-') return std::nullopt;
    if (upper[upper.size() - 2] != '-' || !all_digits(day) || !all_digits(counter)) return std::nullopt;
    if (counter_size > counter_digits_min && counter[0] == '0') return std::nullopt;
    if (check_character(upper[0] + day + counter) != upper.back()) return std::nullopt;
    return CaseNumber{upper[0], day, std::uint32_t(std::stoul(counter))};
}

bool valid_case_number(std::string_view text) {
    return parse_case_number(text).has_value();
}

bool valid_nhs_number(std::string_view digits) {
    if (digits.size() != 10 || !all_digits(digits)) return false;
    int sum = 0;
    for (std::size_t i = 0; i < 9; ++i) sum += (digits[i] - '0') * (10 - int(i));
    const int check = (11 - sum % 11) % 11;  // 11 becomes 0; 10 is never issued
    return check == digits[9] - '0';
}

}  // namespace rightplace::clinical
