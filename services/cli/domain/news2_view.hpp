// A NEWS2 with its parts, what is missing, and what was received instead.
#pragma once

#include <string>
#include <vector>

#include "messages/triage.pb.h"

namespace rightplace::cli {

// The first line is the score; each that follows says one thing about it. `by`: who decided on scale 2.
std::vector<std::string> news2_lines(const triage::News2& news2, const Actor& by);

}  // namespace rightplace::cli
