// The shipped seasons as plans: within opening hours, with the outcomes that were published. They are lived, and
// counted from their journals, by scenarios.test.
#include <unistd.h>
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "common/base/seal.hpp"
#include "common/base/time.hpp"
#include "common/clinical/case_number.hpp"
#include "tests/sim/history/history.hpp"
#include "tests/sim/history/made_up.hpp"
#include "tests/sim/scenario/pour.hpp"
#include "tests/sim/scenario/report.hpp"
#include "tests/sim/scenario/season.hpp"

using namespace rightplace;
using namespace rightplace::sim;

namespace {

std::string text_of(const std::string& name) {
    std::ifstream file(SOURCE_DIR "/tests/sim/scenario/" + name + ".json");
    std::string text{std::istreambuf_iterator<char>(file), {}};
    REQUIRE_FALSE(text.empty());
    return text;
}

Season shipped(const std::string& name) {
    const auto season = read_season(text_of(name));
    REQUIRE(season.ok());
    return season.value();
}

// What the plan means to come out, under the names of the figures.
cli::Numbers meant(const Plan& plan) {
    std::map<std::string, std::int64_t> numbers{{"crew_contacts", std::int64_t(plan.arrivals.size())}};
    for (const auto& arrival : plan.arrivals) {
        if (arrival.workers.empty()) continue;
        const auto pathway = arrival.workers.front().steps.back().pathway;
        auto name = "decided_" + triage::Pathway_Name(pathway);
        for (char& sign : name) sign = char(std::tolower(static_cast<unsigned char>(sign)));
        ++numbers[name];
        const bool conveyed = pathway == triage::CONVEY_TO_ED || pathway == triage::AMBULANCE_RESPONSE;
        if (arrival.original_plan == "CONVEY_TO_ED" && !conveyed) ++numbers["conveyance_avoided"];
    }
    return {numbers.begin(), numbers.end()};
}

// Some days of the shipped season, with so many contacts decided and one that is not.
Season small_season(std::int64_t decided) {
    auto json = nlohmann::json::parse(text_of("west-kent-2023"));
    json["days"] = 2;
    json["contacts"] = {{"decided", decided}, {"cancelled", 1}, {"never_answered", 0}};
    json["dealt"] = {{"MEDICAL_SDEC", 4}, {"DISCHARGE_ON_SCENE", decided - 4}};
    json["unwell_percent"] = 50;
    const auto season = read_season(json.dump());
    REQUIRE(season.ok());
    return season.value();
}

std::string error_with(const std::string& pointer, const nlohmann::json& value) {
    auto json = nlohmann::json::parse(text_of("west-kent-2023"));
    json[nlohmann::json::json_pointer(pointer)] = value;
    const auto season = read_season(json.dump());
    return season.ok() ? "" : season.error();
}

}  // namespace

TEST_CASE("a season's plan has what its hub published, whatever the seed") {
    for (const std::string name : {"west-kent-2023", "ashford-2023"}) {
        const auto season = shipped(name);
        for (std::uint64_t seed = 1; seed <= 50; ++seed) {
            const auto said = report(season.published, meant(plan_of(season, seed)));
            INFO(name << ", seed " << seed << "\n" << said.text);
            CHECK(said.holds);
        }
    }
}

TEST_CASE("contacts come within opening hours, London time, some days more and some fewer") {
    const auto season = shipped("west-kent-2023");
    const auto plan = plan_of(season, 3);
    std::map<std::string, int> by_day;
    std::set<std::string> zones;
    for (const auto& arrival : plan.arrivals) {
        const TimeMs at = SimClock::wall_start + arrival.at_ms;
        const auto hour = std::stoi(format_london(at).substr(7, 2));
        REQUIRE((hour >= 8 && hour < 18));
        zones.insert(format_london(at).substr(7, 2) == format_utc(at).substr(11, 2) ? "winter" : "summer");
        ++by_day[london_day(at)];
    }
    CHECK(zones.size() == 2);
    CHECK(by_day.size() == 105);
    const double mean = double(plan.arrivals.size()) / 105;
    double spread = 0;
    for (const auto& [day, count] : by_day) spread += (count - mean) * (count - mean) / 105;
    CHECK(spread > 1.4 * mean);  // were all days as busy as each other, it would be about the mean
    CHECK(plan_of(season, 3).arrivals.front().at_ms == plan.arrivals.front().at_ms);
    CHECK(plan_of(season, 4).arrivals.front().at_ms != plan.arrivals.front().at_ms);
}

