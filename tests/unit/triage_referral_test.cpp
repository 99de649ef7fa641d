// What triage makes of a referral's deadlines: alerts, and what stands on the downtime sheet.
#include "services/triage/domain/downtime_sheet.hpp"
#include "services/triage/domain/open_referrals.hpp"
#include "tests/unit/triage_bench.hpp"

using namespace rightplace;
using namespace rightplace::triage;
using namespace rightplace::triage::bench;

namespace {

constexpr TimeMs now = 1'790'000'000'000;

template <typename T>
Event of_referral(const T& payload, const std::string& id = "r1", const std::string& event_id = "e1") {
    Event event;
    event.set_event_id(event_id);
    event.set_aggregate_type("referral");
    event.set_aggregate_id(id);
    event.set_case_id("c1");
    event.set_case_number("A-" + id);
    event.mutable_payload()->PackFrom(payload);
    return event;
}

referral::ReferralRequested asked(TimeMs accept_by, TimeMs reach_by = 0) {
    referral::ReferralRequested it;
    it.set_pathway(UCR);
    it.set_service_id("2000099999");
    *it.mutable_accept_by() = to_timestamp(accept_by);
    if (reach_by != 0) *it.mutable_reach_by() = to_timestamp(reach_by);
    return it;
}

std::vector<std::string> alerts_after(referral::ReferralOverdue overdue) {
    Hub hub;
    std::vector<std::string> kinds;
    const test::Recorded said{of_referral(overdue), std::make_shared<referral::ReferralOverdue>(overdue)};
    for (const auto& each : hub.react(said))
        for (const auto& event : each.events) kinds.push_back(runtime::must_be<AlertRaised>(*event.payload).kind());
    return kinds;
}

std::vector<std::string> numbers(const OpenReferrals& open) {
    std::vector<std::string> all;
    for (const auto& each : open.by_due()) all.push_back(each.case_number());
    return all;
}

}  // namespace

TEST_CASE("A declined referral raises an alert each time: its patient is with nobody") {
    Hub hub;
    const auto declined = std::make_shared<referral::ReferralDeclined>();
    const auto alerts = hub.react({of_referral(*declined), declined});
    REQUIRE(alerts.size() == 1);
    REQUIRE(alerts[0].events.size() == 1);
    CHECK(runtime::must_be<AlertRaised>(*alerts[0].events[0].payload).kind() == "referral-declined");
}

TEST_CASE("An overdue referral raises an alert of its kind, written up from paper or not") {
    referral::ReferralOverdue overdue;
    overdue.set_deadline(referral::ACCEPTANCE);
    overdue.set_pathway(UCR);
    CHECK(alerts_after(overdue) == std::vector<std::string>{"referral-overdue"});
    overdue.set_deadline(referral::PATIENT_REACHED);
    CHECK(alerts_after(overdue) == std::vector<std::string>{"ucr-two-hours"});
    overdue.set_written_up(true);
    CHECK(alerts_after(overdue) == std::vector<std::string>{"ucr-two-hours"});
}

TEST_CASE("The sheet's referrals: the next due first, gone when nothing is waited for") {
    OpenReferrals open;
    open.see(of_referral(asked(now + 30 * minute, now + 120 * minute), "r1"));
    open.see(of_referral(asked(now + 20 * minute), "r2"));
    open.see(of_referral(asked(now + 10 * minute), "r3"));
    CHECK(numbers(open) == std::vector<std::string>{"A-r3", "A-r2", "A-r1"});
    open.see(of_referral(referral::ReferralAccepted(), "r1"));
    open.see(of_referral(referral::ReferralAccepted(), "r2"));
    open.see(of_referral(referral::ReferralWithdrawn(), "r3"));
    CHECK(numbers(open) == std::vector<std::string>{"A-r1"});
    open.see(of_referral(referral::PatientReached(), "r1"));
    CHECK(numbers(open).empty());
}

TEST_CASE("The downtime sheet says which referrals wait, before and past their time") {
    OpenReferrals open;
    open.see(of_referral(asked(now - 4 * minute, now + 86 * minute)));
    const SheetHead head{"ashford", "", now, 42, 500};
    const auto sheet = downtime_sheet(head, QueueReply(), open.by_due());
    CHECK_THAT(sheet, Catch::Contains("A-r1   ucr to service 2000099999"));
    CHECK_THAT(sheet, Catch::Contains("to be accepted by"));
    CHECK_THAT(sheet, Catch::Contains("4 min OVER"));
    CHECK_THAT(sheet, Catch::Contains("86 min left"));
    CHECK_THAT(downtime_sheet(head, QueueReply()), !Catch::Contains("Referred"));
}
