#include "common/clinical/priority.hpp"

#include <set>

#include "common/clinical/categories.hpp"
#include "common/clinical/news2.hpp"
#include "common/clinical/pathway_check.hpp"
#include "common/clinical/words.hpp"

namespace rightplace::clinical {
namespace {

std::vector<std::string> those_that_raise(const policy::HubPolicy& policy, const PathwayCase& of) {
    std::vector<std::string> codes;
    for (const auto& rule : policy.priority()) {
        const auto to = category_from_code(rule.to_category());
        const bool worse = to && urgency_rank(*to) < urgency_rank(of.category);
        if (worse && exclusion_holds(&policy, rule.when(), of)) codes.push_back(rule.when().code());
    }
    return codes;
}

std::string joined(const std::vector<std::string>& all) {
    std::string out;
    for (const auto& each : all) out += (out.empty() ? "" : ", ") + each;
    return out.empty() ? "none" : out;
}

}  // namespace

std::optional<Raise> raise(const policy::HubPolicy* policy, const PathwayCase& of, const RuleCounts& counts) {
    std::optional<Raise> most;
    if (policy == nullptr) return most;
    for (const auto& rule : policy->priority()) {
        const auto to = category_from_code(rule.to_category());
        if (!to || urgency_rank(*to) >= urgency_rank(most ? most->to : of.category)) continue;
        if (counts && !counts(rule)) continue;
        if (exclusion_holds(policy, rule.when(), of)) most = Raise{*to, &rule};
    }
    return most;
}

std::vector<std::string> priority_rules_that_hold(const policy::HubPolicy* policy, const PathwayCase& of) {
    std::vector<std::string> codes;
    if (policy == nullptr) return codes;
    for (const auto& rule : policy->priority()) {
        if (exclusion_holds(policy, rule.when(), of)) codes.push_back(rule.when().code());
    }
    return codes;
}

void check_priority_rules(const policy::HubPolicy& policy, const SayOfPolicy& say) {
    std::set<std::string> seen;
    for (int i = 0; i < policy.priority_size(); ++i) {
        const auto& rule = policy.priority(i);
        const auto& when = rule.when();
        const auto here = [&](const std::string& what) { say("priority", i, "priority " + when.code() + ": " + what); };
        if (!is_code(when.code())) here("its code is missing, or no short code");
        if (!seen.insert(when.code()).second) here("there is a rule of this code above");
        if (!category_from_code(rule.to_category())) here("not an ARP category code: " + rule.to_category());
        if (when.says().empty() || when.says().size() > pathway_words_max_bytes) {
            here("what people read is missing, or longer than " + std::to_string(pathway_words_max_bytes));
        }
        if (when.source().empty()) here("it needs its source");
        for (const auto& problem : exclusion_problems(policy, when)) here(problem);
        if (i >= priority_rules_max) here("no more than " + std::to_string(priority_rules_max));
    }
}

void check_priority_examples(const policy::HubPolicy& policy, const SayOfPolicy& say) {
    for (int i = 0; i < policy.priority_example_size(); ++i) {
        const auto& example = policy.priority_example(i);
        const auto& facts = example.facts();
        const auto here = [&](const std::string& what) {
            say("priority_example", i, "priority_example \"" + example.says() + "\": " + what);
        };
        const auto expected = category_from_code(example.category());
        if (!expected) {
            here("the category that is expected: not an ARP category code: " + example.category());
            continue;
        }
        const auto score = news2(facts);
        const PathwayCase of{facts, score, facts.category(), std::nullopt};
        const auto raised = raise(&policy, of);
        const auto becomes = raised ? raised->to : facts.category();
        if (becomes != *expected) here("it becomes " + category_word(becomes) + ", not " + example.category());
        const auto rules = those_that_raise(policy, of);
        const std::vector<std::string> named(example.rule().begin(), example.rule().end());
        if (rules != named) here("raised by " + joined(rules) + ", not by " + joined(named));
        if (i >= priority_rules_max) here("no more than " + std::to_string(priority_rules_max));
    }
}

std::vector<std::string> priority_rules_words(const policy::HubPolicy& policy) {
    std::vector<std::string> all;
    for (const auto& rule : policy.priority()) {
        all.push_back(rule.when().code() + ": at least " + rule.to_category() + " with " +
                      condition_words(rule.when()) + ", \"" + rule.when().says() +
                      "\" (source: " + rule.when().source() + ")");
    }
    return all;
}

}  // namespace rightplace::clinical
