// What a hub published, held against what was counted from a record.
#pragma once

#include <string>
#include <vector>

#include "services/cli/domain/figures.hpp"
#include "tests/sim/scenario/season.hpp"

namespace rightplace::sim {

struct Report {
    std::string text;  // a table: published, counted, whether it holds
    bool holds = true;
};
Report report(const std::vector<Published>& published, const cli::Numbers& counted);

}  // namespace rightplace::sim
