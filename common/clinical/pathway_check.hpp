// Checks a policy's rules for pathways, and runs their examples. For parse_policy.
#pragma once

#include <google/protobuf/text_format.h>

#include <vector>

#include "common/clinical/hub_policy.hpp"

namespace rightplace::clinical {

void check_pathways(const policy::HubPolicy& policy, const google::protobuf::TextFormat::ParseInfoTree& places,
                    std::vector<PolicyProblem>& problems);

}  // namespace rightplace::clinical
