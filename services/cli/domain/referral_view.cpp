#include "services/cli/domain/referral_view.hpp"

#include <algorithm>
#include <vector>

#include "common/clinical/referral_words.hpp"

namespace rightplace::cli {

std::string render_overdue(const referral::DeliveriesReply& open, TimeMs now, const Style& style) {
    std::vector<const referral::ReferralState*> over;
    for (const auto& each : open.referrals()) {
        const auto due = clinical::referral_due(each);
        if (due && *due <= now) over.push_back(&each);
    }
    if (over.empty()) return {};
    std::stable_sort(over.begin(), over.end(), [](const auto* a, const auto* b) {
        return clinical::referral_due(*a) < clinical::referral_due(*b);
    });
    std::string out = style.red("!! " + std::to_string(over.size()) + " REFERRAL" + (over.size() == 1 ? "" : "S") +
                                " OVERDUE: ring the service") +
                      "\n";
    for (const auto* each : over) {
        const std::string service = each->service_id().empty() ? "no service named" : "service " + each->service_id();
        out += style.red(printable("!! " + each->case_number() + "  " + pathway_word(each->pathway()) + ", " + service +
                                   ": " + clinical::referral_standing(*each, now))) +
               "\n";
    }
    return out + "!! `rightplace referral NUMBER accepted` (or reached, or completed) records what they say.\n\n";
}

OrWhy<std::string> open_referral(const referral::DeliveriesReply& of_case, const std::string& named) {
    std::vector<std::string> ids;
    for (const auto& each : of_case.referrals()) {
        if (!each.ended() && (named.empty() || each.referral_id() == named)) ids.push_back(each.referral_id());
    }
    if (ids.size() == 1) return ids.front();
    if (ids.empty()) return Failure{std::string("this case has no open referral") + (named.empty() ? "" : " " + named)};
    std::string all;
    for (const auto& id : ids) all += (all.empty() ? "" : ", ") + id;
    return Failure{"this case has more than one open referral; name one with --referral: " + all};
}

std::unique_ptr<google::protobuf::Message> referral_act(const std::string& what, const std::string& referral_id,
                                                        const std::string& outcome, const std::string& reason) {
    if (what == "accepted") {
        auto accept = std::make_unique<referral::AcceptReferral>();
        accept->set_referral_id(referral_id);
        return accept;
    }
    if (what == "reached") {
        auto reached = std::make_unique<referral::RecordPatientReached>();
        reached->set_referral_id(referral_id);
        return reached;
    }
    if (what == "declined") {
        auto decline = std::make_unique<referral::DeclineReferral>();
        decline->set_referral_id(referral_id);
        decline->set_reason(reason);
        return decline;
    }
    INVARIANT(what == "completed");
    auto complete = std::make_unique<referral::CompleteReferral>();
    complete->set_referral_id(referral_id);
    complete->set_outcome(outcome);
    return complete;
}

}  // namespace rightplace::cli
