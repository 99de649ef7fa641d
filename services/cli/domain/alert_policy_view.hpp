// A policy's rules about alerts and the times of referrals, in words.
#pragma once

#include <string>
#include <vector>

#include "messages/policy.pb.h"

namespace rightplace::cli {

// One for each rule, with its source.
std::vector<std::string> alert_rules_words(const policy::HubPolicy& policy);
// The same, or what is done while it has none.
std::vector<std::string> alert_rules_in_force_words(const policy::HubPolicy& policy);
std::vector<std::string> referral_rules_words(const policy::HubPolicy& policy);

}  // namespace rightplace::cli
