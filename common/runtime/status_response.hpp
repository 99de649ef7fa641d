// For a process that takes no commands: it answers GetStatus, and refuses to be asked anything else.
#pragma once

#include <string>

#include "messages/envelope.pb.h"
#include "messages/runtime.pb.h"

namespace rightplace::runtime {

// `instead`: where to go with everything else, in a sentence.
std::string status_response(const Request& request, const StatusReply& status, const std::string& instead);

}  // namespace rightplace::runtime
