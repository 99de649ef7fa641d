// Who may have the key to a person's identity, and for what. Data, so that it can be read aloud to
// a Caldicott guardian.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace rightplace::vault {

// For what. A closed vocabulary (messages/vault.proto, ReleaseKey).
inline constexpr std::array<std::string_view, 6> purposes{"direct-care", "call-back", "delivery",
                                                          "sender-read", "complaint", "audit"};
bool is_purpose(std::string_view purpose);

// People: the role an actor has in the hub, and the purposes that role may name.
struct RoleRule {
    std::string_view role;
    bool direct_care;
    bool call_back;
    bool complaint;
    bool audit;
    std::string_view why;
};
inline constexpr std::array<RoleRule, 13> role_rules{{
    {"paramedic-practitioner", true, true, false, false, "reviews and visits: treats the patient"},
    {"ed-consultant", true, true, false, false, "reviews: advises on the patient's care"},
    {"ed-clinician", true, true, false, false, "reviews under the consultant"},
    {"gp", true, true, false, false, "reviews, or takes the patient over"},
    {"nurse", true, true, false, false, "urgent community response and home treatment"},
    {"ucr-clinician", true, true, false, false, "urgent community response: visits within two hours"},
    {"home-treatment-nurse", true, true, false, false, "treats the patient at home"},
    {"pharmacist", true, true, false, false, "advises on the patient's medicines"},
    {"paramedic", true, true, false, false, "the crew on scene with the patient"},
    {"coordinator", false, true, false, false, "not a clinician: may ring back, not read the record for care"},
    {"governance-lead", false, false, true, true, "answers complaints and inspects; treats nobody"},
    {"caldicott-guardian", false, false, true, true, "answers for how identity is used"},
    {"auditor", false, false, false, true, "inspects; complaints are answered by governance"},
}};
bool may_release(std::string_view role, std::string_view purpose);
// For whom may_release said no: what the role may do instead.
std::string why_not(std::string_view role);
// A sending system that reads its own request back: a machine, but what it is shown leaves the hub, so it is a view.
inline constexpr std::string_view sender_role = "sender";

// Programs: what a transport key may ask (common/bus/keyring.hpp names them). A delivery leaves no
// view record, for nobody looks; so that purpose belongs to adapters alone, and so does sender-read, which leaves one.
// The others belong to the programs that people use, clinical and governance purposes apart.
bool may_release_to(std::string_view key_role, std::string_view purpose);
bool may_allocate(std::string_view key_role);  // AllocateKeys and MatchTokens: those who seal what comes in
bool may_read_high_water(std::string_view key_role);
bool may_accept_journal(std::string_view key_role);
// Names a hub's first, still empty journal, where vault has no mark yet: nothing can be lost by that.
bool may_name_first_journal(std::string_view key_role);

}  // namespace rightplace::vault
