// Asks vault how far it saw a hub's record go.
#pragma once

#include <optional>
#include <string>

#include "common/base/seams.hpp"
#include "services/audit/domain/own_events.hpp"

namespace rightplace::audit {

// Completes once, within limits::read_timeout_ms; nothing when vault does not answer.
void ask_high_water(seams::CommandClient& client, const std::string& hub,
                    seams::Done<std::optional<HighWaterMark>> done);

}  // namespace rightplace::audit
