// Alerts in words: how far each has gone up, and for how long nobody has taken it.
#pragma once

#include <string>

#include "messages/triage.pb.h"
#include "services/cli/domain/words.hpp"

namespace rightplace::cli {

// "LEVEL 2, nobody has taken it for 12 min"; at level 1 without the level.
std::string alert_standing(const triage::AlertState& alert, TimeMs now);
// Of all of them, which nobody has taken: "2 alerts, the highest at level 3"; empty: there are none.
std::string alerts_word(const triage::QueueReply& queue);
std::uint32_t highest_level(const triage::QueueReply& queue);  // 0: no alert

std::int64_t oldest_alert_ms(const triage::QueueReply& queue, TimeMs now);

// The command that shows what it is about, where that is a message from outside; empty: it is about something else.
std::string alert_reading(const std::string& hub, const triage::AlertState& alert);

// For the timeline.
std::string alert_raised(const triage::AlertRaised& it);
std::string alert_escalated(const triage::AlertEscalated& it);
std::string alert_taken(const triage::AlertTaken& it);
std::string alert_settled(const triage::AlertSettled& it);

}  // namespace rightplace::cli
