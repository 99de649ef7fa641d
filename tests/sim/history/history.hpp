// One history: a plan lived through, healed, brought to rest and judged.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "messages/vault.pb.h"
#include "tests/sim/history/plan.hpp"
#include "tests/sim/judge/judge.hpp"

namespace rightplace::sim {

struct Outcome {
    std::vector<Finding> findings;
    std::string trace_hash;  // of everything that happened, hex
    std::size_t events = 0;  // in the records
    std::size_t answers = 0;
    double hub_days = 0;  // virtual time lived, times hubs
    std::uint64_t steps = 0;
};

// A record that is kept for real, in place of a simulated one.
struct RealRecord {
    std::function<std::unique_ptr<seams::Journal>(seams::Clock&)> open;
    RecordEyes eyes;
};

struct Living {
    std::string scratch;                           // a folder of its own, emptied first
    std::function<void(const std::string&)> tell;  // who, what, when, which trouble, line by line; or nothing
    std::map<std::string, RealRecord> real;        // by hub
    std::function<void(const vault::CaseKey&)> key_used = [](const vault::CaseKey&) {};  // to seal a made-up person
    std::function<void(std::int64_t part, std::int64_t of)> progress = [](std::int64_t, std::int64_t) {};
};
Outcome live(const Plan& plan, const Living& living);

// Takes away arrivals, misfortunes and workers as long as a finding of the same invariant remains.
Plan shrink(const Plan& plan, const Living& living, int invariant);

std::string describe(const Plan& plan);

// As compose/hubs has it, but for who must be there: histories say that for themselves.
std::string shipped_policy(const std::string& hub);

}  // namespace rightplace::sim
