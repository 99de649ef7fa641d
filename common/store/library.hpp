// The Redis function library as this program knows it.
#pragma once

#include <string>

namespace rightplace::store {

// The whole text for FUNCTION LOAD: bounds from limits.hpp, the digest, the three parts of hub.lua.
const std::string& library_text();
// SHA-256 over bounds and parts, in hex: what hub_1_version answers once this very text is loaded.
const std::string& library_digest();

}  // namespace rightplace::store
