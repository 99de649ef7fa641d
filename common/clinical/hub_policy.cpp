#include "common/clinical/hub_policy.hpp"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <set>

#include "common/base/hash.hpp"
#include "common/clinical/alert_rules.hpp"
#include "common/clinical/attendance.hpp"
#include "common/clinical/categories.hpp"
#include "common/clinical/pathway_check.hpp"
#include "common/clinical/priority.hpp"
#include "common/clinical/referral_rules.hpp"
#include "common/clinical/roles.hpp"
#include "common/clinical/streams.hpp"

namespace rightplace::clinical {
namespace {

using google::protobuf::TextFormat;
using Problems = std::vector<PolicyProblem>;

class Collect : public google::protobuf::io::ErrorCollector {
   public:
    explicit Collect(Problems& problems) : problems_(problems) {}
    void AddError(int line, int, const std::string& message) override { problems_.push_back({line + 1, message}); }

   private:
    Problems& problems_;
};

struct Checker {
    const policy::HubPolicy& policy;
    const TextFormat::ParseInfoTree& places;
    Problems& problems;

    void at(const char* field, int index, std::string what) {
        const auto* descriptor = policy::HubPolicy::descriptor()->FindFieldByName(field);
        problems.push_back({places.GetLocation(descriptor, index).line + 1, std::move(what)});
    }

    void figure(const char* field, std::uint32_t value, std::uint32_t least, std::uint32_t most,
                const std::string& source) {
        if (value < least || value > most) {
            at(field, -1,
               std::string(field) + " must be between " + std::to_string(least) + " and " + std::to_string(most));
        }
        if (source.empty()) at(field, -1, std::string(field) + " needs its source");
    }

    // Nothing said of it: the domain's own.
    void window(const char* field, std::uint32_t value, std::uint32_t least, std::uint32_t most,
                const std::string& source) {
        if (value != 0 || !source.empty()) figure(field, value, least, most, source);
    }

    void windows() {
        window("undo_minutes", policy.undo_minutes(), 1, undo_minutes_max, policy.undo_source());
        window("reopen_hours", policy.reopen_hours(), 1, reopen_hours_max, policy.reopen_source());
        window("handover_minutes", policy.handover_minutes(), 1, handover_minutes_max, policy.handover_source());
        window("given_back_head_start_minutes", policy.given_back_head_start_minutes(), 1,
               given_back_head_start_minutes_max, policy.given_back_head_start_source());
        window("transfer_confirm_seconds", policy.transfer_confirm_seconds(), transfer_confirm_seconds_min,
               transfer_confirm_seconds_max, policy.transfer_confirm_source());
        window("shift_max_hours", policy.shift_max_hours(), 1, shift_hours_max, policy.shift_max_source());
    }

    void breach_rules() {
        std::set<intake::Category> seen;
        for (int i = 0; i < policy.breach_size(); ++i) {
            const policy::BreachRule& rule = policy.breach(i);
            const auto category = category_from_code(rule.category());
            if (!category) {
                at("breach", i, "breach: not an ARP category code: " + rule.category());
                continue;
            }
            if (!seen.insert(*category).second) at("breach", i, "breach: twice for " + rule.category());
            if (rule.minutes() < 1 || rule.minutes() > breach_minutes_max) {
                at("breach", i, "breach: minutes must be between 1 and " + std::to_string(breach_minutes_max));
            }
            if (rule.source().empty()) at("breach", i, "breach: " + rule.category() + " needs its source");
        }
    }

    // `index`: of `field` within the policy's attendance.
    void at_attendance(const char* field, int index, std::string what) {
        const auto* attendance = policy::HubPolicy::descriptor()->FindFieldByName("attendance");
        const auto* descriptor = policy::Attendance::descriptor()->FindFieldByName(field);
        const auto* inside = places.GetTreeForNested(attendance, -1);
        const int line = inside == nullptr ? 0 : inside->GetLocation(descriptor, index).line + 1;
        problems.push_back({line, "attendance: " + std::move(what)});
    }

