// Where a referral stands against its deadlines, in words. Without identity.
#pragma once

#include <optional>
#include <string>

#include "common/base/time.hpp"
#include "messages/referral.pb.h"

namespace rightplace::clinical {

// The earliest deadline that is not met, whether or not it was said to be over; nothing: none is left.
std::optional<TimeMs> referral_due(const referral::ReferralState& state);
// "asked for; to be accepted by 27 Nov 12:31:00, 4 min OVER; patient to be reached by 27 Nov 14:01:00, 86 min left"
std::string referral_standing(const referral::ReferralState& state, TimeMs now);

}  // namespace rightplace::clinical
