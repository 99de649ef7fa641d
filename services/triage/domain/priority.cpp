#include "common/clinical/priority.hpp"

#include <algorithm>

#include "services/triage/domain/rules.hpp"

namespace rightplace::triage {

namespace {

ReviewEscalated escalated_by(const clinical::Raise& raise, intake::Category from) {
    const auto& when = raise.rule->when();
    ReviewEscalated escalated;
    escalated.set_from_category(from);
    escalated.set_to_category(raise.to);
    escalated.set_reason_code(when.code());
    escalated.set_rule(when.code());
    escalated.set_rule_says(when.says());
    return escalated;
}

bool has(const intake::CaseFacts& facts, const intake::Flag& flag) {
    const auto same = [&](const intake::Flag& other) {
        return other.category() == flag.category() && other.code() == flag.code();
    };
    return std::any_of(facts.flags().begin(), facts.flags().end(), same);
}

// What a rule that was weighed is looked at again for: a higher score where it goes by that, or a new flag of its own.
bool holds_by_what_is_new(const policy::HubPolicy* policy, const policy::PathwayExclusion& when,
                          const ReviewState& before, const clinical::PathwayCase& of) {
    const bool by_score = when.news2_from() > 0 || when.news2_part_from() > 0;
    if (by_score && of.news2.total() > before.news2().total()) return true;
    if (when.flag().empty()) return false;
    intake::CaseFacts with_new_flags = of.facts;
    with_new_flags.clear_flags();
    for (const auto& flag : of.facts.flags()) {
        if (!has(before.facts(), flag)) *with_new_flags.add_flags() = flag;
    }
    return clinical::exclusion_holds(policy, when, {with_new_flags, of.news2, of.category, std::nullopt});
}

}  // namespace

std::optional<ReviewEscalated> raised_by_rule(const Context& context, const intake::CaseFacts& facts,
                                              const News2& news2, intake::Category category) {
    const auto raise = clinical::raise(context.policy, {facts, news2, category, std::nullopt});
    if (!raise) return std::nullopt;
    return escalated_by(*raise, category);
}

std::vector<NewEvent> raised_by_rule(const Asked& asked, const ReviewState& before, const ReviewState& stands,
                                     const News2& news2, intake::Category category) {
    const auto& weighed = before.raised_by();
    const auto* policy = asked.context.policy;
    const clinical::PathwayCase of{stands.facts(), news2, category, std::nullopt};
    const auto counts = [&](const policy::PriorityRule& rule) {
        const auto& when = rule.when();
        const bool known = std::find(weighed.begin(), weighed.end(), when.code()) != weighed.end();
        return !known || holds_by_what_is_new(policy, when, before, of);
    };
    const auto raise = clinical::raise(policy, of, counts);
    if (!raise) return {};
    const auto by_rule = escalated_by(*raise, category);
    auto escalated = escalation(asked, stands, raise->to, by_rule.reason_code());
    escalated.set_from_category(category);
    escalated.set_rule(by_rule.rule());
    escalated.set_rule_says(by_rule.rule_says());
    return {review_event(before, escalated)};
}

std::vector<std::string> weighed_by_clinician(const Context& context, const ReviewState& review, intake::Category to) {
    auto all = clinical::priority_rules_that_hold(context.policy,
                                                  {review.facts(), review.news2(), review.category(), std::nullopt});
    // One that goes by category may hold of the one that it is lowered to.
    for (auto& code :
         clinical::priority_rules_that_hold(context.policy, {review.facts(), review.news2(), to, std::nullopt})) {
        if (std::find(all.begin(), all.end(), code) == all.end()) all.push_back(std::move(code));
    }
    return all;
}

}  // namespace rightplace::triage
