// By when whoever a patient is referred to accepts, and reaches the patient.
#pragma once

#include "common/clinical/alert_rules.hpp"
#include "messages/policy.pb.h"
#include "messages/triage.pb.h"

namespace rightplace::clinical {

// Used while no policy is adopted, and by one that says nothing of a pathway: no referral waits in silence.
// UCR: two-hour standard (england.nhs.uk/community-health-services/urgent-community-response-services). Acceptance:
// local, no published time is held here.
inline constexpr std::uint32_t ucr_reach_minutes_without_policy = 120;
inline constexpr std::uint32_t accept_minutes_without_policy = 60;

inline constexpr std::uint32_t referral_minutes_max = 7 * 24 * 60;  // bound of a policy

struct ReferralTimes {  // from the decision; 0: no time is set
    std::uint32_t accept_minutes = 0;
    std::uint32_t reach_minutes = 0;
};
// The rule that names the pathway, else the one that names none, which sets no time to be reached in.
ReferralTimes referral_times(const policy::HubPolicy* policy, triage::Pathway pathway);

// Says what is wrong with the rules, and which examples do not come true.
void check_referral_rules(const policy::HubPolicy& policy, const SayOfPolicy& say);
void check_referral_examples(const policy::HubPolicy& policy, const SayOfPolicy& say);

}  // namespace rightplace::clinical
