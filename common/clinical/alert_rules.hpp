// What needs a person: the kinds of alert, and how long one may stand before somebody takes it.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/policy.pb.h"

namespace rightplace::clinical {

namespace alert_kind {
inline constexpr const char* sender_without_endpoint = "sender-without-endpoint";
inline constexpr const char* delivery_quarantined = "delivery-quarantined";
inline constexpr const char* delivery_not_getting_through = "delivery-not-getting-through";
inline constexpr const char* return_unwatched = "return-unwatched";  // given back only while the ring works
inline constexpr const char* reaction_parked = "reaction-parked";
inline constexpr const char* review_breached = "review-breached";
inline constexpr const char* clock_stepped = "clock-stepped";
inline constexpr const char* welfare_call_missed = "welfare-call-missed";
inline constexpr const char* transfer_declined = "transfer-declined";
inline constexpr const char* transfer_unconfirmed = "transfer-unconfirmed";
inline constexpr const char* transfer_offered = "transfer-offered";            // to this hub, and nobody has answered
inline constexpr const char* transfer_not_answered = "transfer-not-answered";  // by the hub that it was offered to
inline constexpr const char* review_unattended = "review-unattended";
inline constexpr const char* answer_undone = "answer-undone";          // its destination acts on what holds no more
inline constexpr const char* referral_undone = "referral-undone";      // the other organisation counts on the patient
inline constexpr const char* review_escalated = "review-escalated";    // to an emergency, and nobody works on it
inline constexpr const char* asker_to_be_told = "asker-to-be-told";    // a rejection that no message carries
inline constexpr const char* referral_overdue = "referral-overdue";    // nobody has accepted it in time
inline constexpr const char* referral_declined = "referral-declined";  // the patient is with nobody
inline constexpr const char* ucr_two_hours = "ucr-two-hours";          // no team has reached the patient in time
// An emergency, a rejection, a return: whoever must act on it has not confirmed it.
inline constexpr const char* answer_unconfirmed = "answer-unconfirmed";
inline constexpr const char* webhook_not_getting_through = "webhook-not-getting-through";
inline constexpr const char* updated_after_end = "updated-after-end";  // its sender knows more; nobody has it open
inline constexpr const char* response_received = "response-received";  // to what this hub asked of another

inline constexpr std::array all{sender_without_endpoint, delivery_quarantined, delivery_not_getting_through,
                                return_unwatched,        reaction_parked,      review_breached,
                                clock_stepped,           welfare_call_missed,  transfer_declined,
                                transfer_unconfirmed,    transfer_offered,     transfer_not_answered,
                                review_unattended,       answer_undone,        referral_undone,
                                review_escalated,        asker_to_be_told,     referral_overdue,
                                referral_declined,       ucr_two_hours,        webhook_not_getting_through,
                                updated_after_end,       response_received,    answer_unconfirmed};
}  // namespace alert_kind

bool is_alert_kind(std::string_view kind);

// Used while no policy is adopted, and by one that says nothing of a kind. Local: no published time is held here.
// Whoever looks at the queue every quarter of an hour never meets an alert at level 2; half an hour later it is at the
// highest.
inline constexpr std::uint32_t alert_after_minutes_without_policy = 15;  // to level 2, and from there to level 3
inline constexpr std::uint32_t alert_again_minutes_without_policy = 30;

// Bounds of a policy.
inline constexpr int alert_steps_max = 4;  // so level 5 is the highest there is
inline constexpr std::uint32_t alert_minutes_max = 24 * 60;
inline constexpr std::uint32_t alert_again_minutes_min = 5;  // more often, and people stop reading them

struct AlertTimes {
    std::vector<std::uint32_t> after_minutes;  // to level 2, 3, ...: each since the level before it
    std::uint32_t again_minutes = 0;           // at the highest level, for as long as nobody takes it

    std::uint32_t highest() const { return std::uint32_t(after_minutes.size()) + 1; }
    // From when an alert has come to `level` until it goes up, or at the highest one is said again.
    std::uint32_t minutes_at(std::uint32_t level) const;
};
// The rule that names the kind, else the one that names none.
AlertTimes alert_times(const policy::HubPolicy* policy, std::string_view kind);

// Says what is wrong with the rules, and which examples do not come true: field of HubPolicy, index, in words.
using SayOfPolicy = std::function<void(const char* field, int index, std::string what)>;
void check_alert_rules(const policy::HubPolicy& policy, const SayOfPolicy& say);
void check_alert_examples(const policy::HubPolicy& policy, const SayOfPolicy& say);

}  // namespace rightplace::clinical
