#include "services/audit/shell/high_water.hpp"

#include "common/base/limits.hpp"
#include "common/runtime/payload.hpp"
#include "messages/vault.pb.h"

namespace rightplace::audit {
namespace {

std::string request_of(const std::string& hub, const google::protobuf::Message& ask) {
    Request request;
    request.mutable_query()->set_hub(hub);
    request.mutable_query()->mutable_actor()->set_id("audit");
    request.mutable_query()->mutable_actor()->set_role("system");
    runtime::pack(ask, *request.mutable_query()->mutable_payload());
    return request.SerializeAsString();
}

}  // namespace

void ask_high_water(seams::CommandClient& client, const std::string& hub,
                    seams::Done<std::optional<HighWaterMark>> done) {
    vault::GetHighWater ask;
    ask.set_hub(hub);
    client.ask("vault", request_of(hub, ask), limits::read_timeout_ms,
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

void name_first_journal(seams::CommandClient& client, const std::string& hub, const std::string& journal_id,
                        seams::Done<bool> done) {
    vault::AcceptJournal ask;
    ask.set_hub(hub);
    ask.set_journal_id(journal_id);
    client.ask("vault", request_of(hub, ask), limits::read_timeout_ms,
               [done](const Result<seams::Bytes, seams::TransportError>& answer) {
                   Response response;
                   vault::AcceptJournalReply reply;
                   done(answer.ok() && response.ParseFromString(answer.value()) &&
                        response.query_reply().payload().UnpackTo(&reply));
               });
}

}  // namespace rightplace::audit
