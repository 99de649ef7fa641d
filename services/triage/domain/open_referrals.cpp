#include "services/triage/domain/open_referrals.hpp"

#include <algorithm>

#include "common/clinical/referral_words.hpp"

namespace rightplace::triage {

void OpenReferrals::see(const Event& event) {
    if (event.aggregate_type() != "referral") return;
    const auto& what = event.payload();
    referral::ReferralRequested requested;
    if (what.UnpackTo(&requested)) {
        auto& state = open_[event.aggregate_id()];
        state.set_case_number(event.case_number());
        state.set_pathway(requested.pathway());
        state.set_service_id(requested.service_id());
        if (requested.has_accept_by()) *state.mutable_accept_by() = requested.accept_by();
        if (requested.has_reach_by()) *state.mutable_reach_by() = requested.reach_by();
        return;
    }
    const auto found = open_.find(event.aggregate_id());
    if (found == open_.end()) return;
    if (what.Is<referral::ReferralAccepted>()) {
        found->second.set_accepted(true);
        found->second.clear_declined_reason();
    }
    if (referral::ReferralDeclined declined; what.UnpackTo(&declined)) {
        found->second.set_accepted(false);
        found->second.set_declined_reason(declined.reason());
    }
    referral::ReferralOverdue overdue;
    if (what.UnpackTo(&overdue) && overdue.deadline() == referral::ACCEPTANCE)
        found->second.set_acceptance_overdue(true);
    const bool over = what.Is<referral::PatientReached>() || what.Is<referral::ReferralCompleted>() ||
                      what.Is<referral::ReferralWithdrawn>() || what.Is<referral::ReferralEnded>();
    if (over || !clinical::referral_due(found->second)) open_.erase(found);
}

std::vector<referral::ReferralState> OpenReferrals::by_due() const {
    std::vector<referral::ReferralState> all;
    for (const auto& each : open_) {
        if (clinical::referral_due(each.second)) all.push_back(each.second);
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return clinical::referral_due(a) < clinical::referral_due(b);
    });
    return all;
}

}  // namespace rightplace::triage
