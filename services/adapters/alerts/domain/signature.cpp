#include "services/adapters/alerts/domain/signature.hpp"

#include "common/base/base64.hpp"
#include "common/base/hash.hpp"

namespace rightplace::alerts {
namespace {

constexpr std::size_t block_bytes = 64;  // of SHA-256

std::string padded(const std::string& key, char with) {
    std::string block = key;
    block.resize(block_bytes, '\0');
    for (char& byte : block) byte = char(byte ^ with);
    return block;
}

}  // namespace

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
    const std::string short_key = key.size() > block_bytes ? sha256(key) : std::string(key);
    std::string inner = padded(short_key, 0x36);
    inner += bytes;
    return sha256(padded(short_key, 0x5c) + sha256(inner));
}

std::optional<std::string> secret_from_text(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
    if (!text.starts_with(secret_prefix)) return std::nullopt;
    const std::string bytes = base64_decode(text.substr(secret_prefix.size())).value_or(std::string());
    if (bytes.size() < secret_bytes_min || bytes.size() > secret_bytes_max) return std::nullopt;
    return bytes;
}

std::string secret_to_text(std::string_view bytes) {
    return std::string(secret_prefix) + base64_encode(bytes);
}

std::string signature(std::string_view secret, std::string_view id, std::int64_t timestamp_s, std::string_view body) {
    std::string signed_bytes(id);
    signed_bytes += "." + std::to_string(timestamp_s) + ".";
    signed_bytes += body;
    return "v1," + base64_encode(hmac_sha256(secret, signed_bytes));
}

}  // namespace rightplace::alerts
