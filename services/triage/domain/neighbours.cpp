// What triage does in its own hub about another hub's events: its part of a transfer.
#include "services/triage/domain/transfer_rules.hpp"

namespace rightplace::triage {
namespace {

using runtime::as;
using runtime::reaction;
using Reactions = std::vector<runtime::Reaction>;

Reactions receive(const Event& event, const TransferOffered& offered) {
    ReceiveOffer command;
    command.set_offer_id(event.event_id());
    command.set_from_hub(event.hub());
    *command.mutable_review() = offered.review();
    command.set_reason_code(offered.reason_code());
    *command.mutable_offered_by() = event.actor();
    *command.mutable_offered_at() = event.occurred_at();
    if (offered.has_answer_by()) *command.mutable_answer_by() = offered.answer_by();
    return {reaction("receive-offer", event.event_id(), command)};
}

Reactions close(const TransferEnded& ended) {
    CloseTransfer command;
    command.set_offer_id(ended.offer_id());
    command.set_why(ended.why());
    return {reaction("close-transfer", ended.offer_id(), command)};
}

Reactions take(const Event& event, const ReviewTransferred& transferred) {
    TakeReview command;
    command.set_offer_id(transferred.offer_id());
    command.set_from_hub(event.hub());
    *command.mutable_review() = transferred.review();
    return {reaction("take-review", transferred.offer_id(), command)};
}

Reactions let_go(const Event& event, const TransferAccepted& accepted) {
    LetGo command;
    command.set_case_id(event.case_id());
    command.set_offer_id(event.aggregate_id());
    *command.mutable_accepted_by() = accepted.by();
    return {reaction("let-go", event.aggregate_id(), command)};
}

Reactions end_offer(const Event& event, const TransferDeclined& declined) {
    EndOffer command;
    command.set_case_id(event.case_id());
    command.set_offer_id(event.aggregate_id());
    command.set_reason_code(declined.reason_code());
    return {reaction("end-offer", event.aggregate_id(), command)};
}

Reactions confirm(const Event& event) {
    ConfirmTransfer command;
    command.set_case_id(event.case_id());
    command.set_hub(event.hub());
    return {reaction("confirm-transfer", event.case_id(), command)};
}

Reactions pass_on(const PassedOn& passed) {
    if (passed.has_cancel()) return {reaction("cancel-review", passed.cancel().case_id(), passed.cancel())};
    if (passed.has_update()) return {reaction("note-sender-update", passed.update().case_id(), passed.update())};
    if (passed.has_returned()) return {reaction("note-return", passed.returned().case_id(), passed.returned())};
    return {reaction("escalate-review", passed.escalate().case_id(), passed.escalate())};
}

// The event is one of those that the hub which answers for the case is told of.
template <typename... Events>
bool answered_by(const std::string& hub, const Message& payload) {
    const auto names_it = [&](const auto* told) { return told != nullptr && told->reply_to().via_hub() == hub; };
    return (names_it(as<Events>(payload)) || ...);
}

Reactions record(const Event& event, const Message& payload) {
    RecordElsewhere command;
    command.set_case_id(event.case_id());
    command.mutable_at()->set_hub(event.hub());
    command.mutable_at()->set_event_id(event.event_id());
    command.mutable_at()->set_seq(event.seq());
    *command.mutable_at()->mutable_actor() = event.actor();
    command.mutable_event()->PackFrom(payload);
    auto recording = reaction("record-elsewhere", event.case_id(), command);
    recording.occurred_at = to_ms(event.occurred_at());  // there, whenever this hub hears of it
    return {recording};
}

}  // namespace

Reactions reactions_to_other_hub(const Event& event, const Message& payload, const Context& context) {
    const std::string& here = context.hub;
    if (const auto* e = as<TransferOffered>(payload)) return e->to_hub() == here ? receive(event, *e) : Reactions{};
    if (const auto* e = as<TransferEnded>(payload)) return e->to_hub() == here ? close(*e) : Reactions{};
    if (const auto* e = as<ReviewTransferred>(payload)) return e->to_hub() == here ? take(event, *e) : Reactions{};
    if (const auto* e = as<PassedOn>(payload)) return e->to_hub() == here ? pass_on(*e) : Reactions{};
    if (const auto* e = as<TransferAccepted>(payload)) return e->from_hub() == here ? let_go(event, *e) : Reactions{};
    if (const auto* e = as<TransferDeclined>(payload))
        return e->from_hub() == here ? end_offer(event, *e) : Reactions{};
    if (const auto* e = as<ReviewReceived>(payload)) return e->from_hub() == here ? confirm(event) : Reactions{};
    const bool ours =
        answered_by<ConsultationStarted, ClaimReleased, ClaimLapsed, ReviewTakenOver, ReviewBreached, ReviewReturned,
                    ReviewDecided, ReviewRejected, ReviewCancelled, ReviewReopened>(here, payload);
    return ours ? record(event, payload) : Reactions{};
}

}  // namespace rightplace::triage
