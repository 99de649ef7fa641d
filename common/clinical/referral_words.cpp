#include "common/clinical/referral_words.hpp"

#include <algorithm>

namespace rightplace::clinical {
namespace {

constexpr TimeMs minute_ms = 60'000;

bool to_be_accepted(const referral::ReferralState& state) {
    return !state.ended() && !state.accepted() && !state.reached() && state.has_accept_by();
}

bool to_be_reached(const referral::ReferralState& state) {
    return !state.ended() && !state.reached() && state.has_reach_by();
}

std::string by(const google::protobuf::Timestamp& at, TimeMs now) {
    const TimeMs due = to_ms(at);
    const auto minutes = std::to_string((std::max(due, now) - std::min(due, now)) / minute_ms);
    return format_london(due) + ", " + minutes + (due >= now ? " min left" : " min OVER");
}

}  // namespace

std::optional<TimeMs> referral_due(const referral::ReferralState& state) {
    std::optional<TimeMs> due;
    if (to_be_accepted(state)) due = to_ms(state.accept_by());
    if (to_be_reached(state)) due = std::min(due.value_or(to_ms(state.reach_by())), to_ms(state.reach_by()));
    return due;
}

std::string referral_standing(const referral::ReferralState& state, TimeMs now) {
    std::string out = state.ended()      ? "ended"
                      : state.reached()  ? "patient reached"
                      : state.accepted() ? "accepted"
                                         : "asked for";
    if (to_be_accepted(state)) out += "; to be accepted by " + by(state.accept_by(), now);
    if (to_be_reached(state)) out += "; patient to be reached by " + by(state.reach_by(), now);
    if (state.acceptance_overdue() && !to_be_accepted(state)) out += "; was not accepted in time";
    if (state.reach_overdue() && !to_be_reached(state)) out += "; the patient was not reached in time";
    return out;
}

}  // namespace rightplace::clinical
