// Hub time: the wall clock at the start, from then on the boot clock, drawn towards the wall clock by
// at most 0.5 % and never jumping or going back. Pure: clocks come in as values (milliseconds).
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/time.hpp"

namespace rightplace::audit {

class HubClock {
   public:
    // Never behind `not_before`, the last time that the journal has.
    HubClock(TimeMs wall, std::int64_t boot_ms, TimeMs not_before);

    TimeMs now(std::int64_t boot_ms) const;
    // Compares with the wall clock. Gives the step (wall minus hub time) when one was just seen: the wall
    // clock moved against the boot clock by more than limits::hub_clock_step_ms, or it was behind from the start.
    std::optional<std::int64_t> observe(TimeMs wall, std::int64_t boot_ms);

   private:
    std::int64_t now_us(std::int64_t boot_ms) const;

    std::int64_t anchor_boot_ms_;
    std::int64_t anchor_us_;     // hub time at the anchor
    std::int64_t rate_ppm_ = 0;  // how much faster than the boot clock
    std::int64_t wall_offset_;   // wall minus boot clock when last compared
};

}  // namespace rightplace::audit
