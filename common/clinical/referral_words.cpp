#include "common/clinical/referral_words.hpp"

#include <algorithm>
#include <array>

namespace rightplace::clinical {
namespace {

constexpr TimeMs minute_ms = 60'000;
constexpr std::array<std::string_view, 5> seen{"seen", "treated", "admitted", "discharged", "taken-on"};
constexpr std::array<std::string_view, 6> declined{"no-capacity",     "not-for-us", "out-of-area",
                                                   "patient-refused", "not-found",  "other"};

std::string listed(const auto& codes) {
    std::string out;
    for (const auto code : codes) out += (out.empty() ? "" : ", ") + std::string(code);
    return out;
}

bool to_be_accepted(const referral::ReferralState& state) {
    const bool answered = state.accepted() || state.reached() || !state.declined_reason().empty();
    return !state.ended() && !answered && state.has_accept_by();
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

bool is_seen_outcome(std::string_view code) {
    return std::find(seen.begin(), seen.end(), code) != seen.end();
}

std::string seen_outcomes() {
    return listed(seen);
}

bool is_declined_reason(std::string_view code) {
    return std::find(declined.begin(), declined.end(), code) != declined.end();
}

std::string declined_reasons() {
    return listed(declined);
}

std::optional<TimeMs> referral_due(const referral::ReferralState& state) {
    std::optional<TimeMs> due;
    if (to_be_accepted(state)) due = to_ms(state.accept_by());
    if (to_be_reached(state)) due = std::min(due.value_or(to_ms(state.reach_by())), to_ms(state.reach_by()));
    return due;
}

std::string referral_standing(const referral::ReferralState& state, TimeMs now) {
    std::string out = state.ended()     ? "ended"
                      : state.reached() ? "patient reached"
                      : !state.declined_reason().empty()
                          ? "DECLINED (" + state.declined_reason() + "): the patient is with nobody"
                      : state.accepted() ? "accepted"
                                         : "asked for";
    if (to_be_accepted(state)) out += "; to be accepted by " + by(state.accept_by(), now);
    if (to_be_reached(state)) out += "; patient to be reached by " + by(state.reach_by(), now);
    if (state.acceptance_overdue() && !to_be_accepted(state)) out += "; was not accepted in time";
    if (state.reach_overdue() && !to_be_reached(state)) out += "; the patient was not reached in time";
    return out;
}

}  // namespace rightplace::clinical
