// Where a referral stands against its deadlines, in words. Without identity.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/time.hpp"
#include "messages/referral.pb.h"

namespace rightplace::clinical {

// How a referral ends with the patient seen. Local: no published list is held here.
bool is_seen_outcome(std::string_view code);
std::string seen_outcomes();  // "seen, treated, ..."
// Why whoever was asked does not see the patient: then the patient is with nobody.
bool is_declined_reason(std::string_view code);
std::string declined_reasons();

// The earliest deadline that is not met, whether or not it was said to be over; nothing: none is left.
std::optional<TimeMs> referral_due(const referral::ReferralState& state);
// "asked for; to be accepted by 27 Nov 12:31:00, 4 min OVER; patient to be reached by 27 Nov 14:01:00, 86 min left"
std::string referral_standing(const referral::ReferralState& state, TimeMs now);

}  // namespace rightplace::clinical
