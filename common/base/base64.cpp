#include "common/base/base64.hpp"

#include <cstdint>

namespace rightplace {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string base64_encode(std::string_view bytes) {
    std::string out;
    std::uint32_t held = 0;
    int bits = 0;
    for (const char byte : bytes) {
        held = (held << 8) | static_cast<unsigned char>(byte);
        for (bits += 8; bits >= 6; bits -= 6) out += alphabet[(held >> (bits - 6)) & 63];
    }
    if (bits > 0) out += alphabet[(held << (6 - bits)) & 63];
    while (out.size() % 4 != 0) out += '=';
    return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
    while (text.ends_with('=')) text.remove_suffix(1);
    if (text.size() % 4 == 1) return std::nullopt;
    std::string out;
    std::uint32_t held = 0;
    int bits = 0;
    for (const char c : text) {
        const auto value = alphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        held = (held << 6) | std::uint32_t(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out += char((held >> bits) & 0xFF);
        }
    }
    return out;
}

}  // namespace rightplace
