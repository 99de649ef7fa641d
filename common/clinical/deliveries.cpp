#include "common/clinical/deliveries.hpp"

#include "common/base/hash.hpp"

namespace rightplace::clinical {

std::string delivery_id(referral::DeliveryKind kind, std::string_view case_id, std::string_view cause_event_id) {
    if (kind == referral::BREACH_RETURN) return breach_return_delivery_id(case_id);
    return derived_id({referral::DeliveryKind_Name(kind), case_id, cause_event_id});
}

std::string referral_id(std::string_view case_id, std::string_view decision_event_id) {
    return derived_id({"referral", case_id, decision_event_id});
}

std::string breach_return_delivery_id(std::string_view case_id) {
    return derived_id({referral::DeliveryKind_Name(referral::BREACH_RETURN), case_id});
}

std::string breach_return_request_id(std::string_view case_id) {
    return derived_uuid({"breach-return", case_id});
}

bool has_own_lane(referral::DeliveryKind kind, bool emergency) {
    const bool goes_back = kind == referral::REJECTING_RESPONSE || kind == referral::BREACH_RETURN;
    return goes_back || (kind == referral::FULL_RESPONSE && emergency);
}

}  // namespace rightplace::clinical
