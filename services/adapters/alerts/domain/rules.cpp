#include "services/adapters/alerts/domain/rules.hpp"

#include <algorithm>

namespace rightplace::alerts {
namespace {

constexpr int request_timeout = 408, too_early = 425, too_many_requests = 429;

}  // namespace

Outcome outcome_of(int http_status) {
    if (http_status >= 200 && http_status < 300) return Outcome::delivered;
    const bool later = http_status == request_timeout || http_status == too_early || http_status == too_many_requests;
    const bool refused = http_status >= 300 && http_status < 500;  // a redirect is not followed: it may lead anywhere
    return refused && !later ? Outcome::refused : Outcome::again;
}

std::int64_t pause_ms(int attempts) {
    std::int64_t pause = pause_first_ms;
    for (int i = 1; i < attempts && pause < pause_max_ms; ++i) pause *= 2;
    return std::min(pause, pause_max_ms);
}

}  // namespace rightplace::alerts
