// Streams: kinds of case with a rule of their own, such as falls; and the skills that people sign on with.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/clinical/alert_rules.hpp"
#include "common/clinical/pathways.hpp"

namespace rightplace::clinical {

inline constexpr int streams_max = 20;  // of one policy; staff skills likewise

// By the use case that it came as; null: it belongs to none.
const policy::Stream* stream_of(const policy::HubPolicy* policy, const intake::CaseFacts& facts);
std::string stream_code(const policy::HubPolicy* policy, const intake::CaseFacts& facts);  // empty: none
bool is_stream(const policy::HubPolicy& policy, std::string_view code);
// Where such cases usually go, and what speaks against it for this one.
std::optional<triage::StreamOffer> stream_offer(const policy::HubPolicy* policy, const PathwayCase& of);

// What somebody may sign on with: a clinician's role, or a skill that the policy names.
bool is_staff_skill(const policy::HubPolicy& policy, std::string_view word);
std::string staff_skills(const policy::HubPolicy& policy);  // "falls, gp, ...": every one there is

void check_streams(const policy::HubPolicy& policy, const SayOfPolicy& say);

}  // namespace rightplace::clinical
