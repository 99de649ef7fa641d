// A hub's figures group by group, and the second way of counting them.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>
#include <random>

#include "services/cli/domain/figures_view.hpp"
#include "tests/unit/cli_record.hpp"

using namespace rightplace;
using namespace rightplace::cli;
using rightplace::cli::test::Record;

namespace {

constexpr TimeMs minute = 60'000, hour = 60 * minute;
constexpr TimeMs start = 1'790'000'000'000;  // 21 Sep 2026, 15:13 in London

std::int64_t at(const Numbers& numbers, const std::string& name) {
    for (const auto& [each, value] : numbers) {
        if (each == name) return value;
    }
    FAIL("no figure " << name);
    return 0;
}

}  // namespace

TEST_CASE("a crew that waits on scene counts until it is let go, or until now") {
    Record record;
    record.queue("decided", start, intake::CREW_ON_SCENE, "CONVEY_TO_ED", intake::C2);
    record.queue("waits", start, intake::CREW_ON_SCENE, "CONVEY_TO_ED", intake::C2);
    record.queue("claimed", start + 20 * minute);
    record.queue("rejected", start);
    record.queue("given away", start);
    record.queue("no crew", start, intake::GP);
    record.claim("claimed", start + 22 * minute);
    record.decide("decided", start + 10 * minute, triage::UCR);
    record.add(triage::ReviewRejected(), "rejected", start + 5 * minute);
    record.transfer("given away", start + 15 * minute);
    const auto figures = record.figures(start + hour);
    CHECK(figures.all.crews.contacts == 5);
    CHECK(figures.all.crews.still == 2);
    CHECK(figures.all.crews.on_scene_ms == (10 + 60 + 40 + 5 + 15) * minute);
    CHECK(figures.all.crews.decided_ms == 10 * minute);
    CHECK(figures.by_category.at(intake::C2).crews.on_scene_ms == 70 * minute);
    CHECK(figures.by_origin.at(intake::GP).crews.on_scene_ms == 0);
    CHECK(figures.by_hour.at(15).crews.on_scene_ms == 130 * minute);
    CHECK(record.figures(start + 2 * hour).all.crews.on_scene_ms == 250 * minute);
    const Period half{start, start + 30 * minute};
    CHECK(record.figures(start + 2 * hour, half).all.crews.on_scene_ms == (10 + 30 + 10 + 5 + 15) * minute);
    CHECK(record.differ(start + hour).empty());
    CHECK(record.differ(start + 2 * hour, half).empty());
    const auto words = render_figures("hub ashford", figures, Style{});
    CHECK_THAT(words, Catch::Contains("5 contacts, 1 decided, 2 waiting; they waited 2 h in all so far. Those decided: "
                                      "10 min on average."));
    const auto json = nlohmann::json::parse(figures_to_json("hub ashford", figures));
    CHECK(json["by_category"]["c2"]["crews_on_scene"]["minutes_waiting_total"] == 70.0);
    CHECK(json["crews_on_scene"]["still_waiting"] == 2);
}

