// Small files that a main reads before its loop turns.
#pragma once

#include <string>

namespace rightplace::program {

std::string read_text(const std::string& path);  // empty when it is not there: config::load has checked

}  // namespace rightplace::program