TEST_CASE("whoever a season is about has a number that is never issued, and nobody else's") {
    std::set<std::string> numbers;
    constexpr std::size_t people = 20'000;
    for (std::size_t i = 0; i < people; ++i) {
        const auto person = made_up_person(i);
        REQUIRE(person.nhs_number().starts_with("999"));
        REQUIRE(clinical::valid_nhs_number(person.nhs_number()));
        REQUIRE(person.contacts(0).methods(0).value().starts_with("07700 900"));
        numbers.insert(person.nhs_number());
    }
    CHECK(numbers.size() == people);
    CHECK(clinical::valid_nhs_number(made_up_person(499'999).nhs_number()));
    CHECK(made_up_person(7).SerializeAsString() == made_up_person(7).SerializeAsString());
}

TEST_CASE("a season's journal holds its people sealed, each under a key of their own that vault gave") {
    const auto season = small_season(12);
    Living living;
    living.scratch = std::filesystem::temp_directory_path() / ("rp-season-" + std::to_string(getpid()));
    const auto kept = std::make_shared<Kept>();
    living.real.emplace(season.hub, record_kept(season.hub, "0123456789abcdef0123456789abcdef", kept));
    std::map<std::string, std::string> keys;
    living.key_used = [&](const vault::CaseKey& key) { CHECK(keys.emplace(key.key_id(), key.key()).second); };
    const auto outcome = live(plan_of(season, 1), living);
    for (const auto& finding : outcome.findings) FAIL_CHECK(finding.invariant << ": " << finding.what);
    std::set<std::string> numbers;
    int against_advice = 0;
    for (const auto& stored : kept->events) {
        Event event;
        intake::CaseOpened opened;
        triage::ReviewDecided decided;
        REQUIRE(event.ParseFromString(stored));
        if (event.payload().UnpackTo(&decided) && !decided.against_advice().empty()) ++against_advice;
        if (!event.payload().UnpackTo(&opened)) continue;
        CHECK(opened.facts().key_id() == opened.person().key_id());
        const sealing::Key key(keys.at(opened.person().key_id()));
        const auto text = sealing::open(key, opened.person(), sealing::Context::person);
        REQUIRE(text.ok());
        intake::Person person;
        REQUIRE(person.ParseFromString(text.value()));
        numbers.insert(person.nhs_number());
        CHECK(stored.find(person.nhs_number()) == std::string::npos);
        CHECK(stored.find("Testcase") == std::string::npos);
    }
    CHECK(numbers.size() == 13);
    CHECK(against_advice > 0);
    CHECK(against_advice < 12);
}

TEST_CASE("some weeks of a season are its first ones") {
    const auto season = shipped("ashford-2023");
    const auto whole = plan_of(season, 1), week = plan_of(season, 1, 1);
    CHECK(week.length_ms == 7 * 24 * 3'600'000);
    CHECK(week.arrivals.size() > 60);
    CHECK(week.arrivals.size() < 150);
    CHECK(week.arrivals.back().at_ms == whole.arrivals[week.arrivals.size() - 1].at_ms);
}

TEST_CASE("what is wrong in a season is named") {
    CHECK(error_with("/days", 105).empty());
    CHECK_THAT(error_with("/unwell_percent", 101), Catch::Contains("unwell_percent"));
    CHECK_THAT(error_with("/days", 0), Catch::Contains("days"));
    CHECK_THAT(error_with("/hub", "elsewhere"), Catch::Contains("not one of the simulated hubs"));
    CHECK_THAT(error_with("/dealt/UCR", 2'000), Catch::Contains("more outcomes are dealt"));
    CHECK_THAT(error_with("/dealt/TAXI", 1), Catch::Contains("TAXI is no pathway"));
    CHECK_THAT(error_with("/drawn_by_weight", nlohmann::json::object()), Catch::Contains("needs a weight"));
    CHECK_THAT(error_with("/drawn_by_weight/PRACTITIONER_VISIT", 1), Catch::Contains("PRACTITIONER_VISIT is missing"));
    CHECK_THAT(error_with("/open_hours/most", 8), Catch::Contains("never opens"));
    CHECK_THAT(error_with("/published", nlohmann::json::array()), Catch::Contains("must be a list"));
    CHECK_THAT(error_with("/published/0", {{"figure", "contacts"}, {"says", "some"}}), Catch::Contains("more_than"));
}

TEST_CASE("a published figure holds or does not") {
    const auto holds = [](const Range& range, std::int64_t counted) {
        const auto said = report({{"contacts", "so many", "somewhere", range}}, {{"contacts", counted}});
        CHECK_THAT(said.text, Catch::Contains(said.holds ? "yes" : "NO"));
        return said.holds;
    };
    CHECK(holds({79, 79}, 79));
    CHECK_FALSE(holds({79, 79}, 78));
    CHECK_FALSE(holds({79, 79}, 80));
    CHECK_FALSE(report({{"rings", "so many", "somewhere", {0, 9}}}, {{"contacts", 1}}).holds);
    const auto season = shipped("ashford-2023");
    CHECK(season.published[0].holds.least == 1'501);  // "more than 1,500"
    CHECK(season.published[5].holds.least == 171);    // "about 180"
    CHECK(season.published[5].holds.most == 189);
}
