#include "common/clinical/priority.hpp"

#include <algorithm>

#include "services/triage/domain/rules.hpp"

namespace rightplace::triage {

std::optional<ReviewEscalated> raised_by_rule(const Context& context, const intake::CaseFacts& facts,
                                              const News2& news2, intake::Category category) {
    const auto raise = clinical::raise(context.policy, {facts, news2, category, std::nullopt});
    if (!raise) return std::nullopt;
    const auto& when = raise->rule->when();
    ReviewEscalated escalated;
    escalated.set_from_category(category);
    escalated.set_to_category(raise->to);
    escalated.set_reason_code(when.code());
    escalated.set_rule(when.code());
    escalated.set_rule_says(when.says());
    return escalated;
}

std::vector<NewEvent> raised_by_rule(const Asked& asked, const ReviewState& before, const intake::CaseFacts& facts,
                                     const News2& news2, intake::Category category) {
    const auto raised = raised_by_rule(asked.context, facts, news2, category);
    if (!raised) return {};
    const auto& known = before.raised_by();
    const bool weighed = std::find(known.begin(), known.end(), raised->rule()) != known.end();
    if (weighed && news2.total() <= before.news2().total()) return {};
    auto escalated = escalation(asked, before, raised->to_category(), raised->reason_code());
    escalated.set_from_category(category);
    escalated.set_rule(raised->rule());
    escalated.set_rule_says(raised->rule_says());
    return {review_event(before, escalated)};
}

}  // namespace rightplace::triage
