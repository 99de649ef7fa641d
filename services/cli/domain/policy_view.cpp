#include "services/cli/domain/policy_view.hpp"

#include <map>

namespace rightplace::cli {
namespace {

using Changes = std::vector<std::string>;

std::string count(std::uint32_t number, const char* unit) {
    return std::to_string(number) + " " + unit + (number == 1 ? "" : "s");
}

void figure(Changes& changes, const std::string& what, const char* unit, std::uint32_t before, std::uint32_t after,
            const std::string& source_before, const std::string& source_after) {
    if (before != after) {
        changes.push_back(what + ": " + count(after, unit) + " instead of " + count(before, unit) +
                          " (source: " + source_after + ")");
    } else if (source_before != source_after) {
        changes.push_back(what + ": the same " + count(after, unit) + ", by another source: " + source_after);
    }
}

std::map<std::string, const policy::BreachRule*> by_category(const policy::HubPolicy& policy) {
    std::map<std::string, const policy::BreachRule*> rules;
    for (const auto& rule : policy.breach()) rules[rule.category()] = &rule;
    return rules;
}

void breach_rules(Changes& changes, const policy::HubPolicy& before, const policy::HubPolicy& after) {
    const auto olds = by_category(before);
    const auto news = by_category(after);
    for (const auto& [category, rule] : news) {
        const auto old = olds.find(category);
        const std::string what = "breach of " + category;
        if (old == olds.end()) {
            changes.push_back(what + ": a rule of its own, " + count(rule->minutes(), "minute") + " instead of the " +
                              "default " + count(before.default_breach_minutes(), "minute") +
                              " (source: " + rule->source() + ")");
        } else {
            figure(changes, what, "minute", old->second->minutes(), rule->minutes(), old->second->source(),
                   rule->source());
        }
    }
    for (const auto& [category, rule] : olds) {
        if (news.contains(category)) continue;
        changes.push_back("breach of " + category + ": no rule of its own any more, the default " +
                          count(after.default_breach_minutes(), "minute") + " instead of " +
                          count(rule->minutes(), "minute"));
    }
}

}  // namespace

Changes policy_changes(const policy::HubPolicy& before, const policy::HubPolicy& after) {
    Changes changes;
    if (before.name() != after.name()) {
        changes.push_back("it is the policy of " + after.name() + " instead of " + before.name());
    }
    breach_rules(changes, before, after);
    figure(changes, "breach by default", "minute", before.default_breach_minutes(), after.default_breach_minutes(),
           before.default_breach_source(), after.default_breach_source());
    figure(changes, "lease of a claim", "second", before.claim_lease_seconds(), after.claim_lease_seconds(),
           before.claim_lease_source(), after.claim_lease_source());
    figure(changes, "window of repeat calls", "hour", before.repeat_window_hours(), after.repeat_window_hours(),
           before.repeat_window_source(), after.repeat_window_source());
    if (before.example_size() != after.example_size()) {
        changes.push_back("examples: " + std::to_string(after.example_size()) + " instead of " +
                          std::to_string(before.example_size()));
    }
    return changes;
}

}  // namespace rightplace::cli
