// How the adapter is, for `rightplace status`: it follows each hub's record and takes no commands.
#include <algorithm>

#include "common/runtime/status_response.hpp"
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
    return runtime::status_response(request, status(), "bars answers only status here; messages go to its front door.");
}

}  // namespace rightplace::bars
