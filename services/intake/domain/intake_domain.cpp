#include "services/intake/domain/intake_domain.hpp"

#include <algorithm>
#include <array>

#include "common/clinical/case_number.hpp"
#include "services/intake/domain/rules.hpp"

namespace rightplace::intake {
namespace {

using runtime::as;
using runtime::Message;
using runtime::must_be;

// Key roles: who vouches for the asker.
constexpr std::array outside_roles{"bars", "hl7v2", "cloudevents", "gp", "cli", "board", "bench"};
constexpr std::array own_commands{"rightplace.intake.CloseCase", "rightplace.intake.ReopenCase",
                                  "rightplace.intake.LinkCase"};

template <typename T>
std::shared_ptr<T> copy_or_new(const Message* before) {
    return before ? std::make_shared<T>(static_cast<const T&>(*before)) : std::make_shared<T>();
}

std::shared_ptr<const Message> evolve_case(const Message* before, const Event& event, const Message& payload) {
    auto state = copy_or_new<CaseState>(before);
    if (const auto* opened = as<CaseOpened>(payload)) {
        state->set_case_id(event.aggregate_id());
        state->set_case_number(opened->case_number());
        *state->mutable_facts() = opened->facts();
        *state->mutable_person() = opened->person();
        if (opened->has_reply_to()) *state->mutable_reply_to() = opened->reply_to();
        *state->mutable_opened_at() = event.occurred_at();
        state->set_correlation_id(event.correlation_id());
    } else if (const auto* updated = as<CaseUpdated>(payload)) {
        *state->mutable_facts() = updated->facts();
        if (updated->has_person()) *state->mutable_person() = updated->person();
        state->set_updates(state->updates() + 1);
        *state->mutable_updated_at() = event.occurred_at();
    } else if (const auto* cancelled = as<CancellationAsked>(payload)) {
        state->set_cancellation_asked(true);
        state->set_cancellation_reason(cancelled->reason());
    } else if (const auto* linked = as<CaseLinked>(payload)) {
        *state->add_links() = *linked;
    } else if (const auto* reopened = as<CaseReopened>(payload)) {
        state->clear_close_reason();
        state->set_closed(false);
        state->set_outcome_seq(reopened->outcome_seq());
    } else if (as<HubFoundClosed>(payload)) {  // said to the asker: nothing about the case itself
        return state;
    } else {
        const auto& closed = must_be<CaseClosed>(payload);
        state->set_close_reason(closed.reason());
        state->set_closed(true);
        if (closed.outcome_seq() != 0) state->set_outcome_seq(closed.outcome_seq());
    }
    return state;
}

std::shared_ptr<const Message> evolve_exchange(const Message& payload) {
    const auto& answered = must_be<ExchangeAnswered>(payload);
    auto state = std::make_shared<ExchangeState>();
    *state->mutable_exchange() = answered.exchange();
    state->set_accepted(answered.accepted());
    state->set_refusal_code(answered.refusal_code());
    state->set_case_id(answered.case_id());
    return state;
}

runtime::Answered found(const CaseState& state) {
    auto reply = std::make_shared<CaseReply>();
    *reply->mutable_state() = state;
    return std::shared_ptr<const Message>(reply);
}

runtime::Answered not_found(const char* sentence, const char* field) {
    return Failure{runtime::refuse(NOT_FOUND, sentence, field).error.refusal};
}

runtime::Answered get_case(const GetCase& asked, const Context& context) {
    const auto* by_id = context.view->find(case_key(asked.case_id_or_number()));
    if (by_id && by_id->state) return found(static_cast<const CaseState&>(*by_id->state));
    const auto wanted = clinical::parse_case_number(asked.case_id_or_number());
    const CaseState* by_number = nullptr;
    if (wanted) {
        context.view->each(case_type, [&](const AggregateId&, const runtime::Aggregate& aggregate) {
            if (!aggregate.state) return;
            const auto& state = static_cast<const CaseState&>(*aggregate.state);
            if (clinical::parse_case_number(state.case_number()) == wanted) by_number = &state;
        });
    }
    if (by_number) return found(*by_number);
    return not_found("There is no such case.", "case_id_or_number");
}

runtime::Answered get_exchange(const GetExchange& asked, const Context& context) {
    for (const char* protocol : {"bars", "cli", "hl7v2", "cloudevents", "gp"}) {
        Exchange exchange;
        exchange.set_protocol(protocol);
        exchange.set_request_id(asked.request_id());
        const auto* held = context.view->find(request_key(exchange));
        if (!held || !held->state) continue;
        auto reply = std::make_shared<ExchangeReply>();
        *reply->mutable_state() = static_cast<const ExchangeState&>(*held->state);
        return std::shared_ptr<const Message>(reply);
    }
    return not_found("No message of this request id was seen.", "request_id");
}

template <typename T>
std::vector<AggregateId> case_and_exchange(const T& command) {
    std::vector<AggregateId> needed{case_key(command.case_id())};
    if (command.has_exchange()) {
        for (auto& key : exchange_keys(command.exchange())) needed.push_back(std::move(key));
    }
    return needed;
}

}  // namespace

std::vector<std::string_view> IntakeDomain::aggregate_types() const {
    return {case_type, exchange_type, numbering_type};
}

std::shared_ptr<Message> IntakeDomain::empty_state(std::string_view aggregate_type) const {
    if (aggregate_type == case_type) return std::make_shared<CaseState>();
    if (aggregate_type == exchange_type) return std::make_shared<ExchangeState>();
    INVARIANT(aggregate_type == numbering_type);
    return std::make_shared<NumberingState>();
}

std::vector<std::string_view> IntakeDomain::commands() const {
    return {"rightplace.intake.OpenCase",     "rightplace.intake.RefuseExchange", "rightplace.intake.UpdateCase",
            "rightplace.intake.KeepExchange", "rightplace.intake.CancelCase",     "rightplace.intake.CloseCase",
            "rightplace.intake.ReopenCase",   "rightplace.intake.LinkCase"};
}

bool IntakeDomain::may(std::string_view key_role, std::string_view command) const {
    const bool own = std::find(own_commands.begin(), own_commands.end(), command) != own_commands.end();
    if (own) return key_role == "intake";
    return std::find(outside_roles.begin(), outside_roles.end(), key_role) != outside_roles.end();
}

std::vector<AggregateId> IntakeDomain::needs(const Message& command, const Context& context) const {
    if (const auto* open = as<OpenCase>(command)) return open_case_needs(*open, context.now);
    if (const auto* refuse = as<RefuseExchange>(command)) return {request_key(refuse->exchange())};
    if (const auto* keep = as<KeepExchange>(command)) return {request_key(keep->exchange())};
    if (const auto* update = as<UpdateCase>(command)) return case_and_exchange(*update);
    if (const auto* cancel = as<CancelCase>(command)) return case_and_exchange(*cancel);
    if (const auto* close = as<CloseCase>(command)) return {case_key(close->case_id())};
    if (const auto* reopen = as<ReopenCase>(command)) return {case_key(reopen->case_id())};
    const auto& link = must_be<LinkCase>(command);
    if (link.case_id() == link.earlier_case_id()) return {case_key(link.case_id())};
    return {case_key(link.case_id()), case_key(link.earlier_case_id())};
}

Decided IntakeDomain::decide(const States& states, const Message& command, const Command& envelope,
                             const Context& context) const {
    if (const auto* open = as<OpenCase>(command)) return open_case(states, *open, envelope, context);
    if (const auto* refuse = as<RefuseExchange>(command)) return refuse_exchange(states, *refuse);
    if (const auto* keep = as<KeepExchange>(command)) return keep_exchange(states, *keep);
    if (const auto* update = as<UpdateCase>(command)) return update_case(states, *update, envelope.actor());
    if (const auto* cancel = as<CancelCase>(command)) return cancel_case(states, *cancel);
    if (const auto* close = as<CloseCase>(command)) return close_case(states, *close);
    if (const auto* reopen = as<ReopenCase>(command)) return reopen_case(states, *reopen);
    return link_case(states, must_be<LinkCase>(command));
}

std::shared_ptr<const Message> IntakeDomain::evolve(std::string_view aggregate_type, const Message* before,
                                                    const Event& event, const Message& payload) const {
    if (aggregate_type == case_type) return evolve_case(before, event, payload);
    if (aggregate_type == exchange_type) return evolve_exchange(payload);
    INVARIANT(aggregate_type == numbering_type);
    auto state = std::make_shared<NumberingState>();
    state->set_counter(must_be<CaseNumberIssued>(payload).counter());
    return state;
}

std::vector<runtime::IndexEntry> IntakeDomain::index(const AggregateId&, const Message&) const {
    return {};
}

std::vector<std::string> IntakeDomain::lookup_keys(std::string_view aggregate_type, const Message& state) const {
    if (aggregate_type != case_type) return {};
    return match_keys(static_cast<const CaseState&>(state).facts());
}

std::vector<runtime::Reaction> IntakeDomain::react(const Event& event, const Message& payload,
                                                   const Context& context) const {
    return reactions(event, payload, context);
}

std::shared_ptr<const Message> IntakeDomain::on_timer(const AggregateId&, std::string_view, TimeMs) const {
    return nullptr;
}

std::optional<std::string> IntakeDomain::live_claim(std::string_view, const Message&) const {
    return std::nullopt;
}

std::shared_ptr<const Message> IntakeDomain::on_lease_lapsed(const AggregateId&, std::string_view) const {
    return nullptr;
}

// Exchanges and numbering stay: an exchange answers its message again for as long as there is a record.
bool IntakeDomain::closed(std::string_view aggregate_type, const Message& state) const {
    return aggregate_type == case_type && static_cast<const CaseState&>(state).closed();
}

std::vector<runtime::Reaction> IntakeDomain::on_ready(const Context&) const {
    return {};
}

runtime::Answered IntakeDomain::query(const runtime::Query& query, const Context& context) const {
    if (const auto* asked = as<GetCase>(*query.payload)) return get_case(*asked, context);
    if (const auto* asked = as<GetExchange>(*query.payload)) return get_exchange(*asked, context);
    return Failure{runtime::refuse(UNKNOWN_COMMAND, "intake does not answer this query.").error.refusal};
}

}  // namespace rightplace::intake
