// A scenario of a day: how many contacts a hub has, of what kinds, and what becomes of them. Data, in a file of
// its own; a seed turns it into a plan without misfortunes. For weeks there is season.hpp.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/result.hpp"
#include "tests/sim/history/plan.hpp"
#include "tests/sim/scenario/reader.hpp"

namespace rightplace::sim {

struct Scenario {
    std::string name;
    std::string hub;
    std::int64_t hours = 0;
    std::int64_t bars_validation = 0;  // contacts of each kind
    std::int64_t crew_on_scene = 0;
    std::int64_t validation_by_command = 0;
    std::int64_t repeats_one_in = 0;  // 0: never
    std::int64_t cancelled_one_in = 0;
    std::int64_t never_answered_one_in = 0;
    Range breach_minutes;
    Range answered_after_minutes;
};

// The error says which field is missing or out of bounds.
Result<Scenario, std::string> read_scenario(const std::string& json_text);
Plan plan_of(const Scenario& scenario, std::uint64_t seed);

}  // namespace rightplace::sim
