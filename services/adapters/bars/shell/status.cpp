// How the adapter is, for `rightplace status`: it follows each hub's record and takes no commands.
#include <algorithm>

#include "common/runtime/payload.hpp"
#include "messages/runtime.pb.h"
#include "services/adapters/bars/shell/adapter.hpp"

namespace rightplace::bars {

runtime::StatusReply Adapter::status() const {
    runtime::StatusReply status;
    status.set_service("bars");
    status.set_version(RIGHTPLACE_VERSION);
    for (const auto& [name, side] : hubs_) {
        const auto& follower = *side.follower;
        auto& hub = *status.add_hubs();
        hub.set_hub(name);
        hub.set_epoch(follower.heartbeat().epoch());
        hub.set_folded_seq(follower.folded());
        hub.set_head_seq(std::max(follower.folded(), follower.heartbeat().head_seq()));
        hub.set_heartbeat_age_ms(std::uint64_t(follower.heartbeat_age_ms()));
        hub.set_ready(side.live && follower.fresh() && keys_.left() > 0);
        if (!hub.ready()) {
            hub.set_why_not_ready(side.live && follower.fresh() ? "no case keys: vault does not answer"
                                                                : "following the journal");
        }
    }
    return status;
}

seams::Bytes Adapter::answer_status(const Request& request) const {
    Response response;
    response.set_request_id(request.request_id());
    auto& reply = *response.mutable_query_reply();
    const bool asked = request.has_query() &&
                       runtime::type_name(request.query().payload()) == runtime::GetStatus::descriptor()->full_name();
    if (asked) {
        runtime::pack(status(), *reply.mutable_payload());
    } else {
        reply.mutable_refusal()->set_code(UNKNOWN_COMMAND);
        reply.mutable_refusal()->set_sentence("bars answers only status here; messages go to its front door.");
    }
    return response.SerializeAsString();
}

}  // namespace rightplace::bars
