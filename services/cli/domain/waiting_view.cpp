#include "services/cli/domain/waiting_view.hpp"

#include <algorithm>

#include "messages/runtime.pb.h"
#include "services/cli/domain/alert_view.hpp"

namespace rightplace::cli {
namespace {

// "paddock-wood: 2 alerts that nobody has taken", or "... nothing": the head of a list.
std::string head(const std::string& hub, std::size_t count, const std::string& one, const std::string& many,
                 const std::string& none, const Style& style) {
    if (count == 0) return style.bold(hub) + ": " + none + "\n";
    return style.bold(hub) + ": " + style.red(std::to_string(count) + " " + (count == 1 ? one : many)) + "\n";
}

}  // namespace

void ParkedReactions::see(const Event& event) {
    runtime::ReactionParked parked;
    if (event.payload().UnpackTo(&parked)) {
        parked_[event.aggregate_id()] = {event.aggregate_id(), event.service(), parked.rule(), parked.reason(), event};
    } else if (event.payload().Is<runtime::ReactionUnparked>()) {
        parked_.erase(event.aggregate_id());
    }
}

std::vector<ParkedOne> ParkedReactions::all() const {
    std::vector<ParkedOne> list;
    for (const auto& [id, one] : parked_) list.push_back(one);
    std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.event.seq() < b.event.seq(); });
    return list;
}

std::string render_alerts(const std::string& hub, const triage::QueueReply& queue, TimeMs now, const Style& style) {
    std::string out = head(hub, std::size_t(queue.alerts_size()), "alert that nobody has taken",
                           "alerts that nobody has taken", "no open alerts", style);
    for (const auto& alert : queue.alerts()) {
        std::string line = alert.kind();
        if (!alert.case_number().empty()) line += "  " + alert.case_number();
        if (!alert.subject().empty() && alert.subject() != alert.case_id()) line += "  about " + alert.subject();
        if (alert.has_raised_at())
            line += "  raised " + format_london(to_ms(alert.raised_at())) + ": " + alert_standing(alert, now);
        if (alert.has_escalates_at()) line += "; said again at " + format_london(to_ms(alert.escalates_at()));
        out += "  " + printable(line) + "\n";
        const auto reading = alert_reading(hub, alert);
        if (!reading.empty()) out += "    read it: " + printable(reading) + "\n";
        out += "    take it: rightplace alerts take " + printable(alert.alert_id()) + " --hub " + hub + "\n";
    }
    return out;
}

std::string render_parked(const std::string& hub, const std::vector<ParkedOne>& parked, const Style& style) {
    std::string out = head(hub, parked.size(), "parked reaction", "parked reactions", "no parked reactions", style);
    for (const auto& one : parked) {
        std::string line = one.service + ": " + one.rule;
        if (!one.event.case_number().empty()) line += "  " + one.event.case_number();
        line += "  parked " + format_london(to_ms(one.event.recorded_at())) + ": " + one.reason;
        out += "  " + printable(line) + "\n    when its cause is mended, run it again: rightplace unpark " +
               printable(one.reaction_id) + " --hub " + hub + "\n";
    }
    return out;
}

std::string render_quarantined(const std::string& hub, const referral::DeliveriesReply& open, const Style& style) {
    std::vector<referral::DeliveryState> waiting;
    for (const auto& one : open.deliveries()) {
        if (one.status() == referral::QUARANTINED) waiting.push_back(one);
    }
    std::string out = head(hub, waiting.size(), "message that its destination refused",
                           "messages that their destinations refused", "no quarantined deliveries", style);
    for (const auto& one : waiting) {
        std::string line = delivery_word(one.kind()) + "  " + one.case_number() + "  to service " +
                           one.reply_to().service_id() + ", " + std::to_string(one.attempts()) +
                           (one.attempts() == 1 ? " attempt" : " attempts");
        if (one.last_http_status() != 0) line += ", last HTTP " + std::to_string(one.last_http_status());
        const auto id = printable(one.delivery_id());
        out += "  " + printable(line) + "\n    send it again:      rightplace deliveries release " + id + " --hub " +
               hub + "\n    seen to otherwise:  rightplace deliveries settle " + id + " --hub " + hub +
               " --how told-by-telephone\n";
    }
    return out;
}

}  // namespace rightplace::cli
