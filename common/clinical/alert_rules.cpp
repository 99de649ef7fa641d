#include "common/clinical/alert_rules.hpp"

#include <algorithm>
#include <set>

#include "common/base/invariant.hpp"

namespace rightplace::clinical {
namespace {

AlertTimes times_of(const policy::AlertRule& rule) {
    return {{rule.after_minutes().begin(), rule.after_minutes().end()}, rule.again_minutes()};
}

std::string between(std::uint32_t least) {
    return "must be between " + std::to_string(least) + " and " + std::to_string(alert_minutes_max);
}

void check_kinds(const policy::AlertRule& rule, std::set<std::string>& seen, const std::string& who,
                 const std::function<void(std::string)>& say) {
    if (rule.kind().empty() && !seen.insert("").second) say("alert: two rules for every other kind");
    for (const auto& kind : rule.kind()) {
        if (!is_alert_kind(kind)) {
            say("alert: there is no such kind: " + kind);
        } else if (!seen.insert(kind).second) {
            say("alert: twice for " + kind);
        }
    }
    if (rule.source().empty()) say("alert: " + who + " needs its source");
}

}  // namespace

bool is_alert_kind(std::string_view kind) {
    return std::find(alert_kind::all.begin(), alert_kind::all.end(), kind) != alert_kind::all.end();
}

std::uint32_t AlertTimes::minutes_at(std::uint32_t level) const {
    INVARIANT(level >= 1);
    return level < highest() ? after_minutes[level - 1] : again_minutes;
}

AlertTimes alert_times(const policy::HubPolicy* policy, std::string_view kind) {
    static constexpr auto step = alert_after_minutes_without_policy;
    AlertTimes otherwise{{step, step}, alert_again_minutes_without_policy};
    if (policy == nullptr) return otherwise;
    for (const auto& rule : policy->alert()) {
        if (std::find(rule.kind().begin(), rule.kind().end(), kind) != rule.kind().end()) return times_of(rule);
        if (rule.kind().empty()) otherwise = times_of(rule);
    }
    return otherwise;
}

void check_alert_rules(const policy::HubPolicy& policy, const SayOfPolicy& say) {
    std::set<std::string> seen;
    for (int i = 0; i < policy.alert_size(); ++i) {
        const auto& rule = policy.alert(i);
        const auto say_here = [&](std::string what) { say("alert", i, std::move(what)); };
        const std::string who = rule.kind().empty() ? "the rule for every other kind" : rule.kind(0);
        check_kinds(rule, seen, who, say_here);
        const auto& steps = rule.after_minutes();
        if (steps.empty() || steps.size() > alert_steps_max)
            say_here("alert: " + who + " needs 1 to " + std::to_string(alert_steps_max) + " after_minutes");
        if (std::any_of(steps.begin(), steps.end(), [](auto m) { return m < 1 || m > alert_minutes_max; }))
            say_here("alert: after_minutes " + between(1));
        if (rule.again_minutes() < alert_again_minutes_min || rule.again_minutes() > alert_minutes_max)
            say_here("alert: again_minutes " + between(alert_again_minutes_min));
    }
}

void check_alert_examples(const policy::HubPolicy& policy, const SayOfPolicy& say) {
    for (int i = 0; i < policy.alert_example_size(); ++i) {
        const auto& example = policy.alert_example(i);
        const auto say_here = [&](const std::string& what) {
            say("alert_example", i, "alert_example \"" + example.says() + "\": " + what);
        };
        const auto times = alert_times(&policy, example.kind());
        if (!is_alert_kind(example.kind())) {
            say_here("there is no such kind: " + example.kind());
            continue;
        }
        if (example.level() < 2 || example.level() > times.highest()) {
            say_here("levels are 2 to " + std::to_string(times.highest()));
            continue;
        }
        std::uint32_t minutes = 0;
        for (std::uint32_t level = 1; level < example.level(); ++level) minutes += times.minutes_at(level);
        if (minutes == example.after_minutes()) continue;
        say_here("level " + std::to_string(example.level()) + " after " + std::to_string(minutes) + " minutes, not " +
                 std::to_string(example.after_minutes()));
    }
}

}  // namespace rightplace::clinical
