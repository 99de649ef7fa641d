#include "services/audit/domain/hub_clock.hpp"

#include <algorithm>
#include <cstdlib>
#include <sstream>

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

HubClock::HubClock(const ClockMark& mark, std::int64_t boot_ms, TimeMs not_before)
    : HubClock(mark.hub_ms + (boot_ms - mark.boot_ms), boot_ms, not_before) {
    // A journal far ahead of this boot's hub time is told as a step, as after a boot; else the mark's comparison
    // stands.
    if (not_before - (mark.hub_ms + (boot_ms - mark.boot_ms)) > limits::hub_clock_step_ms) return;
    wall_offset_ = mark.wall_offset;
}

bool HubClock::continues(const ClockMark& mark, std::string_view boot_id, std::int64_t boot_ms) {
    return !boot_id.empty() && mark.boot_id == boot_id && mark.boot_ms <= boot_ms;
}

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

std::optional<std::int64_t> unbelievable(TimeMs wall, TimeMs last_known) {
    if (last_known == 0 || wall - last_known <= clock_believed_ms) return std::nullopt;
    return wall - last_known;
}

std::string to_text(const ClockMark& mark) {
    std::ostringstream line;
    line << mark.boot_id << ' ' << mark.boot_ms << ' ' << mark.hub_ms << ' ' << mark.wall_offset;
    for (const auto step : mark.steps) line << ' ' << step;
    line << '\n';
    return line.str();
}

// Half a line, as a power cut may leave it, is no mark.
std::optional<ClockMark> clock_mark_from(std::string_view text) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    std::istringstream line{std::string(text.substr(0, end))};
    ClockMark mark;
    if (!(line >> mark.boot_id >> mark.boot_ms >> mark.hub_ms >> mark.wall_offset)) return std::nullopt;
    for (std::int64_t step = 0; line >> step;) mark.steps.push_back(step);
    if (!line.eof() || mark.steps.size() > limits::clock_steps_kept) return std::nullopt;
    return mark;
}

}  // namespace rightplace::audit
