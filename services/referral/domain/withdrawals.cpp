// A decision or rejection was taken back: what it asked of others holds no more. What has not left stays here; what has
// left cannot be called back, and is told to people.
#include "services/referral/domain/rules.hpp"

namespace rightplace::referral {

using runtime::refuse;

Decided withdraw_delivery(const States& states, const WithdrawDelivery& command) {
    const auto* delivery = states.get<DeliveryState>(delivery_key(command.delivery_id()));
    // The reopening overtook the reaction that asks for the delivery: it will be there when asked again.
    if (!delivery) return refuse(CONTENTION, "The delivery is not requested yet; ask again.", "delivery_id");
    if (delivery->withdrawn() || delivery->status() == SUPERSEDED) return runtime::nothing();
    DeliveryWithdrawn withdrawn;
    withdrawn.set_left(delivery->attempts() > 0);
    if (unsent(*delivery)) say_what_people_were_told(withdrawn, *delivery);
    return runtime::events({delivery_event(*delivery, withdrawn)});
}

Decided withdraw_referral(const States& states, const WithdrawReferral& command, const Context& context) {
    const AggregateId key = referral_key(command.referral_id());
    const auto* state = states.get<ReferralState>(key);
    if (!state) return refuse(CONTENTION, "The referral is not requested yet; ask again.", "referral_id");
    if (state->ended()) return runtime::nothing();
    ReferralWithdrawn withdrawn;
    withdrawn.set_accepted(state->accepted());
    auto all = overdue_before(*state, command.has_at() ? to_ms(command.at()) : context.now);
    all.push_back(referral_event(*state, withdrawn));
    return runtime::events(std::move(all));
}

}  // namespace rightplace::referral
