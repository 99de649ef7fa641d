#include "services/cli/domain/status_view.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <ostream>

#include "services/cli/shell/commands.hpp"

namespace rightplace::cli {
namespace {

constexpr const char* services[] = {"intake", "triage", "referral", "vault", "bars", "alerts"};

std::optional<std::int64_t> sheet_age_ms(const Session& session, const std::string& hub) {
    std::error_code missing;
    const auto written =
        std::filesystem::last_write_time(session.stack.state_dir() + "/downtime/" + hub + ".txt", missing);
    if (missing) return std::nullopt;
    const auto age = std::filesystem::file_time_type::clock::now() - written;
    return std::max<std::int64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(age).count(), 0);
}

}  // namespace

int run_status(Session& session, bool json) {
    Stand stand;
    stand.label = session.stack.label();
    stand.now = session.now();
    const std::string any_hub = session.stack.hubs_size() > 0 ? session.stack.hubs(0).name() : "";
    for (const auto* service : services) {
        const auto reply = query_for<runtime::StatusReply>(session.wire, service, any_hub, session.actor,
                                                           runtime::GetStatus(), session.timeout_ms);
        ServiceAnswer answer{service, std::nullopt, ""};
        if (reply) answer.status = reply.value().value;
        if (!reply) answer.why = reply.error();
        stand.services.push_back(std::move(answer));
    }
    for (const auto& hub : session.stack.hubs()) {
        HubRecord record{hub.name(), std::nullopt, "", std::nullopt, sheet_age_ms(session, hub.name())};
        audit::Read read;
        read.set_hub(hub.name());
        read.set_from_seq(1);
        read.set_max_events(1);
        const auto head = session.wire.read(read, session.timeout_ms);
        if (head && head.value().error().empty()) record.head = head.value();
        if (!record.head) record.why = head ? head.value().error() : head.error();
        const auto queue = query_for<triage::QueueReply>(session.wire, "triage", hub.name(), session.actor,
                                                         triage::GetQueue(), session.timeout_ms);
        if (queue) record.queue = queue.value().value;
        stand.hubs.push_back(std::move(record));
    }
    const bool well = what_is_wrong(stand).empty();
    session.out << (json ? status_to_json(stand) + "\n" : render_status(stand, session.style)) << std::flush;
    return well ? 0 : 1;
}

}  // namespace rightplace::cli
