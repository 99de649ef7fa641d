// A record that is lived in memory and then poured into a real journal file. Every write to a real file waits for the
// disk, and weeks of them would take longer than all the rest; poured, they are a few large ones.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "tests/sim/history/history.hpp"

namespace rightplace::sim {

// What the record holds, for the judge and for pouring; outlives the town.
struct Kept {
    std::vector<seams::Bytes> events;
};
RealRecord record_kept(const std::string& hub, const std::string& journal_id, std::shared_ptr<Kept> kept);

// Into a file that was just created for that hub. The file checks every event as it would on a live hub.
Result<bool, std::string> pour(const std::vector<seams::Bytes>& events, const std::string& path,
                               const std::string& hub);

}  // namespace rightplace::sim
