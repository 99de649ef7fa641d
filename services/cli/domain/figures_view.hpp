// A hub's figures as its manager reads them, and as a program does.
#pragma once

#include <string>

#include "services/cli/domain/figures.hpp"
#include "services/cli/domain/words.hpp"

namespace rightplace::cli {

// `source` is what was counted: "hub ashford", "journal FILE".
std::string render_figures(const std::string& source, const Figures& figures, const Style& style);

// One object; its names are stable: lower case, with _ between words.
std::string figures_to_json(const std::string& source, const Figures& figures);

}  // namespace rightplace::cli
