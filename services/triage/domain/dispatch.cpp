// Which rule decides which command.
#include "services/triage/domain/rules.hpp"
#include "services/triage/domain/transfer_rules.hpp"

namespace rightplace::triage {

using runtime::as;
using runtime::must_be;

Decided decide_asked(const Asked& asked, const Message& command) {
    if (auto decided = decide_transfer(asked, command)) return *decided;
    if (const auto* c = as<QueueReview>(command)) return queue_review(asked, *c);
    if (const auto* c = as<ClaimReview>(command)) return claim_review(asked, *c);
    if (const auto* c = as<TakeOverReview>(command)) return take_over_review(asked, *c);
    if (const auto* c = as<RenewClaim>(command)) return renew_claim(asked, *c);
    if (const auto* c = as<ReleaseClaim>(command)) return release_claim(asked, *c);
    if (const auto* c = as<LapseClaim>(command)) return lapse_claim(asked, *c);
    if (const auto* c = as<HandOverReview>(command)) return hand_over_review(asked, *c);
    if (const auto* c = as<WithdrawHandover>(command)) return withdraw_handover(asked, *c);
    if (const auto* c = as<AcknowledgeHandover>(command)) return acknowledge_handover(asked, *c);
    if (const auto* c = as<RecordContactAttempt>(command)) return record_contact_attempt(asked, *c);
    if (const auto* c = as<AddNote>(command)) return add_note(asked, *c);
    if (const auto* c = as<EscalateReview>(command)) return escalate_review(asked, *c);
    if (const auto* c = as<DowngradeReview>(command)) return downgrade_review(asked, *c);
    if (const auto* c = as<AskSecondOpinion>(command)) return ask_second_opinion(asked, *c);
    if (const auto* c = as<GiveSecondOpinion>(command)) return give_second_opinion(asked, *c);
    if (const auto* c = as<UseSpo2Scale2>(command)) return use_spo2_scale_2(asked, *c);
    if (const auto* c = as<PlanWelfareCall>(command)) return plan_welfare_call(asked, *c);
    if (const auto* c = as<MissWelfareCall>(command)) return miss_welfare_call(asked, *c);
    if (const auto* c = as<StartConsultation>(command)) return start_consultation(asked, *c);
    if (const auto* c = as<DecideReview>(command)) return decide_review(asked, *c);
    if (const auto* c = as<RejectReview>(command)) return reject_review(asked, *c);
    if (const auto* c = as<UndoOutcome>(command)) return undo_outcome(asked, *c);
    if (const auto* c = as<ReopenReview>(command)) return reopen_review(asked, *c);
    if (const auto* c = as<CloseReview>(command)) return close_review(asked, *c);
    if (const auto* c = as<BreachReview>(command)) return breach_review(asked, *c);
    if (const auto* c = as<CancelReview>(command)) return cancel_review(asked, *c);
    if (const auto* c = as<NoteSenderUpdate>(command)) return note_sender_update(asked, *c);
    if (const auto* c = as<NoteReturn>(command)) return note_return(asked, *c);
    if (as<KeepHours>(command)) return keep_hours(asked);
    if (const auto* c = as<LookAfter>(command)) return look_after(asked, *c);
    if (as<EndShifts>(command)) return end_shifts(asked);
    if (const auto* c = as<AdoptPolicy>(command)) return adopt_policy(asked, *c);
    if (const auto* c = as<RaiseAlert>(command)) return raise_alert(asked, *c);
    if (const auto* c = as<EscalateAlert>(command)) return escalate_alert(asked, *c);
    if (const auto* c = as<SettleAlert>(command)) return settle_alert(asked, *c);
    if (const auto* c = as<TakeAlert>(command)) return take_alert(asked, *c);
    if (const auto* c = as<SignOn>(command)) return sign_on(asked, *c);
    return sign_off(asked, must_be<SignOff>(command));
}

}  // namespace rightplace::triage
