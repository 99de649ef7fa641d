// Who is a clinician in a hub: the roles that may lower a category, ask and give a second opinion, and treat.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace rightplace::clinical {

inline constexpr std::array<std::string_view, 9> clinician_roles{
    "paramedic-practitioner", "ed-consultant",        "ed-clinician", "gp",       "nurse",
    "ucr-clinician",          "home-treatment-nurse", "pharmacist",   "paramedic"};

constexpr bool is_clinician(std::string_view role) {
    return std::find(clinician_roles.begin(), clinician_roles.end(), role) != clinician_roles.end();
}

// Who may lower, close or decide: the staff id says who it was.
constexpr bool is_named_clinician(std::string_view staff_id, std::string_view role) {
    return !staff_id.empty() && is_clinician(role);
}

}  // namespace rightplace::clinical
