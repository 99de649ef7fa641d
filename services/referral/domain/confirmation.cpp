// Whoever must act on a message has to confirm it: an emergency, a rejection, a return. When that has not happened in
// time, people are told, whatever the reason is: no answer, no sender that is up, no key.
#include "common/base/limits.hpp"
#include "common/clinical/deliveries.hpp"
#include "services/referral/domain/rules.hpp"

namespace rightplace::referral {

void watch_confirmation(DeliveryRequested& requested, TimeMs now) {
    if (!clinical::has_own_lane(requested.kind(), requested.emergency())) return;
    *requested.mutable_confirm_by() = to_timestamp(now + limits::delivery_confirm_ms);
}

bool waits_for_confirmation(const DeliveryState& delivery) {
    const bool open = unsent(delivery) || delivery.status() == STARTED;
    return open && delivery.has_confirm_by() && !delivery.has_unconfirmed_since();
}

// From the timer.
Decided miss_delivery(const States& states, const MissDelivery& command, const Context& context) {
    const auto* delivery = states.get<DeliveryState>(delivery_key(command.delivery_id()));
    if (!delivery) return runtime::refuse(NOT_FOUND, "There is no such delivery.", "delivery_id");
    const TimeMs due = to_ms(delivery->confirm_by());
    if (!waits_for_confirmation(*delivery) || to_ms(command.due()) != due || context.now < due) {
        return runtime::nothing();
    }
    DeliveryUnconfirmed unconfirmed;
    *unconfirmed.mutable_due() = delivery->confirm_by();
    unconfirmed.set_kind(delivery->kind());
    unconfirmed.set_attempts(delivery->attempts());
    unconfirmed.set_last_http_status(delivery->last_http_status());
    unconfirmed.set_emergency(delivery->emergency());
    return runtime::events({delivery_event(*delivery, unconfirmed)});
}

}  // namespace rightplace::referral
