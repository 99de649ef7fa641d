// A policy's rules about alerts: read, checked, asked.
#include <catch2/catch.hpp>

#include "common/clinical/alert_rules.hpp"
#include "common/clinical/hub_policy.hpp"
#include "tests/unit/shipped_policy.hpp"

using namespace rightplace;
using namespace rightplace::clinical;

namespace {

const std::string figures =
    "name: \"ashford\"\ndefault_breach_minutes: 30 default_breach_source: \"s\"\nclaim_lease_seconds: 120 "
    "claim_lease_source: \"s\"\nrepeat_window_hours: 96 repeat_window_source: \"s\"\n";

// Of the policy's text with this after it, on line 5: what is wrong.
std::string first_problem(const std::string& with) {
    const auto policy = parse_policy(figures + with);
    if (policy) return "";
    CHECK(policy.error().front().line == 5);
    return policy.error().front().what;
}

}  // namespace

TEST_CASE("The rule that names a kind counts, then the one that names none, then the default") {
    const auto policy = parse_policy(figures +
                                     "alert { after_minutes: 20 again_minutes: 60 source: \"s\" }\n"
                                     "alert { kind: \"review-breached\" after_minutes: 3 after_minutes: 4 "
                                     "again_minutes: 10 source: \"s\" }");
    REQUIRE(policy);
    const auto breached = alert_times(&policy.value(), "review-breached");
    CHECK(breached.highest() == 3);
    CHECK(breached.minutes_at(1) == 3);
    CHECK(breached.minutes_at(2) == 4);
    CHECK(breached.minutes_at(3) == 10);
    CHECK(breached.minutes_at(4) == 10);  // a level of another policy's
    CHECK(alert_times(&policy.value(), "clock-stepped").minutes_at(1) == 20);
    const auto plain = parse_policy(figures);
    REQUIRE(plain);
    for (const auto* none : {&plain.value(), static_cast<const policy::HubPolicy*>(nullptr)}) {
        CHECK(alert_times(none, "clock-stepped").minutes_at(1) == alert_after_minutes_without_policy);
        CHECK(alert_times(none, "clock-stepped").highest() == 3);
    }
}

TEST_CASE("A rule about alerts that cannot be meant is refused with its line") {
    using Catch::Contains;
    const std::string times = " after_minutes: 5 again_minutes: 15 source: \"s\"";
    CHECK(first_problem("alert {" + times + " }").empty());
    CHECK_THAT(first_problem("alert { kind: \"tea\"" + times + " }"), Contains("no such kind: tea"));
    CHECK_THAT(first_problem("alert { kind: \"clock-stepped\" kind: \"clock-stepped\"" + times + " }"),
               Contains("twice for clock-stepped"));
    CHECK_THAT(first_problem("alert {" + times + " } alert {" + times + " }"), Contains("two rules"));
    CHECK_THAT(first_problem("alert { after_minutes: 5 again_minutes: 15 }"), Contains("needs its source"));
    CHECK_THAT(first_problem("alert { again_minutes: 15 source: \"s\" }"), Contains("needs 1 to 4 after_minutes"));
    CHECK_THAT(first_problem("alert { after_minutes: 0 again_minutes: 15 source: \"s\" }"), Contains("between 1 and"));
    CHECK_THAT(first_problem("alert { after_minutes: 1441 again_minutes: 15 source: \"s\" }"),
               Contains("between 1 and 1440"));
    CHECK_THAT(first_problem("alert { after_minutes: 5 again_minutes: 4 source: \"s\" }"), Contains("between 5 and"));
    CHECK_THAT(first_problem("alert { after_minutes: 5 source: \"s\" }"), Contains("again_minutes"));
    CHECK_THAT(first_problem("alert { after_minutes: 1 after_minutes: 1 after_minutes: 1 after_minutes: 1 "
                             "after_minutes: 1 again_minutes: 15 source: \"s\" }"),
               Contains("needs 1 to 4"));
}

TEST_CASE("An example about alerts must come true") {
    using Catch::Contains;
    const auto example = [](const std::string& kind, int level, int minutes) {
        return first_problem("alert_example { says: \"w\" kind: \"" + kind + "\" level: " + std::to_string(level) +
                             " after_minutes: " + std::to_string(minutes) + " }");
    };
    CHECK(example("clock-stepped", 2, 15).empty());
    CHECK(example("clock-stepped", 3, 30).empty());
    CHECK_THAT(example("clock-stepped", 3, 15), Contains("\"w\": level 3 after 30 minutes, not 15"));
    CHECK_THAT(example("clock-stepped", 4, 60), Contains("levels are 2 to 3"));
    CHECK_THAT(example("clock-stepped", 1, 0), Contains("levels are 2 to 3"));
    CHECK_THAT(example("tea", 2, 15), Contains("no such kind"));
}

TEST_CASE("The shipped policies have rules for alerts, sooner where a patient waits") {
    for (const auto* hub : {"paddock-wood", "ashford"}) {
        const auto policy = parse_policy(testing::shipped_policy(hub));
        REQUIRE(policy);
        CHECK(policy.value().alert_size() == 2);
        CHECK(policy.value().alert_example_size() >= 2);
        CHECK(alert_times(&policy.value(), "review-breached").minutes_at(1) <
              alert_times(&policy.value(), "clock-stepped").minutes_at(1));
    }
}
