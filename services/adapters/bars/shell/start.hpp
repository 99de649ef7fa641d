// What the adapter's main needs once: its watch file and key, its front door, its log and gauges.
#pragma once

#include <memory>
#include <string>

#include "common/bus/command_server.hpp"
#include "common/http/server.hpp"
#include "services/adapters/bars/shell/adapter.hpp"

namespace rightplace::bars {

struct OpenedWatch {
    WatchFile file;
    sealing::Key key;
};
// Both print one sentence and end the program when they cannot.
OpenedWatch open_watch_or_exit(const std::string& watch_dir, seams::Random& random);
std::unique_ptr<http::Server> open_door_or_exit(bus::Loop& loop, const config::Bars& bars, Adapter& adapter);

// Answers GetStatus, for `rightplace status`, and nothing else: the adapter takes no commands.
std::unique_ptr<bus::ZmqCommandServer> open_status_or_exit(bus::Context& context, const std::string& endpoint,
                                                           const Adapter& adapter);

void log_line(const std::string& what, const std::string& id);
void show_adapter(const Adapter& adapter);  // gauges

}  // namespace rightplace::bars
