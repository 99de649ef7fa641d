#include "tests/sim/scenario/season.hpp"

#include <algorithm>
#include <numeric>

#include "common/base/time.hpp"
#include "common/clinical/categories.hpp"

namespace rightplace::sim {
namespace {

using nlohmann::json;

constexpr std::int64_t second = 1'000, minute = 60 * second, hour = 60 * minute, day = 24 * hour;
constexpr std::int64_t contacts_most = 10'000, days_most = 366, minutes_most = 8 * 60;
constexpr std::int64_t renew_every = 75 * second;  // the shipped policies' lease is two minutes
constexpr std::int64_t closing = 5 * minute;       // the last contact of a day comes so long before

Published published_at(Reader& reader, const std::string& path) {
    Published one{reader.text(path + "/figure"), reader.text(path + "/says"), reader.text("source"), {}};
    if (reader.has(path + "/exactly")) {
        const auto number = reader.whole(path + "/exactly", 0, contacts_most);
        one.holds = {number, number};
    } else if (reader.has(path + "/about")) {
        const auto number = reader.whole(path + "/about", 0, contacts_most);
        const auto slack = reader.whole(path + "/give_or_take", 0, number);
        one.holds = {number - slack, number + slack};
    } else {
        one.holds = {reader.whole(path + "/more_than", 0, contacts_most) + 1, contacts_most};
    }
    return one;
}

std::int64_t sum_of(const std::map<triage::Pathway, std::int64_t>& all) {
    return std::accumulate(all.begin(), all.end(), std::int64_t{0},
                           [](std::int64_t sum, const auto& each) { return sum + each.second; });
}

// What is left of the deck's bounds when all is read.
void check_deck(Reader& reader, const Season& season) {
    if (sum_of(season.dealt) > season.decided) reader.complain("more outcomes are dealt than contacts are decided");
    if (sum_of(season.drawn) == 0) reader.complain("drawn needs a weight");
    for (const auto* outcomes : {&season.dealt, &season.drawn}) {
        for (const auto& [pathway, ignored] : *outcomes) {
            if (!season.planned_to_convey.contains(pathway))
                reader.complain("planned_to_convey_percent/" + triage::Pathway_Name(pathway) + " is missing");
        }
    }
}

class Draw {
   public:
    Draw(const Season& season, std::uint64_t seed) : season_(season), random_(seed * 2'654'435'761u + 11) {
        plan_.seed = seed;
        hub_ = std::size_t(std::find(plan_hubs.begin(), plan_hubs.end(), season.hub) - plan_hubs.begin());
    }

    Plan plan() {
        const auto first_midnight = (SimClock::wall_start / day + 1) * day;  // UTC
        plan_.length_ms = first_midnight + season_.days * day - SimClock::wall_start;
        auto times = moments(first_midnight, season_.decided + season_.cancelled + season_.never_answered);
        shuffle(times);
        std::size_t next = 0;
        for (const auto pathway : deck()) decided(times[next++], pathway);
        for (std::int64_t i = 0; i < season_.cancelled; ++i) {
            contact(times[next++], triage::PATHWAY_UNSPECIFIED).cancel_ms = random_.between(2, 15) * minute;
        }
        for (std::int64_t i = 0; i < season_.never_answered; ++i) contact(times[next++], triage::PATHWAY_UNSPECIFIED);
        std::stable_sort(plan_.arrivals.begin(), plan_.arrivals.end(),
                         [](const Arrival& a, const Arrival& b) { return a.at_ms < b.at_ms; });
        return plan_;
    }

   private:
    template <typename T>
    void shuffle(std::vector<T>& all) {  // Fisher and Yates; std::shuffle is not the same everywhere
        for (std::size_t left = all.size(); left > 1; --left) std::swap(all[left - 1], all[random_.below(left)]);
    }

    // Some days are busier than others; within a day any moment is as good as another.
    std::vector<std::int64_t> moments(TimeMs first_midnight, std::int64_t count) {
        std::vector<std::int64_t> days;  // one entry for each part of a day's weight
        for (std::int64_t i = 0; i < season_.days; ++i) {
            days.insert(days.end(), std::size_t(random_.between(season_.day_weights.least, season_.day_weights.most)),
                        i);
        }
        std::vector<std::int64_t> all;
        for (std::int64_t i = 0; i < count; ++i) {
            const auto midnight = first_midnight + days[random_.below(days.size())] * day;
            const auto from = london(midnight, season_.open_hours.least);
            all.push_back(from - SimClock::wall_start +
                          random_.between(0, (season_.open_hours.most - season_.open_hours.least) * hour - closing));
        }
        return all;
    }

    // When London's clocks show that hour, on the day of that midnight (UTC).
    static TimeMs london(TimeMs midnight, std::int64_t shown) {
        const TimeMs guess = midnight + shown * hour;
        const std::int64_t there = london_clock(guess).minute / 60;
        return guess - (there - shown + 24) % 24 * hour;
    }

