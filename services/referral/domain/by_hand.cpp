// Quarantined deliveries: the destination will not take them, so a named person decides. Either they are
// tried again, with the same bytes under the same request id, or the person has seen to it another way.
#include "common/base/limits.hpp"
#include "common/clinical/deliveries.hpp"
#include "services/referral/domain/rules.hpp"

namespace rightplace::referral {
namespace {

using runtime::refuse;

constexpr std::string_view system_role = "system";

// Nothing when this person may decide about this delivery.
std::optional<Failure<Refused>> against_hand(const DeliveryState* delivery, const Actor& by) {
    if (!delivery) return refuse(NOT_FOUND, "There is no such delivery.", "delivery_id");
    if (by.id().empty() || by.role() == system_role) {
        return refuse(INVALID, "A quarantined delivery needs a person who decides: name one.", "actor.id");
    }
    if (delivery->status() != QUARANTINED) {
        return refuse(WRONG_STATE,
                      "The delivery is " + DeliveryStatus_Name(delivery->status()) +
                          ", and only a quarantined one waits for a person.",
                      "delivery_id");
    }
    return std::nullopt;
}

}  // namespace

Decided release_delivery(const States& states, const ReleaseDelivery& command, const Actor& by,
                         const Context& context) {
    const auto* delivery = states.get<DeliveryState>(delivery_key(command.delivery_id()));
    if (auto against = against_hand(delivery, by)) return *against;
    if (delivery->body().ciphertext().empty()) {
        return refuse(WRONG_STATE, "Its bytes are not in the record, so it cannot be sent again: settle it by hand.",
                      "delivery_id");
    }
    DeliveryReleased released;
    *released.mutable_by() = by;
    *released.mutable_next_attempt_at() = to_timestamp(context.now);
    if (clinical::has_own_lane(delivery->kind(), delivery->emergency())) {
        *released.mutable_confirm_by() = to_timestamp(context.now + limits::delivery_confirm_ms);
    }
    return runtime::events({delivery_event(*delivery, released)});
}

Decided settle_by_hand(const States& states, const SettleDeliveryByHand& command, const Actor& by) {
    const auto* delivery = states.get<DeliveryState>(delivery_key(command.delivery_id()));
    if (auto against = against_hand(delivery, by)) return *against;
    if (command.how() == HAND_SETTLEMENT_UNSPECIFIED || !HandSettlement_IsValid(command.how())) {
        return refuse(INVALID, "Say how: TOLD_BY_TELEPHONE, SENT_ANOTHER_WAY or NOT_NEEDED.", "how");
    }
    DeliverySettledByHand settled;
    *settled.mutable_by() = by;
    settled.set_how(command.how());
    return runtime::events({delivery_event(*delivery, settled)});
}

}  // namespace rightplace::referral
