#include "services/vault/shell/wiring.hpp"

#include "common/runtime/payload.hpp"

namespace rightplace::vault {
namespace {

ViewOutcome outcome_of(const Reply& reply) {
    switch (reply.status()) {
        case ACCEPTED:
        case DUPLICATE:
            return ViewOutcome::recorded;
        case UNKNOWN:
            return ViewOutcome::unknown;
        case REFUSED: {
            const auto code = reply.refusal().code();
            return code == INTERNAL || code == CONTENTION ? ViewOutcome::unavailable : ViewOutcome::refused;
        }
        default:
            return ViewOutcome::unavailable;
    }
}

runtime::StatusReply status_of(const VaultService& service, const runtime::ServiceRuntime& runtime) {
    auto status = runtime.status();
    for (auto& hub : *status.mutable_hubs()) {
        hub.set_trouble(service.trouble(hub.hub()));
        hub.set_note(service.note(hub.hub()));
    }
    return status;
}

void wire_hub(VaultService& service, runtime::HubRuntime& runtime, const std::string& hub) {
    runtime.observe([&service](const Event& event, const std::string&) { service.observe(event); });
    runtime.observe_heartbeat([&service, &runtime, hub](const audit::Heartbeat& beat) {
        service.observe_heartbeat(beat);
        if (runtime.feed().folded() >= beat.head_seq()) service.caught_up(hub);
        if (runtime.status().ready()) service.drain(hub);
    });
}

}  // namespace

RecordViewFn record_view_through(seams::Clock& clock, std::function<runtime::HubRuntime*(const std::string&)> hub_of) {
    return [&clock, hub_of](const SpooledView& view, const std::function<void(ViewOutcome)>& done) {
        auto* hub = hub_of(view.hub);
        if (hub == nullptr) {
            clock.after(0, [done] { done(ViewOutcome::refused); });
            return;
        }
        Command command;
        command.set_command_id(view.command_id);
        command.set_hub(view.hub);
        *command.mutable_actor() = view.by;
        runtime::pack(view.view, *command.mutable_payload());
        hub->command(command, "vault", [done](const Reply& reply) { done(outcome_of(reply)); });
    };
}

void wire(VaultService& service, runtime::ServiceRuntime& runtime, const std::vector<runtime::HubSettings>& hubs) {
    for (const auto& hub : hubs) wire_hub(service, *runtime.hub(hub.hub), hub.hub);
    runtime.extra_queries([&service, &runtime](const seams::Peer& peer, const rightplace::Query& query,
                                               const std::function<void(QueryReply)>& answer) {
        if (query.payload().Is<runtime::GetStatus>()) {
            QueryReply reply;
            runtime::pack(status_of(service, runtime), *reply.mutable_payload());
            answer(reply);
            return true;
        }
        if (runtime::type_name(query.payload()).rfind("rightplace.vault.", 0) != 0) return false;
        const auto payload = runtime::unpack(query.payload());
        if (payload == nullptr) return false;
        service.answer({peer.key_role, query.actor(), query.hub()}, *payload, [answer](const runtime::Answered& said) {
            QueryReply reply;
            if (said.ok()) {
                runtime::pack(*said.value(), *reply.mutable_payload());
            } else {
                *reply.mutable_refusal() = said.error();
            }
            answer(reply);
        });
        return true;
    });
}

}  // namespace rightplace::vault
