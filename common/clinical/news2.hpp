// NEWS2, the National Early Warning Score (Royal College of Physicians, 2017, chart 1).
// Not for patients under 16. SpO2 scale 2 only on a clinician's decision. A missing measurement
// makes the score incomplete: it is never taken for zero.
#pragma once

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

// Of the observations in the facts; a received total is kept as sent and compared.
triage::News2 news2(const intake::CaseFacts& facts);

}  // namespace rightplace::clinical
