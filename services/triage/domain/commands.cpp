// Queueing a review, and what a claim never blocks: contact attempts, notes, escalation.
#include <algorithm>
#include <array>

#include "common/clinical/categories.hpp"
#include "common/clinical/hub_policy.hpp"
#include "common/clinical/news2.hpp"
#include "common/clinical/roles.hpp"
#include "common/clinical/words.hpp"
#include "services/triage/domain/rules.hpp"

namespace rightplace::triage {

using runtime::new_event;
using runtime::refuse;

AggregateId review_key(const std::string& case_id) {
    return {review_type, case_id};
}

bool ended(const ReviewState& review) {
    return clinical::is_over(review);
}

Failure<Refused> no_review() {
    return refuse(NOT_FOUND, "There is no review of such a case in this hub.", "case_id");
}

std::string since_then(const ReviewState& review) {
    const std::string role = review.last_event_role().empty() ? "the system" : review.last_event_role();
    return "The last thing that happened: " + review.last_event() + ", by " + role + ".";
}

Failure<Refused> ended_review(const ReviewState& review) {
    if (review.status() == TRANSFERRED) {
        const std::string& there = review.transferred_to();
        return refuse(WRONG_STATE, "The review was transferred to " + there + ", which has it now: do it there.",
                      "case_id");
    }
    return refuse(WRONG_STATE, "The review has ended. " + since_then(review), "case_id");
}

NewEvent review_event(const ReviewState& review, const Message& payload) {
    std::shared_ptr<Message> copy(payload.New());
    copy->CopyFrom(payload);
    return {review_key(review.case_id()), copy, review.case_id(), review.case_number()};
}

std::optional<Failure<Refused>> against_future(const Asked& asked) {
    const bool future = asked.envelope.has_occurred_at() && to_ms(asked.envelope.occurred_at()) > asked.context.now;
    if (!future) return std::nullopt;
    return refuse(INVALID, "It is said to have happened in the future.", "occurred_at");
}

std::optional<Failure<Refused>> against_reason(const std::string& reason_code) {
    if (clinical::is_code(reason_code)) return std::nullopt;
    return refuse(INVALID, "The reason is missing, or no code: letters, digits and hyphens; more belongs in the text.",
                  "reason_code");
}

TimeMs occurred_at(const Asked& asked) {
    if (!asked.envelope.has_occurred_at()) return asked.context.now;
    return std::min(to_ms(asked.envelope.occurred_at()), asked.context.now);
}

Decided queue_review(const Asked& asked, const QueueReview& command) {
    if (command.case_id().empty()) return refuse(INVALID, "The review needs its case.", "case_id");
    const AggregateId key = review_key(command.case_id());
    if (asked.states.at(key).version > 0) return runtime::nothing();  // one review per case and hub
    const TimeMs now = asked.context.now;
    const TimeMs happened = occurred_at(asked);
    ReviewQueued queued;
    *queued.mutable_facts() = command.facts();
    *queued.mutable_news2() = clinical::news2(command.facts());
    const auto raised = raised_by_rule(asked.context, command.facts(), queued.news2(), command.facts().category());
    const auto category = raised ? raised->to_category() : command.facts().category();
    if (command.has_reply_to()) *queued.mutable_reply_to() = command.reply_to();
    TimeMs breach = 0;
    if (command.facts().has_breach_at()) {
        breach = to_ms(command.facts().breach_at());
    } else {
        const TimeMs start = command.facts().has_clock_start() ? to_ms(command.facts().clock_start()) : happened;
        breach = start + clinical::breach_minutes(asked.context.policy, category) * TimeMs{60'000};
        queued.set_breach_from_policy(true);
    }
    *queued.mutable_breach_at() = to_timestamp(breach);
    std::vector<NewEvent> all{new_event(key, queued, command.case_id(), command.case_number())};
    if (raised) all.push_back(new_event(key, *raised, command.case_id(), command.case_number()));
    if (breach <= now) {
        ReviewBreached breached;
        *breached.mutable_due() = queued.breach_at();
        // Back-filled work that had time left when it happened is told to people, not sent back.
        breached.set_arrived_breached(breach <= happened);
        breached.set_returned(breached.arrived_breached() && has_sender(command.facts(), command.reply_to()));
        if (command.has_reply_to()) *breached.mutable_reply_to() = command.reply_to();
        all.push_back(new_event(key, breached, command.case_id(), command.case_number()));
    }
    return runtime::events(std::move(all));
}

Decided record_contact_attempt(const Asked& asked, const RecordContactAttempt& command) {
    static constexpr std::array outcomes{"answered", "no-answer", "wrong-number", "left-message"};
    static constexpr std::array methods{"phone", "video"};
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    if (std::find(outcomes.begin(), outcomes.end(), command.outcome()) == outcomes.end()) {
        return refuse(INVALID, "The outcome is one of answered, no-answer, wrong-number, left-message.", "outcome");
    }
    if (std::find(methods.begin(), methods.end(), command.method()) == methods.end()) {
        return refuse(INVALID, "The method is phone or video.", "method");
    }
    if (auto against = against_future(asked)) return *against;
    // What it settles is owed there.
    if (review->status() == TRANSFERRED) return ended_review(*review);
    ContactAttempted attempted;
    attempted.set_outcome(command.outcome());
    attempted.set_method(command.method());
    std::vector<NewEvent> all;
    if (command.outcome() == "answered") all = call_missed_before(asked, *review);
    all.push_back(review_event(*review, attempted));
    return runtime::events(std::move(all));
}

Decided add_note(const Asked& asked, const AddNote& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    if (command.text().ciphertext().empty()) return refuse(INVALID, "The note is missing or not sealed.", "text");
    NoteAdded note;
    *note.mutable_text() = command.text();
    return runtime::events({review_event(*review, note)});
}

// What policy had set gives way to what the new category allows from now on; what a sender set was promised to it.
ReviewEscalated escalation(const Asked& asked, const ReviewState& review, intake::Category to,
                           const std::string& reason_code) {
    ReviewEscalated escalated;
    escalated.set_from_category(review.category());
    escalated.set_to_category(to);
    escalated.set_reason_code(reason_code);
    const bool held = lease_is_live(asked, review);
    escalated.set_by_its_holder(held && review.claim().holder().id() == asked.envelope.actor().id());
    const TimeMs from_now = occurred_at(asked) + clinical::breach_minutes(asked.context.policy, to) * TimeMs{60'000};
    const bool of_sender =
        review.facts().has_breach_at() && to_ms(review.facts().breach_at()) == to_ms(review.breach_at());
    const bool gives_way = !of_sender && !review.breached();
    if (gives_way && from_now < to_ms(review.breach_at())) *escalated.mutable_breach_at() = to_timestamp(from_now);
    return escalated;
}

// Never refused for its words: those that may not stand in clear stay out of the record.
Decided escalate_review(const Asked& asked, const EscalateReview& as_sent) {
    EscalateReview command = as_sent;
    command.set_reason_code(clinical::reason_in_clear(as_sent.reason_code()));
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    // A sender's update, or another hub's word: nobody waits for a refusal.
    const bool passed_on = !asked.envelope.cause_event_id().empty();
    if (!review) return no_review();
    if (command.to_category() == intake::CATEGORY_UNSPECIFIED || !intake::Category_IsValid(command.to_category())) {
        return refuse(INVALID, "The category to escalate to is missing.", "to_category");
    }
    if (!review->transferred_to().empty()) return pass_on(*review, command);
    const bool worse = clinical::urgency_rank(command.to_category()) < clinical::urgency_rank(review->category());
    // Decided or rejected, it may be taken back: then it is as urgent as its sender says now.
    const bool over = ended(*review) && (!passed_on || review->outcome_event_id().empty());
    if (passed_on && (over || !worse)) return runtime::nothing();  // overtaken
    if (over) return ended_review(*review);
    if (clinical::urgency_rank(command.to_category()) > clinical::urgency_rank(review->category())) {
        return refuse(INVALID, "An escalation never lowers the category; a clinician may downgrade it.", "to_category");
    }
    return runtime::events(
        {review_event(*review, escalation(asked, *review, command.to_category(), command.reason_code()))});
}

// The breach time stays: it was promised to the sender.
Decided downgrade_review(const Asked& asked, const DowngradeReview& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    if (ended(*review)) return ended_review(*review);
    const Actor& actor = asked.envelope.actor();
    if (!clinical::is_named_clinician(actor.id(), actor.role())) {
        return refuse(FORBIDDEN, "Only a named clinician lowers a category.", "actor.role");
    }
    if (auto against = against_reason(command.reason_code())) return *against;
    if (command.to_category() == intake::CATEGORY_UNSPECIFIED || !intake::Category_IsValid(command.to_category())) {
        return refuse(INVALID, "The category to downgrade to is missing.", "to_category");
    }
    if (clinical::urgency_rank(command.to_category()) <= clinical::urgency_rank(review->category())) {
        return refuse(INVALID, "That is no lower than the category it has.", "to_category");
    }
    ReviewDowngraded downgraded;
    downgraded.set_from_category(review->category());
    downgraded.set_to_category(command.to_category());
    downgraded.set_reason_code(command.reason_code());
    if (command.has_text()) *downgraded.mutable_text() = command.text();
    for (auto& rule : weighed_by_clinician(asked.context, *review, command.to_category()))
        downgraded.add_weighed(std::move(rule));
    return runtime::events({review_event(*review, downgraded)});
}

}  // namespace rightplace::triage
