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
