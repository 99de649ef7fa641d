// The bounds of a request to the store, as the simulated store judges them (limits.hpp names them).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/seams.hpp"

namespace rightplace::sim {

bool is_count(std::uint64_t value);   // at most 2^53
bool is_name(std::string_view text);  // 1 to name_max_bytes bytes
bool is_word(std::string_view text);  // a name of lower-case letters, digits, '-' and '_', letter first
bool is_hub(std::string_view text);   // lower-case letters, digits and '-', not '-' first
bool is_lease(const seams::Lease&);
bool is_cursor(const seams::CursorRestore&);

// What is out of bounds, if anything.
using Broken = std::optional<std::string>;
Broken broken_bound(const seams::LoadRequest&);
Broken broken_bound(const seams::CommitRequest&);
Broken broken_bound(const seams::RestoreRequest&);
Broken broken_bound(const std::vector<seams::DoneRestore>&, const std::vector<seams::CursorRestore>&);

}  // namespace rightplace::sim
