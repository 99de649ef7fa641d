#include "common/clinical/referral_rules.hpp"

#include <set>

#include "common/clinical/categories.hpp"
#include "common/clinical/pathways.hpp"

namespace rightplace::clinical {
namespace {

void check_time(const policy::ReferralRule& rule, std::uint32_t minutes, const std::string& source,
                const std::string& field, const std::function<void(std::string)>& say) {
    const std::string who = rule.pathway().empty() ? "the rule for every other pathway" : rule.pathway();
    if (minutes > referral_minutes_max)
        say("referral: " + field + "_minutes must be no more than " + std::to_string(referral_minutes_max));
    if (minutes > 0 && source.empty()) say("referral: " + who + ": " + field + "_minutes needs its source");
}

}  // namespace

ReferralTimes referral_times(const policy::HubPolicy* policy, triage::Pathway pathway) {
    ReferralTimes otherwise;
    otherwise.accept_minutes = accept_minutes_without_policy;
    if (pathway == triage::UCR) otherwise.reach_minutes = ucr_reach_minutes_without_policy;
    if (policy == nullptr) return otherwise;
    for (const auto& rule : policy->referral()) {
        if (pathway_from_code(rule.pathway()) == pathway) return {rule.accept_minutes(), rule.reach_minutes()};
        if (rule.pathway().empty()) otherwise.accept_minutes = rule.accept_minutes();
    }
    return otherwise;
}

void check_referral_rules(const policy::HubPolicy& policy, const SayOfPolicy& say) {
    std::set<std::string> seen;
    for (int i = 0; i < policy.referral_size(); ++i) {
        const auto& rule = policy.referral(i);
        const auto say_here = [&](std::string what) { say("referral", i, std::move(what)); };
        const auto pathway = pathway_from_code(rule.pathway());
        if (!rule.pathway().empty() && (!pathway || !refers(*pathway)))
            say_here("referral: no pathway that refers: " + rule.pathway());
        if (!seen.insert(rule.pathway()).second) say_here("referral: twice for " + rule.pathway());
        if (rule.pathway().empty() && rule.reach_minutes() > 0)
            say_here("referral: reach_minutes is for a pathway that is named");
        check_time(rule, rule.accept_minutes(), rule.accept_source(), "accept", say_here);
        check_time(rule, rule.reach_minutes(), rule.reach_source(), "reach", say_here);
    }
}

void check_referral_examples(const policy::HubPolicy& policy, const SayOfPolicy& say) {
    for (int i = 0; i < policy.referral_example_size(); ++i) {
        const auto& example = policy.referral_example(i);
        const auto say_here = [&](const std::string& what) {
            say("referral_example", i, "referral_example \"" + example.says() + "\": " + what);
        };
        const auto pathway = pathway_from_code(example.pathway());
        if (!pathway || !refers(*pathway)) {
            say_here("no pathway that refers: " + example.pathway());
            continue;
        }
        const auto times = referral_times(&policy, *pathway);
        if (times.accept_minutes == example.accept_minutes() && times.reach_minutes == example.reach_minutes())
            continue;
        say_here("accepted within " + std::to_string(times.accept_minutes) + " and reached within " +
                 std::to_string(times.reach_minutes) + " minutes, not " + std::to_string(example.accept_minutes()) +
                 " and " + std::to_string(example.reach_minutes()));
    }
}

}  // namespace rightplace::clinical
