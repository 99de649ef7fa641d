// The rules of referral, one function per command. Inside this folder only.
#pragma once

#include "common/runtime/typed.hpp"
#include "messages/referral.pb.h"

namespace rightplace::referral {

using runtime::AggregateId;
using runtime::Context;
using runtime::Decided;
using runtime::Message;
using runtime::NewEvent;
using runtime::Refused;
using runtime::States;

inline constexpr const char* referral_type = "referral";
inline constexpr const char* delivery_type = "delivery";
inline constexpr const char* acceptance_timer = "acceptance";
inline constexpr const char* reached_timer = "reached";
inline constexpr const char* delivery_queue = "deliveries";  // open deliveries by when they are next due

AggregateId referral_key(const std::string& referral_id);
AggregateId delivery_key(const std::string& delivery_id);

bool unsent(const DeliveryState& delivery);  // no bytes of it are on their way
bool ended(const DeliveryState& delivery);   // delivered, superseded or settled by hand

// deliveries.cpp
NewEvent delivery_event(const DeliveryState& delivery, const Message& payload);
// The interim and full responses of a case as the view knows them: what has to keep its order.
std::vector<AggregateId> ordered_of_case(const std::string& case_id, const Context& context);
std::vector<AggregateId> request_delivery_needs(const RequestDelivery& command, const Context& context);
Decided request_delivery(const States& states, const RequestDelivery& command, const Context& context);
std::vector<AggregateId> settle_delivery_needs(const SettleDelivery& command, const Context& context);
std::vector<AggregateId> start_delivery_needs(const StartDelivery& command, const Context& context);
Decided start_delivery(const States& states, const StartDelivery& command, const Context& context);
Decided settle_delivery(const States& states, const SettleDelivery& command, const Context& context);
// What follows an outcome; `now`, `attempt` and what the destination asked for decide when the next attempt is due.
void follow_up(DeliverySettled& settled, std::uint32_t attempt, TimeMs now, std::int64_t retry_after_ms = 0);

// confirmation.cpp: what must be confirmed in time, or people are told.
void watch_confirmation(DeliveryRequested& requested, TimeMs now);
Decided miss_delivery(const States& states, const MissDelivery& command, const Context& context);
bool waits_for_confirmation(const DeliveryState& delivery);  // and people have not been told yet
// The one under way or waiting ends, or a person has to decide: whoever was told need be told no more.
template <typename T>
void say_what_people_were_told(T& event, const DeliveryState& delivery) {
    if (delivery.has_unconfirmed_since()) *event.mutable_unconfirmed_since() = delivery.unconfirmed_since();
}
inline constexpr const char* confirmation_timer = "confirmation";

// by_hand.cpp
Decided release_delivery(const States& states, const ReleaseDelivery& command, const Actor& by, const Context& context);
Decided settle_by_hand(const States& states, const SettleDeliveryByHand& command, const Actor& by);

// returns.cpp
Decided record_return(const States& states, const RecordReturn& command, const Context& context);

// withdrawals.cpp
Decided withdraw_delivery(const States& states, const WithdrawDelivery& command);
Decided withdraw_referral(const States& states, const WithdrawReferral& command, const Context& context);

// deadlines.cpp
NewEvent referral_event(const ReferralState& state, const Message& payload);
// By the policy in force, from when it was decided.
void set_deadlines(ReferralRequested& requested, const RequestReferral& command, const Context& context);
// Those that were over before the decision was written down: a crowd of old timers would drown what is new.
std::vector<NewEvent> written_up_late(const ReferralRequested& requested, const RequestReferral& command);
// Those whose time was over when this happened and whose timer is late: an outcome does not hide them.
std::vector<NewEvent> overdue_before(const ReferralState& state, TimeMs happened);
bool runs(const ReferralState& state, ReferralDeadline deadline);  // its time is neither met nor said to be over
Decided miss_deadline(const States& states, const MissReferralDeadline& command, const Context& context);
Decided reach_patient(const States& states, const RecordPatientReached& command, const Command& envelope,
                      const Context& context);
Decided decline_referral(const States& states, const DeclineReferral& command, const Command& envelope,
                         const Context& context);
Decided end_referral(const States& states, const EndReferral& command, const Context& context);
std::vector<runtime::IndexEntry> deadline_entries(const AggregateId& id, const ReferralState& state);
std::shared_ptr<const Message> deadline_due(const std::string& referral_id, std::string_view timer, TimeMs due);

// referral_domain.cpp
Failure<Refused> no_referral();
std::optional<Failure<Refused>> against_ended(const ReferralState& state);
TimeMs occurred_at(const Command& envelope, const Context& context);
Decided request_referral(const States& states, const RequestReferral& command, const Context& context);
Decided accept_referral(const States& states, const AcceptReferral& command, const Command& envelope,
                        const Context& context);
Decided complete_referral(const States& states, const CompleteReferral& command, const Command& envelope,
                          const Context& context);

// evolve.cpp
std::shared_ptr<const Message> evolve_referral(const Message* before, const Event& event, const Message& payload);
std::shared_ptr<const Message> evolve_delivery(const Message* before, const Event& event, const Message& payload);

// reactions.cpp
std::vector<runtime::Reaction> reactions(const Event& event, const Message& payload, const Context& context);

}  // namespace rightplace::referral
