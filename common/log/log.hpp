// Logs: JSON lines on stderr, one per happening. Ids and outcomes only: the keys are a closed list,
// so that nobody logs a name, an address or free text by accident.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rightplace::log {

enum class Level { trace, debug, info, warn, error };
Level level_of(std::string_view name);  // "" and unknown names: info

using Fields = std::vector<std::pair<std::string_view, std::string>>;

void start(std::string_view service, Level least);
// Lines go there instead of stderr, and a key that is not on the list breaks an INVARIANT.
void start_strict(std::string_view service, Level least, std::function<void(std::string_view line)> sink);

// {"at":…,"service":…,"level":…,"what":…,<fields>}. `what` is a fixed phrase with hyphens, not data.
// A field whose key is not on the list is dropped and counted (rightplace_log_fields_dropped_total);
// values are cut at limits::log_value_max_bytes and escaped. From any thread; before start() nothing.
void event(Level level, std::string_view what, const Fields& fields = {});

bool may_log(std::string_view key);

}  // namespace rightplace::log
