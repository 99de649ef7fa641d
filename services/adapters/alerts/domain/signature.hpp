// Signatures after the public Standard Webhooks convention (standardwebhooks.com): HMAC-SHA256 over
// "id.timestamp.body".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rightplace::alerts {

inline constexpr std::string_view secret_prefix = "whsec_";
inline constexpr std::size_t secret_bytes_min = 24;  // the convention's bounds
inline constexpr std::size_t secret_bytes_max = 64;

std::string hmac_sha256(std::string_view key, std::string_view bytes);  // RFC 2104, 32 raw bytes

// The secret as it is handed over, "whsec_" and base64, to its bytes; nothing: it is none.
std::optional<std::string> secret_from_text(std::string_view text);
std::string secret_to_text(std::string_view bytes);

// "v1,<base64>"
std::string signature(std::string_view secret, std::string_view id, std::int64_t timestamp_s, std::string_view body);

}  // namespace rightplace::alerts
