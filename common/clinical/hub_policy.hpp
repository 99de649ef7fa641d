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

// Bounds of a policy.
inline constexpr std::uint32_t breach_minutes_max = 24 * 60;
inline constexpr std::uint32_t claim_lease_seconds_min = 10;
inline constexpr std::uint32_t claim_lease_seconds_max = 900;
inline constexpr std::uint32_t repeat_window_hours_max = 31 * 24;  // match tokens live for a month
inline constexpr std::uint32_t undo_minutes_max = 60;
inline constexpr std::uint32_t reopen_hours_max = 24;  // so long adapters keep what they need to answer again
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

}  // namespace rightplace::clinical
