// One message from outside, by itself: what is known of it in clear, whether it belongs to a case or to none.
#pragma once

#include <optional>
#include <string>

#include "messages/envelope.pb.h"
#include "messages/intake.pb.h"
#include "services/cli/domain/words.hpp"

namespace rightplace::cli {

struct HeardMessage {
    std::string hub;
    Event event;
    intake::ExchangeAnswered said;

    const std::string& id() const { return event.aggregate_id(); }
    // Under whose name vault releases its key: its case's, or its own.
    const std::string& owner() const { return event.case_id().empty() ? event.aggregate_id() : event.case_id(); }
};

// When the event is a message of that id: the exchange's, its request id, or its Bundle id. Letters of either case.
std::optional<HeardMessage> message_named(const std::string& hub, const Event& event, const std::string& id);

std::string render_message(const HeardMessage& message, const Style& style);
// The very command that writes its original, for whoever may have it for direct care.
std::string read_command(const std::string& hub, const std::string& id);

}  // namespace rightplace::cli
