// How a review ends, and what happens at its breach time.
#include <algorithm>
#include <map>

#include "common/clinical/categories.hpp"
#include "common/clinical/roles.hpp"
#include "services/triage/domain/rules.hpp"

namespace rightplace::triage {
namespace {

using runtime::refuse;

// A stale decision never lands, and what the clinician wrote is not lost: it stays as a note.
Failure<Refused> keep_text(Failure<Refused> refused, const ReviewState& review, const Sealed& text) {
    if (refused.error.refusal.code() != STALE_TOKEN || text.ciphertext().empty()) return refused;
    NoteAdded note;
    *note.mutable_text() = text;
    note.set_why("stale-decision");
    refused.error.events.push_back(review_event(review, note));
    return refused;
}

bool is_reference(const std::string& text) {
    constexpr std::size_t longest = 40;
    const auto fits = [](char c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return letter || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '/' || c == '-';
    };
    return text.size() <= longest && std::all_of(text.begin(), text.end(), fits);
}

std::optional<Failure<Refused>> against_decision(const DecideReview& command) {
    if (command.pathway() == PATHWAY_UNSPECIFIED || !Pathway_IsValid(command.pathway())) {
        return refuse(INVALID, "A decision needs its pathway.", "pathway");
    }
    if (command.rationale().ciphertext().empty() && command.rationale_code().empty()) {
        return refuse(INVALID, "A decision needs its rationale, written or coded.", "rationale");
    }
    if (!intake::Category_IsValid(command.category())) {
        return refuse(INVALID, "The category is not an ARP category.", "category");
    }
    if (!command.ambulance_reference().empty()) {
        if (!clinical::needs_ambulance(command.pathway())) {
            return refuse(INVALID, "A pathway without an ambulance has no reference of one.", "ambulance_reference");
        }
        if (!is_reference(command.ambulance_reference())) {
            return refuse(INVALID, "The reference is up to 40 letters, digits, and . _ / -", "ambulance_reference");
        }
    }
    for (const Participant& participant : command.shared_with()) {
        if (!participant.view().empty() && !is_view(participant.view())) {
            return refuse(INVALID, "A view is agree, dissent, advise or empty.", "shared_with.view");
        }
    }
    return std::nullopt;
}

// Nothing is lowered or closed without a named clinician.
std::optional<Failure<Refused>> against_decider(const Asked& asked) {
    const Actor& actor = asked.envelope.actor();
    if (clinical::is_named_clinician(actor.id(), actor.role())) return std::nullopt;
    return refuse(FORBIDDEN,
                  "Only a named clinician decides or rejects a review; anybody may escalate it, or send an ambulance.",
                  "actor.role");
}

// Whoever is there may send an ambulance, in no lower category than the case has come to.
bool errs_on_the_safe_side(const Asked& asked, const ReviewState& review, const DecideReview& command) {
    const bool lower = command.category() != intake::CATEGORY_UNSPECIFIED &&
                       clinical::urgency_rank(command.category()) > clinical::urgency_rank(review.category());
    return !asked.envelope.actor().id().empty() && clinical::needs_ambulance(command.pathway()) && !lower;
}

// The timer may be late, or its service cut off: an outcome after the breach time does not hide the breach.
std::vector<NewEvent> breach_before_outcome(const Asked& asked, const ReviewState& review) {
    if (review.breached() || occurred_at(asked) < to_ms(review.breach_at())) return {};
    ReviewBreached breached;
    *breached.mutable_due() = review.breach_at();
    if (review.has_reply_to()) *breached.mutable_reply_to() = review.reply_to();
    return {review_event(review, breached)};  // not given back: the outcome itself is the answer
}

// Whoever gave an opinion on the review shared in its decision, named by the decider or not, with their own last view.
void add_opinions(ReviewDecided& decided, const ReviewState& review, const std::string& decider) {
    std::map<std::string, const SecondOpinion*> last;
    for (const SecondOpinion& opinion : review.opinions()) {
        const std::string& by = opinion.given_by().id();
        if (!opinion.has_given_by() || by == decider) continue;
        const auto*& known = last[by];
        if (known == nullptr || to_ms(opinion.given_at()) >= to_ms(known->given_at())) known = &opinion;
    }
    for (const auto& each : last) {
        const SecondOpinion* opinion = each.second;
        auto& named = *decided.mutable_shared_with();
        const auto same = [&](const Participant& other) { return other.actor().id() == opinion->given_by().id(); };
        const auto found = std::find_if(named.begin(), named.end(), same);
        Participant& participant = found == named.end() ? *named.Add() : *found;
        *participant.mutable_actor() = opinion->given_by();
        participant.set_view(opinion->view());
    }
}

}  // namespace

Decided ended_by(const Asked& asked, const ReviewState& review, const Message& outcome) {
    auto events = breach_before_outcome(asked, review);
    for (auto& missed : call_missed_before(asked, review)) events.push_back(std::move(missed));
    for (auto& over : offer_ended(review, "ended")) events.push_back(std::move(over));
    events.push_back(review_event(review, outcome));
    Decision decision = runtime::events(std::move(events));
    clear_lease(decision, review);
    return decision;
}

bool told_by_message(const intake::ReplyTo& reply_to) {
    return reply_to.protocol() == "bars" || (!reply_to.via_hub().empty() && !reply_to.cannot_be_told());
}

bool has_sender(const intake::CaseFacts& facts, const intake::ReplyTo& reply_to) {
    return facts.origin() == intake::VALIDATION_999 && told_by_message(reply_to);
}

bool gives_back(const ReviewState& review) {
    return has_sender(review.facts(), review.reply_to()) && !review.return_used();
}

Decided start_consultation(const Asked& asked, const StartConsultation& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    if (auto against = against_token(*review, command.token())) return *against;
    if (review->status() == IN_CONSULTATION) return runtime::nothing();
    ConsultationStarted started;
    started.set_token(command.token());
    if (review->has_reply_to()) *started.mutable_reply_to() = review->reply_to();
    auto all = offer_ended(*review, "consultation");
    all.push_back(review_event(*review, started));
    return runtime::events(std::move(all));
}

Decided decide_review(const Asked& asked, const DecideReview& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    if (auto against = against_decider(asked); against && !errs_on_the_safe_side(asked, *review, command)) {
        return *against;
    }
    if (auto against = against_token(*review, command.token())) {
        return keep_text(*against, *review, command.rationale());
    }
    if (auto against = against_decision(command)) return *against;
    if (auto against = against_future(asked)) return *against;
    ReviewDecided decided;
    if (auto against = weigh_advice(asked, *review, command, decided)) return *against;
    decided.set_token(command.token());
    decided.set_pathway(command.pathway());
    if (command.has_rationale()) *decided.mutable_rationale() = command.rationale();
    decided.set_rationale_code(command.rationale_code());
    *decided.mutable_shared_with() = command.shared_with();
    add_opinions(decided, *review, asked.envelope.actor().id());
    // Whoever is to send the ambulance must hear of a category that the review was raised to.
    const bool as_it_stands =
        command.category() == intake::CATEGORY_UNSPECIFIED && clinical::needs_ambulance(command.pathway());
    decided.set_category(as_it_stands ? review->category() : command.category());
    decided.set_ambulance_reference(command.ambulance_reference());
    decided.set_emergency(clinical::is_emergency(decided.category(), decided.pathway()));
    *decided.mutable_outcome_codes() = command.outcome_codes();
    decided.set_original_plan(review->facts().original_plan());
    decided.set_refer_to_service_id(command.refer_to_service_id());
    if (review->has_reply_to()) *decided.mutable_reply_to() = review->reply_to();
    // By when it happened, not by when it was written down: a back-filled decision may have been in time.
    const TimeMs given_back = std::min(to_ms(review->returned_at()), to_ms(review->breach_at()));
    const bool was_returned = review->returned() || review->return_used();
    decided.set_late(was_returned && occurred_at(asked) >= given_back);
    decided.set_consultation_started(review->consultation_started());
    return ended_by(asked, *review, decided);
}

Decided reject_review(const Asked& asked, const RejectReview& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    if (auto against = against_decider(asked)) return *against;
    if (auto against = against_token(*review, command.token())) {
        return keep_text(*against, *review, command.text());
    }
    if (command.reason() == REJECT_REASON_UNSPECIFIED || !RejectReason_IsValid(command.reason())) {
        return refuse(INVALID, "The reason is FC, RRNA or OTH.", "reason");
    }
    if (command.reason() == OTH && command.text().ciphertext().empty()) {
        return refuse(INVALID, "The reason OTH needs its text.", "text");
    }
    if (auto against = against_future(asked)) return *against;
    ReviewRejected rejected;
    rejected.set_reason(command.reason());
    if (command.has_text()) *rejected.mutable_text() = command.text();
    if (review->has_reply_to()) *rejected.mutable_reply_to() = review->reply_to();
    return ended_by(asked, *review, rejected);
}

// From the timer. Once only; a timer of another due time, or ahead of its time, does nothing.
Decided breach_review(const Asked& asked, const BreachReview& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    const TimeMs due = to_ms(review->breach_at());
    if (ended(*review) || review->breached() || to_ms(command.due()) != due || asked.context.now < due) {
        return runtime::nothing();
    }
    Decision decision;
    const bool in_consultation = review->status() == IN_CONSULTATION;
    const bool with_clinician = in_consultation && lease_is_live(asked, *review);
    if (in_consultation && !with_clinician) {
        // Whoever was in consultation is gone: the case must not wait for the lease scanner to say so.
        if (auto over = over_as_cancelled(asked, *review)) return *over;
        decision.events.push_back(claim_lapsed(*review));
        clear_lease(decision, *review);
    }
    ReviewBreached breached;
    *breached.mutable_due() = review->breach_at();
    breached.set_returned(!with_clinician && gives_back(*review) && !review->returned());
    breached.set_returned_before(review->returned());
    if (review->has_reply_to()) *breached.mutable_reply_to() = review->reply_to();
    decision.events.push_back(review_event(*review, breached));
    return decision;
}

}  // namespace rightplace::triage
