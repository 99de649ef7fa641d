// What main needs before the adapter runs: the receivers with their secrets, and the status socket.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/bus/command_server.hpp"
#include "common/config/config.pb.h"
#include "services/adapters/alerts/shell/adapter.hpp"

namespace rightplace::alerts {

// One for each hub of the stack; one whose secret cannot be had stays off and says why. Ends the program with a
// sentence when there is no folder.
std::vector<Receiver> receivers_or_exit(const config::Stack& stack, seams::Random& random);
std::unique_ptr<bus::ZmqCommandServer> open_status_or_exit(bus::Context& context, const std::string& endpoint,
                                                           const Adapter& adapter);
void log_line(const std::string& what, const std::string& id);

}  // namespace rightplace::alerts
