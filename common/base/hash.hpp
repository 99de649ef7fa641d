// SHA-256, hex, and identifiers derived from them.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace rightplace {

std::string sha256(std::string_view bytes);  // 32 raw bytes
std::string to_hex(std::string_view bytes);
std::string from_hex(std::string_view hex);  // empty when it is not hex

// The same parts give the same id: 32 hex digits over the length-prefixed parts.
std::string derived_id(std::initializer_list<std::string_view> parts);
// As derived_id, in the form of a UUID (version 8: custom).
std::string derived_uuid(std::initializer_list<std::string_view> parts);
bool is_uuid(std::string_view text);

}  // namespace rightplace
