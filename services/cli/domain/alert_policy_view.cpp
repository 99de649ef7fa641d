#include "services/cli/domain/alert_policy_view.hpp"

#include "common/clinical/alert_rules.hpp"

namespace rightplace::cli {
namespace {

std::string minutes(std::uint32_t number) {
    return std::to_string(number) + (number == 1 ? " minute" : " minutes");
}

std::string steps_words(const google::protobuf::RepeatedField<std::uint32_t>& steps, std::uint32_t again) {
    std::string out;
    for (int i = 0; i < steps.size(); ++i) {
        out += (i == 0 ? "level " : ", level ") + std::to_string(i + 2) + " after " + minutes(steps.Get(i)) +
               (i == 0 ? "" : " more");
    }
    return out + ", then again every " + minutes(again);
}

std::string kinds_word(const policy::AlertRule& rule) {
    if (rule.kind().empty()) return "every other kind";
    std::string out;
    for (const auto& kind : rule.kind()) out += (out.empty() ? "" : ", ") + kind;
    return out;
}

}  // namespace

std::vector<std::string> alert_rules_words(const policy::HubPolicy& policy) {
    std::vector<std::string> all;
    for (const auto& rule : policy.alert()) {
        all.push_back(kinds_word(rule) + ": " + steps_words(rule.after_minutes(), rule.again_minutes()) +
                      " (source: " + rule.source() + ")");
    }
    return all;
}

std::vector<std::string> alert_rules_in_force_words(const policy::HubPolicy& policy) {
    auto all = alert_rules_words(policy);
    for (const auto& rule : policy.alert()) {
        if (rule.kind().empty()) return all;
    }
    const auto otherwise = clinical::alert_times(nullptr, "");
    const google::protobuf::RepeatedField<std::uint32_t> steps{otherwise.after_minutes.begin(),
                                                               otherwise.after_minutes.end()};
    all.push_back("every other kind: " + steps_words(steps, otherwise.again_minutes) + " (no rule: by default)");
    return all;
}

std::vector<std::string> referral_rules_words(const policy::HubPolicy& policy) {
    std::vector<std::string> all;
    for (const auto& rule : policy.referral()) {
        std::string words = rule.pathway().empty() ? "every other pathway" : rule.pathway();
        words += ": accepted within " + minutes(rule.accept_minutes()) + " (source: " + rule.accept_source() + ")";
        if (rule.reach_minutes() > 0)
            words += ", reached within " + minutes(rule.reach_minutes()) + " (source: " + rule.reach_source() + ")";
        all.push_back(std::move(words));
    }
    return all;
}

}  // namespace rightplace::cli