TEST_CASE("plan against ending is counted in each group, and decisions against advice where they stand") {
    Record record;
    record.queue("a", start, intake::CREW_ON_SCENE, "CONVEY_TO_ED", intake::C2);
    record.queue("b", start, intake::GP, "CONVEY_TO_ED", intake::C3);
    record.queue("c", start, intake::GP, "CONVEY_TO_ED", intake::C3);
    record.decide("a", start + minute, triage::UCR, "", "nearest-open");
    record.decide("b", start + minute, triage::MEDICAL_SDEC, "", "knows-the-patient");
    record.decide("c", start + minute, triage::ADVICE, "", "slip");
    record.reopen("c", start + 2 * minute);
    const auto figures = record.figures(start + hour);
    CHECK(figures.all.against_advice == 2);  // what was taken back is none
    CHECK(figures.by_origin.at(intake::GP).against_advice == 1);
    const auto& plans = figures.by_category.at(intake::C2).plans;
    CHECK(plans.at("CONVEY_TO_ED") == std::map<End, std::uint64_t>{{{Ending::decided, triage::UCR}, 1}});
    const auto& of_gp = figures.by_origin.at(intake::GP).plans.at("CONVEY_TO_ED");
    CHECK(of_gp.at({Ending::decided, triage::MEDICAL_SDEC}) == 1);
    CHECK(of_gp.at({Ending::open, triage::PATHWAY_UNSPECIFIED}) == 1);
    record.decide("c", start + 3 * minute, triage::ADVICE);
    CHECK(record.figures(start + hour).all.against_advice == 2);
    CHECK(record.differ(start + hour).empty());
    const auto json = nlohmann::json::parse(figures_to_json("hub ashford", figures));
    CHECK(json["by_hour_of_arrival"]["15"]["original_plan_by_ending"]["convey_to_ed"]["decided_ucr"] == 1);
    CHECK(json["all"]["decided_against_advice"] == 2);
}

TEST_CASE("the second count agrees on records of any shape, and a wrong figure is found") {
    std::mt19937_64 chance(7);
    const auto below = [&](std::uint64_t bound) { return chance() % bound; };
    std::int64_t seen = 0;
    for (int round = 0; round < 30; ++round) {
        Record record;
        TimeMs now = start;
        for (int i = 0; i < 200; ++i) {
            now += TimeMs(below(round % 2 == 0 ? 5 * minute : 8 * hour));  // of a few hours, or of weeks
            const auto id = "c" + std::to_string(below(20));
            const auto pathway = triage::Pathway(1 + below(triage::Pathway_MAX));
            switch (below(8)) {
                case 0:
                    record.queue(id, now, intake::Origin(below(6)), below(2) == 0 ? "convey-to-ed" : "ADVICE",
                                 intake::Category(below(4)));
                    break;
                case 1:
                    record.claim(id, now);
                    break;
                case 2:
                    record.decide(id, now, pathway, below(3) == 0 ? "ashford" : "",
                                  below(4) == 0 ? "nearest-open" : "");
                    break;
                case 3:
                    record.transfer(id, now);
                    break;
                case 4:
                    record.receive(id, now);
                    break;
                case 5:
                    record.add(triage::ReviewBreached(), id, now);
                    break;
                case 6:
                    record.reopen(id, now, below(3) == 0 ? "ashford" : "");
                    break;
                default:
                    record.add(triage::ReviewCancelled(), id, now);
            }
        }
        const Period period{start + hour, now - hour};
        INFO(round);
        CHECK(record.differ(now).empty());
        CHECK(record.differ(now, period).empty());
        seen += at(headline(record.figures(now).all), "conveyance_avoided");
    }
    CHECK(seen > 0);
}

TEST_CASE("each planted difference is named") {
    Record record;
    record.queue("a", start);
    record.claim("a", start + minute);
    record.decide("a", start + 2 * minute, triage::UCR);
    const auto good = every_number(record.figures(start + hour));
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto planted = good;
        planted[i].second += 1;
        const auto differ = differences(planted, recount(record.events, {}, start + hour));
        REQUIRE(differ.size() == 1);
        CHECK_THAT(differ[0], Catch::StartsWith(good[i].first + ": "));
    }
    CHECK(at(good, "category.c3.plan.CONVEY_TO_ED.decided_ucr") == 1);
    CHECK(at(good, "hour.15.crew_on_scene_ms") == 2 * minute);
    auto fewer = good;
    fewer.pop_back();
    CHECK(differences(fewer, good).size() == 1);
    CHECK(differences(good, fewer).size() == 1);
    // And a fold that lost an event would not agree with the record.
    auto less = record.events;
    less.pop_back();
    CHECK(differences(good, recount(less, {}, start + hour)).size() > 5);
}
