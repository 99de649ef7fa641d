// What a destination's answer to a BaRS message means (BaRS core: transactional integrity, sender
// responsibilities). The same request id makes sending again safe.
#pragma once

#include "common/base/seams.hpp"
#include "messages/referral.pb.h"

namespace rightplace::bars {

referral::SettleOutcome response_outcome(const seams::HttpAnswer& answer);

}  // namespace rightplace::bars
