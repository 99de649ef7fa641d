#include "tests/sim/scenario/report.hpp"

#include <algorithm>

#include "services/cli/domain/table.hpp"

namespace rightplace::sim {

Report report(const std::vector<Published>& published, const cli::Numbers& counted) {
    Report report;
    std::vector<cli::Row> rows{{"PUBLISHED", "COUNTED", "HOLDS", "SOURCE"}};
    for (const auto& one : published) {
        const auto found =
            std::find_if(counted.begin(), counted.end(), [&](const auto& each) { return each.first == one.figure; });
        const bool there = found != counted.end();
        const bool holds = there && one.holds.least <= found->second && found->second <= one.holds.most;
        report.holds = report.holds && holds;
        rows.push_back({one.says, there ? std::to_string(found->second) : "no figure " + one.figure,
                        holds ? "yes" : "NO", one.source});
    }
    for (const auto& line : cli::table_lines(rows)) report.text += line + "\n";
    return report;
}

}  // namespace rightplace::sim
