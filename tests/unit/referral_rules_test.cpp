// A policy's times for referrals: which rule holds, and what is wrong with one.
#include <catch2/catch.hpp>

#include "common/clinical/hub_policy.hpp"
#include "common/clinical/referral_rules.hpp"
#include "tests/unit/shipped_policy.hpp"

using namespace rightplace;
using namespace rightplace::clinical;

namespace {

std::string problem_of(const std::string& more) {
    const auto parsed = parse_policy(
        "name: \"ashford\" default_breach_minutes: 30 default_breach_source: \"s\" claim_lease_seconds: 60 "
        "claim_lease_source: \"s\" repeat_window_hours: 96 repeat_window_source: \"s\" " +
        more);
    return parsed ? "" : parsed.error().front().what;
}

}  // namespace

TEST_CASE("Shipped policies give UCR its two hours, and every referral a time to be accepted in") {
    for (const std::string hub : {"ashford", "paddock-wood"}) {
        const auto policy = parse_policy(testing::shipped_policy(hub));
        REQUIRE(policy);
        CHECK(referral_times(&policy.value(), triage::UCR).reach_minutes == 120);
        CHECK(referral_times(&policy.value(), triage::UCR).accept_minutes == 30);
        CHECK(referral_times(&policy.value(), triage::GP_IN_ED).accept_minutes == 60);
        CHECK(referral_times(&policy.value(), triage::GP_IN_ED).reach_minutes == 0);
    }
}

TEST_CASE("Without a rule a referral is not left to wait in silence") {
    const policy::HubPolicy silent;
    for (const auto* policy : {static_cast<const policy::HubPolicy*>(nullptr), &silent}) {
        CHECK(referral_times(policy, triage::UCR).reach_minutes == 120);
        CHECK(referral_times(policy, triage::MEDICAL_SDEC).accept_minutes == 60);
    }
    policy::HubPolicy other;
    other.add_referral()->set_accept_minutes(20);
    CHECK(referral_times(&other, triage::UCR).accept_minutes == 20);
    CHECK(referral_times(&other, triage::UCR).reach_minutes == 120);
}

TEST_CASE("What is wrong with a rule about referrals is said") {
    CHECK(problem_of("referral { accept_minutes: 20 accept_source: \"s\" }").empty());
    CHECK_THAT(problem_of("referral { accept_minutes: 20 }"), Catch::Contains("needs its source"));
    CHECK_THAT(problem_of("referral { pathway: \"advice\" }"), Catch::Contains("no pathway that refers"));
    CHECK_THAT(problem_of("referral { } referral { }"), Catch::Contains("twice"));
    CHECK_THAT(problem_of("referral { reach_minutes: 5 reach_source: \"s\" }"), Catch::Contains("named"));
    CHECK_THAT(problem_of("referral { accept_minutes: 99999 accept_source: \"s\" }"), Catch::Contains("no more than"));
    CHECK_THAT(problem_of("referral_example { says: \"x\" pathway: \"ucr\" accept_minutes: 60 reach_minutes: 90 }"),
               Catch::Contains("reached within 120 minutes, not 60 and 90"));
    CHECK_THAT(problem_of("referral_example { says: \"x\" pathway: \"advice\" }"), Catch::Contains("no pathway"));
}
