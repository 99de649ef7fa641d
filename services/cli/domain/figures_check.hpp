// A second count of a hub's figures, in all and of each group, as plain as can be: for each case the whole record
// again. It shares nothing with the first but what the words mean, as the head of figures.hpp says.
#pragma once

#include <string>
#include <vector>

#include "services/cli/domain/figures.hpp"

namespace rightplace::cli {

Numbers recount(const std::vector<Event>& record, const Period& period, TimeMs now);

// A sentence for each number that is not the same in both, or only in one.
std::vector<std::string> differences(const Numbers& counted, const Numbers& again);

}  // namespace rightplace::cli
