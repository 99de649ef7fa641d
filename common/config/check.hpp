// What protobuf cannot know about a stack's configuration.
#pragma once

#include <google/protobuf/text_format.h>

#include "common/config/load.hpp"

namespace rightplace::config {

// Appends every problem with the line of its field, or of the message that lacks it. `complete`:
// the text was parsed to its end, so what is not there is missing.
void check(const Stack& stack, const google::protobuf::TextFormat::ParseInfoTree& lines, const std::string& file,
           bool complete, std::vector<Problem>& problems);

}  // namespace rightplace::config
