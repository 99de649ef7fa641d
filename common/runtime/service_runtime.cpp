#include "common/runtime/service_runtime.hpp"

#include "common/runtime/payload.hpp"
#include "common/runtime/replies.hpp"

namespace rightplace::runtime {

ServiceRuntime::ServiceRuntime(const std::vector<HubSettings>& hubs, const Domain& domain, const World& world,
                               std::string build_version)
    : domain_(domain), world_(world), build_version_(std::move(build_version)) {
    for (const auto& hub : hubs) hubs_[hub.hub] = std::make_unique<HubRuntime>(hub, domain_, world);
}

void ServiceRuntime::start() {
    for (auto& [name, hub] : hubs_) hub->start();
    world_.server.serve(
        alive_.guard([this](const seams::Peer& peer, const std::string& bytes,
                            const seams::CommandServer::Answer& answer) { on_request(peer, bytes, answer); }));
}

HubRuntime* ServiceRuntime::hub(const std::string& name) {
    const auto found = hubs_.find(name);
    return found == hubs_.end() ? nullptr : found->second.get();
}

bool ServiceRuntime::ready(std::string& why_not) const {
    for (const auto& [name, hub] : hubs_) {
        const auto status = hub->status();
        if (!status.ready()) {
            why_not = name + ": " + status.why_not_ready();
            return false;
        }
    }
    return true;
}

StatusReply ServiceRuntime::status() const {
    StatusReply status;
    status.set_service(std::string(domain_.service()));
    status.set_version(build_version_);
    status.set_fold(domain_.fold());
    for (const auto& [name, hub] : hubs_) *status.add_hubs() = hub->status();
    return status;
}

void ServiceRuntime::on_request(const seams::Peer& peer, const std::string& bytes,
                                const seams::CommandServer::Answer& answer) {
    Request request;
    if (!request.ParseFromString(bytes)) {
        ++garbage_;
        return;
    }
    if (request.has_command()) {
        on_command(peer, request, answer);
    } else if (request.has_query()) {
        on_query(peer, request, answer);
    } else {
        ++garbage_;
    }
}

void ServiceRuntime::on_command(const seams::Peer& peer, const Request& request,
                                const seams::CommandServer::Answer& answer) {
    const auto reply_with = [this, id = request.request_id(), answer](const Reply& reply) {
        ++replies_[ReplyStatus_Name(reply.status())];
        Response response;
        response.set_request_id(id);
        *response.mutable_reply() = reply;
        answer(response.SerializeAsString());
    };
    auto* served = hub(request.command().hub());
    if (served == nullptr) {
        reply_with(refused(request.command(), UNKNOWN_HUB, "This process does not serve that hub.", "hub"));
        return;
    }
    served->command(request.command(), peer.key_role, alive_.guard(reply_with));
}

void ServiceRuntime::on_query(const seams::Peer& peer, const Request& request,
                              const seams::CommandServer::Answer& answer) {
    const auto reply_with = [id = request.request_id(), answer](const QueryReply& reply) {
        Response response;
        response.set_request_id(id);
        *response.mutable_query_reply() = reply;
        answer(response.SerializeAsString());
    };
    const auto& query = request.query();
    if (extra_ && extra_(peer, query, reply_with)) return;
    if (type_name(query.payload()) == GetStatus::descriptor()->full_name()) {
        QueryReply reply;
        pack(status(), *reply.mutable_payload());
        reply_with(reply);
        return;
    }
    auto* served = hub(query.hub());
    if (served == nullptr) {
        QueryReply reply;
        reply.mutable_refusal()->set_code(UNKNOWN_HUB);
        reply.mutable_refusal()->set_sentence("This process does not serve that hub.");
        reply.mutable_refusal()->set_field("hub");
        reply_with(reply);
        return;
    }
    served->query(query, alive_.guard(reply_with));
}

}  // namespace rightplace::runtime
