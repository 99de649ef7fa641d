// What a destination's answer to a BaRS message means (BaRS core: transactional integrity, sender
// responsibilities). The same request id makes sending again safe.
// Delivered: a 2xx, or a 409 duplicate of an OperationOutcome. For a person to decide: another 4xx with an
// OperationOutcome. Everything else, and whatever does not echo both ids, is tried again.
#pragma once

#include "common/base/seams.hpp"
#include "common/base/time.hpp"
#include "messages/referral.pb.h"

namespace rightplace::bars {

referral::SettleOutcome response_outcome(const seams::HttpAnswer& answer);

// How long the destination asks to be left alone (Retry-After: seconds, or a date as HTTP writes it), in milliseconds;
// 0 when it does not say. Unbounded: referral keeps it within its own rhythm.
std::int64_t retry_after_ms(const seams::HttpAnswer& answer, TimeMs now);

}  // namespace rightplace::bars
