#include "services/adapters/bars/shell/changing.hpp"

#include <algorithm>

#include "common/base/limits.hpp"
#include "services/adapters/bars/domain/render_delivery.hpp"
#include "services/adapters/bars/shell/contained.hpp"

namespace rightplace::bars {
namespace {

Problem not_held(const Message& change) {
    auto problem = not_found();
    problem.path = change.service_request()->path() + ".id";
    problem.diagnostics = "There is no request of this id here, or its review ended long ago.";
    return problem;
}

// Nothing is held that cannot be read again.
Problem too_large_merged() {
    return {422, "too-costly", "REC_UNPROCESSABLE_ENTITY", "Bundle.entry",
            "With this update the request is larger than what is held here."};
}

}  // namespace

std::vector<std::string> telephones(const intake::Person& person) {
    std::vector<std::string> numbers;
    for (const auto& contact : person.contacts()) {
        for (const auto& method : contact.methods()) {
            if (method.system() == "phone" && !method.value().empty()) numbers.push_back(method.value());
        }
    }
    return numbers;
}

void Changing::receive(const VisitPtr& visit, ValidationRequest request) {
    auto change = std::make_shared<Change>();
    change->visit = visit;
    change->request = std::move(request);
    look(change);
}

// The journal is ahead of what is known here by a moment: a sender may write again as soon as it has its answer.
void Changing::look(const ChangePtr& change) {
    const Message message(*change->request.bundle);
    const auto& hub = change->visit->hub;
    const auto* booked = case_of(message, outside_.book_of(hub), change->request.reply_to.service_id());
    if (booked == nullptr || booked->original.key_id().empty()) return look_again(change, {not_held(message)});
    change->case_id = booked->case_id;
    outside_.keys.of_case(hub, booked->case_id, booked->original.key_id(),
                          alive_.guard([this, change](const CaseKey& released) { opened(change, released); }));
}

void Changing::look_again(const ChangePtr& change, const Problems& at_last) {
    if (++change->looks > limits::change_looks_max) {
        // Only what is certain is kept as the answer for ever: after a start the case may still be ahead in the
        // journal.
        const bool certain = http_status(at_last) < 500;
        if (!certain || !outside_.book_is_whole(change->visit->hub)) {
            return change->visit->answer({unavailable()});
        }
        return outside_.refusing.refuse(change->visit, at_last, Judged::state);
    }
    outside_.clock.after(limits::change_look_again_ms, alive_.guard([this, change] { look(change); }));
}

// What it comes to, and what stands against it.
ChangeProblems Changing::judge(Change& change, const BookedCase& booked) const {
    auto& request = change.request;
    const Message message(*request.bundle);
    auto against = check_change(message, request.kind, Message(*change.current), booked);
    if (!against.content.empty() || !against.state.empty() || request.kind == Kind::cancel) return against;
    change.merged = merge(message, Message(*change.current), {booked.case_id, booked.case_number});
    const Message merged(*change.merged.bundle);
    const auto said_of_its_own = request.facts.warnings();
    request.facts = map_facts(merged, outside_.hub_now(change.visit->hub));
    request.facts.set_site(booked.facts.site());  // where it was asked for first
    for (const auto& warning : said_of_its_own) {
        if (warning.starts_with("destination-")) request.facts.add_warnings(warning);
    }
    request.person = map_person(merged);
    return against;
}

void Changing::opened(const ChangePtr& change, const CaseKey& released) {
    const auto& visit = change->visit;
    const auto* booked = outside_.book_of(visit->hub).find(change->case_id);
    if (!released.key || booked == nullptr) {
        outside_.log("change-without-key", change->case_id);
        return visit->answer({unavailable()});
    }
    const auto bytes = sealing::open(released.key->key, booked->original, sealing::Context::original);
    const auto current = read_document(bytes.ok() ? bytes.value() : std::string(), format_of(booked->content_type));
    if (!current.ok()) {
        outside_.log("request-unreadable", change->case_id);
        return visit->answer({internal_error()});
    }
    change->key = released.key;
    change->current = current.value();
    change->updates = booked->updates;
    const auto judged = contained([&] { return judge(*change, *booked); }, outside_.log, change->case_id);
    if (!judged) return visit->answer({internal_error()});
    auto against = *judged;
    if (!against.content.empty()) {
        auto& all = against.content;
        all.insert(all.end(), against.state.begin(), against.state.end());
        return outside_.refusing.refuse(visit, all);
    }
    if (!against.state.empty()) return outside_.refusing.refuse(visit, against.state, Judged::state);
    if (change->request.kind == Kind::cancel) return cancel(change);
    const auto& request = change->request;
    outside_.keys.tokens(visit->hub, request.person.nhs_number(), telephones(request.person),
                         alive_.guard([this, change](const std::vector<std::string>& tokens) {
                             auto& facts = change->request.facts;
                             for (const auto& token : tokens) facts.add_match_tokens(token);
                             const auto* known = outside_.book_of(change->visit->hub).find(change->case_id);
                             if (tokens.empty() && known != nullptr) {  // vault is slow: it is still found by the old
                                 *facts.mutable_match_tokens() = known->facts.match_tokens();
                             }
                             update(change);
                         }));
}

intake::Exchange Changing::exchange_of(const ChangePtr& change) const {
    intake::Exchange exchange = change->request.exchange;
    exchange.set_answer_status(200);
    *exchange.mutable_original() = sealing::seal(change->key->key, change->key->id, sealing::Context::original,
                                                 change->visit->body, outside_.random);
    return exchange;
}

void Changing::update(const ChangePtr& change) {
    const auto* booked = outside_.book_of(change->visit->hub).find(change->case_id);
    if (booked == nullptr) return look_again(change, {unavailable()});
    const auto& [key_id, key] = *change->key;
    intake::UpdateCase command;
    command.set_case_id(change->case_id);
    command.set_after_updates(change->updates);
    command.set_nothing_new(!change->merged.changed);
    *command.mutable_facts() = change->request.facts;
    command.mutable_facts()->set_key_id(key_id);
    *command.mutable_person() = sealing::seal(key, key_id, sealing::Context::person,
                                              change->request.person.SerializeAsString(), outside_.random);
    *command.mutable_exchange() = exchange_of(change);
    outside_.refusing.add_requester(*change->visit, *change->key, *command.mutable_exchange());
    if (change->merged.changed) {
        const auto format = format_of(booked->content_type);
        const auto current = write_document(*change->merged.bundle, format);
        if (!read_document(current, format).ok()) return outside_.refusing.refuse(change->visit, {too_large_merged()});
        *command.mutable_exchange()->mutable_current() =
            sealing::seal(key, key_id, sealing::Context::original, current, outside_.random);
    }
    ask(change, booked->correlation_id, command);
}

void Changing::cancel(const ChangePtr& change) {
    const auto& visit = change->visit;
    const auto* booked = outside_.book_of(visit->hub).find(change->case_id);
    const Message message(*change->request.bundle);
    const auto request = message.service_request();
    intake::CancelCase command;
    command.set_case_id(change->case_id);
    command.set_reason(text_at(*request->resource, "status"));
    if (const auto why = cancellation_words(message, Message(*change->current)); !why.empty()) {
        *command.mutable_text() =
            sealing::seal(change->key->key, change->key->id, sealing::Context::rationale, why, outside_.random);
    }
    *command.mutable_exchange() = exchange_of(change);
    outside_.refusing.add_requester(*change->visit, *change->key, *command.mutable_exchange());
    ask(change, booked == nullptr ? std::string() : booked->correlation_id, command);
}

void Changing::ask(const ChangePtr& change, const std::string& journey_id, const google::protobuf::Message& command) {
    outside_.asker.ask("intake", outside_.refusing.command_for(*change->visit, journey_id, command),
                       change->visit->remaining_ms(),
                       alive_.guard([this, change](const Reply& reply) { on_reply(change, reply); }));
}

void Changing::on_reply(const ChangePtr& change, const Reply& reply) {
    const auto& visit = change->visit;
    if (reply.status() == UNAVAILABLE) return visit->answer({unavailable()});
    if (reply.status() == UNKNOWN) return visit->answer({timed_out()});
    if (reply.status() == REFUSED) return on_refused(change, reply.refusal());
    const auto* booked = outside_.book_of(visit->hub).find(change->case_id);
    if (booked != nullptr && change->request.kind == Kind::update && change->merged.changed) {
        const auto& facts = change->request.facts;
        const TimeMs told = facts.has_breach_at() ? to_ms(facts.breach_at()) : booked->breach_at;
        outside_.rearm(visit->hub, change->case_id, change->merged.bundle, std::min(told, booked->breach_at),
                       *change->key);
    }
    answer(change);
}

void Changing::on_refused(const ChangePtr& change, const Refusal& refusal) {
    const auto& visit = change->visit;
    outside_.log("case-not-changed:" + RefusalCode_Name(refusal.code()), change->case_id);
    const Message message(*change->request.bundle);
    const auto path = message.service_request()->path();
    switch (refusal.code()) {
        case DUPLICATE_MESSAGE:
            return visit->answer({already_received()});
        case WRONG_STATE:
            if (refusal.field() == "after_updates") return look_again(change, {unavailable()});
            return outside_.refusing.refuse(visit,
                                            {{409, "conflict", "REC_CONFLICT", path + ".status",
                                              "This request is no longer active: its case is closed."}},
                                            Judged::state);
        case INVALID:
            if (refusal.field().starts_with("REC_")) return visit->answer({refused_before(refusal.field())});
            return outside_.refusing.refuse(visit, {broken_rule(refusal.field(), refusal.sentence())});
        case CONTENTION:
            return visit->answer({unavailable()});
        default:
            return visit->answer({internal_error()});
    }
}

void Changing::answer(const ChangePtr& change) {
    const auto& visit = change->visit;
    const auto* booked = outside_.book_of(visit->hub).find(change->case_id);
    if (booked == nullptr) return visit->answer({internal_error()});
    const OwnCase own{booked->case_id, booked->case_number};
    const Message message(*change->request.bundle);
    const auto format = visit->headers.answer_format;
    const bool cancels = change->request.kind == Kind::cancel;
    visit->send(200, std::string(media_type(format)),
                cancels ? cancel_answer(message, Message(*change->current), own, format)
                        : update_answer(message, *change->merged.bundle, own, encounter_now(*booked), format));
}

}  // namespace rightplace::bars
