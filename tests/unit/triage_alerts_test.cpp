// Alerts go up until a named person takes them: levels, times, once each; the same after a refold.
#include "common/clinical/alert_rules.hpp"
#include "messages/referral.pb.h"
#include "tests/unit/triage_bench.hpp"

using namespace rightplace;
using namespace rightplace::triage;
using namespace rightplace::triage::bench;

namespace {

const policy::HubPolicy by_kind =
    clinical::parse_policy(policy_text("ashford") +
                           "alert { kind: \"review-breached\" after_minutes: 5 after_minutes: 7 again_minutes: 20 "
                           "source: \"s\" } alert { after_minutes: 40 again_minutes: 60 source: \"s\" }")
        .value();

struct Alerted : Hub {
    explicit Alerted(const std::string& kind, const policy::HubPolicy* under = &rules) {
        policy = under;
        RaiseAlert raise;
        raise.set_alert_id("a1");
        raise.set_kind(kind);
        raise.set_subject("c1");
        raise.set_case_id("c1");
        raise.set_case_number("A-1");
        REQUIRE(run(raise).names() == Names{"AlertRaised"});
    }
    const AlertState& alert() { return state<AlertState>("alert", "a1"); }
    TimeMs next() { return to_ms(alert().escalates_at()); }
    // What the store's timer asks for: what the index entry says, under its own name.
    std::shared_ptr<const runtime::Message> timer() {
        for (const auto& entry : index("alert", "a1")) {
            const auto name = runtime::parse_timer_member(entry.member);
            if (entry.queue != runtime::due_queue("triage") || !name) continue;
            return domain.on_timer(name->aggregate, name->kind, TimeMs(entry.score));
        }
        return nullptr;
    }
    Outcome fire() { return run(*timer(), "triage", "system"); }
    Outcome take(const std::string& who, const std::string& role = "nurse") {
        TakeAlert take;
        take.set_alert_id("a1");
        return run(take, who, role);
    }
    Outcome fire_when_due() {
        now = next();
        return fire();
    }
};

const AlertEscalated& said(const Outcome& outcome) {
    return runtime::must_be<AlertEscalated>(*outcome.events.at(0).payload);
}

}  // namespace

TEST_CASE("An alert goes up level by level, each once and not before its time, and is then said again") {
    Alerted hub("review-breached", &by_kind);
    const TimeMs raised = hub.now;
    CHECK(hub.alert().level() == 1);
    CHECK(hub.next() == raised + 5 * minute);
    hub.now = raised + 5 * minute - 1;
    CHECK(hub.fire().events.empty());
    hub.now += 1;
    const auto first_timer = hub.timer();
    const auto second = hub.run(*first_timer);
    REQUIRE(second.names() == Names{"AlertEscalated"});
    CHECK(said(second).level() == 2);
    CHECK(said(second).again() == 0);
    CHECK(to_ms(said(second).due()) == raised + 5 * minute);
    CHECK(said(second).kind() == "review-breached");
    CHECK(to_ms(said(second).raised_at()) == raised);
    CHECK(second.events[0].event.case_number() == "A-1");
    CHECK(to_ms(hub.alert().escalated_at()) == hub.now);
    CHECK(hub.run(*first_timer).events.empty());  // once
    CHECK(hub.next() == hub.now + 7 * minute);
    CHECK(said(hub.fire_when_due()).level() == 3);
    for (std::uint32_t again = 1; again < 4; ++again) {
        CHECK(hub.next() == hub.now + 20 * minute);
        const auto repeated = hub.fire_when_due();
        CHECK(said(repeated).level() == 3);
        CHECK(said(repeated).again() == again);
    }
}

TEST_CASE("An alert that nobody is there to see go up begins at its highest level, and is said again") {
    Hub hub;
    hub.policy = &by_kind;
    RaiseAlert raise;
    raise.set_alert_id("a1");
    raise.set_kind("review-breached");
    raise.set_at_highest_level(true);
    REQUIRE(hub.run(raise).names() == Names{"AlertRaised"});
    const auto& alert = hub.state<AlertState>("alert", "a1");
    CHECK(alert.level() == 3);
    CHECK(to_ms(alert.escalates_at()) == hub.now + 20 * minute);
    EscalateAlert again;
    again.set_alert_id("a1");
    *again.mutable_due() = alert.escalates_at();
    hub.now += 20 * minute;
    hub.run(again, "triage", "system");
    CHECK(hub.state<AlertState>("alert", "a1").level() == 3);
    CHECK(hub.state<AlertState>("alert", "a1").again() == 1);
}

