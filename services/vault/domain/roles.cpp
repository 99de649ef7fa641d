#include "services/vault/domain/roles.hpp"

#include <algorithm>

namespace rightplace::vault {
namespace {

struct KeyRoleRule {
    std::string_view key_role;
    bool allocate;
    bool deliver;
    bool care;        // direct-care, call-back
    bool governance;  // complaint, audit
    bool high_water;
    bool accept_journal;
    bool first_journal;
    std::string_view why;
};
constexpr std::array<KeyRoleRule, 6> key_role_rules{{
    {"bars", true, true, false, false, false, false, false,
     "seals what comes in, renders what goes out, shows senders their own"},
    {"clinician", true, false, true, false, false, false, false, "a clinician's console: opens cases and reveals them"},
    {"governance", false, false, false, true, true, true, false, "governance at a terminal: reads, opens nothing"},
    {"cli", true, false, true, true, true, true, false,
     "the command line on the machine itself: the actor's role decides"},
    {"audit", false, false, false, false, true, false, true, "refuses to start behind the mark; never reads identity"},
    {"bench", true, false, false, false, false, false, false, "opens made-up cases; looks at none"},
}};

template <typename Member>
bool allowed(std::string_view key_role, Member member) {
    return std::any_of(key_role_rules.begin(), key_role_rules.end(),
                       [&](const KeyRoleRule& rule) { return rule.key_role == key_role && rule.*member; });
}

}  // namespace

bool is_purpose(std::string_view purpose) {
    return std::find(purposes.begin(), purposes.end(), purpose) != purposes.end();
}

bool may_release(std::string_view role, std::string_view purpose) {
    if (purpose == "sender-read") return role == sender_role;
    const auto rule =
        std::find_if(role_rules.begin(), role_rules.end(), [&](const RoleRule& one) { return one.role == role; });
    if (rule == role_rules.end()) return false;
    if (purpose == "direct-care") return rule->direct_care;
    if (purpose == "call-back") return rule->call_back;
    if (purpose == "complaint") return rule->complaint;
    if (purpose == "audit") return rule->audit;
    return false;
}

std::string why_not(std::string_view role) {
    std::string may;
    for (const auto purpose : purposes) {
        if (may_release(role, purpose)) may += (may.empty() ? "" : ", ") + std::string(purpose);
    }
    if (may.empty()) return "This role may not see identity. Ask a clinician of the hub; of a complaint, governance.";
    return "This role may not see identity for this purpose; it may for: " + may + ".";
}

bool may_release_to(std::string_view key_role, std::string_view purpose) {
    if (purpose == "delivery" || purpose == "sender-read") return allowed(key_role, &KeyRoleRule::deliver);
    if (purpose == "direct-care" || purpose == "call-back") return allowed(key_role, &KeyRoleRule::care);
    if (purpose == "complaint" || purpose == "audit") return allowed(key_role, &KeyRoleRule::governance);
    return false;
}

bool may_allocate(std::string_view key_role) {
    return allowed(key_role, &KeyRoleRule::allocate);
}

bool may_read_high_water(std::string_view key_role) {
    return allowed(key_role, &KeyRoleRule::high_water);
}

bool may_accept_journal(std::string_view key_role) {
    return allowed(key_role, &KeyRoleRule::accept_journal);
}

bool may_name_first_journal(std::string_view key_role) {
    return allowed(key_role, &KeyRoleRule::first_journal);
}

}  // namespace rightplace::vault
