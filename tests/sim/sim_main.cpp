// The simulator as a program: many seeds, one seed in full, or a failing one made small.
//   sim --seeds N [--from S]   sim --seed S   sim --shrink S   sim --list FILE
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "tests/sim/history/history.hpp"

using namespace rightplace::sim;

namespace {

std::string scratch() {
    const char* folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    return std::string(folder) + "/rp-sim-" + std::to_string(getpid());
}

Living in_scratch(bool told) {
    Living living;
    living.scratch = scratch();
    if (told) living.tell = [](const std::string& line) { std::cout << line << "\n"; };
    return living;
}

double seconds_since(std::chrono::steady_clock::time_point begun) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

void print(const std::vector<Finding>& findings) {
    for (const auto& finding : findings) {
        std::printf("    invariant %d: %s\n", finding.invariant, finding.what.c_str());
    }
}

struct Totals {
    std::size_t seeds = 0, failed = 0, events = 0, answers = 0;
    double hub_days = 0;
    std::uint64_t slowest = 0;  // seed
    double slowest_s = 0;
};

bool run_one(std::uint64_t seed, bool twice, Totals& totals) {
    const auto plan = draw_plan(seed);
    const auto began = std::chrono::steady_clock::now();
    const auto outcome = live(plan, in_scratch(false));
    if (seconds_since(began) > totals.slowest_s) totals.slowest = seed, totals.slowest_s = seconds_since(began);
    ++totals.seeds;
    totals.events += outcome.events;
    totals.answers += outcome.answers;
    totals.hub_days += outcome.hub_days;
    bool good = outcome.findings.empty();
    if (!good) {
        std::printf("  seed %llu failed:\n", static_cast<unsigned long long>(seed));
        print(outcome.findings);
    }
    if (twice && live(plan, in_scratch(false)).trace_hash != outcome.trace_hash) {
        std::printf("  seed %llu: another history the second time\n", static_cast<unsigned long long>(seed));
        good = false;
    }
    totals.failed += good ? 0 : 1;
    std::fflush(stdout);
    return good;
}

int show_one(std::uint64_t seed) {
    const auto plan = draw_plan(seed);
    std::cout << describe(plan) << "\n";
    const auto outcome = live(plan, in_scratch(true));
    std::cout << "\ntrace " << outcome.trace_hash << ", " << outcome.events << " events, " << outcome.answers
              << " answers\n";
    print(outcome.findings);
    std::cout << (outcome.findings.empty() ? "1 passed, 0 failed" : "0 passed, 1 failed") << std::endl;
    return outcome.findings.empty() ? 0 : 1;
}

int shrink_one(std::uint64_t seed) {
    const auto plan = draw_plan(seed);
    const auto outcome = live(plan, in_scratch(false));
    if (outcome.findings.empty()) {
        std::cout << "seed " << seed << " does not fail\n";
        return 2;
    }
    const auto small = shrink(plan, in_scratch(false), outcome.findings.front().invariant);
    std::cout << describe(small) << "\n";
    const auto again = live(small, in_scratch(true));
    print(again.findings);
    return 0;
}

int run_many(const std::vector<std::uint64_t>& seeds, bool twice, double budget_s, std::size_t stop_after) {
    Totals totals;
    const auto begun = std::chrono::steady_clock::now();
    for (const auto seed : seeds) {
        if (budget_s > 0 && seconds_since(begun) > budget_s) break;
        run_one(seed, twice, totals);
        if (stop_after > 0 && totals.failed >= stop_after) break;
    }
    const double took = seconds_since(begun);
    std::printf("%zu histories, %zu events, %zu answers, %.1f hub-days in %.1f s: %.0f hub-days a minute; ",
                totals.seeds, totals.events, totals.answers, totals.hub_days, took, totals.hub_days / took * 60);
    std::printf("slowest: seed %llu, %.1f s\n", static_cast<unsigned long long>(totals.slowest), totals.slowest_s);
    std::printf("%zu passed, %zu failed\n", totals.seeds - totals.failed, totals.failed);
    return totals.failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"The simulator: whole histories in virtual time, judged."};
    std::uint64_t seeds = 0, from = 1, seed = 0, shrink_seed = 0;
    std::size_t stop_after = 0;
    double budget_s = 0;
    bool twice = false;
    std::string list;
    app.add_option("--seeds", seeds, "how many histories");
    app.add_option("--from", from, "the first seed");
    app.add_option("--seed", seed, "this one, printed in full");
    app.add_option("--shrink", shrink_seed, "make this failing one small");
    app.add_option("--list", list, "the seeds of a file, one in a line, # for comments");
    app.add_option("--seconds", budget_s, "begin no further history after so long");
    app.add_option("--stop-after", stop_after, "stop after so many failures");
    app.add_flag("--twice", twice, "each twice: the history must be the same");
    CLI11_PARSE(app, argc, argv);
    if (seed > 0) return show_one(seed);
    if (shrink_seed > 0) return shrink_one(shrink_seed);
    std::vector<std::uint64_t> all;
    std::ifstream file(list);
    for (std::string line; std::getline(file, line);) {
        if (!line.empty() && line[0] != '#') all.push_back(std::stoull(line));
    }
    for (std::uint64_t i = 0; i < seeds; ++i) all.push_back(from + i);
    return run_many(all, twice, budget_s, stop_after);
}
