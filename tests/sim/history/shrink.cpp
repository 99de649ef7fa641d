#include <algorithm>

#include "tests/sim/history/history.hpp"

namespace rightplace::sim {
namespace {

// Takes away ever smaller runs of `part` as long as `fails` stays true.
template <typename Part, typename Fails>
bool thin(Plan& plan, Part part, const Fails& fails) {
    bool shorter = false;
    for (std::size_t size = std::max<std::size_t>(part(plan).size() / 2, 1);; size /= 2) {
        for (std::size_t at = 0; at < part(plan).size();) {
            Plan less = plan;
            auto& all = part(less);
            const auto first = all.begin() + std::ptrdiff_t(at);
            all.erase(first, first + std::ptrdiff_t(std::min(size, all.size() - at)));
            if (fails(less)) {
                plan = less;
                shorter = true;
            } else {
                at += size;
            }
        }
        if (size <= 1) return shorter;
    }
}

}  // namespace

Plan shrink(const Plan& whole, const Living& living, int invariant) {
    Plan plan = whole;
    const auto fails = [&](const Plan& candidate) {
        const auto outcome = live(candidate, living);
        return std::any_of(outcome.findings.begin(), outcome.findings.end(),
                           [&](const Finding& finding) { return finding.invariant == invariant; });
    };
    for (bool shorter = true; shorter;) {
        shorter = thin(
            plan, [](Plan & p) -> auto& { return p.misfortunes; }, fails);
        shorter = thin(
                      plan, [](Plan & p) -> auto& { return p.arrivals; }, fails) ||
                  shorter;
        shorter = thin(
                      plan, [](Plan & p) -> auto& { return p.rushes; }, fails) ||
                  shorter;
        for (std::size_t i = 0; i < plan.arrivals.size(); ++i) {
            shorter = thin(
                          plan, [i](Plan & p) -> auto& { return p.arrivals[i].workers; }, fails) ||
                      shorter;
        }
        Plan unattended = plan;
        unattended.attended.clear();
        if (!plan.attended.empty() && fails(unattended)) {
            plan = unattended;
            shorter = true;
        }
        Plan calmer = plan;
        calmer.weather = {};
        calmer.drift_ppm_max = 0;
        const bool windy = plan.weather.drop_one_in + plan.weather.double_one_in + plan.weather.slow_one_in > 0;
        if (windy && fails(calmer)) {
            plan = calmer;
            shorter = true;
        }
    }
    return plan;
}

std::string describe(const Plan& plan) {
    std::string text = "seed " + std::to_string(plan.seed) + ", " + std::to_string(plan.length_ms / 60'000) +
                       " minutes, weather: drop 1/" + std::to_string(plan.weather.drop_one_in) + ", double 1/" +
                       std::to_string(plan.weather.double_one_in) + ", slow 1/" +
                       std::to_string(plan.weather.slow_one_in) + " by " + std::to_string(plan.weather.slow_ms) +
                       " ms; drift " + std::to_string(plan.drift_ppm_max) + " ppm\n";
    const auto at = [](std::int64_t ms) { return "  +" + std::to_string(ms / 1'000) + " s  "; };
    for (const auto& arrival : plan.arrivals) {
        text += at(arrival.at_ms) + std::string(name(arrival.kind)) + " " + std::to_string(arrival.number) + " to " +
                plan_hubs[arrival.hub] + ", breach in " + std::to_string(arrival.breach_in_ms / 1'000) + " s" +
                (arrival.poison.empty() ? "" : ", " + arrival.poison) +
                (arrival.again_ms.empty() ? "" : ", sent again") + "\n";
        for (const auto& worker : arrival.workers) {
            text += "       " + worker.name + ":";
            for (const auto& step : worker.steps)
                text += std::string(" ") + name(step.deed) + " (+" + std::to_string(step.wait_ms / 1'000) + " s)";
            text += "\n";
        }
    }
    for (const auto& rush : plan.rushes) {
        text += at(rush.at_ms) + std::to_string(rush.count) + " count at " + plan_hubs[rush.hub] + " within " +
                std::to_string(rush.within_ms) + " ms\n";
    }
    for (const auto& one : plan.misfortunes) {
        text += at(one.at_ms) + std::string("TROUBLE ") + name(one.kind) + " " + one.party + " " + one.other + " for " +
                std::to_string(one.for_ms) + " ms (" + std::to_string(one.amount) + ")";
        if (one.upon != Call::other)
            text += std::string(", ") + std::to_string(one.delay_ms) + " ms after the next " + name(one.upon) + " " +
                    one.by;
        text += "\n";
    }
    return text;
}

}  // namespace rightplace::sim
