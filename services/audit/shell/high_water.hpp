// What audit asks of vault: how far it saw a hub's record go, and to know a hub's first journal.
#pragma once

#include <optional>
#include <string>

#include "common/base/seams.hpp"
#include "services/audit/domain/own_events.hpp"

namespace rightplace::audit {

// Completes once, within limits::read_timeout_ms; nothing when vault does not answer.
void ask_high_water(seams::CommandClient& client, const std::string& hub,
                    seams::Done<std::optional<HighWaterMark>> done);
// Makes an empty journal the one that vault knows, before anything is written into it. False: ask again.
void name_first_journal(seams::CommandClient& client, const std::string& hub, const std::string& journal_id,
                        seams::Done<bool> done);

}  // namespace rightplace::audit
