#include "services/adapters/alerts/domain/message.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/clinical/roles.hpp"
#include "messages/triage.pb.h"

namespace rightplace::alerts {
namespace {

using Json = nlohmann::json;

void put_time(Json& data, const char* name, const google::protobuf::Timestamp& at) {
    data[name] = format_utc(to_ms(at));
}

// Of an event about an alert: its type, and what it says beside what every one says.
std::optional<std::string> told(const Event& event, Json& data) {
    triage::AlertRaised raised;
    triage::AlertEscalated escalated;
    triage::AlertTaken taken;
    triage::AlertSettled settled;
    const auto about = [&](const auto& it, std::uint32_t level) {
        data["kind"] = it.kind();
        data["subject"] = it.subject();
        data["level"] = level;
    };
    if (event.payload().UnpackTo(&raised)) {
        about(raised, std::max(raised.level(), 1U));
        put_time(data, "raised_at", event.occurred_at());
        if (raised.has_escalates_at()) put_time(data, "escalates_at", raised.escalates_at());
        return "alert.raised";
    }
    if (event.payload().UnpackTo(&escalated)) {
        about(escalated, escalated.level());
        data["again"] = escalated.again();
        put_time(data, "raised_at", escalated.raised_at());
        put_time(data, "escalates_at", escalated.escalates_at());
        return "alert.escalated";
    }
    if (event.payload().UnpackTo(&taken)) {
        about(taken, std::max(taken.level(), 1U));
        if (taken.has_raised_at()) put_time(data, "raised_at", taken.raised_at());
        // Roles are typed by people; only one of the known ones is no free text.
        data["taken_by_role"] = clinical::is_clinician(taken.by().role()) ? taken.by().role() : "other";
        return "alert.taken";
    }
    if (event.payload().UnpackTo(&settled)) {
        about(settled, std::max(settled.level(), 1U));
        put_time(data, "raised_at", settled.raised_at());
        data["why"] = settled.why();
        return "alert.settled";
    }
    return std::nullopt;
}

}  // namespace

std::optional<Message> message_of(const Event& event) {
    if (event.aggregate_type() != "alert") return std::nullopt;
    Json data;
    const auto type = told(event, data);
    if (!type) return std::nullopt;
    data["hub"] = event.hub();
    data["seq"] = event.seq();
    data["alert_id"] = event.aggregate_id();
    data["case_id"] = event.case_id();
    data["case_number"] = event.case_number();
    data["label"] = event.label();
    const Json whole{{"type", *type}, {"timestamp", format_utc(to_ms(event.occurred_at()))}, {"data", data}};
    // A byte that is no UTF-8 must not stop what follows it.
    return Message{event.event_id(), event.seq(), data["kind"],
                   whole.dump(-1, ' ', false, Json::error_handler_t::replace), to_ms(event.recorded_at())};
}

}  // namespace rightplace::alerts
