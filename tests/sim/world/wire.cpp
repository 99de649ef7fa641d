#include "tests/sim/world/wire.hpp"

#include <algorithm>

namespace rightplace::sim {
namespace {

constexpr std::int64_t usual_ms = 1;

}  // namespace

bool Wire::open(const std::string& a, const std::string& b) const {
    return cuts_.empty() || !cuts_.contains(road(a, b));
}

std::int64_t Wire::slowness_ms(const std::string& a, const std::string& b) const {
    const auto found = slow_.find(road(a, b));
    return found == slow_.end() ? 0 : found->second;
}

std::int64_t Wire::delay_ms() {
    const bool slow = random_.one_in(weather.slow_one_in);
    return random_.between(0, usual_ms) + (slow ? random_.between(0, weather.slow_ms) : 0);
}

void Wire::carry(const std::string& from, const std::string& to, const std::function<void()>& deliver) {
    if (!open(from, to) || random_.one_in(weather.drop_one_in)) return;
    auto& last = last_arrival_[{from, to}];
    const int times = random_.one_in(weather.double_one_in) ? 2 : 1;
    for (int i = 0; i < times; ++i) {
        last = std::max(last, clock_.boot_ms() + delay_ms() + slowness_ms(from, to));
        clock_.after(last - clock_.boot_ms(), [this, from, to, deliver] {
            if (open(from, to)) deliver();
        });
    }
}

}  // namespace rightplace::sim
