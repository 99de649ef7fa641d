// `rightplace stats`: a hub's figures from its record, and a second count of them.
#pragma once

#include <string>

#include "services/cli/shell/session.hpp"

namespace rightplace::cli {

struct StatsOptions {
    std::string hub;      // of a running stack, or
    std::string journal;  // a journal file
    std::string from;     // FHIR instant
    std::string to;
    bool json = false;
    bool check = false;  // count again another way instead of showing the figures
};

int run_stats(Session& session, const StatsOptions& options);
// Offline: no stack is needed. A file knows nothing after its last event: waiting is counted up to there.
int run_stats_file(const StatsOptions& options, std::ostream& out, std::ostream& err, const Style& style);

}  // namespace rightplace::cli
