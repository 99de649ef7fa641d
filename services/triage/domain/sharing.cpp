// Shared decision making: who said what, in which role; and calls that were promised to the patient.
#include <string>

#include "common/base/limits.hpp"
#include "common/clinical/roles.hpp"
#include "services/triage/domain/rules.hpp"

namespace rightplace::triage {

using runtime::refuse;

namespace {

constexpr TimeMs minute_ms = 60'000;

Failure<Refused> no_room() {
    return refuse(WRONG_STATE, "This review holds no more opinions; write a note.", "case_id");
}

// The oldest open question to this role that somebody else asked.
const SecondOpinion* question_to(const ReviewState& review, const Actor& actor) {
    for (const SecondOpinion& each : review.opinions()) {
        const bool open = !each.question().empty() && !each.has_given_by();
        if (open && each.of_role() == actor.role() && each.asked_by().id() != actor.id()) return &each;
    }
    return nullptr;
}

NewEvent call_missed(const ReviewState& review, const google::protobuf::Timestamp& due) {
    WelfareCallMissed missed;
    *missed.mutable_due() = due;
    return review_event(review, missed);
}

}  // namespace

bool promise_stands(const ReviewState& review, TimeMs promised) {
    if (review.has_patient_reached_at() && promised <= to_ms(review.patient_reached_at())) return false;
    return !review.has_welfare_call_due() || promised >= to_ms(review.welfare_call_promised_at());
}

std::vector<NewEvent> call_missed_before(const Asked& asked, const ReviewState& review) {
    if (!review.has_welfare_call_due() || review.welfare_call_missed() || ended(review)) return {};
    if (occurred_at(asked) < to_ms(review.welfare_call_due())) return {};
    return {call_missed(review, review.welfare_call_due())};
}

bool is_view(const std::string& view) {
    return view == "agree" || view == "dissent" || view == "advise";
}

Decided ask_second_opinion(const Asked& asked, const AskSecondOpinion& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    if (ended(*review)) return ended_review(*review);
    if (asked.envelope.actor().id().empty()) return refuse(INVALID, "Who asks is missing.", "actor.id");
    if (!clinical::is_clinician(command.of_role())) {
        return refuse(INVALID, "An opinion is asked of a clinician's role, such as ed-consultant.", "of_role");
    }
    if (review->opinions_size() >= limits::second_opinions_max) return no_room();
    SecondOpinionAsked question;
    question.set_of_role(command.of_role());
    if (command.has_text()) *question.mutable_text() = command.text();
    return runtime::events({review_event(*review, question)});
}

Decided give_second_opinion(const Asked& asked, const GiveSecondOpinion& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    if (ended(*review)) return ended_review(*review);
    const Actor& actor = asked.envelope.actor();
    if (!clinical::is_named_clinician(actor.id(), actor.role())) {
        return refuse(FORBIDDEN, "A second opinion is a named clinician's.", "actor.role");
    }
    if (!is_view(command.view())) return refuse(INVALID, "A view is agree, dissent or advise.", "view");
    if (command.view() == "advise" && command.text().ciphertext().empty()) {
        return refuse(INVALID, "Advice needs its text.", "text");
    }
    const auto* question = question_to(*review, actor);
    if (question == nullptr && review->opinions_size() >= limits::second_opinions_max) return no_room();
    SecondOpinionGiven given;
    given.set_view(command.view());
    if (question != nullptr) given.set_question(question->question());
    if (command.has_text()) *given.mutable_text() = command.text();
    return runtime::events({review_event(*review, given)});
}

Decided plan_welfare_call(const Asked& asked, const PlanWelfareCall& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    if (ended(*review)) return ended_review(*review);
    if (command.within_minutes() == 0 || command.within_minutes() > limits::welfare_call_max_minutes) {
        return refuse(
            INVALID,
            "A welfare call is planned within 1 to " + std::to_string(limits::welfare_call_max_minutes) + " minutes.",
            "within_minutes");
    }
    if (auto against = against_future(asked)) return *against;
    const TimeMs promised = occurred_at(asked);
    const TimeMs due = promised + command.within_minutes() * minute_ms;
    WelfareCallPlanned planned;
    *planned.mutable_due() = to_timestamp(due);
    std::vector<NewEvent> all = call_missed_before(asked, *review);
    all.push_back(review_event(*review, planned));
    // Written up too late: people are told at once.
    if (due <= asked.context.now && promise_stands(*review, promised))
        all.push_back(call_missed(*review, planned.due()));
    return runtime::events(std::move(all));
}

// From the timer. A call made, planned anew or no longer owed in the meantime is not missed.
Decided miss_welfare_call(const Asked& asked, const MissWelfareCall& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    const bool owed = !ended(*review) && review->has_welfare_call_due() && !review->welfare_call_missed();
    if (!owed) return runtime::nothing();
    const TimeMs due = to_ms(review->welfare_call_due());
    if (to_ms(command.due()) != due || asked.context.now < due) return runtime::nothing();
    return runtime::events({call_missed(*review, review->welfare_call_due())});
}

}  // namespace rightplace::triage
