// What the policy offers to a case, and deciding against it. The policy advises: whoever decides otherwise is a named
// clinician who says so, and the record keeps what spoke against it.
#include "common/clinical/pathways.hpp"

#include "common/clinical/streams.hpp"
#include "common/clinical/words.hpp"
#include "services/triage/domain/rules.hpp"

namespace rightplace::triage {
namespace {

clinical::PathwayCase known_of(const ReviewState& review, TimeMs at) {
    return {review.facts(), review.news2(), review.category(), london_clock(at)};
}

}  // namespace

// A decision that is refused leaves the claim as it is and nothing in the record: its text is still in the hands of
// whoever wrote it, and comes again with the next one.
std::optional<Failure<Refused>> weigh_advice(const Asked& asked, const ReviewState& review, const DecideReview& command,
                                             ReviewDecided& decided) {
    const auto* policy = asked.context.policy;
    auto reasons = clinical::against(policy, command.pathway(), known_of(review, occurred_at(asked)));
    if (auto unnamed = clinical::need_not_named(policy, command.pathway(), command.rationale_code())) {
        reasons.push_back(std::move(*unnamed));
    }
    if (reasons.empty()) return std::nullopt;
    if (command.against_advice().empty()) {
        std::string why;
        for (const auto& each : reasons) why += (why.empty() ? "" : "; ") + each.says() + " (" + each.code() + ")";
        return runtime::refuse(INVALID,
                               "The policy does not offer " + clinical::pathway_code(command.pathway()) +
                                   " to this case: " + why +
                                   ". Decide another way, or send it again with your reason against this advice.",
                               "against_advice");
    }
    if (!clinical::is_code(command.against_advice())) {
        return runtime::refuse(INVALID, "The reason against advice is a code: letters, digits and hyphens.",
                               "against_advice");
    }
    for (const auto& each : reasons) decided.add_against(each.code());
    decided.set_against_advice(command.against_advice());
    return std::nullopt;
}

runtime::Answered get_pathways(const GetPathways& asked, const Context& context) {
    const auto* held = context.view->find(review_key(asked.case_id()));
    if (held == nullptr || !held->state) return Failure{no_review().error.refusal};
    auto reply = std::make_shared<PathwaysReply>();
    const auto& review = static_cast<const ReviewState&>(*held->state);
    for (auto& offer : clinical::offers(context.policy, known_of(review, context.now))) {
        *reply->add_pathways() = std::move(offer);
    }
    if (auto stream = clinical::stream_offer(context.policy, known_of(review, context.now))) {
        *reply->mutable_stream() = std::move(*stream);
    }
    const auto* adopted = context.view->find({policy_type, context.hub});
    if (adopted != nullptr && adopted->state) {
        reply->set_policy_version(static_cast<const PolicyState&>(*adopted->state).version());
    }
    return std::shared_ptr<const Message>(reply);
}

}  // namespace rightplace::triage
