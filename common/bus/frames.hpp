// Whole messages in and out of a ZeroMQ socket, never waiting.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rightplace::bus {

struct Received {
    std::vector<std::string> frames;  // the first ones, at most as many as were asked for
    std::size_t count = 0;            // how many there were
    std::string user_id;              // the sender's role as the ZAP handler gave it; empty without one
};

std::optional<Received> receive_frames(void* socket, std::size_t most_kept);     // nothing: none is waiting
bool send_frames(void* socket, std::initializer_list<std::string_view> frames);  // false: full, or no such peer

}  // namespace rightplace::bus