TEST_CASE("A level that comes late leaves the whole time until the next one") {
    Alerted hub("review-breached", &by_kind);
    const TimeMs due = hub.next();
    hub.now = due + 180 * minute;  // the ring was closed
    CHECK(to_ms(said(hub.fire()).due()) == due);
    CHECK(hub.alert().level() == 2);
    CHECK(hub.next() == hub.now + 7 * minute);
    CHECK(hub.fire().events.empty());
}

TEST_CASE("A taken alert does not go up, and it takes a named person to take it") {
    Alerted hub("review-breached", &by_kind);
    hub.fire_when_due();
    const auto timer = hub.timer();
    REQUIRE(timer);
    CHECK(hub.take("").code() == INVALID);
    CHECK(hub.take("triage", "system").code() == FORBIDDEN);
    const auto taken = hub.take("j.smith");
    REQUIRE(taken.names() == Names{"AlertTaken"});
    const auto& event = runtime::must_be<AlertTaken>(*taken.events[0].payload);
    CHECK(event.by().id() == "j.smith");
    CHECK(event.kind() == "review-breached");
    CHECK(event.level() == 2);
    CHECK(hub.timer() == nullptr);
    CHECK_FALSE(hub.alert().has_escalates_at());
    hub.now += 1'000 * minute;
    CHECK(hub.run(*timer).events.empty());
    CHECK(hub.take("k.lee").code() == WRONG_STATE);
    EscalateAlert unknown;
    unknown.set_alert_id("a1");
    CHECK(hub.run(unknown).events.empty());  // not even one that names no time
    unknown.set_alert_id("a9");
    CHECK(hub.run(unknown).code() == NOT_FOUND);
    CHECK_FALSE(domain.may("cli", "rightplace.triage.EscalateAlert"));
    CHECK(domain.may("triage", "rightplace.triage.EscalateAlert"));
    CHECK_FALSE(domain.may("triage", "rightplace.triage.TakeAlert"));
    CHECK(domain.may("alerts", "rightplace.triage.RaiseAlert"));
    CHECK_FALSE(domain.may("alerts", "rightplace.triage.TakeAlert"));
}

TEST_CASE("How soon an alert goes up is policy, by kind; without a policy it goes up all the same") {
    CHECK(Alerted("review-breached", &by_kind).alert().escalates_at().seconds() <
          Alerted("clock-stepped", &by_kind).alert().escalates_at().seconds());
    for (const auto* policy : {static_cast<const policy::HubPolicy*>(nullptr), &rules}) {
        Alerted hub("clock-stepped", policy);
        const TimeMs step = clinical::alert_after_minutes_without_policy * minute;
        CHECK(hub.next() == hub.now + step);
        CHECK(said(hub.fire_when_due()).level() == 2);
        CHECK(said(hub.fire_when_due()).level() == 3);
        CHECK(hub.next() == hub.now + clinical::alert_again_minutes_without_policy * minute);
    }
    Alerted changed("review-breached", &by_kind);  // a policy adopted meanwhile: from the next level on
    changed.policy = &rules;
    CHECK(changed.next() == changed.now + 5 * minute);
    changed.fire_when_due();
    CHECK(changed.next() == changed.now + clinical::alert_after_minutes_without_policy * minute);
    Alerted lowered("review-breached", &by_kind);  // to fewer levels than it has reached
    lowered.fire_when_due();
    lowered.fire_when_due();
    const auto flat =
        clinical::parse_policy(policy_text("ashford") + "alert { after_minutes: 9 again_minutes: 30 source: \"s\" }");
    lowered.policy = &flat.value();
    const auto stays = lowered.fire_when_due();
    CHECK(said(stays).level() == 3);
    CHECK(said(stays).again() == 1);
}

TEST_CASE("An alert that was raised before alerts went up by themselves goes up as well") {
    Event event;
    event.set_aggregate_type("alert");
    event.set_aggregate_id("old");
    *event.mutable_occurred_at() = to_timestamp(1'790'000'000'000);
    AlertRaised raised;
    raised.set_kind("clock-stepped");
    const auto state = domain.evolve("alert", nullptr, event, raised);
    const auto& alert = runtime::must_be<AlertState>(*state);
    CHECK(alert.level() == 1);
    CHECK(to_ms(alert.escalates_at()) == 1'790'000'000'000 + 15 * minute);
    CHECK(domain.index({"alert", "old"}, alert).size() == 2);
}