    void hours() {
        const auto& all = policy.attendance().hours();
        if (all.size() > opening_hours_max)
            at_attendance("hours", 0, "hours: no more than " + std::to_string(opening_hours_max));
        for (int i = 0; i < all.size(); ++i) {
            const auto& each = all.Get(i);
            if (!minute_of_day(each.opens()) || !minute_of_day(each.closes()))
                at_attendance("hours", i, "hours: opens and closes are times like \"08:00\"");
            for (const auto& day : each.day()) {
                if (!weekday(day)) at_attendance("hours", i, "hours: a day is Mon, Tue, ... Sun, not " + day);
            }
            if (each.source().empty()) at_attendance("hours", i, "hours: they need their source");
        }
    }

    void skills() {
        const auto& all = policy.attendance().skill();
        for (int i = 0; i < all.size(); ++i) {
            const auto& each = all.Get(i);
            if (!each.origin().empty() && !origin_from_code(each.origin()))
                at_attendance("skill", i, "skill: there is no such origin: " + each.origin());
            if (each.role().empty() && each.staff_skill().empty())
                at_attendance("skill", i, "skill: the roles that may take it are missing");
            for (const auto& stream : each.stream()) {
                if (!is_stream(policy, stream)) at_attendance("skill", i, "skill: there is no such stream: " + stream);
            }
            for (const auto& skill : each.staff_skill()) {
                if (!is_staff_skill(policy, skill))
                    at_attendance("skill", i, "skill: not among the policy's staff_skill: " + skill);
            }
            for (const auto& role : each.role()) {
                if (!is_clinician(role)) at_attendance("skill", i, "skill: not a clinician's role: " + role);
            }
            if (each.source().empty()) at_attendance("skill", i, "skill: it needs its source");
        }
    }

    void attendance() {
        if (!policy.has_attendance()) return;
        const auto& attendance = policy.attendance();
        if (attendance.source().empty()) at("attendance", -1, "attendance needs its source");
        if (attendance.offer_to_hub() == policy.name() && !policy.name().empty())
            at_attendance("offer_to_hub", -1, "offer_to_hub: that is this hub itself");
        const auto before = problems.size();
        hours();
        skills();
        if (problems.size() > before) return;
        for (int i = 0; i < attendance.example_size(); ++i) {
            const auto& example = attendance.example(i);
            const auto at = week_minute(example.at());
            if (!at) {
                at_attendance("example", i, "example: a time is like \"Mon 07:59\", not " + example.at());
            } else if (is_open(attendance, example.site(), *at) != example.open()) {
                const std::string where = example.site().empty() ? "the hub" : example.site();
                at_attendance(
                    "example", i,
                    "example: " + where + " is " + (example.open() ? "closed" : "open") + " at " + example.at());
            }
        }
    }

