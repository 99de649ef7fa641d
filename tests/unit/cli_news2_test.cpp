// A NEWS2 as people see it.
#include "services/cli/domain/news2_view.hpp"

#include <catch2/catch.hpp>

using namespace rightplace;
using namespace rightplace::cli;

TEST_CASE("a NEWS2 shows its parts, what is missing, what was received, and which scale and why") {
    triage::News2 score;
    score.set_total(5);
    score.set_band("incomplete");
    score.mutable_parts()->set_respirations(3);
    score.mutable_parts()->set_oxygen_saturation(2);
    score.mutable_parts()->set_pulse(0);
    score.add_missing("temperature");
    score.add_missing("air_or_oxygen");
    score.set_received_total(3);
    score.set_differs_from_received(true);
    score.set_scale_2_ignored(true);
    auto lines = news2_lines(score, {});
    REQUIRE(lines.size() == 5);
    CHECK(lines[0] == "5+ incomplete");
    CHECK(lines[1] == "parts: respirations 3, SpO2 2, pulse 0");
    CHECK(lines[2] == "incomplete: temperature, air or oxygen not measured");
    CHECK_THAT(lines[3], Catch::Contains("by scale 1") && Catch::Contains("marked for scale 2"));
    CHECK(lines[4] == "received 3, chart gives at least 5: DIFFERS");

    score.clear_missing();
    score.set_complete(true);
    score.set_band("medium");
    score.set_received_total(6);
    score.set_scale_2_ignored(false);
    score.set_on_scale_2(true);
    Actor by;
    by.set_id("c-1");
    lines = news2_lines(score, by);
    REQUIRE(lines.size() == 4);
    CHECK(lines[0] == "5 medium");
    CHECK_THAT(lines[2], Catch::Contains("scale 2, decided by c-1"));
    CHECK(lines[3] == "received 6, chart gives 5: DIFFERS");
    score.set_received_total(5);
    score.set_differs_from_received(false);
    CHECK(news2_lines(score, by).back() == "received 5, chart gives 5");
}
