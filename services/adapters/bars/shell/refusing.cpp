#include "services/adapters/bars/shell/refusing.hpp"

#include "common/base/hash.hpp"
#include "messages/intake.pb.h"

namespace rightplace::bars {

void Refusing::refuse(const VisitPtr& visit, const Problems& problems, Judged judged) {
    const bool nameable = is_uuid(visit->headers.request_id);
    if (!nameable) return visit->answer(problems);
    if (underway() >= refusals_at_once_max) return visit->answer({too_many_requests()});
    auto key = keys_.take_for_refusal();
    if (!key) return visit->answer({unavailable()});
    intake::RefuseExchange refusal;
    auto& exchange = *refusal.mutable_exchange();
    exchange.set_protocol("bars");
    exchange.set_request_id(visit->headers.request_id);
    if (is_uuid(visit->headers.correlation_id)) exchange.set_correlation_id(visit->headers.correlation_id);
    exchange.set_body_sha256(to_hex(sha256(visit->body)));
    exchange.set_content_type(std::string(media_type(visit->headers.body_format)));
    exchange.set_answer_status(std::uint32_t(http_status(problems)));
    *exchange.mutable_original() = sealing::seal(key->key, key->id, sealing::Context::original, visit->body, random_);
    refusal.set_refusal_code(problems.front().details_code);
    add_requester(*visit, *key, exchange);
    asker_.ask("intake", command_for(*visit, "", refusal), visit->remaining_ms(),
               alive_.guard([visit, problems, judged, one = underway_](const Reply& reply) {
                   if (reply.status() == UNAVAILABLE) return visit->answer({unavailable()});
                   if (reply.status() == UNKNOWN) return visit->answer({timed_out()});
                   const bool accepted_before =
                       reply.status() == REFUSED && reply.refusal().code() == DUPLICATE_MESSAGE;
                   if (accepted_before && judged == Judged::state) return visit->answer({already_received()});
                   // Accepted before under this very id: the sender has its answer already. The content is
                   // judged first (BaRS conflict 5), so a broken resend keeps its 400.
                   visit->answer(problems);
               }));
}

void Refusing::add_requester(const Visit& visit, const NamedKey& key, intake::Exchange& exchange) {
    const auto& requester = visit.requester;
    if (requester.empty()) return;
    exchange.set_requester_organisation_ods(requester.organisation_ods);
    exchange.set_requester_software(requester.software);
    for (const auto& name : requester.unreadable) exchange.add_header_warnings(name);
    *exchange.mutable_requester() =
        sealing::seal(key.key, key.id, sealing::Context::requester, requester.said.SerializeAsString(), random_);
}

Command Refusing::command_for(const Visit& visit, const std::string& journey_id,
                              const google::protobuf::Message& payload) {
    Command command;
    command.set_command_id(to_hex(random_.bytes(16)));  // one visit, one command; the exchange dedupes messages
    command.set_hub(visit.hub);
    command.set_deadline_ms(std::uint32_t(visit.remaining_ms()));
    command.set_correlation_id(journey_id);
    command.mutable_actor()->set_id("bars");
    command.mutable_actor()->set_role("system");
    command.mutable_payload()->PackFrom(payload);
    return command;
}

}  // namespace rightplace::bars
