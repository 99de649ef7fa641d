// A hub's clinical and operational rules: reading, checking and asking them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "messages/intake.pb.h"
#include "messages/policy.pb.h"

namespace rightplace::clinical {

// Used only while no policy is adopted, so that a case is queued all the same. 18 minutes is the
// shortest mean time of a category that is validated (C2).
inline constexpr std::uint32_t breach_minutes_without_policy = 18;
inline constexpr std::uint32_t claim_lease_seconds_without_policy = 120;
inline constexpr std::uint32_t repeat_window_hours_without_policy = 96;
// Also where a policy says nothing of them.
inline constexpr std::uint32_t undo_minutes_without_policy = 5;
inline constexpr std::uint32_t reopen_hours_without_policy = 24;
inline constexpr std::uint32_t handover_minutes_without_policy = 30;
inline constexpr std::uint32_t given_back_head_start_minutes_without_policy = 60;
inline constexpr std::uint32_t transfer_confirm_seconds_without_policy = 60;
inline constexpr std::uint32_t shift_hours_without_policy = 16;

// Bounds of a policy.
inline constexpr std::uint32_t breach_minutes_max = 24 * 60;
inline constexpr std::uint32_t claim_lease_seconds_min = 10;
inline constexpr std::uint32_t claim_lease_seconds_max = 900;
inline constexpr std::uint32_t repeat_window_hours_max = 31 * 24;  // match tokens live for a month
inline constexpr std::uint32_t undo_minutes_max = 60;
inline constexpr std::uint32_t reopen_hours_max = 24;          // so long adapters keep what they need to answer again
inline constexpr std::uint32_t handover_minutes_max = 4 * 60;  // longer, nobody knows what is whose
inline constexpr std::uint32_t given_back_head_start_minutes_max = 24 * 60;
inline constexpr std::uint32_t transfer_confirm_seconds_min = 5;    // a round trip between two hubs that are well
inline constexpr std::uint32_t transfer_confirm_seconds_max = 900;  // the case has no clock that anybody sees meanwhile
inline constexpr std::uint32_t shift_hours_max = 48;
inline constexpr std::size_t policy_text_max_bytes = 64'000;

struct PolicyProblem {
    int line = 0;  // 1, 2, ...; 0: the text as a whole
    std::string what;
};

// Protobuf text format of HubPolicy. Every figure needs its source, and every example must come true.
Result<policy::HubPolicy, std::vector<PolicyProblem>> parse_policy(const std::string& text);
std::string policy_version(const std::string& text);  // sha256 of the text, first 12 hex digits

std::uint32_t breach_minutes(const policy::HubPolicy* policy, intake::Category category);
std::int64_t claim_lease_ms(const policy::HubPolicy* policy);
std::int64_t repeat_window_ms(const policy::HubPolicy* policy);
std::int64_t undo_window_ms(const policy::HubPolicy* policy);
std::int64_t reopen_window_ms(const policy::HubPolicy* policy);
std::int64_t handover_stands_ms(const policy::HubPolicy* policy);        // then it is no longer acknowledged
std::int64_t given_back_head_start_ms(const policy::HubPolicy* policy);  // cases still in time go so far before them
std::int64_t transfer_confirm_ms(const policy::HubPolicy* policy);       // then people hear that the other is silent
std::int64_t shift_max_ms(const policy::HubPolicy* policy);              // then somebody forgot to sign off

}  // namespace rightplace::clinical
