// The ACL users of the hub's Redis (the text of its `aclfile`).
//
// Limit of Redis 7.0: FCALL cannot be allowed by function name, and every command inside a function is
// checked against the caller. So services hold the single write commands that a commit needs, on the hub's
// keys alone; what they do not hold is what audit's functions need (UNLINK, a writable heartbeat), and those
// functions ask for it first. The default user is off.
#pragma once

#include <string>
#include <string_view>

namespace rightplace::store {

inline constexpr std::string_view service_user = "service";
inline constexpr std::string_view audit_user = "audit";

// Passwords are stored as SHA-256, so the text holds no secret in clear.
std::string acl_file(std::string_view service_password, std::string_view audit_password);

}  // namespace rightplace::store
