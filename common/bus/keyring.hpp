// CURVE keys of a stack: one pair per role, made on first run, in Z85 (40 characters). The secret
// files are the authority; a public file can always be made again from its secret. The public keys
// found in the directory are the allow-list.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace rightplace::bus {

inline constexpr std::array<std::string_view, 11> roles{
    "audit", "vault", "intake", "triage", "referral", "bars", "alerts", "cli", "clinician", "governance", "bench"};

struct KeyPair {
    std::string public_key;
    std::string secret_key;
};

class Keyring {
   public:
    // Makes the directory (0700) and what is missing in it. Several processes may do so at once: the
    // first secret to arrive stays. The error is a sentence that names the file.
    static Result<Keyring, std::string> open(const std::string& directory);

    const KeyPair& pair(std::string_view role) const;  // INVARIANT: one of `roles`
    std::optional<std::string> public_key(std::string_view role) const;
    std::optional<std::string> role_of(std::string_view public_key) const;

   private:
    std::map<std::string, KeyPair, std::less<>> pairs_;
    std::map<std::string, std::string, std::less<>> allowed_;  // public key -> role
};

KeyPair new_key_pair();

}  // namespace rightplace::bus
