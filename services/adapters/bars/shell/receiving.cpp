#include "services/adapters/bars/shell/receiving.hpp"

#include "common/base/limits.hpp"
#include "services/adapters/bars/domain/answers.hpp"
#include "services/adapters/bars/shell/contained.hpp"

namespace rightplace::bars {
Receiving::Receiving(Outside outside, Changing::Outside changing)
    : outside_(std::move(outside)), refusing_(changing.refusing), keeping_(changing), changing_(std::move(changing)) {}

void Receiving::receive(const VisitPtr& visit) {
    visit->hub = outside_.hub_of(visit->headers.target_service_id);
    if (visit->hub.empty()) {
        visit->answer({unknown_service()});
        return;
    }
    if (!in_progress_.insert(visit->headers.request_id).second) {
        visit->answer({still_processing()});
        return;
    }
    visit->respond = [this, id = visit->headers.request_id, respond = std::move(visit->respond)](http::Response said) {
        in_progress_.erase(id);
        respond(std::move(said));
    };
    const Judging judging{visit->hub, outside_.hub_now(visit->hub), outside_.site_of(visit->headers.target_service_id)};
    auto ruled = contained([&] { return judge_request(visit->body, visit->headers, judging); }, outside_.log,
                           visit->headers.request_id);
    if (!ruled) return visit->answer({internal_error()});
    auto& judged = *ruled;
    if (!judged.ok()) {
        refusing_.refuse(visit, judged.error());
        return;
    }
    for (const auto& name : visit->requester.unreadable) {
        judged.value().facts.add_warnings("header-unreadable " + name);
    }
    if (judged.value().kind == Kind::response) return keeping_.keep(visit, std::move(judged.value()));
    if (judged.value().kind != Kind::fresh) return changing_.receive(visit, std::move(judged.value()));
    auto key = outside_.keys.take();
    if (!key) {
        outside_.log("no-case-key", visit->headers.request_id);
        visit->answer({unavailable()});
        return;
    }
    accept(std::make_shared<Accepting>(Accepting{visit, std::move(judged.value()), std::move(*key)}));
}

void Receiving::accept(const std::shared_ptr<Accepting>& accepting) {
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

void Receiving::open_case(const std::shared_ptr<Accepting>& accepting) {
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
    refusing_.add_requester(*visit, accepting->key, *open.mutable_exchange());
    outside_.asker.ask("intake", refusing_.command_for(*visit, request.facts.journey_id(), open), visit->remaining_ms(),
                       alive_.guard([this, accepting](const Reply& reply) { on_opened(accepting, reply); }));
}

void Receiving::on_opened(const std::shared_ptr<Accepting>& accepting, const Reply& reply) {
    const auto& visit = accepting->visit;
    const auto& request = accepting->request;
    if (reply.status() == UNAVAILABLE) return visit->answer({unavailable()});
    if (reply.status() == UNKNOWN) return visit->answer({timed_out()});
    if (reply.status() == REFUSED) {
        outside_.log("case-not-opened:" + RefusalCode_Name(reply.refusal().code()), request.case_id);
        switch (reply.refusal().code()) {
            case DUPLICATE_MESSAGE:
            case ALREADY_EXISTS:
                return visit->answer({already_received()});
            case REUSED_ID:
                return refusing_.refuse(visit, {bundle_id_reused()});
            case INVALID:
                if (reply.refusal().field().starts_with("REC_"))
                    return visit->answer({refused_before(reply.refusal().field())});
                return refusing_.refuse(visit, {broken_rule(reply.refusal().field(), reply.refusal().sentence())});
            case CONTENTION:
                return visit->answer({unavailable()});
            default:
                return visit->answer({internal_error()});
        }
    }
    // The same command id twice is this very visit's retry: DUPLICATE is as good as ACCEPTED.
    std::string number;
    for (const auto& event : reply.receipt().events()) {
        if (event.name() == "CaseOpened") number = event.case_number();
    }
    outside_.arm_watch(visit->hub, request, number, accepting->key);
    const auto format = visit->headers.answer_format;
    const auto now = outside_.hub_now(visit->hub);
    const auto answer = contained(
        [&] {
            return acknowledgement(*request.bundle, {request.case_id, number}, now, format);
        },
        outside_.log, request.case_id);
    if (!answer) return visit->answer({internal_error()});
    visit->send(200, std::string(media_type(format)), *answer);
}

}  // namespace rightplace::bars
