#include "services/vault/domain/match.hpp"

#include <algorithm>

#include "common/base/invariant.hpp"

namespace rightplace::vault {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The digits alone; nothing when there is anything that people do not write between digits.
std::optional<std::string> digits_of(std::string_view written) {
    static constexpr std::string_view between = " \t-.()/";
    std::string digits;
    for (const char c : written) {
        if (is_digit(c)) {
            digits += c;
        } else if (between.find(c) == std::string_view::npos) {
            return std::nullopt;
        }
    }
    return digits;
}

}  // namespace

std::optional<std::string> normal_nhs_number(std::string_view written) {
    const auto digits = digits_of(written);
    if (!digits || digits->size() != 10) return std::nullopt;
    int sum = 0;
    for (int i = 0; i < 9; ++i) sum += ((*digits)[std::size_t(i)] - '0') * (10 - i);
    const int check = (11 - sum % 11) % 11;  // 11 counts as 0; 10 belongs to no number
    if (check != digits->back() - '0' || digits->find_first_not_of(digits->front()) == std::string::npos) {
        return std::nullopt;
    }
    return digits;
}

std::optional<std::string> normal_telephone(std::string_view written) {
    static constexpr std::size_t fewest = 9, most = 15;
    while (!written.empty() && written.front() == ' ') written.remove_prefix(1);
    const bool plus = !written.empty() && written.front() == '+';
    if (plus) written.remove_prefix(1);
    auto digits = digits_of(written);
    if (!digits) return std::nullopt;
    std::string number;
    if (plus) {
        number = *digits;
    } else if (digits->starts_with("00")) {
        number = digits->substr(2);
    } else if (digits->starts_with('0')) {
        number = "44" + digits->substr(1);
    } else if (digits->starts_with("44") && digits->size() == 12) {
        number = *digits;  // the plus was lost on the way; no national number has twelve digits
    } else {
        return std::nullopt;
    }
    if (number.starts_with("440")) number.erase(2, 1);  // +44 (0)1580 ...
    if (number.size() < fewest || number.size() > most) return std::nullopt;
    const std::string_view subscriber = std::string_view(number).substr(2);
    if (subscriber.find_first_not_of(subscriber.front()) == std::string_view::npos) return std::nullopt;
    return number;
}

std::string month_of(TimeMs at) {
    return london_day(at).substr(0, 6);
}

std::string month_before(std::string_view month) {
    INVARIANT(month.size() == 6 && std::all_of(month.begin(), month.end(), is_digit));
    const int number = std::stoi(std::string(month));
    return std::to_string(number % 100 == 1 ? number - 100 + 11 : number - 1);
}

}  // namespace rightplace::vault
