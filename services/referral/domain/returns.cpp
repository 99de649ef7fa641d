// A case given back at its breach by the breach watch, which may act before the journal knows.
// What it did is a fact: it is recorded whatever stands here, and never refused for its state.
#include "common/clinical/deliveries.hpp"
#include "services/referral/domain/rules.hpp"

namespace rightplace::referral {

Decided record_return(const States& states, const RecordReturn& command, const Context& context) {
    if (command.case_id().empty()) return runtime::refuse(INVALID, "The return needs its case.", "case_id");
    if (!SettleOutcome_IsValid(command.outcome())) {
        return runtime::refuse(INVALID, "There is no such outcome.", "outcome");
    }
    const std::string id = clinical::breach_return_delivery_id(command.case_id());
    const auto* held = states.get<DeliveryState>(delivery_key(id));
    if (held && ended(*held)) return runtime::nothing();
    DeliveryState delivery;
    std::vector<NewEvent> all;
    if (held) {
        delivery = *held;
    } else {
        delivery.set_delivery_id(id);
        delivery.set_case_id(command.case_id());
        delivery.set_case_number(command.case_number());
        DeliveryRequested requested;
        requested.set_kind(BREACH_RETURN);
        *requested.mutable_reply_to() = command.reply_to();
        watch_confirmation(requested, context.now);
        all.push_back(delivery_event(delivery, requested));
    }
    std::uint32_t attempt = delivery.attempts();
    if (delivery.status() != STARTED) {
        DeliveryStarted started;
        started.set_attempt(++attempt);
        started.set_request_id(command.request_id());
        if (command.has_body() && delivery.body().ciphertext().empty()) *started.mutable_body() = command.body();
        all.push_back(delivery_event(delivery, started));
    }
    if (command.outcome() != SETTLE_OUTCOME_UNSPECIFIED) {  // without one it is still being sent
        DeliverySettled settled;
        settled.set_attempt(attempt);
        settled.set_outcome(command.outcome());
        settled.set_http_status(command.http_status());
        settled.set_before_journal(true);
        follow_up(settled, attempt, context.now);
        // One of an older build has no time to be confirmed in.
        settled.set_watched(!held || delivery.has_confirm_by());
        if (settled.status() != WAITING) say_what_people_were_told(settled, delivery);
        all.push_back(delivery_event(delivery, settled));
    }
    return runtime::events(std::move(all));
}

}  // namespace rightplace::referral
