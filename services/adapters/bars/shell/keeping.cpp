#include "services/adapters/bars/shell/keeping.hpp"

#include <nlohmann/json.hpp>

#include "common/base/limits.hpp"

namespace rightplace::bars {

void Keeping::keep(const VisitPtr& visit, ValidationRequest response) {
    auto heard = std::make_shared<Heard>();
    heard->visit = visit;
    heard->response = std::move(response);
    if (heard->response.referral) return keep_unasked(heard);
    look(heard);
}

// The journal is ahead of what is known here by a moment.
void Keeping::look(const HeardPtr& heard) {
    const Message message(*heard->response.bundle);
    const auto answers = text_at(*message.header()->resource, "response.identifier");
    if (const auto* sent = outside_.book_of(heard->visit->hub).sent(answers)) return read(heard, *sent);
    if (++heard->looks > limits::change_looks_max) return nobody_asked(heard);
    outside_.clock.after(limits::change_look_again_ms, alive_.guard([this, heard] { look(heard); }));
}

// Only what is certain is kept as the answer for ever: after a start the request may still be ahead in the journal.
void Keeping::nobody_asked(const HeardPtr& heard) {
    const auto& visit = heard->visit;
    if (!outside_.book_is_whole(visit->hub)) return visit->answer({unavailable()});
    outside_.refusing.refuse(visit, {not_sent_from_here(Message(*heard->response.bundle))}, Judged::state);
}

void Keeping::read(const HeardPtr& heard, const SentRequest& sent) {
    const auto& visit = heard->visit;
    const auto response = read_response(Message(*heard->response.bundle));
    if (!response) return outside_.refusing.refuse(visit, response.error());
    for (const auto& warning : response.value().warnings) outside_.log("response-warning " + warning, sent.case_id);
    const auto& correlation = visit->headers.correlation_id;
    if (lower_case(correlation) != lower_case(sent.correlation_id)) {
        outside_.log("response-correlation-differs", sent.case_id);
    }
    heard->sent = sent;
    heard->response.exchange.set_kind(kind_of_exchange(response.value()));
    outside_.keys.of_case(visit->hub, sent.case_id, sent.key_id, alive_.guard([this, heard](const CaseKey& released) {
        if (released.key) return ask(heard, *released.key);
        outside_.log("response-without-key", heard->sent.case_id);
        heard->visit->answer({unavailable()});
    }));
}

// Of a referral (safeguarding, did not attend): nothing was sent from here that it could answer, and somebody should
// read it.
void Keeping::keep_unasked(const HeardPtr& heard) {
    const auto& visit = heard->visit;
    const auto key = outside_.keys.take();
    if (!key) return visit->answer({unavailable()});
    const auto* about = outside_.book_of(visit->hub).latest_of_journey(heard->response.facts.journey_id());
    if (about != nullptr) heard->sent.case_id = about->case_id, heard->sent.case_number = about->case_number;
    ask(heard, *key);
}

void Keeping::ask(const HeardPtr& heard, const NamedKey& key) {
    const auto& visit = heard->visit;
    intake::KeepExchange command;
    command.set_case_id(heard->sent.case_id);
    command.set_case_number(heard->sent.case_number);
    auto& exchange = *command.mutable_exchange();
    exchange = heard->response.exchange;
    exchange.set_answer_status(200);
    if (exchange.message_id().empty()) exchange.set_message_id(exchange.request_id());
    *exchange.mutable_original() =
        sealing::seal(key.key, key.id, sealing::Context::original, visit->body, outside_.random);
    outside_.refusing.add_requester(*visit, key, exchange);
    const auto said = alive_.guard([visit, bundle = heard->response.bundle](const Reply& reply) {
        if (reply.status() == UNAVAILABLE) return visit->answer({unavailable()});
        if (reply.status() == UNKNOWN) return visit->answer({timed_out()});
        const bool again = reply.status() == REFUSED && reply.refusal().code() == DUPLICATE_MESSAGE;
        if (again) return visit->answer({already_received()});
        if (reply.status() == REFUSED) return visit->answer({internal_error()});
        const auto format = visit->headers.answer_format;
        visit->send(200, std::string(media_type(format)), response_answer(Message(*bundle), format));
    });
    outside_.asker.ask("intake", outside_.refusing.command_for(*visit, heard->response.facts.journey_id(), command),
                       visit->remaining_ms(), said);
}

}  // namespace rightplace::bars
