// Outside messages: the same message gets the same answer, refusals included, for ever.
#include <algorithm>

#include "services/intake/domain/rules.hpp"

namespace rightplace::intake {
namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); });
    return text;
}

ExchangeAnswered answered(const Exchange& exchange, bool accepted) {
    ExchangeAnswered event;
    *event.mutable_exchange() = exchange;
    event.set_accepted(accepted);
    return event;
}

std::optional<Failure<Refused>> against_fields(const Exchange& exchange) {
    const auto missing = [](const char* field) {
        return runtime::refuse(INVALID, "The outside message has no such id.", field);
    };
    if (exchange.protocol().empty()) return missing("exchange.protocol");
    if (exchange.request_id().empty()) return missing("exchange.request_id");
    if (exchange.message_id().empty()) return missing("exchange.message_id");
    if (exchange.body_sha256().empty()) return missing("exchange.body_sha256");
    return std::nullopt;
}

}  // namespace

AggregateId request_key(const Exchange& exchange) {
    return {exchange_type, exchange.protocol() + ":req:" + lower(exchange.request_id())};
}

AggregateId message_key(const Exchange& exchange) {
    return {exchange_type, exchange.protocol() + ":msg:" + lower(exchange.message_id())};
}

std::vector<AggregateId> exchange_keys(const Exchange& exchange) {
    return {request_key(exchange), message_key(exchange)};
}

std::optional<Failure<Refused>> against_exchange(const States& states, const Exchange& exchange, MessageIs what) {
    if (auto bad = against_fields(exchange)) return bad;
    const auto* by_request = states.get<ExchangeState>(request_key(exchange));
    if (by_request && by_request->accepted()) {
        return runtime::refuse(DUPLICATE_MESSAGE, "This message was accepted before.", "exchange.request_id");
    }
    if (by_request && by_request->exchange().body_sha256() == exchange.body_sha256()) {
        return runtime::refuse(INVALID, "This message was refused before; the answer is the same.",
                               by_request->refusal_code());
    }
    if (what == MessageIs::about_a_case) return std::nullopt;
    const auto* by_message = states.get<ExchangeState>(message_key(exchange));
    if (by_message && by_message->accepted() &&
        lower(by_message->exchange().request_id()) != lower(exchange.request_id())) {
        return runtime::refuse(REUSED_ID, "The message id was used by an earlier, accepted message.",
                               "exchange.message_id");
    }
    return std::nullopt;
}

void add_answered(std::vector<NewEvent>& events, const States& states, const Exchange& exchange,
                  const std::string& case_id, const std::string& case_number) {
    ExchangeAnswered by_request = answered(exchange, true);
    by_request.set_case_id(case_id);
    ExchangeAnswered by_message = by_request;
    // The bytes are kept once; this one only says that the message id is taken.
    by_message.mutable_exchange()->clear_original();
    by_message.mutable_exchange()->clear_answer();
    by_message.mutable_exchange()->clear_current();
    by_message.mutable_exchange()->clear_requester();
    events.push_back(runtime::new_event(request_key(exchange), by_request, case_id, case_number));
    const auto* taken = states.get<ExchangeState>(message_key(exchange));
    if (taken != nullptr && taken->accepted()) return;  // by the message that it changes: that one keeps it
    events.push_back(runtime::new_event(message_key(exchange), by_message, case_id, case_number));
}

Decided refuse_exchange(const States& states, const RefuseExchange& command) {
    const Exchange& exchange = command.exchange();
    if (exchange.protocol().empty() || exchange.request_id().empty()) {
        return runtime::refuse(INVALID, "Without a request id there is nothing to answer again.",
                               "exchange.request_id");
    }
    if (command.refusal_code().empty()) {
        return runtime::refuse(INVALID, "The refusal needs its code.", "refusal_code");
    }
    const auto* before = states.get<ExchangeState>(request_key(exchange));
    if (before && before->accepted()) {
        return runtime::refuse(DUPLICATE_MESSAGE, "This message was accepted before.", "exchange.request_id");
    }
    if (before && before->exchange().body_sha256() == exchange.body_sha256() &&
        before->refusal_code() == command.refusal_code()) {
        return runtime::nothing();
    }
    ExchangeAnswered event = answered(exchange, false);
    event.set_refusal_code(command.refusal_code());
    return runtime::events({runtime::new_event(request_key(exchange), event, {}, {})});
}

// Its message id is not kept: of what is merely told, the same may come twice.
Decided keep_exchange(const States& states, const KeepExchange& command) {
    if (auto against = against_exchange(states, command.exchange(), MessageIs::about_a_case)) return *against;
    ExchangeAnswered event = answered(command.exchange(), true);
    event.set_case_id(command.case_id());
    return runtime::events(
        {runtime::new_event(request_key(command.exchange()), event, command.case_id(), command.case_number())});
}

}  // namespace rightplace::intake
