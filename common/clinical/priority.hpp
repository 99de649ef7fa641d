// Rules that make a case more urgent by themselves. None makes one less urgent: that is a named clinician's act.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/clinical/alert_rules.hpp"
#include "common/clinical/pathways.hpp"

namespace rightplace::clinical {

inline constexpr int priority_rules_max = 50;  // of one policy; examples likewise

struct Raise {
    intake::Category to;
    const policy::PriorityRule* rule;
};
using RuleCounts = std::function<bool(const policy::PriorityRule&)>;
// By the rule that makes it the most urgent, of those that hold and count (without `counts` all do); nothing: none
// makes it more urgent than it is.
std::optional<Raise> raise(const policy::HubPolicy* policy, const PathwayCase& of, const RuleCounts& counts = {});
// Of all that hold, more urgent than it is or not; what is to be weighed before a category is lowered.
std::vector<std::string> priority_rules_that_hold(const policy::HubPolicy* policy, const PathwayCase& of);

void check_priority_rules(const policy::HubPolicy& policy, const SayOfPolicy& say);
void check_priority_examples(const policy::HubPolicy& policy, const SayOfPolicy& say);
std::vector<std::string> priority_rules_words(const policy::HubPolicy& policy);  // for people who compare two policies

}  // namespace rightplace::clinical
