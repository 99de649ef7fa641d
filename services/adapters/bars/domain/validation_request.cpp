#include "services/adapters/bars/domain/validation_request.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/base/hash.hpp"
#include "services/adapters/bars/domain/checks.hpp"
#include "services/adapters/bars/domain/own_resources.hpp"

namespace rightplace::bars {
namespace {

Problem unreadable(const DocumentError& error) {
    return {400, "structure", "REC_BAD_REQUEST", error.path, "The body cannot be read as FHIR R4: " + error.what + "."};
}

intake::ReplyTo reply_to(const Message& message, const RequestHeaders& headers) {
    intake::ReplyTo reply;
    reply.set_protocol(is_referral(message) ? referral_protocol : validation_protocol);
    reply.set_service_id(service_of_endpoint(text_at(*message.header()->resource, "source.endpoint")));
    reply.set_message_id(lower_case(text_at(message.bundle(), "id")));
    reply.set_request_id(headers.request_id);
    reply.set_correlation_id(headers.correlation_id);
    reply.set_use_case(use_case_of(message));
    return reply;
}

intake::Exchange exchange(const intake::ReplyTo& reply, const RequestHeaders& headers, std::string_view body) {
    intake::Exchange exchange;
    exchange.set_protocol(validation_protocol);
    exchange.set_request_id(lower_case(headers.request_id));
    exchange.set_message_id(reply.message_id());
    exchange.set_correlation_id(lower_case(headers.correlation_id));
    exchange.set_body_sha256(to_hex(sha256(body)));
    exchange.set_content_type(std::string(media_type(headers.body_format)));
    exchange.set_sender_service_id(reply.service_id());
    return exchange;
}

// GUIDs first; their code depends on what the message is.
Checked check_with_ids(const Message& message, const RequestHeaders& headers) {
    auto checked = check_message(message);
    if (headers.ids_are_guids) return checked;
    checked.problems.insert(checked.problems.begin(), ids_are_not_guids(is_validation(message)));
    return checked;
}

Problems of_unread(const DocumentError& error, const RequestHeaders& headers) {
    Problems problems;
    if (!headers.ids_are_guids) problems.push_back(ids_are_not_guids(false));
    problems.push_back(unreadable(error));
    return problems;
}

const char* kind_word(Kind kind) {
    return kind == Kind::update ? "update" : kind == Kind::cancel ? "cancel" : kind == Kind::response ? "response" : "";
}

}  // namespace

std::string case_id_of(std::string_view hub, std::string_view bundle_id) {
    return derived_uuid({"case", hub, "bars", lower_case(bundle_id)});
}

Result<ValidationRequest, Problems> judge_request(std::string_view body, const RequestHeaders& headers,
                                                  const Judging& judging) {
    auto document = read_document(body, headers.body_format);
    if (!document) return Failure{of_unread(document.error(), headers)};
    const Message message(*document.value());
    const auto [kind, problems] = check_with_ids(message, headers);
    if (!problems.empty()) return Failure{problems};

    ValidationRequest request;
    request.kind = kind;
    request.referral = is_referral(message);
    request.case_id = case_id_of(judging.hub, text_at(message.bundle(), "id"));
    request.facts = map_facts(message, judging.now);
    request.facts.set_site(judging.site);
    request.person = map_person(message);
    request.reply_to = reply_to(message, headers);
    request.exchange = exchange(request.reply_to, headers, body);
    request.exchange.set_kind(kind_word(kind));
    if (kind == Kind::fresh) {
        const auto position = message.service_request()->index;
        request.exchange.set_service_request_id(resource_id({request.case_id, {}}, position));
    }
    request.bundle = document.value();
    const auto destination = service_of_endpoint(text_at(*message.header()->resource, "destination.0.endpoint"));
    if (destination != headers.target_service_id) {
        request.facts.add_warnings("destination-differs " + message.header()->path() + ".destination");
    }
    return request;
}

Problems with_those_of_content(Problems of_headers, std::string_view body, const RequestHeaders& headers) {
    constexpr int bad_request = 400;
    const bool readable = std::all_of(of_headers.begin(), of_headers.end(),
                                      [](const Problem& one) { return one.http_status == bad_request; });
    if (!readable) return of_headers;
    const auto document = read_document(body, headers.body_format);
    const auto of_content =
        document ? check_with_ids(Message(*document.value()), headers).problems : of_unread(document.error(), headers);
    of_headers.insert(of_headers.end(), of_content.begin(), of_content.end());
    return of_headers;
}

}  // namespace rightplace::bars
