#include "services/adapters/bars/shell/front_door.hpp"

#include "common/base/hash.hpp"
#include "common/base/limits.hpp"
#include "services/adapters/bars/domain/answers.hpp"

namespace rightplace::bars {
namespace {

constexpr std::string_view base_path = "/FHIR/R4/";

// "$" may come percent-encoded.
bool is_process_message(std::string_view path) {
    return path == "/FHIR/R4/$process-message" || path == "/FHIR/R4/%24process-message";
}

Problem path_not_served() {
    return {501, "not-supported", "REC_NOT_IMPLEMENTED", "", "This part of BaRS is not supported here yet."};
}

std::string without_query(const std::string& target) {
    return target.substr(0, target.find('?'));
}

std::string query_of(const std::string& target) {
    const auto mark = target.find('?');
    return mark == std::string::npos ? std::string() : target.substr(mark + 1);
}

std::vector<std::string> telephones(const intake::Person& person) {
    std::vector<std::string> numbers;
    for (const auto& contact : person.contacts()) {
        for (const auto& method : contact.methods()) {
            if (method.system() == "phone" && !method.value().empty()) numbers.push_back(method.value());
        }
    }
    return numbers;
}

std::string first_code(const Problems& problems) {
    return problems.empty() ? std::string() : problems.front().details_code;
}

}  // namespace

void FrontDoor::handle(http::Request request, http::Server::Respond respond) {
    auto visit = std::make_shared<Visit>();
    visit->respond = std::move(respond);
    const auto path = without_query(request.target);
    const bool known = is_process_message(path);
    const auto checked = check_headers(request.headers, query_of(request.target), {known, known});
    visit->headers = checked.headers;
    if (!known) {
        answer(visit, {path.rfind(base_path, 0) == 0 ? path_not_served() : not_found()});
        return;
    }
    if (request.method != "POST") {
        answer(visit, {method_not_allowed()});
        return;
    }
    if (!checked.problems.empty()) {
        answer(visit, checked.problems);
        return;
    }
    receive(visit, request);
}

void FrontDoor::receive(const VisitPtr& visit, const http::Request& request) {
    visit->body = request.body;
    if (const auto* type = http::find_header(request.headers, "Content-Type")) visit->content_type = *type;
    visit->hub = outside_.hub_of(visit->headers.target_service_id);
    if (visit->hub.empty()) {
        answer(visit, {unknown_service()});
        return;
    }
    if (!in_progress_.insert(visit->headers.request_id).second) {
        answer(visit, {still_processing()});
        return;
    }
    visit->respond = [this, id = visit->headers.request_id, respond = std::move(visit->respond)](http::Response said) {
        in_progress_.erase(id);
        respond(std::move(said));
    };
    auto judged = judge_request(visit->body, visit->headers, {visit->hub, outside_.hub_now(visit->hub)});
    if (!judged.ok()) {
        refuse(visit, judged.error());
        return;
    }
    auto key = outside_.keys.take();
    if (!key) {
        outside_.log("no-case-key", visit->headers.request_id);
        answer(visit, {unavailable()});
        return;
    }
    accept(std::make_shared<Accepting>(Accepting{visit, std::move(judged.value()), std::move(*key)}));
}

void FrontDoor::accept(const std::shared_ptr<Accepting>& accepting) {
    const auto& person = accepting->request.person;
    outside_.keys.tokens(accepting->visit->hub, person.nhs_number(), telephones(person),
                         alive_.guard([this, accepting](const std::vector<std::string>& tokens) {
                             auto& facts = accepting->request.facts;
                             for (const auto& token : tokens) facts.add_match_tokens(token);
                             if (tokens.empty() && (!accepting->request.person.nhs_number().empty() ||
                                                    !telephones(accepting->request.person).empty())) {
                                 facts.add_warnings("match tokens missing: vault did not answer in time");
                             }
                             open_case(accepting);
                         }));
}

void FrontDoor::open_case(const std::shared_ptr<Accepting>& accepting) {
    const auto& visit = accepting->visit;
    auto& request = accepting->request;
    const auto& [key_id, key] = accepting->key;
    intake::OpenCase open;
    open.set_case_id(request.case_id);
    *open.mutable_facts() = request.facts;
    open.mutable_facts()->set_key_id(key_id);
    *open.mutable_person() =
        sealing::seal(key, key_id, sealing::Context::person, request.person.SerializeAsString(), outside_.random);
    *open.mutable_reply_to() = request.reply_to;
    *open.mutable_exchange() = request.exchange;
    open.mutable_exchange()->set_answer_status(200);
    *open.mutable_exchange()->mutable_original() =
        sealing::seal(key, key_id, sealing::Context::original, visit->body, outside_.random);
    outside_.asker.ask("intake", command_for(visit->hub, request.facts.journey_id(), open), limits::bars_answer_ms,
                       alive_.guard([this, accepting](const Reply& reply) { on_opened(accepting, reply); }));
}

void FrontDoor::on_opened(const std::shared_ptr<Accepting>& accepting, const Reply& reply) {
    const auto& visit = accepting->visit;
    const auto& request = accepting->request;
    if (reply.status() == UNAVAILABLE) return answer(visit, {unavailable()});
    if (reply.status() == UNKNOWN) return answer(visit, {timed_out()});
    if (reply.status() == REFUSED) {
        outside_.log("case-not-opened:" + RefusalCode_Name(reply.refusal().code()), request.case_id);
        switch (reply.refusal().code()) {
            case DUPLICATE_MESSAGE:
            case ALREADY_EXISTS:
                return answer(visit, {already_received()});
            case REUSED_ID:
                return refuse(visit, {bundle_id_reused()});
            case INVALID:
                return refuse(visit, {broken_rule(reply.refusal().field(), reply.refusal().sentence())});
            case CONTENTION:
                return answer(visit, {unavailable()});
            default:
                return answer(visit, {internal_error()});
        }
    }
    // The same command id twice is this very visit's retry: DUPLICATE is as good as ACCEPTED.
    std::string number;
    for (const auto& event : reply.receipt().events()) {
        if (event.name() == "CaseOpened") number = event.case_number();
    }
    if (!outside_.arm_watch(visit->hub, request, number, accepting->key)) {
        outside_.log("breach-watch-not-armed", request.case_id);  // the normal way still gives it back
    }
    const auto format = visit->headers.answer_format;
    send(visit, 200, std::string(media_type(format)),
         acknowledgement(*request.bundle, {request.case_id, number}, outside_.hub_now(visit->hub), format));
}

// A refused message is journalled too, so that the same message gets the same answer for ever. While
// the ring is closed that cannot be promised: 503, and the sender tries again.
void FrontDoor::refuse(const VisitPtr& visit, const Problems& problems) {
    const bool nameable = is_uuid(visit->headers.request_id);
    auto key = nameable ? outside_.keys.take() : std::nullopt;
    if (!key) return answer(visit, problems);
    intake::RefuseExchange refusal;
    auto& exchange = *refusal.mutable_exchange();
    exchange.set_protocol("bars");
    exchange.set_request_id(visit->headers.request_id);
    exchange.set_correlation_id(visit->headers.correlation_id);
    exchange.set_body_sha256(to_hex(sha256(visit->body)));
    exchange.set_content_type(visit->content_type);
    exchange.set_answer_status(std::uint32_t(http_status(problems)));
    *exchange.mutable_original() =
        sealing::seal(key->key, key->id, sealing::Context::original, visit->body, outside_.random);
    refusal.set_refusal_code(first_code(problems));
    outside_.asker.ask("intake", command_for(visit->hub, "", refusal), limits::bars_answer_ms,
                       alive_.guard([this, visit, problems](const Reply& reply) {
                           if (reply.status() == UNAVAILABLE) return answer(visit, {unavailable()});
                           if (reply.status() == UNKNOWN) return answer(visit, {timed_out()});
                           // Accepted before under this very id: the sender has its answer already. The content is
                           // judged first (BaRS conflict 5), so a broken resend keeps its 400.
                           answer(visit, problems);
                       }));
}

void FrontDoor::answer(const VisitPtr& visit, const Problems& problems) {
    outside_.log("answered:" + std::to_string(http_status(problems)) + ":" + first_code(problems),
                 visit->headers.request_id);
    const auto format = visit->headers.answer_format;
    send(visit, http_status(problems), std::string(media_type(format)), operation_outcome(problems, format));
}

void FrontDoor::send(const VisitPtr& visit, int status, std::string content_type, std::string body) {
    http::Response response;
    response.status = status;
    response.content_type = std::move(content_type);
    response.body = std::move(body);
    // Echoed on every answer, errors included.
    if (!visit->headers.request_id.empty()) response.headers.emplace_back("X-Request-Id", visit->headers.request_id);
    if (!visit->headers.correlation_id.empty()) {
        response.headers.emplace_back("X-Correlation-Id", visit->headers.correlation_id);
    }
    visit->respond(std::move(response));
}

Command FrontDoor::command_for(const std::string& hub, const std::string& journey_id,
                               const google::protobuf::Message& payload) {
    Command command;
    command.set_command_id(to_hex(outside_.random.bytes(16)));  // one visit, one command; the exchange dedupes messages
    command.set_hub(hub);
    command.set_deadline_ms(std::uint32_t(limits::bars_answer_ms));
    command.set_correlation_id(journey_id);
    command.mutable_actor()->set_id("bars");
    command.mutable_actor()->set_role("system");
    command.mutable_payload()->PackFrom(payload);
    return command;
}

}  // namespace rightplace::bars
