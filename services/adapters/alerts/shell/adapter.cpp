#include "services/adapters/alerts/shell/adapter.hpp"

#include "common/base/metrics.hpp"
#include "common/runtime/status_response.hpp"

namespace rightplace::alerts {

Adapter::Adapter(std::vector<Receiver> receivers, const AdapterWorld& world) {
    for (auto& receiver : receivers) {
        const auto hub = receiver.hub;
        sides_.push_back({hub, std::make_unique<HubSide>(std::move(receiver), world)});
    }
}

void Adapter::start() {
    for (auto& each : sides_) each.side->start();
}

// A receiver that is down is no reason not to be ready: there is nothing that this process could do about it.
bool Adapter::ready(std::string& why_not) const {
    for (const auto& each : sides_) {
        if (each.side->following()) continue;
        why_not = each.hub + ": following the journal";
        return false;
    }
    return true;
}

runtime::StatusReply Adapter::status() const {
    runtime::StatusReply status;
    status.set_service("alerts");
    status.set_version(RIGHTPLACE_VERSION);
    for (const auto& each : sides_) *status.add_hubs() = each.side->status();
    return status;
}

seams::Bytes Adapter::answer_status(const Request& request) const {
    return runtime::status_response(request, status(), "alerts answers only status here; alerts are taken at triage.");
}

std::string Adapter::remark() const {
    std::string lines;
    for (const auto& each : sides_) {
        const auto trouble = each.side->trouble();
        if (!trouble.empty()) lines += each.hub + ": " + trouble + "\n";
    }
    return lines;
}

void Adapter::show() const {
    auto& registry = metrics::process();
    for (const auto& each : sides_) {
        const auto* outbox = each.side->outbox();
        if (outbox == nullptr) continue;
        const metrics::Labels labels{{"hub", each.hub}};
        const auto count = [&](const char* name, const char* help, std::uint64_t value) {
            auto& counter = registry.counter(name, help, labels);
            counter.add(value - counter.value());
        };
        count("rightplace_webhook_delivered_total", "Messages the receiver took.", outbox->counts().delivered);
        count("rightplace_webhook_failed_attempts_total", "Attempts that it did not take.", outbox->counts().failed);
        count("rightplace_webhook_given_up_total", "Messages it refused for good.", outbox->counts().given_up);
        registry.gauge("rightplace_webhook_waiting", "Messages that wait.", labels)
            .set(std::int64_t(outbox->waiting()));
        registry.gauge("rightplace_webhook_stuck_ms", "Since the first of them was first tried.", labels)
            .set(outbox->stuck_ms());
    }
}

}  // namespace rightplace::alerts