    std::vector<triage::Pathway> deck() {
        std::vector<triage::Pathway> deck, weights;
        for (const auto& [pathway, count] : season_.dealt) deck.insert(deck.end(), std::size_t(count), pathway);
        for (const auto& [pathway, weight] : season_.drawn) weights.insert(weights.end(), std::size_t(weight), pathway);
        while (deck.size() < std::size_t(season_.decided)) deck.push_back(weights[random_.below(weights.size())]);
        return deck;  // the moments that it is dealt to are shuffled
    }

    Arrival& contact(std::int64_t at_ms, triage::Pathway outcome) {
        Arrival arrival;
        arrival.number = plan_.arrivals.size() + 1;
        arrival.journey = arrival.number;
        arrival.hub = hub_;
        arrival.kind = Arrives::crew;
        arrival.at_ms = at_ms;
        arrival.somebody = true;
        const auto found = season_.planned_to_convey.find(outcome);  // who is not decided was to be conveyed
        const bool conveys =
            found == season_.planned_to_convey.end() || random_.below(100) < std::uint64_t(found->second);
        arrival.original_plan = triage::Pathway_Name(conveys ? triage::CONVEY_TO_ED : triage::DISCHARGE_ON_SCENE);
        plan_.arrivals.push_back(arrival);
        return plan_.arrivals.back();
    }

    void decided(std::int64_t at_ms, triage::Pathway pathway) {
        auto& arrival = contact(at_ms, pathway);
        arrival.unwell = random_.below(100) < std::uint64_t(season_.unwell_percent);
        Worker worker{"clinician-" + std::to_string(random_.between(1, 6)), {}};
        const auto within = [&](const Range& minutes) {
            return random_.between(minutes.least * minute, minutes.most * minute);
        };
        worker.steps.push_back({within(season_.answered_after_minutes) + second, Deed::claim});
        worker.steps.push_back({random_.between(5, 30) * second, Deed::start});
        auto left = within(season_.consultation_minutes);
        for (; left > renew_every; left -= renew_every) worker.steps.push_back({renew_every, Deed::renew});
        worker.steps.push_back(
            {left, clinical::refers(pathway) ? Deed::decide_and_refer : Deed::decide, pathway, arrival.unwell});
        arrival.workers.push_back(worker);
    }

    const Season& season_;
    SimRandom random_;
    std::size_t hub_ = 0;
    Plan plan_;
};

}  // namespace

bool is_season(const std::string& json_text) {
    const auto parsed = json::parse(json_text, nullptr, false);
    return parsed.is_object() && parsed.contains("published");
}

Result<Season, std::string> read_season(const std::string& json_text) {
    const auto parsed = json::parse(json_text, nullptr, false);
    if (parsed.is_discarded() || !parsed.is_object()) return Failure{std::string("the scenario is not a JSON object")};
    Reader reader(parsed);
    Season season;
    season.name = reader.text("name");
    season.hub = reader.hub();
    season.days = reader.whole("days", 1, days_most);
    season.open_hours = reader.range("open_hours", 0, 24);
    if (season.open_hours.least == season.open_hours.most) reader.complain("open_hours: the hub never opens");
    season.day_weights = reader.range("day_weights", 1, 100);
    season.decided = reader.whole("contacts/decided", 1, contacts_most);
    season.cancelled = reader.whole("contacts/cancelled", 0, contacts_most);
    season.never_answered = reader.whole("contacts/never_answered", 0, contacts_most);
    season.answered_after_minutes = reader.range("answered_after_minutes", 0, minutes_most);
    season.consultation_minutes = reader.range("consultation_minutes", 0, minutes_most);
    season.unwell_percent = reader.whole("unwell_percent", 0, 100);
    season.dealt = reader.by_pathway("dealt", contacts_most);
    season.drawn = reader.by_pathway("drawn_by_weight", 1'000);
    season.planned_to_convey = reader.by_pathway("planned_to_convey_percent", 100);
    check_deck(reader, season);
    const auto count = reader.entries("published");
    for (std::size_t i = 0; i < count; ++i)
        season.published.push_back(published_at(reader, "published/" + std::to_string(i)));
    if (!reader.wrong().empty()) return Failure{reader.wrong()};
    return season;
}

Plan plan_of(const Season& season, std::uint64_t seed, std::int64_t weeks) {
    auto plan = Draw(season, seed).plan();
    if (weeks == 0) return plan;
    plan.length_ms = std::min(plan.length_ms, weeks * 7 * day);
    std::erase_if(plan.arrivals, [&](const Arrival& each) { return each.at_ms > plan.length_ms - hour; });
    return plan;
}

}  // namespace rightplace::sim
