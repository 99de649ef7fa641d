#include "services/audit/shell/high_water.hpp"

#include "common/base/limits.hpp"
#include "common/runtime/payload.hpp"
#include "messages/vault.pb.h"

namespace rightplace::audit {

void ask_high_water(seams::CommandClient& client, const std::string& hub,
                    seams::Done<std::optional<HighWaterMark>> done) {
    vault::GetHighWater ask;
    ask.set_hub(hub);
    Request request;
    request.mutable_query()->set_hub(hub);
    request.mutable_query()->mutable_actor()->set_id("audit");
    request.mutable_query()->mutable_actor()->set_role("system");
    runtime::pack(ask, *request.mutable_query()->mutable_payload());
    client.ask("vault", request.SerializeAsString(), limits::read_timeout_ms,
               [done](const Result<seams::Bytes, seams::TransportError>& answer) {
                   Response response;
                   vault::HighWater mark;
                   const bool good = answer.ok() && response.ParseFromString(answer.value()) &&
                                     response.query_reply().payload().UnpackTo(&mark);
                   if (!good) {
                       done(std::nullopt);
                   } else {
                       done(HighWaterMark{mark.journal_id(), mark.epoch(), mark.seq(), mark.event_id()});
                   }
               });
}

}  // namespace rightplace::audit
