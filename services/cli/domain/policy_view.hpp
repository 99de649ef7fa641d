// What changes from one policy of a hub to another, in words for those who answer for it.
#pragma once

#include <string>
#include <vector>

#include "messages/policy.pb.h"

namespace rightplace::cli {

// One sentence for each rule, figure or source that differs; none when the two say the same. Their texts may still
// differ, in comments and order.
std::vector<std::string> policy_changes(const policy::HubPolicy& before, const policy::HubPolicy& after);

// In which of our closed hours the hub that stands in for us is closed as well; empty: in none.
std::string closed_hours_warning(const policy::HubPolicy& ours, const policy::HubPolicy& other);

}  // namespace rightplace::cli
