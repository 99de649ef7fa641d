// What the policy offers to a case, and what not and why; and what of that differs between two policies. In words.
#pragma once

#include <string>
#include <vector>

#include "messages/pathways.pb.h"
#include "messages/policy.pb.h"
#include "services/cli/domain/words.hpp"

namespace rightplace::cli {

// What is offered first. `which` is the case as its asker named it, `hub` the one whose policy it is.
std::string render_pathways(const triage::PathwaysReply& reply, const std::string& which, const std::string& hub,
                            const Style& style);

// Of a decision that the policy did not offer; empty for any other.
std::string against_advice_word(const triage::ReviewDecided& decided);

// One sentence for each exclusion, need, opening hours or cautions that differ.
std::vector<std::string> pathway_changes(const policy::HubPolicy& before, const policy::HubPolicy& after);

// Each stream and each skill of a policy, in words.
std::vector<std::string> stream_rules_words(const policy::HubPolicy& policy);
std::vector<std::string> staff_skills_words(const policy::HubPolicy& policy);

}  // namespace rightplace::cli
