#include "services/adapters/alerts/domain/rules.hpp"

#include <algorithm>
#include <array>

namespace rightplace::alerts {
namespace {

// About the way there, not about one message: who asks (401, 403, 407), where (404, 405), or when (408, 425, 429).
constexpr std::array not_about_the_message{401, 403, 404, 405, 407, 408, 425, 429};

}  // namespace

Outcome outcome_of(int http_status) {
    if (http_status >= 200 && http_status < 300) return Outcome::delivered;
    const auto& ways = not_about_the_message;
    const bool about_it = std::find(ways.begin(), ways.end(), http_status) == ways.end();
    // A redirect is not followed: it may lead anywhere.
    return http_status >= 400 && http_status < 500 && about_it ? Outcome::refused : Outcome::again;
}

std::int64_t pause_ms(int attempts) {
    std::int64_t pause = pause_first_ms;
    for (int i = 1; i < attempts && pause < pause_max_ms; ++i) pause *= 2;
    return std::min(pause, pause_max_ms);
}

}  // namespace rightplace::alerts
