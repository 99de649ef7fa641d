// What a receiver is told about an alert: ids, kind, level, case number, times. Never who the patient is, and of
// whoever took it only the role.
#pragma once

#include <optional>
#include <string>

#include "common/base/time.hpp"
#include "messages/envelope.pb.h"

namespace rightplace::alerts {

struct Message {
    std::string id;  // the event's: the same however often it is sent
    std::uint64_t seq = 0;
    std::string kind;  // of the alert
    std::string body;  // JSON, the same bytes for the same event
    TimeMs recorded_at = 0;
};

// Nothing: the event is not about an alert.
std::optional<Message> message_of(const Event& event);

}  // namespace rightplace::alerts
