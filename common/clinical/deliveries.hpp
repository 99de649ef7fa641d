// Ids that two programs must derive alike: the breach watch records a return under the same ids
// that referral gives the delivery, so that the two are one.
#pragma once

#include <string>
#include <string_view>

#include "messages/referral.pb.h"

namespace rightplace::clinical {

// `cause_event_id` is not used for BREACH_RETURN: there is one return per case.
std::string delivery_id(referral::DeliveryKind kind, std::string_view case_id, std::string_view cause_event_id);
std::string referral_id(std::string_view case_id, std::string_view decision_event_id);
std::string breach_return_delivery_id(std::string_view case_id);
std::string breach_return_request_id(std::string_view case_id);  // X-Request-Id, a UUID

// Somebody must act on it: it waits for no other message, and people are told when it is not confirmed in time.
bool has_own_lane(referral::DeliveryKind kind, bool emergency);

}  // namespace rightplace::clinical