TEST_CASE("Folding the record again gives the same alert and the same timer") {
    Alerted hub("review-breached", &by_kind);
    hub.fire_when_due();
    hub.fire_when_due();
    std::shared_ptr<const runtime::Message> folded;
    for (const auto& recorded : hub.log) {
        if (recorded.event.aggregate_type() != "alert") continue;
        folded = domain.evolve("alert", folded.get(), recorded.event, *recorded.payload);
    }
    REQUIRE(folded);
    CHECK(folded->SerializeAsString() == hub.alert().SerializeAsString());
    CHECK(domain.index({"alert", "a1"}, *folded) == hub.index("alert", "a1"));
}

TEST_CASE("The queue shows the more escalated alert first") {
    Alerted hub("review-breached", &by_kind);
    RaiseAlert older;
    older.set_alert_id("a0");
    older.set_kind("clock-stepped");
    hub.now -= minute;
    hub.run(older);
    hub.now += minute;
    const auto first = [&] {
        GetQueue asked;
        const auto answer = domain.query({&asked, nullptr, 0}, hub.context());
        return runtime::must_be<QueueReply>(*answer.value()).alerts(0).alert_id();
    };
    CHECK(first() == "a0");
    hub.fire_when_due();
    CHECK(first() == "a1");
}

TEST_CASE("An answer that is not confirmed is an alert until a person takes it, or it is over, visibly") {
    Hub hub;
    hub.policy = &rules;
    const auto reacts = [&](auto payload) {
        Event event;
        event.set_aggregate_id("d1");
        event.set_event_id("e" + std::to_string(hub.log.size()));
        event.set_case_id("c1");
        event.set_case_number("A-1");
        Names names;
        for (const auto& outcome : hub.react({event, std::make_shared<decltype(payload)>(payload)})) {
            for (const auto& name : outcome.names()) names.push_back(name);
            if (outcome.refusal) names.push_back(RefusalCode_Name(outcome.code()));
        }
        return names;
    };
    const auto due = to_timestamp(hub.now);
    referral::DeliverySettled confirmed;
    confirmed.set_status(referral::DELIVERED);
    *confirmed.mutable_unconfirmed_since() = due;
    CHECK(reacts(confirmed) == Names{"CONTENTION"});  // before the alert is raised: asked again
    referral::DeliveryUnconfirmed unconfirmed;
    *unconfirmed.mutable_due() = due;
    CHECK(reacts(unconfirmed) == Names{"AlertRaised"});
    CHECK(reacts(unconfirmed).empty());
    const auto alerts = [&] {
        GetQueue asked;
        const auto answer = domain.query({&asked, nullptr, 0}, hub.context());
        return runtime::must_be<QueueReply>(*answer.value());
    };
    REQUIRE(alerts().alerts_size() == 1);
    const auto id = alerts().alerts(0).alert_id();
    CHECK(alerts().alerts(0).kind() == "answer-unconfirmed");
    CHECK(alerts().alerts(0).case_number() == "A-1");
    referral::DeliverySettled waits;  // by attempts, people would be told again
    waits.set_status(referral::WAITING);
    waits.set_attempt(99);
    waits.set_watched(true);
    CHECK(reacts(waits).empty());
    CHECK(reacts(confirmed) == Names{"AlertSettled"});
    CHECK(reacts(confirmed).empty());
    CHECK(alerts().alerts_size() == 0);
    CHECK(hub.state<AlertState>("alert", id).settled_why() == "confirmed");
    CHECK(hub.index("alert", id).empty());
    CHECK(domain.closed("alert", hub.state<AlertState>("alert", id)));
    TakeAlert take;
    take.set_alert_id(id);
    CHECK(hub.run(take, "duty", "nurse").code() == WRONG_STATE);

    hub.now += minute;
    *unconfirmed.mutable_due() = to_timestamp(hub.now);  // released by a person, and late again
    CHECK(reacts(unconfirmed) == Names{"AlertRaised"});
    take.set_alert_id(alerts().alerts(0).alert_id());
    CHECK(hub.run(take, "duty", "nurse").names() == Names{"AlertTaken"});
    confirmed.set_status(referral::QUARANTINED);
    *confirmed.mutable_unconfirmed_since() = unconfirmed.due();
    CHECK(reacts(confirmed) == Names{"AlertRaised", "AlertSettled"});  // the refusal is another alert
    CHECK_FALSE(domain.may("cli", "rightplace.triage.SettleAlert"));
}
