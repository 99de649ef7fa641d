#include "services/cli/domain/alert_view.hpp"

#include <algorithm>

#include "common/clinical/alert_rules.hpp"
#include "services/cli/domain/message_view.hpp"

namespace rightplace::cli {

std::string alert_standing(const triage::AlertState& alert, TimeMs now) {
    const std::string level = alert.level() > 1 ? "LEVEL " + std::to_string(alert.level()) + ", " : "";
    return level + "nobody has taken it for " + duration_word(now - to_ms(alert.raised_at()));
}

std::uint32_t highest_level(const triage::QueueReply& queue) {
    std::uint32_t highest = 0;
    for (const auto& alert : queue.alerts()) highest = std::max(highest, std::max(alert.level(), 1U));
    return highest;
}

std::string alerts_word(const triage::QueueReply& queue) {
    const int count = queue.alerts_size();
    if (count == 0) return "";
    const auto highest = highest_level(queue);
    const std::string level = highest < 2 ? "" : (count == 1 ? ", at level " : ", the highest at level ");
    return std::to_string(count) + (count == 1 ? " alert" : " alerts") + level +
           (highest < 2 ? "" : std::to_string(highest));
}

std::int64_t oldest_alert_ms(const triage::QueueReply& queue, TimeMs now) {
    std::int64_t oldest = 0;
    for (const auto& alert : queue.alerts()) oldest = std::max(oldest, now - to_ms(alert.raised_at()));
    return oldest;
}

std::string alert_reading(const std::string& hub, const triage::AlertState& alert) {
    return alert.kind() == clinical::alert_kind::response_received ? read_command(hub, alert.subject()) : "";
}

std::string alert_raised(const triage::AlertRaised& it) {
    const std::string level = it.level() > 1 ? " at LEVEL " + std::to_string(it.level()) : "";
    const bool of_message = it.kind() == clinical::alert_kind::response_received;
    return "ALERT raised" + level + ": " + it.kind() +
           (of_message ? ", `rightplace message " + it.subject() + "`" : "");
}

std::string alert_escalated(const triage::AlertEscalated& it) {
    const std::string again = it.again() == 0 ? "" : ", said again";
    return "ALERT at LEVEL " + std::to_string(it.level()) + again + ": " + it.kind() + ", nobody has taken it for " +
           duration_word(to_ms(it.due()) - to_ms(it.raised_at()));
}

std::string alert_taken(const triage::AlertTaken& it) {
    const std::string level = it.level() > 1 ? ", at level " + std::to_string(it.level()) : "";
    return "Alert taken by " + actor_word(it.by()) + level;
}

std::string alert_settled(const triage::AlertSettled& it) {
    return "Alert over, " + it.why() + (it.was_taken() ? " (somebody had taken it): " : ": ") + it.kind();
}

}  // namespace rightplace::cli
