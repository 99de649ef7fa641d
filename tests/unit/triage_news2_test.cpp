// Which scale SpO2 counts by is a named clinician's decision.
#include <catch2/catch.hpp>

#include "tests/unit/triage_bench.hpp"

using namespace rightplace;
using namespace rightplace::triage;
using namespace rightplace::triage::bench;

namespace {

// 90 % on air: 3 points by scale 1, none by scale 2.
QueueReview marked_for_scale_2(const Hub& hub) {
    auto command = queue(hub.now + 60 * minute);
    auto& seen = *command.mutable_facts()->mutable_observations();
    seen.set_respirations_per_minute(16);
    seen.set_oxygen_saturation_percent(90);
    seen.set_on_oxygen(false);
    seen.set_systolic_mmhg(120);
    seen.set_pulse_per_minute(70);
    seen.set_consciousness(intake::ALERT);
    seen.set_temperature_tenths_c(370);
    seen.set_spo2_scale_2(true);
    return command;
}

Outcome use_scale_2(Hub& hub, const std::string& who, const std::string& role,
                    const std::string& reason = "copd-88-92") {
    auto command = hub.about<UseSpo2Scale2>();
    command.set_reason_code(reason);
    return hub.run(command, who, role);
}

}  // namespace

TEST_CASE("a sender's mark does not make it scale 2; a clinician's decision does, once, whoever holds the case") {
    Hub hub;
    hub.run(marked_for_scale_2(hub));
    CHECK(hub.review().news2().total() == 3);
    CHECK(hub.review().news2().scale_2_ignored());
    hub.claim("somebody");

    CHECK(use_scale_2(hub, "d-1", "dispatcher").code() == FORBIDDEN);
    CHECK(use_scale_2(hub, "", "ed-consultant").code() == FORBIDDEN);
    CHECK(use_scale_2(hub, "c-1", "ed-consultant", "because she has COPD").refusal->field() == "reason_code");
    CHECK(hub.review().news2().total() == 3);

    const auto used = use_scale_2(hub, "c-1", "ed-consultant");
    REQUIRE(used.names() == Names{"Spo2Scale2Used"});
    CHECK(hub.review().news2().total() == 0);
    CHECK(hub.review().news2().on_scale_2());
    CHECK(hub.review().spo2_scale_2_by().id() == "c-1");
    CHECK(hub.review().category() == intake::C3);  // a lower score lowers nothing
    CHECK(use_scale_2(hub, "c-2", "ed-consultant").events.empty());
}

TEST_CASE("an ended review keeps its score") {
    Hub hub;
    hub.run(marked_for_scale_2(hub));
    hub.claim("c-1");
    hub.decide(hub.token());
    CHECK(use_scale_2(hub, "c-1", "ed-consultant").code() == WRONG_STATE);
}

namespace {

const policy::HubPolicy raising =
    clinical::parse_policy(
        policy_text("ashford") +
        " breach { category: \"C2\" minutes: 18 source: \"s\" } priority { to_category: \"C2\" when { "
        "code: \"high\" says: \"too high\" source: \"s\" news2_from: 3 } }")
        .value();

}  // namespace

TEST_CASE("a rule raises a case when it is queued, as an event with its code, and it breaches as what it is then") {
    Hub hub;
    hub.policy = &raising;
    auto command = marked_for_scale_2(hub);
    command.mutable_facts()->clear_breach_at();
    const auto queued = hub.run(command);
    REQUIRE(queued.names() == Names{"ReviewQueued", "ReviewEscalated"});
    const auto& escalated = static_cast<const ReviewEscalated&>(*queued.events[1].payload);
    CHECK(escalated.from_category() == intake::C3);
    CHECK(escalated.rule() == "high");
    CHECK(escalated.rule_says() == "too high");
    CHECK(hub.review().category() == intake::C2);
    CHECK(to_ms(hub.review().breach_at()) == hub.now + 18 * minute);
    CHECK(hub.review().facts().category() == intake::C3);  // as it came
}

TEST_CASE("a breach time that the sender set is not touched by a rule") {
    Hub hub;
    hub.policy = &raising;
    hub.run(marked_for_scale_2(hub));
    CHECK(hub.review().category() == intake::C2);
    CHECK(to_ms(hub.review().breach_at()) == hub.now + 60 * minute);
}

TEST_CASE("a rule that a clinician has weighed raises again only for a higher score") {
    Hub hub;
    hub.policy = &raising;
    auto command = marked_for_scale_2(hub);
    auto& seen = *command.mutable_facts()->mutable_observations();
    seen.set_oxygen_saturation_percent(97);
    seen.set_on_oxygen(true);
    seen.set_pulse_per_minute(95);
    hub.run(command);  // 0 + 2 + 1 by scale 1
    CHECK(hub.review().category() == intake::C2);
    auto lower = hub.about<DowngradeReview>();
    lower.set_to_category(intake::C4);
    lower.set_reason_code("settled");
    hub.run(lower, "c-1", "ed-consultant");
    const auto used = use_scale_2(hub, "c-1", "ed-consultant");  // 3 + 2 + 1: too much oxygen
    CHECK(used.names() == Names{"Spo2Scale2Used", "ReviewEscalated"});
    CHECK(hub.review().category() == intake::C2);

    Hub other;
    other.policy = &raising;
    seen.set_oxygen_saturation_percent(91);
    seen.set_on_oxygen(false);
    seen.set_pulse_per_minute(135);
    other.run(command);  // 3 + 3; by scale 2 only 3, which still is what the rule says
    other.run(lower, "c-1", "ed-consultant");
    CHECK(use_scale_2(other, "c-1", "ed-consultant").names() == Names{"Spo2Scale2Used"});
    CHECK(other.review().category() == intake::C4);
}

TEST_CASE("a rule looks again when the sender knows more, and a clinician's scale stays") {
    Hub hub;
    hub.policy = &raising;
    auto command = marked_for_scale_2(hub);
    auto& seen = *command.mutable_facts()->mutable_observations();
    seen.set_oxygen_saturation_percent(97);
    hub.run(command);  // 0
    CHECK(hub.review().category() == intake::C3);
    NoteSenderUpdate update;
    update.set_case_id("c1");
    *update.mutable_facts() = command.facts();
    CHECK(hub.run(update, "", "system", "cause").names() == Names{"SenderUpdateNoted"});
    update.mutable_facts()->mutable_observations()->set_respirations_per_minute(25);
    CHECK(hub.run(update, "", "system", "cause").names() == Names{"SenderUpdateNoted", "ReviewEscalated"});
    CHECK(hub.review().category() == intake::C2);
    auto lower = hub.about<DowngradeReview>();
    lower.set_to_category(intake::C4);
    lower.set_reason_code("settled");
    hub.run(lower, "c-1", "ed-consultant");
    CHECK(hub.run(update, "", "system", "cause").names() == Names{"SenderUpdateNoted"});  // weighed, and no higher
    use_scale_2(hub, "c-1", "ed-consultant");
    update.mutable_facts()->mutable_observations()->set_oxygen_saturation_percent(90);
    CHECK(hub.run(update, "", "system", "cause").names() == Names{"SenderUpdateNoted"});
    CHECK(hub.review().news2().on_scale_2());
    CHECK(hub.review().news2().total() == 3);
    update.mutable_facts()->mutable_observations()->set_pulse_per_minute(135);
    CHECK(hub.run(update, "", "system", "cause").names() == Names{"SenderUpdateNoted", "ReviewEscalated"});
}