    void examples() {
        for (int i = 0; i < policy.example_size(); ++i) {
            const policy::PolicyExample& example = policy.example(i);
            const auto category = category_from_code(example.category());
            if (!category && !example.category().empty()) {
                at("example", i, "example: not an ARP category code: " + example.category());
                continue;
            }
            const auto minutes = breach_minutes(&policy, category.value_or(intake::CATEGORY_UNSPECIFIED));
            if (minutes == example.breach_minutes()) continue;
            at("example", i,
               "example \"" + example.says() + "\": breach after " + std::to_string(minutes) + " minutes, not " +
                   std::to_string(example.breach_minutes()));
        }
    }
};

}  // namespace

Result<policy::HubPolicy, Problems> parse_policy(const std::string& text) {
    Problems problems;
    if (text.size() > policy_text_max_bytes) return Failure{Problems{{0, "the text is too long"}}};
    policy::HubPolicy policy;
    TextFormat::ParseInfoTree places;
    Collect collect(problems);
    TextFormat::Parser parser;
    parser.RecordErrorsTo(&collect);
    parser.WriteLocationsTo(&places);
    if (!parser.ParseFromString(text, &policy)) {
        if (problems.empty()) problems.push_back({0, "not a policy text"});
        return Failure{problems};
    }
    Checker check{policy, places, problems};
    if (policy.name().empty()) problems.push_back({0, "name is missing"});
    check.breach_rules();
    check.figure("default_breach_minutes", policy.default_breach_minutes(), 1, breach_minutes_max,
                 policy.default_breach_source());
    check.figure("claim_lease_seconds", policy.claim_lease_seconds(), claim_lease_seconds_min, claim_lease_seconds_max,
                 policy.claim_lease_source());
    check.figure("repeat_window_hours", policy.repeat_window_hours(), 1, repeat_window_hours_max,
                 policy.repeat_window_source());
    check.windows();
    check.attendance();
    check_pathways(policy, places, problems);
    const SayOfPolicy say = [&](const char* field, int index, std::string what) { check.at(field, index, what); };
    check_alert_rules(policy, say);
    check_streams(policy, say);
    check_priority_rules(policy, say);
    check_referral_rules(policy, say);
    if (problems.empty()) check.examples();
    if (problems.empty()) check_alert_examples(policy, say);
    if (problems.empty()) check_priority_examples(policy, say);
    if (problems.empty()) check_referral_examples(policy, say);
    if (!problems.empty()) return Failure{problems};
    return policy;
}

std::string policy_version(const std::string& text) {
    return to_hex(sha256(text)).substr(0, 12);
}

std::uint32_t breach_minutes(const policy::HubPolicy* policy, intake::Category category) {
    if (policy == nullptr) return breach_minutes_without_policy;
    for (const policy::BreachRule& rule : policy->breach()) {
        if (category_from_code(rule.category()) == category) return rule.minutes();
    }
    return policy->default_breach_minutes();
}

std::int64_t claim_lease_ms(const policy::HubPolicy* policy) {
    return (policy ? policy->claim_lease_seconds() : claim_lease_seconds_without_policy) * std::int64_t{1'000};
}

std::int64_t repeat_window_ms(const policy::HubPolicy* policy) {
    return (policy ? policy->repeat_window_hours() : repeat_window_hours_without_policy) * std::int64_t{3'600'000};
}

namespace {

// 0, or no policy: the domain's own.
std::int64_t or_own(std::uint32_t said, std::uint32_t own, std::int64_t unit_ms) {
    return (said == 0 ? own : said) * unit_ms;
}

}  // namespace

std::int64_t undo_window_ms(const policy::HubPolicy* policy) {
    return or_own(policy ? policy->undo_minutes() : 0, undo_minutes_without_policy, 60'000);
}

std::int64_t reopen_window_ms(const policy::HubPolicy* policy) {
    return or_own(policy ? policy->reopen_hours() : 0, reopen_hours_without_policy, 3'600'000);
}

std::int64_t handover_stands_ms(const policy::HubPolicy* policy) {
    return or_own(policy ? policy->handover_minutes() : 0, handover_minutes_without_policy, 60'000);
}

std::int64_t given_back_head_start_ms(const policy::HubPolicy* policy) {
    return or_own(policy ? policy->given_back_head_start_minutes() : 0, given_back_head_start_minutes_without_policy,
                  60'000);
}

std::int64_t transfer_confirm_ms(const policy::HubPolicy* policy) {
    return or_own(policy ? policy->transfer_confirm_seconds() : 0, transfer_confirm_seconds_without_policy, 1'000);
}

std::int64_t shift_max_ms(const policy::HubPolicy* policy) {
    return or_own(policy ? policy->shift_max_hours() : 0, shift_hours_without_policy, 3'600'000);
}

}  // namespace rightplace::clinical
