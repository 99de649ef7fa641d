// Where a hub's clock mark outlives audit: one small file beside the journal, written in place, so that a full disk
// does not stop it.
#pragma once

#include <optional>
#include <string>

#include "services/audit/domain/hub_clock.hpp"

namespace rightplace::audit {

std::string clock_file_of(const std::string& journal_file);
std::optional<ClockMark> read_clock(const std::string& path);  // nothing: none there, or not whole
bool keep_clock(const std::string& path, const ClockMark& mark);
std::string boot_id();  // of the kernel; empty when it does not say

}  // namespace rightplace::audit
