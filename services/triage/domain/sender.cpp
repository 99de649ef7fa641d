// What the sender of a case says about it later: something newer, or that it takes the case back. Both reach people at
// once, and neither decides for them: a category is raised and a breach time brought forward, never the other way, and
// a case that somebody has begun to work on is theirs to end.
#include "common/clinical/categories.hpp"
#include "common/clinical/news2.hpp"
#include "services/triage/domain/transfer_rules.hpp"

namespace rightplace::triage {
namespace {

using runtime::as;
using runtime::refuse;

// It overtook the reaction that queues the review: that will be there when asked again.
Failure<Refused> not_queued_yet() {
    return refuse(CONTENTION, "The review is not queued yet; ask again.", "case_id");
}

// Updates are noted one by one, and one of them may be tried again for long: it never takes the place of a newer one.
// An older build did not count them (0): what it sent is noted as it comes.
bool is_overtaken(const ReviewState& review, const NoteSenderUpdate& command) {
    return command.update_number() != 0 && command.update_number() < review.update_number();
}

bool is_known(const ReviewState& review, const NoteSenderUpdate& command) {
    return command.update_number() != 0 && command.update_number() == review.update_number();
}

bool brings_forward(const ReviewState& review, const intake::CaseFacts& facts) {
    const bool counts = facts.has_breach_at() && !ended(review) && !review.breached();
    return counts && to_ms(facts.breach_at()) < to_ms(review.breach_at());
}

// Worse than it is here, and than its sender said before: the same word again does not undo a clinician's.
// Decided or rejected, it may be taken back: then it is as urgent as its sender says now.
bool escalates(const ReviewState& review, intake::Category category) {
    const bool over = ended(review) && review.outcome_event_id().empty();
    const int rank = clinical::urgency_rank(category);
    return !over && rank < clinical::urgency_rank(review.category()) &&
           rank < clinical::urgency_rank(review.facts().category());
}

Decided cancelled(const Asked& asked, const ReviewState& review, const std::string& reason) {
    ReviewCancelled over;
    over.set_reason(reason);
    if (review.has_reply_to()) *over.mutable_reply_to() = review.reply_to();
    return ended_by(asked, review, over);
}

// The newer one stands. A category is taken on all the same, as if this one had come first: nobody has weighed it.
Decided note_overtaken(const Asked& asked, const ReviewState& review, const NoteSenderUpdate& command) {
    SenderUpdateNoted noted;
    *noted.mutable_facts() = command.facts();
    *noted.mutable_news2() = clinical::news2(command.facts());
    noted.set_after_end(ended(review));
    noted.set_update_number(command.update_number());
    noted.set_overtaken(true);
    std::vector<NewEvent> all{review_event(review, noted)};
    const auto category = command.facts().category();
    if (escalates(review, category)) {
        all.push_back(review_event(review, escalation(asked, review, category, "sender-update")));
    }
    return runtime::events(std::move(all));
}

}  // namespace

Decided cancel_review(const Asked& asked, const CancelReview& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return not_queued_yet();
    if (!review->transferred_to().empty()) return pass_on(*review, command);
    CancellationNoted noted;
    noted.set_reason(command.reason());
    if (ended(*review)) {
        if (review->outcome_event_id().empty() || review->cancelled_since()) return runtime::nothing();
        return runtime::events({review_event(*review, noted)});
    }
    // Somebody may be speaking with the patient, or has promised to: they see it, and decide.
    if (lease_is_live(asked, *review) || review->has_welfare_call_due()) {
        if (!review->cancellation_asked().empty()) return runtime::nothing();
        return runtime::events({review_event(*review, noted)});
    }
    return cancelled(asked, *review, command.reason());
}

std::optional<Decided> over_as_cancelled(const Asked& asked, const ReviewState& review) {
    if (review.cancellation_asked().empty() || review.has_welfare_call_due()) return std::nullopt;
    return cancelled(asked, review, review.cancellation_asked());
}

Decided note_sender_update(const Asked& asked, const NoteSenderUpdate& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return not_queued_yet();
    if (!review->transferred_to().empty()) return pass_on(*review, command);
    if (is_known(*review, command)) return runtime::nothing();
    if (is_overtaken(*review, command)) return note_overtaken(asked, *review, command);
    SenderUpdateNoted noted;
    noted.set_update_number(command.update_number());
    *noted.mutable_facts() = command.facts();
    const auto scale_2 = review->has_spo2_scale_2_by() ? clinical::Scale2::decided_here : clinical::Scale2::as_it_came;
    *noted.mutable_news2() = clinical::news2(command.facts(), scale_2);
    if (brings_forward(*review, command.facts())) *noted.mutable_breach_at() = command.facts().breach_at();
    noted.set_after_end(ended(*review));
    std::vector<NewEvent> all{review_event(*review, noted)};
    // What follows from it goes by what it brings: a breach time that it brought forward is not put off again.
    ReviewState as_said = *review;
    *as_said.mutable_facts() = command.facts();
    if (noted.has_breach_at()) *as_said.mutable_breach_at() = noted.breach_at();
    auto category = review->category();
    if (escalates(*review, command.facts().category())) {
        category = command.facts().category();
        all.push_back(review_event(*review, escalation(asked, as_said, category, "sender-update")));
    }
    if (!ended(*review)) {
        auto by_rule = raised_by_rule(asked, *review, as_said, noted.news2(), category);
        all.insert(all.end(), by_rule.begin(), by_rule.end());
    }
    return runtime::events(std::move(all));
}

bool apply_sender(ReviewState& review, const Event& event, const Message& payload) {
    if (const auto* cancelled = as<CancellationNoted>(payload)) {
        if (ended(review)) {
            review.set_cancelled_since(true);
        } else {
            review.set_cancellation_asked(cancelled->reason().empty() ? "revoked" : cancelled->reason());
        }
        return true;
    }
    const auto* updated = as<SenderUpdateNoted>(payload);
    if (updated == nullptr) return false;
    if (updated->overtaken()) return true;
    if (updated->update_number() != 0) review.set_update_number(updated->update_number());
    *review.mutable_facts() = updated->facts();
    *review.mutable_news2() = updated->news2();
    if (updated->has_breach_at()) *review.mutable_breach_at() = updated->breach_at();
    review.clear_cancellation_asked();  // it goes on after all
    review.set_sender_updates(review.sender_updates() + 1);
    *review.mutable_sender_updated_at() = event.occurred_at();
    return true;
}

}  // namespace rightplace::triage
