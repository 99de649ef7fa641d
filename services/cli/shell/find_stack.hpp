// Which running stack is meant: --state DIR, else the one that compose/up started last from this checkout.
#pragma once

#include <string>

#include "services/cli/domain/json.hpp"

namespace rightplace::cli {

// compose/up leaves this file in the checkout's root; it holds the path of the stack's state directory.
inline constexpr const char* current_mark = ".rightplace-current";
inline constexpr const char* stack_file = "stack.textproto";

struct Places {
    std::string state;       // --state, or empty
    std::string executable;  // absolute path of this program
    std::string working;     // current directory
};

// The path of the stack's configuration; the error says how to name one.
OrWhy<std::string> find_stack(const Places& places);

Places these_places(const std::string& state);

}  // namespace rightplace::cli
