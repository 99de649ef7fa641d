// The rules of triage, one function per command. Inside this folder only.
#pragma once

#include "common/clinical/alert_rules.hpp"
#include "common/runtime/typed.hpp"
#include "messages/pathways.pb.h"
#include "messages/referral.pb.h"
#include "messages/triage.pb.h"
#include "messages/triage_offer.pb.h"
#include "messages/triage_return.pb.h"

namespace rightplace::triage {

using runtime::AggregateId;
using runtime::Context;
using runtime::Decided;
using runtime::Decision;
using runtime::Message;
using runtime::NewEvent;
using runtime::Refused;
using runtime::States;

inline constexpr const char* review_type = "review";
inline constexpr const char* policy_type = "policy";
inline constexpr const char* alert_type = "alert";
inline constexpr const char* roster_type = "roster";
inline constexpr const char* hours_type = "hours";
inline constexpr const char* breach_timer = "breach";
inline constexpr const char* welfare_timer = "welfare";
inline constexpr const char* confirmation_timer = "confirmation";  // of a transfer, at either hub
inline constexpr const char* answer_timer = "answer";              // to an offer that was made to another hub
inline constexpr const char* offer_again_timer = "offer-again";    // nobody is there, and the last offer came back
inline constexpr const char* hours_timer = "hours";                // a site opens or closes
inline constexpr const char* shift_timer = "shift";                // somebody has not signed off
inline constexpr const char* alert_timer = "alert";                // nobody has taken it
inline constexpr const char* handed_over = "hand-over";            // reason code of a take-over that was offered
inline constexpr const char* work_queue = "work";                  // open reviews by breach time
inline constexpr const char* alert_queue = "alerts";  // alerts that nobody took, by the time they were raised

namespace alert_kind = clinical::alert_kind;

namespace unattended {  // why nobody is there for a case
inline constexpr const char* closed = "closed";
inline constexpr const char* nobody_on_shift = "nobody-on-shift";
inline constexpr const char* nobody_with_the_skill = "nobody-with-the-skill";
}  // namespace unattended

AggregateId review_key(const std::string& case_id);
AggregateId alert_key(const std::string& alert_id);

// What one decision is made from.
struct Asked {
    const States& states;
    const Command& envelope;
    const Context& context;
};

// commands.cpp: queueing, and what is open to everybody
bool ended(const ReviewState& review);  // in this hub: decided, rejected, cancelled or transferred
Failure<Refused> no_review();
Failure<Refused> ended_review(const ReviewState& review);
std::string since_then(const ReviewState& review);  // for a refusal's sentence: the last event, by role
NewEvent review_event(const ReviewState& review, const Message& payload);
TimeMs occurred_at(const Asked& asked);
std::optional<Failure<Refused>> against_future(const Asked& asked);  // nothing happens after it is written down
std::optional<Failure<Refused>> against_reason(const std::string& reason_code);  // it stands in clear: a code
Decided queue_review(const Asked& asked, const QueueReview& command);
Decided record_contact_attempt(const Asked& asked, const RecordContactAttempt& command);
Decided add_note(const Asked& asked, const AddNote& command);
Decided escalate_review(const Asked& asked, const EscalateReview& command);
ReviewEscalated escalation(const Asked& asked, const ReviewState& review, intake::Category to,
                           const std::string& reason_code);
Decided downgrade_review(const Asked& asked, const DowngradeReview& command);

// dispatch.cpp
Decided decide_asked(const Asked& asked, const Message& command);

// claims.cpp
bool lease_is_live(const Asked& asked, const ReviewState& review);
Decided claim_review(const Asked& asked, const ClaimReview& command);
Decided take_over_review(const Asked& asked, const TakeOverReview& command);
Decided take(const Asked& asked, const TakeOverReview& command);  // whatever the reason
void renew_lease(Decision& decision, const Asked& asked, const ReviewState& review);
// Whoever holds a review and writes on it is at work on it: as good as a renewal. Not what was done on paper before.
void keep_claim_of_who_works(Decision& decision, const Asked& asked, const ReviewState& review);
Decided renew_claim(const Asked& asked, const RenewClaim& command);
Decided release_claim(const Asked& asked, const ReleaseClaim& command);
Decided lapse_claim(const Asked& asked, const LapseClaim& command);
// Nothing when `token` is the live claim's.
std::optional<Failure<Refused>> against_token(const ReviewState& review, const std::string& token);
void clear_lease(Decision& decision, const ReviewState& review);
bool rouses(const ReviewState& review);  // its claim ends undecided: an emergency that only its holder knew of
// Its holder did not renew it. `waits`: for somebody, and nobody takes it in the same moment.
NewEvent claim_lapsed(const ReviewState& review, bool waits = true);

// In mid-consultation a breach only alerts (design, Breach); when that consultation then ends undecided, nothing is on
// its way to the sender any more, and the case is given back after all.
bool give_back_if_overdue(Decision& decision, const ReviewState& review);
// The hub that a case came from is told when a consultation on it is over.
template <typename T>
void tell_origin(T& over, const ReviewState& review) {
    const bool told = review.status() == IN_CONSULTATION && !review.reply_to().via_hub().empty();
    if (told) *over.mutable_reply_to() = review.reply_to();
}

// transfer.cpp, elsewhere.cpp
std::vector<NewEvent> offer_ended(const ReviewState& review, const char* why);  // empty: it is offered to no hub
Decided pass_on(const ReviewState& review, const CancelReview& command);        // to the hub that has the case
Decided pass_on(const ReviewState& review, const EscalateReview& command);
Decided pass_on(const ReviewState& review, const NoteSenderUpdate& command);
Decided pass_on(const ReviewState& review, const NoteReturn& command);

// handover.cpp
Decided hand_over_review(const Asked& asked, const HandOverReview& command);
Decided withdraw_handover(const Asked& asked, const WithdrawHandover& command);
Decided acknowledge_handover(const Asked& asked, const AcknowledgeHandover& command);
// And the offer stands.
bool handed_to(const ReviewState& review, const std::string& staff_id, const Context& context);

// next.cpp
NextReply next_for(const std::string& staff_id, const Context& context);
using Urgency = std::tuple<TimeMs, int, std::string>;  // the earliest of its deadlines, then category, then number
Urgency urgency(const ReviewState& review, const Context& context);

// priority.cpp: the policy's rules that make a case more urgent by themselves
std::optional<ReviewEscalated> raised_by_rule(const Context& context, const intake::CaseFacts& facts,
                                              const News2& news2, intake::Category category);
// After something about it has changed. A rule that raised it before, or held when a clinician lowered it, has been
// weighed, and does not raise it again for what was known then; one that newly holds does. `stands`: with what has
// changed, but for the score and the category.
std::vector<NewEvent> raised_by_rule(const Asked& asked, const ReviewState& before, const ReviewState& stands,
                                     const News2& news2, intake::Category category);
// Codes of the rules that whoever lowers it to that category has before them.
std::vector<std::string> weighed_by_clinician(const Context& context, const ReviewState& review, intake::Category to);

// news2.cpp
Decided use_spo2_scale_2(const Asked& asked, const UseSpo2Scale2& command);

// sharing.cpp: second opinions, and calls promised to the patient; no claim stands in their way
Decided ask_second_opinion(const Asked& asked, const AskSecondOpinion& command);
Decided give_second_opinion(const Asked& asked, const GiveSecondOpinion& command);
Decided plan_welfare_call(const Asked& asked, const PlanWelfareCall& command);
Decided miss_welfare_call(const Asked& asked, const MissWelfareCall& command);
// A promised call whose time passed before what is now decided happened, and whose timer is late: at most one event.
std::vector<NewEvent> call_missed_before(const Asked& asked, const ReviewState& review);
// Is a promise of that moment the one that stands: no later one was made, and the patient not reached since?
bool promise_stands(const ReviewState& review, TimeMs promised);
bool is_view(const std::string& view);  // agree, dissent or advise

// outcomes.cpp
Decided start_consultation(const Asked& asked, const StartConsultation& command);
Decided decide_review(const Asked& asked, const DecideReview& command);
Decided reject_review(const Asked& asked, const RejectReview& command);
Decided breach_review(const Asked& asked, const BreachReview& command);
bool told_by_message(const intake::ReplyTo& reply_to);  // by BaRS, or by the hub that it came through
// A 999 validation that a sender can be told of: the fail-safe is that sender's own dispatch.
bool has_sender(const intake::CaseFacts& facts, const intake::ReplyTo& reply_to);
bool gives_back(const ReviewState& review);  // it has one, which has not been told before

// sender.cpp: what the sender of a case says about it later
Decided cancel_review(const Asked& asked, const CancelReview& command);
// Its sender has cancelled it, and no claim (any more) says that somebody decides: it is over, unless a call is owed to
// the patient. Nothing: it goes on.
std::optional<Decided> over_as_cancelled(const Asked& asked, const ReviewState& review);
Decided note_sender_update(const Asked& asked, const NoteSenderUpdate& command);
bool apply_sender(ReviewState& review, const Event& event, const Message& payload);  // false: not one of its events
Decided ended_by(const Asked& asked, const ReviewState& review, const Message& outcome);  // outcomes.cpp
// returned.cpp: the breach watch gave it back before the journal knew
Decided note_return(const Asked& asked, const NoteReturn& command);
std::optional<runtime::Reaction> sent_before_journal(const Event& event, const referral::DeliverySettled& delivery);

// reopening.cpp: what was decided or rejected holds no more; and closing what has ended
Decided undo_outcome(const Asked& asked, const UndoOutcome& command);
Decided reopen_review(const Asked& asked, const ReopenReview& command);
Decided close_review(const Asked& asked, const CloseReview& command);
bool apply_reopening(ReviewState& review, const Event& event, const Message& payload);  // false: not one of its events
void ended_now(ReviewState& review, const Event& event, ReviewStatus status);           // decided or rejected
// pathways.cpp: what the policy offers, and deciding against it
std::optional<Failure<Refused>> weigh_advice(const Asked& asked, const ReviewState& review, const DecideReview& command,
                                             ReviewDecided& decided);
runtime::Answered get_pathways(const GetPathways& asked, const Context& context);

// attendance.cpp: opening hours, and whether anybody on shift may take a case
Decided keep_hours(const Asked& asked);
Decided look_after(const Asked& asked, const LookAfter& command);
Decided offer_again(const Asked& asked, const OfferAgain& command);
// By policy, of a case that nobody is there for; empty: to none, or its sender has it back.
std::string hub_to_offer(const Asked& asked, const ReviewState& review);
void somebody_is_there(ReviewState& review);
bool may_take(const SignedOn& on, const intake::CaseFacts& facts, const Context& context);
std::vector<std::string> roles_needed(const intake::CaseFacts& facts, const Context& context);
// At that moment; null: somebody is there for it, or no policy says that somebody must be.
const char* why_unattended(const intake::CaseFacts& facts, const RosterState* roster, const Context& context,
                           TimeMs at);
std::vector<runtime::Reaction> look_after(const Event& event, const Message& payload, const Context& context);
std::shared_ptr<const Message> evolve_hours(const Message& payload);

// alerts.cpp
Decided raise_alert(const Asked& asked, const RaiseAlert& command);
Decided escalate_alert(const Asked& asked, const EscalateAlert& command);
Decided take_alert(const Asked& asked, const TakeAlert& command);
Decided settle_alert(const Asked& asked, const SettleAlert& command);
bool is_over(const AlertState& alert);  // a person has taken it, or it needs nobody any more
std::shared_ptr<const Message> escalation_due(const std::string& alert_id, TimeMs due);  // what the timer asks for
std::shared_ptr<const Message> evolve_alert(const Message* before, const Event& event, const Message& payload);
bool alert_before(const AlertState& a, const AlertState& b);  // in the queue: the more escalated first

// hub.cpp: policy, roster
Decided adopt_policy(const Asked& asked, const AdoptPolicy& command);
const SignedOn* on_shift(const RosterState* roster, const std::string& staff_id);  // null: not signed on
Decided sign_on(const Asked& asked, const SignOn& command);
Decided sign_off(const Asked& asked, const SignOff& command);
Decided end_shifts(const Asked& asked);                            // of those who did not sign off
std::optional<TimeMs> first_shift_end(const RosterState& roster);  // nothing: nobody is on shift

// evolve.cpp
Claim& begin_claim(ReviewState& review, const Event& event, const Actor& holder);
void back_to_queue(ReviewState& review);
std::shared_ptr<const Message> evolve_review(const Message* before, const Event& event, const Message& payload);
std::shared_ptr<const Message> evolve_roster(const Message* before, const Event& event, const Message& payload);

// reactions.cpp
std::vector<runtime::Reaction> reactions(const Event& event, const Message& payload, const Context& context);

}  // namespace rightplace::triage
