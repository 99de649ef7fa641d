// NEWS2, the National Early Warning Score (Royal College of Physicians, 2017, chart 1).
// Not for patients under 16. SpO2 scale 2 only on a clinician's decision. A missing measurement
// makes the score incomplete: it is never taken for zero.
#pragma once

#include <string>
#include <string_view>

#include "messages/intake.pb.h"
#include "messages/triage.pb.h"

namespace rightplace::clinical {

namespace news2_band {
inline constexpr std::string_view low = "low";                        // total 0..4
inline constexpr std::string_view low_medium = "low-medium";          // 0..4 with any single part of 3
inline constexpr std::string_view medium = "medium";                  // 5..6
inline constexpr std::string_view high = "high";                      // 7 and more
inline constexpr std::string_view incomplete = "incomplete";          // a part is missing
inline constexpr std::string_view not_applicable = "not-applicable";  // under 16
}  // namespace news2_band

// Of the observations in the facts; a received total is kept as sent and compared. SpO2 by scale 2 where they came in
// on it with a named clinician (facts.spo2_scale_2_by), or where one has decided so here; else by scale 1, and the
// score says when it was asked for in vain.
enum class Scale2 { as_it_came, decided_here };
triage::News2 news2(const intake::CaseFacts& facts, Scale2 scale_2 = Scale2::as_it_came);
std::string news2_part_name(std::string_view part);  // of News2.missing: "air_or_oxygen" is "air or oxygen"

}  // namespace rightplace::clinical
