// The engine behind `rightplace simulate`: a scenario lived in virtual time with the real rules, its
// record written to a real journal file, labelled synthetic in every event.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "services/audit/shell/sqlite_journal.hpp"
#include "tests/sim/history/history.hpp"
#include "tests/sim/scenario/scenario.hpp"

using namespace rightplace;
namespace fs = std::filesystem;

namespace {

int fail(const std::string& sentence) {
    std::fprintf(stderr, "simulate: %s\n", sentence.c_str());
    return 1;
}

// What is in the file, held beside it for the judge.
class Mirrored final : public seams::Journal {
   public:
    struct Copy {
        std::vector<seams::Bytes> events;
    };
    using HeadDone = seams::Done<seams::Journalled<seams::JournalHead>>;
    Mirrored(std::unique_ptr<seams::Journal> file, std::shared_ptr<Copy> copy)
        : file_(std::move(file)), copy_(std::move(copy)) {}
    void head(HeadDone done) override { file_->head(std::move(done)); }
    void touch(HeadDone done) override { file_->touch(std::move(done)); }
    void append(std::uint64_t epoch, std::vector<seams::Bytes> stored, HeadDone done) override {
        const auto kept = keep(stored, std::move(done));
        file_->append(epoch, std::move(stored), kept);
    }
    void open_epoch(std::uint64_t expected, seams::Bytes stored, HeadDone done) override {
        const auto kept = keep({stored}, std::move(done));
        file_->open_epoch(expected, std::move(stored), kept);
    }
    void read(std::uint64_t from, std::size_t most, std::string case_id,
              seams::Done<seams::Journalled<Page>> done) override {
        file_->read(from, most, std::move(case_id), std::move(done));
    }

   private:
    HeadDone keep(const std::vector<seams::Bytes>& stored, HeadDone done) {
        return [copy = copy_, stored, done = std::move(done)](seams::Journalled<seams::JournalHead> written) {
            if (written) copy->events.insert(copy->events.end(), stored.begin(), stored.end());
            done(std::move(written));
        };
    }
    std::unique_ptr<seams::Journal> file_;
    std::shared_ptr<Copy> copy_;
};

sim::RealRecord record_in(const std::string& path, const std::string& hub) {
    auto copy = std::make_shared<Mirrored::Copy>();
    sim::RealRecord record;
    record.open = [path, hub, copy](seams::Clock& clock) -> std::unique_ptr<seams::Journal> {
        auto file = audit::SqliteJournal::open(path, hub, clock);
        INVARIANT(file.ok());  // it was made a moment ago
        return std::make_unique<Mirrored>(std::move(file.value()), copy);
    };
    record.eyes = {[copy]() -> const std::vector<seams::Bytes>& { return copy->events; },
                   [copy] { return copy->events.size(); }};
    return record;
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

int simulate(const std::string& named, std::uint64_t seed, const std::string& journal) {
    const bool is_file = named.find('/') != std::string::npos || named.ends_with(".json");
    const auto text = text_of(is_file ? named : SOURCE_DIR "/tests/sim/scenario/" + named + ".json");
    if (text.empty()) return fail("there is no scenario " + named + "; shipped: one-day, or name a .json file");
    const auto scenario = sim::read_scenario(text);
    if (!scenario.ok()) return fail("scenario " + named + ": " + scenario.error());
    if (in_live_directory(journal))
        return fail(journal + " lies in the state directory of a stack; write it elsewhere");
    const auto& hub = scenario.value().hub;
    const auto made = audit::create_journal(journal, hub);
    if (!made) return fail("cannot make the journal " + journal + ": " + made.error().detail);
    sim::Living living;
    living.scratch = fs::temp_directory_path() / ("rp-simulate-" + std::to_string(getpid()));
    living.real.emplace(hub, record_in(journal, hub));
    living.progress = show;
    const auto outcome = sim::live(sim::plan_of(scenario.value(), seed), living);
    for (const auto& finding : outcome.findings) {
        std::fprintf(stderr, "simulate: invariant %d broken: %s\n", finding.invariant, finding.what.c_str());
    }
    std::printf(
        "%s, seed %llu: %zu events of %s in %s; look with\n  rightplace audit verify --journal %s\n"
        "  rightplace audit replay --journal %s\n",
        scenario.value().name.c_str(), static_cast<unsigned long long>(seed), living.real.at(hub).eyes.written().size(),
        hub.c_str(), journal.c_str(), journal.c_str(), journal.c_str());
    return outcome.findings.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Lives a scenario in virtual time and writes its record to a real journal file.",
                 "rightplace simulate"};
    std::string scenario, journal;
    std::uint64_t seed = 1;
    app.add_option("SCENARIO", scenario, "one-day, or a .json file")->required();
    app.add_option("--seed", seed, "the same seed gives the same day");
    app.add_option("--journal", journal, "the file to write; must not exist")->required();
    CLI11_PARSE(app, argc, argv);
    return simulate(scenario, seed, journal);
}
