// Opening, changing and closing cases.
#include "common/base/hash.hpp"
#include "common/base/limits.hpp"
#include "common/clinical/attendance.hpp"
#include "common/clinical/case_number.hpp"
#include "common/clinical/pathways.hpp"
#include "common/clinical/roles.hpp"
#include "common/clinical/words.hpp"
#include "services/intake/domain/rules.hpp"

namespace rightplace::intake {
namespace {

using runtime::new_event;
using runtime::refuse;

// What a crew intends is recorded before it is advised: what the hub changed is counted against it. Words that nobody
// counts would hide a conveyance that was avoided.
std::optional<Failure<Refused>> against_crew(const CaseFacts& facts) {
    if (facts.origin() != CREW_ON_SCENE) return std::nullopt;
    if (!clinical::is_code(facts.callsign())) {
        return refuse(INVALID, "A crew's contact needs its callsign, as a code.", "facts.callsign");
    }
    if (!clinical::pathway_from_word(facts.original_plan())) {
        return refuse(
            INVALID,
            "A crew's contact needs the crew's plan before any advice, one of " + clinical::pathway_words() + ".",
            "facts.original_plan");
    }
    return std::nullopt;
}

// In clear: no name, no number of a person's, no free text.
std::optional<Failure<Refused>> against_words_in_clear(const CaseFacts& facts) {
    const std::pair<const char*, const std::string&> codes[] = {
        {"facts.use_case", facts.use_case()},
        {"facts.consent", facts.consent()},
        {"facts.nhs_number_status", facts.nhs_number_status()},
    };
    const auto& staff = facts.requester_staff_id();
    if (!staff.empty() && !clinical::is_code(staff)) {
        return refuse(INVALID, "Who asks is named by staff id: a code.", "facts.requester_staff_id");
    }
    for (const auto& [field, value] : codes) {
        if (value.empty() || clinical::is_code_of_nobody(value)) continue;
        return refuse(INVALID, "This is kept in clear: it must be a code, and no NHS number.", field);
    }
    return std::nullopt;
}

// Nothing when facts and person may stand in the record together.
std::optional<Failure<Refused>> against_content(const CaseFacts& facts, const Sealed& person, bool person_needed) {
    if (facts.origin() == ORIGIN_UNSPECIFIED || !Origin_IsValid(facts.origin())) {
        return refuse(INVALID, "The case needs its origin.", "facts.origin");
    }
    if (!Category_IsValid(facts.category())) {
        return refuse(INVALID, "The category is not an ARP category.", "facts.category");
    }
    if (facts.key_id().empty()) return refuse(INVALID, "The case needs its key.", "facts.key_id");
    if (person_needed && person.ciphertext().empty()) {
        return refuse(INVALID, "The person is missing or not sealed.", "person.ciphertext");
    }
    if (!person.ciphertext().empty() && person.key_id() != facts.key_id()) {
        return refuse(INVALID, "The person is sealed under another key than the case's.", "person.key_id");
    }
    if (auto against = against_words_in_clear(facts)) return against;
    return against_crew(facts);
}

// SpO2 by scale 2 is a clinician's decision (RCP, chart 1): whose it was is not for whoever asks to say.
void say_whose_scale(CaseFacts& facts, const Actor& by) {
    facts.clear_spo2_scale_2_by();
    const bool decided = clinical::is_named_clinician(by.id(), by.role());
    if (decided && facts.observations().spo2_scale_2()) *facts.mutable_spo2_scale_2_by() = by;
}

// What a crew intended before it was advised is what the hub's advice is counted against: a later plan does not take
// its place. (Of a 999 validation it is the sender's disposition, which is its own to change.)
void keep_plan_before_advice(const CaseFacts& before, CaseFacts& now) {
    if (before.origin() != CREW_ON_SCENE) return;
    const auto later = clinical::pathway_from_word(now.original_plan());
    if (later && clinical::pathway_code(*later) != before.original_plan()) {
        now.add_warnings("plan-now " + clinical::pathway_code(*later));
    }
    now.set_original_plan(before.original_plan());
}

// A 999 validation goes back to its sender by itself. Whoever else asks stands beside the patient, or has them on the
// telephone: they hear in the answer that nobody is here. Not of what is written up later: it has been told long since.
std::optional<HubFoundClosed> found_closed(const OpenCase& command, const Command& envelope, const Context& context) {
    const auto& facts = command.facts();
    const bool ruled = context.policy != nullptr && context.policy->has_attendance();
    const bool by_a_person = !command.has_exchange() && facts.origin() != VALIDATION_999;
    if (!ruled || !by_a_person || envelope.has_occurred_at()) return std::nullopt;
    const auto& attendance = context.policy->attendance();
    if (clinical::is_open(attendance, facts.site(), london_clock(context.now))) return std::nullopt;
    HubFoundClosed closed;
    closed.set_site(facts.site());
    const auto opens = clinical::opens_at(attendance, facts.site(), context.now);
    if (opens) *closed.mutable_opens_at() = to_timestamp(*opens);
    return closed;
}

Failure<Refused> no_case() {
    return refuse(NOT_FOUND, "There is no such case.", "case_id");
}

Failure<Refused> closed_case(const CaseState& state) {
    return refuse(WRONG_STATE, "The case is closed: " + state.close_reason() + ".", "case_id");
}

// Reactions may overtake each other: what ended a review and was taken back since does not close the case.
// An older build says nothing of when (0): of a case that was never reopened it is believed.
bool is_overtaken(const CaseState& state, std::uint64_t outcome_seq) {
    return state.outcome_seq() != 0 && outcome_seq <= state.outcome_seq();
}

bool is_case_id(const std::string& text) {
    if (!is_uuid(text)) return false;
    for (const char c : text) {
        if (c >= 'A' && c <= 'F') return false;  // one spelling, so that one case has one key
    }
    return true;
}

}  // namespace

AggregateId case_key(const std::string& case_id) {
    return {case_type, case_id};
}

AggregateId numbering_key(TimeMs now) {
    return {numbering_type, london_day(now)};
}

std::vector<AggregateId> open_case_needs(const OpenCase& command, TimeMs now) {
    std::vector<AggregateId> needed{case_key(command.case_id()), numbering_key(now)};
    // Midnight may pass between the load and the decision.
    const AggregateId tomorrow = numbering_key(now + limits::command_deadline_max_ms);
    if (tomorrow != needed.back()) needed.push_back(tomorrow);
    if (command.has_exchange()) {
        for (auto& key : exchange_keys(command.exchange())) needed.push_back(std::move(key));
    }
    return needed;
}

Decided open_case(const States& states, const OpenCase& command, const Command& envelope, const Context& context) {
    if (command.has_exchange()) {
        if (auto against = against_exchange(states, command.exchange(), MessageIs::fresh)) return *against;
    }
    if (!is_case_id(command.case_id())) {
        return refuse(INVALID, "The case id must be a lower-case UUID.", "case_id");
    }
    if (states.at(case_key(command.case_id())).version > 0) {
        return refuse(ALREADY_EXISTS, "A case of this id exists.", "case_id");
    }
    if (auto against = against_content(command.facts(), command.person(), true)) return *against;

    INVARIANT(context.case_letter.size() == 1);
    const AggregateId numbering = numbering_key(context.now);
    const auto* issued = states.get<NumberingState>(numbering);
    CaseNumberIssued number;
    number.set_counter((issued ? issued->counter() : 0) + 1);
    if (number.counter() > clinical::case_counter_max) {
        return refuse(WRONG_STATE, "The case numbers of this day are used up.");
    }
    number.set_case_number(clinical::format_case_number(context.case_letter[0], numbering.id, number.counter()));

    CaseOpened opened;
    *opened.mutable_facts() = command.facts();
    say_whose_scale(*opened.mutable_facts(), envelope.actor());
    if (const auto plan = clinical::pathway_from_word(command.facts().original_plan())) {
        opened.mutable_facts()->set_original_plan(clinical::pathway_code(*plan));  // one word for one plan
    }
    *opened.mutable_person() = command.person();
    if (command.has_reply_to()) *opened.mutable_reply_to() = command.reply_to();
    opened.set_case_number(number.case_number());

    const std::string spoken = number.case_number();
    std::vector<NewEvent> all{new_event(numbering, number, command.case_id(), spoken),
                              new_event(case_key(command.case_id()), opened, command.case_id(), spoken)};
    if (auto closed = found_closed(command, envelope, context)) {
        all.push_back(new_event(case_key(command.case_id()), *closed, command.case_id(), spoken));
    }
    if (command.has_exchange()) add_answered(all, states, command.exchange(), command.case_id(), spoken);
    return runtime::events(std::move(all));
}

Decided update_case(const States& states, const UpdateCase& command, const Actor& by) {
    if (command.has_exchange()) {
        if (auto against = against_exchange(states, command.exchange(), MessageIs::about_a_case)) return *against;
    }
    const auto* state = states.get<CaseState>(case_key(command.case_id()));
    if (!state) return no_case();
    if (command.has_after_updates() && command.after_updates() != state->updates()) {
        return refuse(WRONG_STATE, "The case has been updated since; merge with that.", "after_updates");
    }
    if (auto against = against_content(command.facts(), command.person(), false)) return *against;
    if (command.facts().key_id() != state->facts().key_id()) {
        return refuse(INVALID, "A case keeps its key.", "facts.key_id");
    }
    if (command.facts().origin() != state->facts().origin()) {
        return refuse(INVALID, "A case keeps its origin: who is answered, and given it back, goes by it.",
                      "facts.origin");
    }
    CaseUpdated updated;
    *updated.mutable_facts() = command.facts();
    keep_plan_before_advice(state->facts(), *updated.mutable_facts());
    say_whose_scale(*updated.mutable_facts(), by);
    if (command.has_person()) *updated.mutable_person() = command.person();
    updated.set_after_end(state->closed());
    updated.set_update_number(state->updates() + 1);
    std::vector<NewEvent> all;
    // First what the next update is merged with, then the count that it goes by: a reader between the two is refused.
    if (command.has_exchange()) add_answered(all, states, command.exchange(), command.case_id(), state->case_number());
    if (!command.nothing_new()) {
        all.push_back(new_event(case_key(command.case_id()), updated, command.case_id(), state->case_number()));
    }
    return runtime::events(std::move(all));
}

Decided cancel_case(const States& states, const CancelCase& command) {
    if (command.has_exchange()) {
        if (auto against = against_exchange(states, command.exchange(), MessageIs::about_a_case)) return *against;
    }
    const auto* state = states.get<CaseState>(case_key(command.case_id()));
    if (!state) return no_case();
    if (state->closed()) return closed_case(*state);
    std::vector<NewEvent> all;
    if (!state->cancellation_asked()) {
        CancellationAsked asked;
        asked.set_reason(command.reason());
        if (command.has_text()) *asked.mutable_text() = command.text();
        all.push_back(new_event(case_key(command.case_id()), asked, command.case_id(), state->case_number()));
    }
    if (command.has_exchange()) add_answered(all, states, command.exchange(), command.case_id(), state->case_number());
    return runtime::events(std::move(all));
}

Decided close_case(const States& states, const CloseCase& command) {
    const auto* state = states.get<CaseState>(case_key(command.case_id()));
    if (!state) return no_case();
    if (state->closed() && command.outcome_seq() <= state->outcome_seq()) return runtime::nothing();
    if (is_overtaken(*state, command.outcome_seq())) return runtime::nothing();
    if (command.reason().empty()) return refuse(INVALID, "Closing needs a reason.", "reason");
    CaseClosed closed;
    closed.set_reason(command.reason());
    closed.set_outcome_seq(command.outcome_seq());
    return runtime::events({new_event(case_key(command.case_id()), closed, command.case_id(), state->case_number())});
}

Decided reopen_case(const States& states, const ReopenCase& command) {
    const auto* state = states.get<CaseState>(case_key(command.case_id()));
    if (!state) return no_case();
    if (is_overtaken(*state, command.outcome_seq())) return runtime::nothing();
    CaseReopened reopened;
    reopened.set_outcome_seq(command.outcome_seq());
    return runtime::events({new_event(case_key(command.case_id()), reopened, command.case_id(), state->case_number())});
}

Decided link_case(const States& states, const LinkCase& command) {
    if (command.case_id() == command.earlier_case_id()) {
        return refuse(INVALID, "A case is not linked to itself.", "earlier_case_id");
    }
    const auto* state = states.get<CaseState>(case_key(command.case_id()));
    if (!state) return no_case();
    const auto* earlier = states.get<CaseState>(case_key(command.earlier_case_id()));
    if (!earlier) return refuse(NOT_FOUND, "There is no such earlier case.", "earlier_case_id");
    for (const CaseLinked& link : state->links()) {
        if (link.earlier_case_id() == command.earlier_case_id()) return runtime::nothing();
    }
    CaseLinked linked;
    linked.set_earlier_case_id(command.earlier_case_id());
    linked.set_earlier_case_number(earlier->case_number());
    linked.set_matched_on(command.matched_on());
    return runtime::events({new_event(case_key(command.case_id()), linked, command.case_id(), state->case_number())});
}

}  // namespace rightplace::intake
