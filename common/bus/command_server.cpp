#include "common/bus/command_server.hpp"

#include "common/base/limits.hpp"
#include "messages/envelope.pb.h"

namespace rightplace::bus {
namespace {

constexpr auto too_many = "too many requests in flight";

seams::Bytes overloaded(const seams::Bytes& bytes) {
    Request request;
    if (!request.ParseFromString(bytes)) return {};
    Response response;
    response.set_request_id(request.request_id());
    if (request.has_command()) {
        auto& reply = *response.mutable_reply();
        reply.set_command_id(request.command().command_id());
        reply.set_status(UNAVAILABLE);
        reply.set_reason(too_many);
    } else {
        auto& refusal = *response.mutable_query_reply()->mutable_refusal();
        refusal.set_code(CONTENTION);
        refusal.set_sentence(too_many);
    }
    return response.SerializeAsString();
}

}  // namespace

Result<std::unique_ptr<ZmqCommandServer>, std::string> ZmqCommandServer::start(Context& context,
                                                                               std::string_view service,
                                                                               const std::string& endpoint) {
    auto router = Router::start(context, service, endpoint, limits::commands_in_flight_max, overloaded);
    if (!router) return Failure{router.error()};
    return std::unique_ptr<ZmqCommandServer>(new ZmqCommandServer(std::move(router.value())));
}

void ZmqCommandServer::serve(std::function<void(const seams::Peer&, seams::Bytes, Answer)> handler) {
    router_->serve(std::move(handler));
}

}  // namespace rightplace::bus
