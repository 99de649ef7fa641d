#include "services/audit/domain/hub_clock.hpp"

#include <algorithm>
#include <cstdlib>

#include "common/base/limits.hpp"

namespace rightplace::audit {
namespace {

constexpr std::int64_t us_per_ms = 1'000;
constexpr std::int64_t ppm = 1'000'000;
constexpr std::int64_t max_rate_ppm = 5'000;         // 0.5 %
constexpr std::int64_t smooth_over_us = 10'000'000;  // small differences are closed over about this time

}  // namespace

HubClock::HubClock(TimeMs wall, std::int64_t boot_ms, TimeMs not_before)
    : anchor_boot_ms_(boot_ms),
      anchor_us_(std::max(wall, not_before) * us_per_ms),
      // What hub time would need the wall clock to be: a journal ahead of it shows as a step at once.
      wall_offset_(std::max(wall, not_before) - boot_ms) {}

std::int64_t HubClock::now_us(std::int64_t boot_ms) const {
    const std::int64_t elapsed_us = std::max<std::int64_t>(boot_ms - anchor_boot_ms_, 0) * us_per_ms;
    return anchor_us_ + elapsed_us + elapsed_us / ppm * rate_ppm_ + elapsed_us % ppm * rate_ppm_ / ppm;
}

TimeMs HubClock::now(std::int64_t boot_ms) const {
    return now_us(boot_ms) / us_per_ms;
}

std::optional<std::int64_t> HubClock::observe(TimeMs wall, std::int64_t boot_ms) {
    anchor_us_ = now_us(boot_ms);
    anchor_boot_ms_ = boot_ms;
    const std::int64_t gap_us = wall * us_per_ms - anchor_us_;
    rate_ppm_ = std::clamp(gap_us / (smooth_over_us / ppm), -max_rate_ppm, max_rate_ppm);
    const std::int64_t offset = wall - boot_ms;
    const bool stepped = std::llabs(offset - wall_offset_) > limits::hub_clock_step_ms;
    wall_offset_ = offset;
    if (!stepped) return std::nullopt;
    return gap_us / us_per_ms;
}

}  // namespace rightplace::audit
