// The downtime sheet: every open case of a hub as plain text, to work from on paper when everything is down.
// Without identity: case numbers, the sender's incident numbers and callsigns to ring about.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/time.hpp"
#include "messages/triage.pb.h"
#include "services/triage/domain/open_referrals.hpp"

namespace rightplace::triage {

struct SheetHead {
    std::string hub;
    std::string label;  // "demo", "synthetic"; empty on a live hub
    TimeMs now = 0;     // wall clock
    std::uint64_t as_of_seq = 0;
    std::int64_t age_ms = 0;  // since the feed was last heard of
};

// `queue` in the order in which it is to be worked: by breach time. `referrals` by when they are next due.
std::string downtime_sheet(const SheetHead& head, const QueueReply& queue,
                           const std::vector<referral::ReferralState>& referrals = {});

}  // namespace rightplace::triage
