// The engine behind `rightplace simulate`: a scenario lived in virtual time with the real rules, its record written
// to a real journal file, labelled synthetic in every event. What a season's hub published is then held against what is
// counted from that file, never from the scenario.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "services/audit/replay.hpp"
#include "tests/sim/history/history.hpp"
#include "tests/sim/scenario/pour.hpp"
#include "tests/sim/scenario/report.hpp"
#include "tests/sim/scenario/scenario.hpp"

using namespace rightplace;
namespace fs = std::filesystem;

namespace {

const std::string shipped = "one-day, west-kent-2023, ashford-2023";

int fail(const std::string& sentence) {
    std::fprintf(stderr, "simulate: %s\n", sentence.c_str());
    return 1;
}

// A stack's own file in this folder or one above it: somebody's live hub.
bool in_live_directory(const fs::path& journal) {
    for (auto folder = fs::absolute(journal).parent_path();; folder = folder.parent_path()) {
        if (fs::exists(folder / "stack.textproto")) return true;
        if (folder == folder.parent_path()) return false;
    }
}

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

void show(std::int64_t part, std::int64_t of) {
    if (isatty(STDERR_FILENO) == 0) return;
    std::fprintf(stderr, "\r[%s%s] %3d %%%s", std::string(std::size_t(part), '#').c_str(),
                 std::string(std::size_t(of - part), '.').c_str(), int(part * 100 / of), part == of ? "\n" : "");
}

struct Wanted {
    std::string scenario;
    std::string journal;
    std::uint64_t seed = 1;
    std::int64_t weeks = 0;  // of a season, only the first so many
};

// What is to be lived, and what its record is then held against.
struct Staged {
    std::string name;
    std::string hub;
    sim::Plan plan;
    std::vector<sim::Published> published;
};

Result<Staged, std::string> stage(const Wanted& wanted) {
    const auto& named = wanted.scenario;
    const bool is_file = named.find('/') != std::string::npos || named.ends_with(".json");
    const auto text = text_of(is_file ? named : SOURCE_DIR "/tests/sim/scenario/" + named + ".json");
    if (text.empty())
        return Failure{"there is no scenario " + named + "; shipped: " + shipped + ", or name a .json file"};
    const std::string wrong = "scenario " + named + ": ";
    if (sim::is_season(text)) {
        const auto season = sim::read_season(text);
        if (!season.ok()) return Failure{wrong + season.error()};
        const auto& it = season.value();
        return Staged{it.name, it.hub, sim::plan_of(it, wanted.seed, wanted.weeks), it.published};
    }
    const auto scenario = sim::read_scenario(text);
    if (!scenario.ok()) return Failure{wrong + scenario.error()};
    if (wanted.weeks > 0) return Failure{wrong + "it is no season: it has no weeks to choose"};
    return Staged{scenario.value().name, scenario.value().hub, sim::plan_of(scenario.value(), wanted.seed), {}};
}

Result<cli::Numbers, std::string> count(const std::string& journal) {
    const auto verified = audit::verify_journal(journal);
    if (!verified.ok()) return Failure{verified.error()};
    if (!verified.value().sound()) return Failure{verified.value().fault->what};
    cli::Tally tally({});
    const auto told = audit::replay_journal(journal, {}, [&](const audit::ReplayRow& row) {
        Event event;
        if (event.ParseFromString(row.stored)) tally.add(event);
        return true;
    });
    if (!told.ok()) return Failure{told.error()};
    return cli::headline(tally.figures(0).all);
}

// 0, or 1 when a published figure does not come out.
int tell_report(const Staged& staged, const Wanted& wanted) {
    if (staged.published.empty()) return 0;
    if (wanted.weeks > 0) {
        std::printf("\nOnly %lld of its weeks were lived: what it published is of all of them.\n",
                    static_cast<long long>(wanted.weeks));
        return 0;
    }
    const auto counted = count(wanted.journal);
    if (!counted.ok()) return fail(wanted.journal + ": " + counted.error());
    const auto report = sim::report(staged.published, counted.value());
    std::printf("\nCounted from the journal, as `rightplace stats` counts:\n%s", report.text.c_str());
    return report.holds ? 0 : 1;
}

int simulate(const Wanted& wanted) {
    const auto& journal = wanted.journal;
    const auto staged = stage(wanted);
    if (!staged.ok()) return fail(staged.error());
    if (in_live_directory(journal))
        return fail(journal + " lies in the state directory of a stack; write it elsewhere");
    const auto& hub = staged.value().hub;
    const auto made = audit::create_journal(journal, hub);
    if (!made) return fail("cannot make the journal " + journal + ": " + made.error().detail);
    sim::Living living;
    living.scratch = fs::temp_directory_path() / ("rp-simulate-" + std::to_string(getpid()));
    const auto kept = std::make_shared<sim::Kept>();
    living.real.emplace(hub, sim::record_kept(hub, made.value(), kept));
    living.progress = show;
    const auto outcome = sim::live(staged.value().plan, living);
    for (const auto& finding : outcome.findings) {
        std::fprintf(stderr, "simulate: invariant %d broken: %s\n", finding.invariant, finding.what.c_str());
    }
    const auto poured = sim::pour(kept->events, journal, hub);
    if (!poured.ok()) return fail("cannot write the journal " + journal + ": " + poured.error());
    std::printf(
        "%s, seed %llu: %zu events of %s in %s; look with\n  rightplace audit verify --journal %s\n"
        "  rightplace audit replay --journal %s\n  rightplace stats --journal %s\n",
        staged.value().name.c_str(), static_cast<unsigned long long>(wanted.seed), kept->events.size(), hub.c_str(),
        journal.c_str(), journal.c_str(), journal.c_str(), journal.c_str());
    const int told = tell_report(staged.value(), wanted);
    return outcome.findings.empty() ? told : 1;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Lives a scenario in virtual time and writes its record to a real journal file.",
                 "rightplace simulate"};
    Wanted wanted;
    app.add_option("SCENARIO", wanted.scenario, shipped + ", or a .json file")->required();
    app.add_option("--seed", wanted.seed, "the same seed gives the same days");
    app.add_option("--journal", wanted.journal, "the file to write; must not exist")->required();
    app.add_option("--weeks", wanted.weeks, "of a season, only the first so many")->check(CLI::Range(1, 52));
    CLI11_PARSE(app, argc, argv);
    return simulate(wanted);
}
