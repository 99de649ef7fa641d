#include "common/runtime/status_response.hpp"

#include "common/runtime/payload.hpp"

namespace rightplace::runtime {

std::string status_response(const Request& request, const StatusReply& status, const std::string& instead) {
    Response response;
    response.set_request_id(request.request_id());
    auto& reply = *response.mutable_query_reply();
    const bool asked =
        request.has_query() && type_name(request.query().payload()) == GetStatus::descriptor()->full_name();
    if (asked) {
        pack(status, *reply.mutable_payload());
    } else {
        reply.mutable_refusal()->set_code(UNKNOWN_COMMAND);
        reply.mutable_refusal()->set_sentence(instead);
    }
    return response.SerializeAsString();
}

}  // namespace rightplace::runtime
