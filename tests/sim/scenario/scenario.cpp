#include "tests/sim/scenario/scenario.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace rightplace::sim {
namespace {

using nlohmann::json;

constexpr std::int64_t minute = 60'000, hour = 60 * minute;
constexpr std::int64_t contacts_most = 10'000, hours_most = 24 * 366;

}  // namespace

Result<Scenario, std::string> read_scenario(const std::string& json_text) {
    const auto parsed = json::parse(json_text, nullptr, false);
    if (parsed.is_discarded() || !parsed.is_object()) return Failure{std::string("the scenario is not a JSON object")};
    Reader reader(parsed);
    Scenario scenario;
    scenario.name = reader.text("name");
    scenario.hub = reader.hub();
    scenario.hours = reader.whole("hours", 1, hours_most);
    scenario.bars_validation = reader.whole("contacts/bars_validation", 0, contacts_most);
    scenario.crew_on_scene = reader.whole("contacts/crew_on_scene", 0, contacts_most);
    scenario.validation_by_command = reader.whole("contacts/validation_by_command", 0, contacts_most);
    scenario.repeats_one_in = reader.whole("repeats_one_in", 0, contacts_most);
    scenario.cancelled_one_in = reader.whole("cancelled_one_in", 0, contacts_most);
    scenario.never_answered_one_in = reader.whole("never_answered_one_in", 0, contacts_most);
    scenario.breach_minutes = reader.range("breach_minutes", 1, 24 * 60);
    scenario.answered_after_minutes = reader.range("answered_after_minutes", 0, 24 * 60);
    if (!reader.wrong().empty()) return Failure{reader.wrong()};
    return scenario;
}

Plan plan_of(const Scenario& scenario, std::uint64_t seed) {
    SimRandom random(seed * 2'654'435'761u + 7);
    Plan plan;
    plan.seed = seed;
    plan.length_ms = scenario.hours * hour;
    const auto hub = std::size_t(std::find(plan_hubs.begin(), plan_hubs.end(), scenario.hub) - plan_hubs.begin());
    const auto add = [&](Arrives kind) {
        Arrival arrival;
        arrival.number = plan.arrivals.size() + 1;
        arrival.hub = hub;
        arrival.kind = kind;
        arrival.at_ms = random.between(0, plan.length_ms - hour);
        arrival.breach_in_ms = random.between(scenario.breach_minutes.least, scenario.breach_minutes.most) * minute;
        const bool repeat = arrival.number > 1 && random.one_in(scenario.repeats_one_in);
        arrival.journey = repeat ? std::size_t(random.between(1, std::int64_t(arrival.number) - 1)) : arrival.number;
        if (random.one_in(scenario.cancelled_one_in)) arrival.cancel_ms = random.between(1, 10) * minute;
        if (!random.one_in(scenario.never_answered_one_in)) {
            const auto& wait = scenario.answered_after_minutes;
            Worker worker{"clinician-" + std::to_string(random.between(1, 6)), {}};
            worker.steps.push_back({random.between(wait.least * minute, wait.most * minute) + 1'000, Deed::claim});
            if (random.one_in(2)) worker.steps.push_back({random.between(5, 60) * 1'000, Deed::contact});
            worker.steps.push_back({random.between(5, 60) * 1'000, Deed::start});
            const auto end = random.below(10);
            worker.steps.push_back({random.between(1, 15) * minute / 10, end < 6   ? Deed::decide
                                                                         : end < 9 ? Deed::decide_and_refer
                                                                                   : Deed::reject});
            arrival.workers.push_back(worker);
        }
        plan.arrivals.push_back(arrival);
    };
    for (std::int64_t i = 0; i < scenario.bars_validation; ++i) add(Arrives::validation);
    for (std::int64_t i = 0; i < scenario.crew_on_scene; ++i) add(Arrives::crew);
    for (std::int64_t i = 0; i < scenario.validation_by_command; ++i) add(Arrives::validation_command);
    return plan;
}

}  // namespace rightplace::sim
