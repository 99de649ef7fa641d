// What triage does about events: queues and cancels reviews, and raises whatever needs a person.
#include "common/base/hash.hpp"
#include "common/base/limits.hpp"
#include "common/clinical/categories.hpp"
#include "messages/audit.pb.h"
#include "messages/referral.pb.h"
#include "messages/runtime.pb.h"
#include "services/triage/domain/transfer_rules.hpp"

namespace rightplace::triage {
namespace {

using runtime::as;
using runtime::Reaction;
using runtime::reaction;
using Reactions = std::vector<Reaction>;

constexpr std::string_view alert_rule = "raise-alert";

// One alert for one subject, however often it is said; `again` tells a later occasion from the first.
Reactions alert(const Event& event, const char* kind, const std::string& subject, const std::string& again = {}) {
    RaiseAlert raise;
    raise.set_alert_id(again.empty() ? derived_id({kind, subject}) : derived_id({kind, subject, again}));
    raise.set_kind(kind);
    raise.set_subject(subject);
    raise.set_case_id(event.case_id());
    raise.set_case_number(event.case_number());
    return {reaction(std::string(alert_rule), kind, raise)};
}

// Nobody is at a closed hub to see it go up.
Reactions at_highest_level(Reactions alerts) {
    for (auto& each : alerts) {
        auto raise = std::make_shared<RaiseAlert>(runtime::must_be<RaiseAlert>(*each.payload));
        raise->set_at_highest_level(true);
        each.payload = std::move(raise);
    }
    return alerts;
}

// What another hub might still take is told as usual, and at the highest level once that has declined.
Reactions nobody_there(const Event& event, const ReviewUnattended& nobody) {
    if (nobody.returned()) return {};  // its sender has it, and sees to it
    auto told = alert(event, alert_kind::review_unattended, event.aggregate_id(), event.event_id());
    const bool to_nobody = nobody.why() == unattended::closed && nobody.offered_to().empty();
    return to_nobody ? at_highest_level(std::move(told)) : told;
}

Reactions came_back(const Event& event, const TransferEnded& ended, const Context& context) {
    const bool declined = ended.why() == "declined", silence = ended.why() == "not-answered";
    if (!declined && !silence) return {};
    // Of an offer that is made again and again people were told with the first, and that alert goes on.
    if (ended.came_back_before() > 0) return {};
    const char* kind = declined ? alert_kind::transfer_declined : alert_kind::transfer_not_answered;
    auto told = alert(event, kind, event.aggregate_id(), ended.offer_id());
    const auto* held = context.view ? context.view->find(review_key(event.aggregate_id())) : nullptr;
    const bool in_view = held != nullptr && held->state != nullptr;
    const bool closed = in_view && static_cast<const ReviewState&>(*held->state).unattended() == unattended::closed;
    return closed ? at_highest_level(std::move(told)) : told;
}

// Somebody here must answer it; over by itself as soon as it is answered, or no longer offered.
Reactions offered_here(const Event& event) {
    return alert(event, alert_kind::transfer_offered, event.case_id(), event.aggregate_id());
}

Reactions answered_here(const Event& event, bool people_told, const char* why) {
    if (!people_told) return {};
    SettleAlert settle;
    settle.set_alert_id(derived_id({alert_kind::transfer_offered, event.case_id(), event.aggregate_id()}));
    settle.set_why(why);
    return {reaction("settle-alert", settle.alert_id(), settle)};
}

// At the hub that it is offered to.
Reactions of_an_offer(const Event& event, const Message& payload) {
    if (const auto* e = as<TransferReceived>(payload)) return e->people_told() ? offered_here(event) : Reactions{};
    if (const auto* e = as<TransferAccepted>(payload)) return answered_here(event, e->people_told(), "accepted");
    if (const auto* e = as<TransferDeclined>(payload)) return answered_here(event, e->people_told(), "declined");
    const auto* closed = as<TransferClosed>(payload);
    return closed ? answered_here(event, closed->people_told(), "no-longer-offered") : Reactions{};
}

Reactions queue(const Event& event, const intake::CaseOpened& opened) {
    QueueReview command;
    command.set_case_id(event.aggregate_id());
    command.set_case_number(opened.case_number());
    *command.mutable_facts() = opened.facts();
    if (opened.has_reply_to()) *command.mutable_reply_to() = opened.reply_to();
    auto queueing = reaction("queue-review", event.aggregate_id(), command);
    // Written up later: it came when it came, and is no case that arrives past its breach time today.
    const bool written_up = to_ms(event.recorded_at()) - to_ms(event.occurred_at()) > limits::written_up_after_ms;
    if (written_up) queueing.occurred_at = to_ms(event.occurred_at());
    return {queueing};
}

Reactions cancel(const Event& event, const intake::CancellationAsked& asked) {
    CancelReview command;
    command.set_case_id(event.aggregate_id());
    command.set_reason(asked.reason());
    return {reaction("cancel-review", event.aggregate_id(), command)};
}

// A worse category reaches the queue at once. A lower one does not: only a clinician's decision lowers it.
Reactions note_update(const Event& event, const intake::CaseUpdated& updated) {
    NoteSenderUpdate command;
    command.set_case_id(event.aggregate_id());
    *command.mutable_facts() = updated.facts();
    command.set_update_number(updated.update_number());
    return {reaction("note-sender-update", event.aggregate_id(), command)};
}

// Where it is reopened people hear of what is told to its sender by another hub, and of a breach that nobody is told of
// any more.
Reactions reopened(const Event& event, const ReviewReopened& payload, const Context& context) {
    if (payload.has_at()) return {};
    Reactions all;
    if (!payload.reply_to().via_hub().empty()) {
        all = alert(event, alert_kind::answer_undone, event.aggregate_id(), event.event_id());
    }
    const auto* held = context.view ? context.view->find(review_key(event.aggregate_id())) : nullptr;
    if (!held || !held->state) return all;
    const auto& review = static_cast<const ReviewState&>(*held->state);
    if (!review.breached() || !review.return_used()) return all;
    for (auto& each : alert(event, alert_kind::review_breached, event.aggregate_id(), event.event_id())) {
        all.push_back(std::move(each));
    }
    return all;
}

// To an emergency: somebody must know of it now, and not when they next look at the queue.
// Its holder knows what they say themselves; what another says may find them gone.
Reactions escalated(const Event& event, const ReviewEscalated& payload) {
    if (clinical::urgency_rank(payload.to_category()) > clinical::urgency_rank(intake::C2)) return {};
    if (payload.to_category() == payload.from_category() || payload.by_its_holder()) return {};
    return alert(event, alert_kind::review_escalated, event.aggregate_id(), event.event_id());
}

// Whoever alone knew that it is an emergency is gone.
template <typename T>
Reactions let_loose(const Event& event, const T& claim_over) {
    if (!claim_over.untold_emergency() || claim_over.has_at()) return {};
    return alert(event, alert_kind::review_escalated, event.aggregate_id(), event.event_id());
}

// Whoever alone knew that it is an emergency let it go to this hub.
Reactions came(const Event& event, const ReviewReceived& received) {
    if (!rouses(received.review())) return {};
    return alert(event, alert_kind::review_escalated, event.aggregate_id(), event.event_id());
}

// A sender by BaRS is told by message, and a hub by the feed; a crew, a GP, NHS 111 or a nurse by a person.
Reactions tell_by_person(const Event& event, const intake::ReplyTo& to) {
    if (told_by_message(to)) return {};
    return alert(event, alert_kind::asker_to_be_told, event.aggregate_id(), event.event_id());
}

// The hub that has the case has its own alert. Where a message reaches whoever asked, what was given back goes to them;
// of a 999 validation that nobody can be told of by message, the people of this hub may know whom to ring.
Reactions breached_elsewhere(const Event& event, const ReviewBreached& payload, const Context& context) {
    const auto* held = context.view ? context.view->find(review_key(event.aggregate_id())) : nullptr;
    const bool in_view = held != nullptr && held->state != nullptr;
    const bool of_999 =
        in_view && static_cast<const ReviewState&>(*held->state).facts().origin() == intake::VALIDATION_999;
    return payload.returned() || of_999 ? tell_by_person(event, payload.reply_to()) : Reactions{};
}

// Written up from paper or not: the patient may be waiting still, and whoever knows better takes the alert.
Reactions overdue(const Event& event, const referral::ReferralOverdue& payload) {
    const bool two_hours = payload.pathway() == UCR && payload.deadline() == referral::PATIENT_REACHED;
    const std::string again = referral::ReferralDeadline_Name(payload.deadline());
    return alert(event, two_hours ? alert_kind::ucr_two_hours : alert_kind::referral_overdue, event.aggregate_id(),
                 again);
}

std::string due_word(const google::protobuf::Timestamp& due) {
    return std::to_string(to_ms(due));
}

// People were told that a message is not confirmed: that is over, one way or another.
void settle_unconfirmed(Reactions& all, const Event& event, const google::protobuf::Timestamp& since, const char* why) {
    SettleAlert settle;
    settle.set_alert_id(derived_id({alert_kind::answer_unconfirmed, event.aggregate_id(), due_word(since)}));
    settle.set_why(why);
    all.push_back(reaction("settle-alert", settle.alert_id(), settle));
}

// The sender, or whoever the patient was referred to, acts on what holds no more: somebody must tell them.
Reactions undone(const Event& event, const Message& payload) {
    Reactions all;
    if (const auto* delivery = as<referral::DeliveryWithdrawn>(payload)) {
        if (delivery->left()) all = alert(event, alert_kind::answer_undone, event.aggregate_id());
        if (delivery->has_unconfirmed_since())
            settle_unconfirmed(all, event, delivery->unconfirmed_since(), "superseded");
        return all;
    }
    const auto* superseded = as<referral::DeliverySuperseded>(payload);
    if (superseded != nullptr && superseded->has_unconfirmed_since()) {
        settle_unconfirmed(all, event, superseded->unconfirmed_since(), "superseded");
        return all;
    }
    const auto* referral = as<referral::ReferralWithdrawn>(payload);
    if (referral != nullptr && referral->accepted()) {
        return alert(event, alert_kind::referral_undone, event.aggregate_id());
    }
    return {};
}

const char* why_over(referral::DeliveryStatus status) {
    if (status == referral::DELIVERED) return "confirmed";
    return status == referral::QUARANTINED ? "refused" : "superseded";
}

Reactions settled(const Event& event, const referral::DeliverySettled& delivery) {
    const std::string& id = event.aggregate_id();
    Reactions all;
    if (delivery.status() == referral::QUARANTINED) {  // a person may release it, and it may come back
        all = alert(event, alert_kind::delivery_quarantined, id, std::to_string(delivery.attempt()));
    }
    if (delivery.has_unconfirmed_since()) {
        settle_unconfirmed(all, event, delivery.unconfirmed_since(), why_over(delivery.status()));
    }
    if (delivery.status() != referral::WAITING) return all;
    if (delivery.detail() == "no-endpoint") return alert(event, alert_kind::sender_without_endpoint, id);
    if (delivery.watched()) return {};  // people are told by the clock, however many attempts were made
    if (delivery.attempt() < limits::delivery_attempts_before_alert) return {};
    return alert(event, alert_kind::delivery_not_getting_through, id);
}

Reactions settled_or_sent(const Event& event, const referral::DeliverySettled& delivery) {
    auto all = settled(event, delivery);
    if (auto noted = sent_before_journal(event, delivery)) all.push_back(std::move(*noted));
    return all;
}

}  // namespace

Reactions reactions(const Event& event, const Message& payload, const Context& context) {
    if (const auto* e = as<intake::CaseOpened>(payload)) return queue(event, *e);
    if (const auto* e = as<intake::CancellationAsked>(payload)) return cancel(event, *e);
    if (const auto* e = as<intake::ExchangeAnswered>(payload)) {
        // That a clinician has begun asks nothing of anybody.
        const auto& kind = e->exchange().kind();
        const bool told = e->accepted() && kind.starts_with("response") && kind != "response interim";
        return told ? alert(event, alert_kind::response_received, event.aggregate_id()) : Reactions{};
    }
    if (const auto* e = as<intake::CaseUpdated>(payload)) return note_update(event, *e);
    if (const auto* e = as<referral::DeliverySettled>(payload)) return settled_or_sent(event, *e);
    if (const auto* e = as<referral::ReferralOverdue>(payload)) return overdue(event, *e);
    if (as<referral::ReferralDeclined>(payload)) {
        return alert(event, alert_kind::referral_declined, event.aggregate_id(), event.event_id());
    }
    if (const auto* e = as<referral::DeliveryUnconfirmed>(payload)) {
        return alert(event, alert_kind::answer_unconfirmed, event.aggregate_id(), due_word(e->due()));
    }
    if (const auto* e = as<ReviewReopened>(payload)) return reopened(event, *e, context);
    if (const auto* e = as<ReviewEscalated>(payload)) return escalated(event, *e);
    if (const auto* e = as<ClaimReleased>(payload)) return let_loose(event, *e);
    if (const auto* e = as<ClaimLapsed>(payload)) return let_loose(event, *e);
    if (const auto* e = as<ReviewReceived>(payload)) return came(event, *e);
    if (const auto* e = as<ReviewRejected>(payload)) return tell_by_person(event, e->reply_to());
    // Given back at another hub, to this one: whoever asked here may be nobody that a message reaches.
    if (const auto* e = as<ReviewReturned>(payload))
        return e->has_at() ? tell_by_person(event, e->reply_to()) : Reactions{};
    if (const auto* e = as<SenderUpdateNoted>(payload)) {
        if (!e->after_end()) return {};  // the queue shows it
        return alert(event, alert_kind::updated_after_end, event.aggregate_id(), event.event_id());
    }
    if (const auto* e = as<ReviewBreached>(payload)) {
        if (e->has_at()) return breached_elsewhere(event, *e, context);
        if (e->returned_before()) return {};  // its sender has had it since, and people see it in the queue
        return alert(event, alert_kind::review_breached, event.aggregate_id());
    }
    if (const auto* e = as<ReviewUnattended>(payload)) return nobody_there(event, *e);
    if (const auto* e = as<TransferEnded>(payload)) return came_back(event, *e, context);
    if (as<ConfirmationMissed>(payload) || as<LettingGoMissed>(payload)) {
        return alert(event, alert_kind::transfer_unconfirmed, event.case_id(), event.event_id());
    }
    if (const auto* e = as<WelfareCallMissed>(payload)) {
        return alert(event, alert_kind::welfare_call_missed, event.aggregate_id(), std::to_string(to_ms(e->due())));
    }
    if (const auto* e = as<runtime::ReactionParked>(payload)) {
        if (e->rule() == alert_rule) return {};            // an alert about alerting would park as well, and so on
        const bool again = event.aggregate_version() > 1;  // a person had un-parked it
        return alert(event, alert_kind::reaction_parked, event.aggregate_id(), again ? event.event_id() : "");
    }
    if (as<audit::ClockStepped>(payload)) return alert(event, alert_kind::clock_stepped, event.event_id());
    if (event.aggregate_type() == transfer_type) return of_an_offer(event, payload);
    return undone(event, payload);
}

}  // namespace rightplace::triage
