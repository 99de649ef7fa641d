// Which scale a patient's SpO2 counts by: a clinician's decision, never the sender's word for it.
#include "common/clinical/news2.hpp"

#include "common/clinical/roles.hpp"
#include "services/triage/domain/rules.hpp"

namespace rightplace::triage {

using runtime::refuse;

// No claim stands in its way: a wrong score is wrong whoever holds the case.
Decided use_spo2_scale_2(const Asked& asked, const UseSpo2Scale2& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    if (ended(*review)) return ended_review(*review);
    const Actor& actor = asked.envelope.actor();
    if (!clinical::is_named_clinician(actor.id(), actor.role())) {
        return refuse(FORBIDDEN, "SpO2 scale 2 is a named clinician's decision.", "actor.role");
    }
    if (auto against = against_reason(command.reason_code())) return *against;
    if (review->news2().on_scale_2()) return runtime::nothing();
    Spo2Scale2Used used;
    *used.mutable_by() = actor;
    used.set_reason_code(command.reason_code());
    *used.mutable_before() = review->news2();
    *used.mutable_news2() = clinical::news2(review->facts(), clinical::Scale2::decided_here);
    std::vector<NewEvent> all{review_event(*review, used)};
    for (auto& raised : raised_by_rule(asked, *review, *review, used.news2(), review->category()))
        all.push_back(std::move(raised));
    return runtime::events(std::move(all));
}

}  // namespace rightplace::triage
