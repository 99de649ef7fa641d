#include "services/cli/domain/policy_view.hpp"

#include <algorithm>
#include <map>

#include "common/clinical/attendance.hpp"
#include "common/clinical/hub_policy.hpp"
#include "common/clinical/pathways.hpp"
#include "common/clinical/priority.hpp"
#include "services/cli/domain/alert_policy_view.hpp"
#include "services/cli/domain/pathways_view.hpp"
#include "services/cli/domain/words.hpp"

namespace rightplace::cli {
namespace {

using Changes = std::vector<std::string>;

std::string count(std::uint32_t number, const char* unit) {
    return std::to_string(number) + " " + unit + (number == 1 ? "" : "s");
}

void figure(Changes& changes, const std::string& what, const char* unit, std::uint32_t before, std::uint32_t after,
            const std::string& source_before, const std::string& source_after) {
    if (before != after) {
        changes.push_back(what + ": " + count(after, unit) + " instead of " + count(before, unit) +
                          " (source: " + source_after + ")");
    } else if (source_before != source_after) {
        changes.push_back(what + ": the same " + count(after, unit) + ", by another source: " + source_after);
    }
}

std::map<std::string, const policy::BreachRule*> by_category(const policy::HubPolicy& policy) {
    std::map<std::string, const policy::BreachRule*> rules;
    for (const auto& rule : policy.breach()) rules[rule.category()] = &rule;
    return rules;
}

void breach_rules(Changes& changes, const policy::HubPolicy& before, const policy::HubPolicy& after) {
    const auto olds = by_category(before);
    const auto news = by_category(after);
    for (const auto& [category, rule] : news) {
        const auto old = olds.find(category);
        const std::string what = "breach of " + category;
        if (old == olds.end()) {
            changes.push_back(what + ": a rule of its own, " + count(rule->minutes(), "minute") + " instead of the " +
                              "default " + count(before.default_breach_minutes(), "minute") +
                              " (source: " + rule->source() + ")");
        } else {
            figure(changes, what, "minute", old->second->minutes(), rule->minutes(), old->second->source(),
                   rule->source());
        }
    }
    for (const auto& [category, rule] : olds) {
        if (news.contains(category)) continue;
        changes.push_back("breach of " + category + ": no rule of its own any more, the default " +
                          count(after.default_breach_minutes(), "minute") + " instead of " +
                          count(rule->minutes(), "minute"));
    }
}

std::string hours_words(const policy::OpeningHours& hours) {
    return clinical::hours_words(hours) + " (source: " + hours.source() + ")";
}

std::string skill_words(const policy::SkillRule& rule) {
    const std::string or_skill = rule.role().empty() || rule.staff_skill().empty() ? "" : " or ";
    return (rule.origin().empty() ? "any origin" : rule.origin()) +
           (rule.stream().empty() ? "" : ", stream " + one_of_word(rule.stream())) +
           (rule.age_below() == 0 ? "" : ", younger than " + std::to_string(rule.age_below())) + ": " +
           one_of_word(rule.role()) + or_skill + one_of_word(rule.staff_skill()) + " (source: " + rule.source() + ")";
}

template <typename Rules>
Changes in_words(const Rules& rules, std::string (*words)(const typename Rules::value_type&)) {
    Changes all;
    for (const auto& rule : rules) all.push_back(words(rule));
    return all;
}

// What was said and is no longer, and what is said now. True: nothing of the kind.
bool same_rules(Changes& changes, const std::string& what, const Changes& before, const Changes& after) {
    const auto known = changes.size();
    for (const auto& each : before) {
        if (std::find(after.begin(), after.end(), each) == after.end()) changes.push_back(what + ": no longer " + each);
    }
    for (const auto& each : after) {
        if (std::find(before.begin(), before.end(), each) == before.end()) changes.push_back(what + ": " + each);
    }
    return changes.size() == known;
}

void attendance(Changes& changes, const policy::HubPolicy& before, const policy::HubPolicy& after) {
    if (before.has_attendance() != after.has_attendance()) {
        changes.push_back(after.has_attendance()
                              ? "attendance: a case that nobody is there for no longer waits for its breach"
                              : "attendance: a case waits for its breach, whoever is there");
    }
    same_rules(changes, "opening hours", in_words(before.attendance().hours(), hours_words),
               in_words(after.attendance().hours(), hours_words));
    const auto skills_before = in_words(before.attendance().skill(), skill_words);
    const auto skills_after = in_words(after.attendance().skill(), skill_words);
    const bool same = same_rules(changes, "who may take", skills_before, skills_after);
    if (same && skills_before != skills_after) {  // the first that fits counts
        changes.push_back("who may take: the same rules, in another order");
    }
    if (before.has_attendance() && after.has_attendance() &&
        before.attendance().source() != after.attendance().source()) {
        changes.push_back("attendance: the same, by another source: " + after.attendance().source());
    }
    if (before.attendance().example_size() != after.attendance().example_size()) {
        changes.push_back("attendance, examples: " + std::to_string(after.attendance().example_size()) +
                          " instead of " + std::to_string(before.attendance().example_size()));
    }
    const auto& was = before.attendance().offer_to_hub();
    const auto& is = after.attendance().offer_to_hub();
    if (was != is)
        changes.push_back("what nobody is there for: offered to " + (is.empty() ? "no hub" : is) + " instead of " +
                          (was.empty() ? "no hub" : was));
}

// A policy that says nothing of them leaves them as they are without one.
void second_thoughts(Changes& changes, const policy::HubPolicy& before, const policy::HubPolicy& after) {
    const auto said = [](const std::string& source) { return source.empty() ? std::string("not said") : source; };
    const auto minutes = [](const auto& policy) { return std::uint32_t(clinical::undo_window_ms(&policy) / 60'000); };
    const auto hours = [](const auto& policy) {
        return std::uint32_t(clinical::reopen_window_ms(&policy) / 3'600'000);
    };
    figure(changes, "an outcome can be undone for", "minute", minutes(before), minutes(after),
           said(before.undo_source()), said(after.undo_source()));
    figure(changes, "a case can be reopened for", "hour", hours(before), hours(after), said(before.reopen_source()),
           said(after.reopen_source()));
    const auto window = [&](const char* what, const char* unit, std::int64_t unit_ms, const auto& of,
                            const std::string& source_before, const std::string& source_after) {
        figure(changes, what, unit, std::uint32_t(of(&before) / unit_ms), std::uint32_t(of(&after) / unit_ms),
               said(source_before), said(source_after));
    };
    window("a hand-over can be acknowledged for", "minute", 60'000, clinical::handover_stands_ms,
           before.handover_source(), after.handover_source());
    window("cases still in time go before those given back by", "minute", 60'000, clinical::given_back_head_start_ms,
           before.given_back_head_start_source(), after.given_back_head_start_source());
    window("another hub says that it has a case within", "second", 1'000, clinical::transfer_confirm_ms,
           before.transfer_confirm_source(), after.transfer_confirm_source());
    window("whoever does not sign off is on shift for", "hour", 3'600'000, clinical::shift_max_ms,
           before.shift_max_source(), after.shift_max_source());
}

}  // namespace

Changes policy_changes(const policy::HubPolicy& before, const policy::HubPolicy& after) {
    Changes changes;
    if (before.name() != after.name()) {
        changes.push_back("it is the policy of " + after.name() + " instead of " + before.name());
    }
    breach_rules(changes, before, after);
    figure(changes, "breach by default", "minute", before.default_breach_minutes(), after.default_breach_minutes(),
           before.default_breach_source(), after.default_breach_source());
    figure(changes, "lease of a claim", "second", before.claim_lease_seconds(), after.claim_lease_seconds(),
           before.claim_lease_source(), after.claim_lease_source());
    figure(changes, "window of repeat calls", "hour", before.repeat_window_hours(), after.repeat_window_hours(),
           before.repeat_window_source(), after.repeat_window_source());
    second_thoughts(changes, before, after);
    attendance(changes, before, after);
    for (auto& change : pathway_changes(before, after)) changes.push_back(std::move(change));
    same_rules(changes, "made more urgent by itself", clinical::priority_rules_words(before),
               clinical::priority_rules_words(after));
    same_rules(changes, "stream", stream_rules_words(before), stream_rules_words(after));
    same_rules(changes, "skill to sign on with", staff_skills_words(before), staff_skills_words(after));
    if (before.priority_example_size() != after.priority_example_size()) {
        changes.push_back("priority, examples: " + std::to_string(after.priority_example_size()) + " instead of " +
                          std::to_string(before.priority_example_size()));
    }
    same_rules(changes, "alerts", alert_rules_words(before), alert_rules_words(after));
    if (before.alert_example_size() != after.alert_example_size()) {
        changes.push_back("alerts, examples: " + std::to_string(after.alert_example_size()) + " instead of " +
                          std::to_string(before.alert_example_size()));
    }
    same_rules(changes, "referrals", referral_rules_words(before), referral_rules_words(after));
    if (before.example_size() != after.example_size()) {
        changes.push_back("examples: " + std::to_string(after.example_size()) + " instead of " +
                          std::to_string(before.example_size()));
    }
    return changes;
}

std::string closed_hours_warning(const policy::HubPolicy& ours, const policy::HubPolicy& other) {
    std::vector<std::string> sites{""};
    for (auto& site : clinical::sites(ours.attendance())) {
        if (!site.empty()) sites.push_back(std::move(site));
    }
    std::string when;
    for (const auto& site : sites) {
        const auto hours = clinical::both_closed_words(ours.attendance(), other.attendance(), site);
        if (hours.empty()) continue;
        when += (when.empty() ? "" : "; ") + (site.empty() ? "" : "for " + site + " ") + hours;
    }
    if (when.empty()) return {};
    return "WARNING: closed cases are offered to " + other.name() + ", which is closed then as well: " + when +
           ". Nobody is asked in those hours, and people are told by an alert";
}

}  // namespace rightplace::cli
