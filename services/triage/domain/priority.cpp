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
                                     const News2& news2) {
    auto escalated = raised_by_rule(asked.context, facts, news2, before.category());
    if (!escalated || ended(before)) return {};
    const auto& known = before.raised_by();
    const bool weighed = std::find(known.begin(), known.end(), escalated->rule()) != known.end();
    if (weighed && news2.total() <= before.news2().total()) return {};
    if (const auto sooner = sooner_breach(asked, before, escalated->to_category())) {
        *escalated->mutable_breach_at() = to_timestamp(*sooner);
    }
    return {review_event(before, *escalated)};
}

}  // namespace rightplace::triage
