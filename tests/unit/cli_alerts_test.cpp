// How far alerts have gone up, as people see it; and when they do, by policy, in words.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "common/clinical/hub_policy.hpp"
#include "services/cli/domain/alert_policy_view.hpp"
#include "services/cli/domain/policy_view.hpp"
#include "services/cli/domain/queue_view.hpp"
#include "services/cli/domain/status_view.hpp"
#include "services/cli/domain/waiting_view.hpp"

using namespace rightplace;
using namespace rightplace::cli;
using Catch::Contains;

namespace {

constexpr TimeMs now = 1'790'000'000'000;
constexpr TimeMs minute = 60'000;
const Style plain;

triage::QueueReply two_alerts() {
    triage::QueueReply queue;
    auto& high = *queue.add_alerts();
    high.set_alert_id("a1");
    high.set_kind("review-breached");
    high.set_case_number("P-7");
    high.set_level(3);
    *high.mutable_raised_at() = to_timestamp(now - 45 * minute);
    *high.mutable_escalates_at() = to_timestamp(now + minute);
    auto& low = *queue.add_alerts();
    low.set_alert_id("a2");
    low.set_kind("clock-stepped");
    low.set_level(1);
    *low.mutable_raised_at() = to_timestamp(now - minute);
    return queue;
}

Stand well() {
    Stand stand;
    stand.now = now;
    runtime::StatusReply answer;
    auto& hub = *answer.add_hubs();
    hub.set_hub("ashford");
    hub.set_ready(true);
    stand.services.push_back({"alerts", answer, ""});
    stand.hubs.push_back({"ashford", audit::ReadReply(), "", triage::QueueReply(), 20'000});
    return stand;
}

Event event_of(const google::protobuf::Message& payload) {
    Event event;
    event.mutable_payload()->PackFrom(payload);
    return event;
}

policy::HubPolicy parsed(const std::string& rules) {
    return clinical::parse_policy(
               "name: \"ashford\" default_breach_minutes: 30 default_breach_source: \"s\" claim_lease_seconds: 120 "
               "claim_lease_source: \"s\" repeat_window_hours: 96 repeat_window_source: \"s\" " +
               rules)
        .value();
}

}  // namespace

TEST_CASE("queue, alerts and status say how far an alert has gone up and for how long nobody has taken it") {
    const auto queue = two_alerts();
    CHECK_THAT(render_queue("ashford", queue, {1, 0}, now, plain),
               Contains("review-breached P-7: LEVEL 3, nobody has taken it for 45 min") &&
                   Contains("clock-stepped: nobody has taken it for 1 min"));
    CHECK_THAT(render_alerts("ashford", queue, now, plain),
               Contains("LEVEL 3, nobody has taken it for 45 min; said again at " + format_london(now + minute)));
    auto stand = well();
    stand.hubs[0].queue = queue;
    const auto wrong = what_is_wrong(stand);
    REQUIRE(wrong.size() == 1);
    CHECK_THAT(wrong[0], Contains("Nobody has taken 2 alerts, the highest at level 3, at ashford, for 45 min"));
    CHECK_THAT(render_status(stand, plain), Contains("2, level 3"));
    const auto json = nlohmann::json::parse(status_to_json(stand));
    CHECK(json["hubs"][0]["alerts"] == 2);
    CHECK(json["hubs"][0]["alert_level"] == 3);
    CHECK(json["hubs"][0]["oldest_alert_ms"] == 45 * minute);
}

TEST_CASE("a webhook that is not configured is said and not wrong; one that gets nothing through is wrong") {
    auto stand = well();
    auto& hub = *stand.services[0].status->mutable_hubs(0);
    hub.set_note("no webhook is configured");
    CHECK(what_is_wrong(stand).empty());
    CHECK_THAT(render_status(stand, plain),
               Contains("alerts at ashford: no webhook is configured") && Contains("All is well."));
    hub.set_trouble("its receiver answers 503");
    CHECK(what_is_wrong(stand) == std::vector<std::string>{"alerts at ashford: its receiver answers 503"});
}

TEST_CASE("the timeline tells each step of an alert") {
    triage::AlertRaised raised;
    raised.set_kind("review-breached");
    CHECK(describe(event_of(raised)) == "ALERT raised: review-breached");
    triage::AlertEscalated escalated;
    escalated.set_kind("review-breached");
    escalated.set_level(2);
    *escalated.mutable_raised_at() = to_timestamp(now);
    *escalated.mutable_due() = to_timestamp(now + 5 * minute);
    CHECK(describe(event_of(escalated)) == "ALERT at LEVEL 2: review-breached, nobody has taken it for 5 min");
    escalated.set_again(1);
    CHECK_THAT(describe(event_of(escalated)), Contains("LEVEL 2, said again: review-breached"));
    triage::AlertTaken taken;
    taken.mutable_by()->set_id("j.smith");
    taken.set_level(2);
    CHECK_THAT(describe(event_of(taken)), Contains("Alert taken by j.smith") && Contains(", at level 2"));
}

TEST_CASE("a policy's rules about alerts are told in words, and what differs") {
    using Words = std::vector<std::string>;
    const auto none = parsed("");
    const auto by_default =
        "every other kind: level 2 after 15 minutes, level 3 after 15 minutes more, then again "
        "every 30 minutes (no rule: by default)";
    CHECK(alert_rules_in_force_words(none) == Words{by_default});
    const auto one = parsed(
        "alert { kind: \"review-breached\" kind: \"clock-stepped\" after_minutes: 1 again_minutes: 5 source: \"s\" }");
    const auto in_words =
        "review-breached, clock-stepped: level 2 after 1 minute, then again every 5 minutes (source: s)";
    CHECK(alert_rules_in_force_words(one) == Words{in_words, by_default});
    CHECK(policy_changes(none, one) == Words{std::string("alerts: ") + in_words});
    CHECK(policy_changes(one, none) == Words{std::string("alerts: no longer ") + in_words});
    CHECK(policy_changes(one, one).empty());
    const auto with_example =
        parsed("alert_example { says: \"w\" kind: \"clock-stepped\" level: 2 after_minutes: 15 }");
    CHECK(policy_changes(none, with_example) == Words{"alerts, examples: 1 instead of 0"});
    const auto all = parsed("alert { after_minutes: 9 again_minutes: 9 source: \"s\" }");
    CHECK(alert_rules_in_force_words(all).size() == 1);
}
