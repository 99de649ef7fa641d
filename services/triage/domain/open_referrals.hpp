// The referrals of a hub that still have a time to keep, folded from referral's events: for the downtime sheet, which
// must be whole when referral is down.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "messages/referral.pb.h"

namespace rightplace::triage {

class OpenReferrals {
   public:
    void see(const Event& event);  // every event of the hub, in order
    std::vector<referral::ReferralState> by_due() const;

   private:
    std::map<std::string, referral::ReferralState> open_;  // by referral id
};

}  // namespace rightplace::triage
