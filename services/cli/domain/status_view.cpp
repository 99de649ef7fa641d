#include "services/cli/domain/status_view.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/base/hash.hpp"
#include "common/base/limits.hpp"
#include "services/cli/domain/alert_view.hpp"
#include "services/cli/domain/json.hpp"
#include "services/cli/domain/table.hpp"

namespace rightplace::cli {
namespace {

// A fold this far behind the record is more than a moment's work in flight.
constexpr std::uint64_t lag_max_events = 100;

std::uint64_t lag_of(const runtime::HubStatus& hub) {
    return hub.head_seq() > hub.folded_seq() ? hub.head_seq() - hub.folded_seq() : 0;
}

void judge_hub(const std::string& service, const runtime::HubStatus& hub, std::vector<std::string>& wrong) {
    const std::string who = service + " at " + hub.hub();
    if (!hub.ready()) {
        wrong.push_back(who + " is not ready" + (hub.why_not_ready().empty() ? "" : ": " + hub.why_not_ready()) +
                        ". It becomes ready by itself once audit and Redis are up; if it does not, read its log.");
    }
    if (hub.heartbeat_age_ms() > std::uint64_t(limits::heartbeat_max_age_ms)) {
        wrong.push_back(who + " has heard nothing from audit for " +
                        duration_word(std::int64_t(hub.heartbeat_age_ms())) +
                        ". No command is taken there; look at audit first, then at Redis.");
    }
    if (lag_of(hub) > lag_max_events) {
        wrong.push_back(who + " is " + std::to_string(lag_of(hub)) +
                        " events behind the record. It catches up by itself; if the number grows, restart it.");
    }
    if (hub.parked() > 0) {
        wrong.push_back(who + " has " + std::to_string(hub.parked()) +
                        (hub.parked() == 1 ? " parked reaction" : " parked reactions") +
                        ". See `rightplace unpark --hub " + hub.hub() + "`, which says how to run each again.");
    }
    if (hub.quarantined() > 0) {
        wrong.push_back(who + " has " + std::to_string(hub.quarantined()) +
                        " quarantined aggregates: its code does not fit the record. Call the people who deploy it.");
    }
    if (!hub.trouble().empty()) wrong.push_back(who + ": " + hub.trouble());
    if (hub.oldest_held_ms() > limits::command_deadline_default_ms) {
        wrong.push_back(who + " holds an answer for " + duration_word(std::int64_t(hub.oldest_held_ms())) +
                        ": its events are not being journalled. Look at audit.");
    }
}

std::string alerts_cell(const triage::QueueReply& queue) {
    const auto level = highest_level(queue);
    return std::to_string(queue.alerts_size()) + (level < 2 ? "" : ", level " + std::to_string(level));
}

// By other hubs, and nobody here has answered.
std::int64_t offers_waiting(const triage::QueueReply& queue) {
    const auto waits = [](const auto& offer) { return offer.status() == triage::OFFERED; };
    return std::count_if(queue.transfers().begin(), queue.transfers().end(), waits);
}

std::string yes(bool it) {
    return it ? "yes" : "NO";
}

Row service_row(const std::string& service, const runtime::HubStatus& hub) {
    return {service,
            hub.hub(),
            yes(hub.ready()),
            std::to_string(hub.epoch()),
            std::to_string(hub.head_seq()),
            std::to_string(hub.folded_seq()),
            std::to_string(lag_of(hub)),
            duration_word(std::int64_t(hub.heartbeat_age_ms())),
            std::to_string(hub.held_answers()),
            hub.held_answers() == 0 ? "-" : duration_word(std::int64_t(hub.oldest_held_ms())),
            std::to_string(hub.parked()),
            std::to_string(hub.quarantined())};
}

// What is as somebody configured it, and yet good to know.
std::string notes(const Stand& stand, const Style& style) {
    std::string out;
    for (const auto& answer : stand.services) {
        if (!answer.status) continue;
        for (const auto& hub : answer.status->hubs()) {
            if (!hub.note().empty()) out += style.dim(answer.service + " at " + hub.hub() + ": " + hub.note()) + "\n";
        }
    }
    return out.empty() ? out : out + "\n";
}

}  // namespace

std::vector<std::string> what_is_wrong(const Stand& stand) {
    std::vector<std::string> wrong;
    for (const auto& hub : stand.hubs) {
        if (!hub.head) {
            wrong.push_back("audit does not answer for " + hub.hub + " (" + hub.why +
                            "). Nothing can be recorded; see whether it runs and whether its disk is full.");
        }
        if (!hub.sheet_age_ms || *hub.sheet_age_ms > limits::downtime_sheet_max_age_ms) {
            wrong.push_back("The downtime sheet of " + hub.hub + " " +
                            (hub.sheet_age_ms ? "is " + duration_word(*hub.sheet_age_ms) + " old" : "is not there") +
                            ". triage writes it: look at its log, and whether the disk is full.");
        }
        if (hub.queue && hub.queue->alerts_size() > 0) {
            wrong.push_back("Nobody has taken " + alerts_word(*hub.queue) + ", at " + hub.hub + ", for " +
                            duration_word(oldest_alert_ms(*hub.queue, stand.now)) + ". See `rightplace alerts --hub " +
                            hub.hub + "`, which says how to take each.");
        }
    }
    for (const auto& answer : stand.services) {
        if (!answer.status) {
            wrong.push_back(answer.service + " does not answer (" + answer.why +
                            "). The supervisor starts it again; if it does not, read its log.");
            continue;
        }
        for (const auto& hub : answer.status->hubs()) judge_hub(answer.service, hub, wrong);
    }
    return wrong;
}

std::string render_status(const Stand& stand, const Style& style) {
    std::string out;
    if (!stand.label.empty()) out += style.yellow("This is a " + stand.label + " stack: no real patients.") + "\n\n";
    std::vector<Row> records{{"RECORD", "EPOCH", "HEAD", "ROOT", "ALERTS", "OFFERS"}};
    for (const auto& hub : stand.hubs) {
        const std::string alerts = hub.queue ? alerts_cell(*hub.queue) : "?";
        const std::string offers = hub.queue ? std::to_string(offers_waiting(*hub.queue)) : "?";
        if (!hub.head) {
            records.push_back({hub.hub, "-", "-", "NO ANSWER", alerts, offers});
            continue;
        }
        records.push_back({hub.hub, std::to_string(hub.head->epoch()), std::to_string(hub.head->head_seq()),
                           to_hex(hub.head->root()).substr(0, 16), alerts, offers});
    }
    std::vector<Row> rows{{"SERVICE", "HUB", "READY", "EPOCH", "HEAD", "FOLDED", "LAG", "HEARTBEAT", "HELD", "OLDEST",
                           "PARKED", "QUARANTINED"}};
    for (const auto& answer : stand.services) {
        if (!answer.status) rows.push_back({answer.service, "-", "NO ANSWER"});
        if (!answer.status) continue;
        for (const auto& hub : answer.status->hubs()) rows.push_back(service_row(answer.service, hub));
    }
    for (const auto& table : {records, rows}) {
        const auto lines = table_lines(table);
        out += style.bold(lines[0]) + "\n";
        for (std::size_t i = 1; i < lines.size(); ++i) out += lines[i] + "\n";
        out += "\n";
    }
    out += notes(stand, style);
    const auto wrong = what_is_wrong(stand);
    if (wrong.empty()) return out + "All is well.\n";
    for (const auto& sentence : wrong) out += style.red("!! " + sentence) + "\n";
    return out;
}

std::string status_to_json(const Stand& stand) {
    const auto wrong = what_is_wrong(stand);
    nlohmann::json out{{"ok", wrong.empty()}, {"wrong", wrong}, {"label", stand.label}};
    out["services"] = nlohmann::json::array();
    out["hubs"] = nlohmann::json::array();
    for (const auto& answer : stand.services) {
        nlohmann::json one{{"service", answer.service}, {"answers", answer.status.has_value()}};
        if (answer.status) one["status"] = nlohmann::json::parse(to_json(*answer.status));
        if (!answer.status) one["why"] = answer.why;
        out["services"].push_back(one);
    }
    for (const auto& hub : stand.hubs) {
        nlohmann::json one{{"hub", hub.hub}, {"answers", hub.head.has_value()}};
        if (!hub.head) one["why"] = hub.why;
        if (hub.head) {
            one["epoch"] = hub.head->epoch();
            one["head_seq"] = hub.head->head_seq();
            one["journal_id"] = hub.head->journal_id();
            one["root"] = to_hex(hub.head->root());
        }
        if (hub.queue) one["alerts"] = hub.queue->alerts_size();
        if (hub.queue) one["offers"] = offers_waiting(*hub.queue);
        if (hub.queue && hub.queue->alerts_size() > 0) {
            one["alert_level"] = highest_level(*hub.queue);
            one["oldest_alert_ms"] = oldest_alert_ms(*hub.queue, stand.now);
        }
        if (hub.sheet_age_ms) one["downtime_sheet_age_ms"] = *hub.sheet_age_ms;
        out["hubs"].push_back(one);
    }
    return out.dump();
}

}  // namespace rightplace::cli
