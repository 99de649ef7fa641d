// Checks a policy's rules for pathways, and runs their examples. For parse_policy.
#pragma once

#include <google/protobuf/text_format.h>

#include <string>
#include <vector>

#include "common/clinical/hub_policy.hpp"

namespace rightplace::clinical {

// What is wrong with its conditions.
std::vector<std::string> exclusion_problems(const policy::HubPolicy& policy, const policy::PathwayExclusion& when);

void check_pathways(const policy::HubPolicy& policy, const google::protobuf::TextFormat::ParseInfoTree& places,
                    std::vector<PolicyProblem>& problems);

}  // namespace rightplace::clinical
