// A season: some weeks of a hub's crew contacts within its opening hours, as many and with such outcomes as it
// published. Data, in a file of its own. Which contact has which outcome is chance: some outcomes are dealt from a
// shuffled deck, so that they come out to the very number, the others are drawn by weights.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "tests/sim/history/plan.hpp"
#include "tests/sim/scenario/reader.hpp"

namespace rightplace::sim {

// A figure that the hub told the public, under the name that `headline` of services/cli has for it.
struct Published {
    std::string figure;
    std::string says;  // in the words of the source
    std::string source;
    Range holds;  // when what was counted lies within
};

struct Season {
    std::string name;
    std::string hub;
    std::int64_t days = 0;
    Range open_hours;          // London time: from, and until before
    Range day_weights;         // how busy one day is against another
    std::int64_t decided = 0;  // contacts
    std::int64_t cancelled = 0;
    std::int64_t never_answered = 0;
    Range answered_after_minutes;
    Range consultation_minutes;
    std::int64_t unwell_percent = 0;  // of contacts: the policy speaks against most of what is decided for them
    std::map<triage::Pathway, std::int64_t> dealt;              // so many
    std::map<triage::Pathway, std::int64_t> drawn;              // weights, for the rest
    std::map<triage::Pathway, std::int64_t> planned_to_convey;  // before advice, of a hundred so decided
    std::vector<Published> published;
};

// The error says which field is missing or out of bounds.
Result<Season, std::string> read_season(const std::string& json_text);
bool is_season(const std::string& json_text);
// `weeks`: only the first so many are lived; 0: all.
Plan plan_of(const Season& season, std::uint64_t seed, std::int64_t weeks = 0);

}  // namespace rightplace::sim
