// Hub time: the wall clock at the first start after a boot, from then on the boot clock, drawn towards the wall clock
// by at most 0.5 % and never jumping or going back, also not when audit is started again. Pure: clocks come in as
// values (milliseconds).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/time.hpp"

namespace rightplace::audit {

inline constexpr std::int64_t clock_mark_every_ms = 10'000;  // and at once with each step
// After a boot the wall clock decides. Further ahead than this of the last hub time that is known, it is told as a
// step: the hub was away for a day, or the clock is wrong, and a person can see which.
inline constexpr std::int64_t clock_believed_ms = 86'400'000;

// What of hub time outlives the process: how it stood to one boot's clocks, and the steps not yet recorded.
struct ClockMark {
    std::string boot_id;  // no other boot's clock can be compared
    std::int64_t boot_ms = 0;
    TimeMs hub_ms = 0;             // hub time then
    std::int64_t wall_offset = 0;  // wall minus boot clock when last compared
    std::vector<std::int64_t> steps;
    bool operator==(const ClockMark&) const = default;
};
std::string to_text(const ClockMark& mark);  // one line
std::optional<ClockMark> clock_mark_from(std::string_view text);

class HubClock {
   public:
    // The first start after a boot. Never behind `not_before`, the last time that the journal has.
    HubClock(TimeMs wall, std::int64_t boot_ms, TimeMs not_before);
    // A start later in the boot of the mark: what the wall clock did meanwhile is a step, as if audit had seen it.
    HubClock(const ClockMark& mark, std::int64_t boot_ms, TimeMs not_before);
    static bool continues(const ClockMark& mark, std::string_view boot_id, std::int64_t boot_ms);

    TimeMs now(std::int64_t boot_ms) const;
    // Compares with the wall clock. Gives the step (wall minus hub time) when one was just seen: the wall
    // clock moved against the boot clock by more than limits::hub_clock_step_ms, or it was behind from the start.
    std::optional<std::int64_t> observe(TimeMs wall, std::int64_t boot_ms);
    std::int64_t wall_offset() const { return wall_offset_; }

   private:
    std::int64_t now_us(std::int64_t boot_ms) const;

    std::int64_t anchor_boot_ms_;
    std::int64_t anchor_us_;     // hub time at the anchor
    std::int64_t rate_ppm_ = 0;  // how much faster than the boot clock
    std::int64_t wall_offset_;   // wall minus boot clock when last compared
};

// After a boot: how far the wall clock stands beyond what can be believed; `last_known` 0: nothing is known.
std::optional<std::int64_t> unbelievable(TimeMs wall, TimeMs last_known);

}  // namespace rightplace::audit
