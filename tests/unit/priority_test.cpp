// Rules that make a case more urgent by themselves, streams such as falls, and the skills that people sign on with.
#include "common/clinical/priority.hpp"

#include <catch2/catch.hpp>

#include "common/clinical/attendance.hpp"
#include "common/clinical/hub_policy.hpp"
#include "common/clinical/news2.hpp"
#include "common/clinical/streams.hpp"
#include "common/clinical/words.hpp"
#include "tests/unit/shipped_policy.hpp"

using namespace rightplace;
using namespace rightplace::clinical;

namespace {

const std::string figures =
    "name: \"x\" default_breach_minutes: 30 default_breach_source: \"s\" claim_lease_seconds: 60 "
    "claim_lease_source: \"s\" repeat_window_hours: 96 repeat_window_source: \"s\"\n";

std::vector<std::string> problems(const std::string& rules) {
    const auto read = parse_policy(figures + rules);
    std::vector<std::string> all;
    if (!read) {
        for (const auto& problem : read.error()) all.push_back(problem.what);
    }
    return all;
}

policy::HubPolicy parsed(const std::string& rules) {
    for (const auto& problem : problems(rules)) FAIL(problem);
    return parse_policy(figures + rules).value();
}

std::string rule(const std::string& to, const std::string& code, const std::string& condition) {
    return "priority { to_category: \"" + to + "\" when { code: \"" + code + "\" says: \"w\" source: \"s\" " +
           condition + " } }\n";
}

const std::string falls =
    "stream { code: \"falls\" says: \"a fall\" source: \"s\" use_case: \"a4t2\" pathway: \"ucr\" need: \"fall\" "
    "not_when { code: \"high\" says: \"high\" source: \"s\" news2_from: 7 } } "
    "pathway { pathway: \"ucr\" need { code: \"fall\" says: \"f\" source: \"s\" } } "
    "staff_skill { code: \"falls\" says: \"f\" source: \"s\" }\n";

intake::CaseFacts breathing(std::uint32_t per_minute, intake::Category category) {
    intake::CaseFacts facts;
    facts.set_category(category);
    facts.mutable_observations()->set_respirations_per_minute(per_minute);
    return facts;
}

std::string raised_to(const policy::HubPolicy& policy, const intake::CaseFacts& facts) {
    const auto to = raise(&policy, {facts, news2(facts), facts.category(), {}});
    return to ? category_word(to->to) + " " + to->rule->when().code() : "no";
}

}  // namespace

TEST_CASE("a rule raises to its category, the most urgent of those that hold, and lowers nothing") {
    const auto policy = parsed(rule("C3", "three", "news2_part_from: 3") + rule("C2", "twenty-five", "news2_from: 3") +
                               rule("C1", "child", "age_below: 2"));
    CHECK(raised_to(policy, breathing(25, intake::C5)) == "C2 twenty-five");
    CHECK(raised_to(policy, breathing(24, intake::C5)) == "no");
    CHECK(raised_to(policy, breathing(25, intake::C2)) == "no");
    CHECK(raised_to(policy, breathing(25, intake::HCP2)) == "no");
    CHECK(raised_to(policy, breathing(25, intake::C1)) == "no");
    CHECK(raised_to(policy, breathing(25, intake::CATEGORY_UNSPECIFIED)) == "C2 twenty-five");
    CHECK_FALSE(raise(nullptr, {breathing(25, intake::C5), news2(breathing(25, intake::C5)), intake::C5, {}}));
}

TEST_CASE("the shipped rules raise by the bands of NEWS2 alone") {
    for (const auto* hub : {"ashford", "paddock-wood"}) {
        const auto policy = parse_policy(testing::shipped_policy(hub)).value();
        CHECK(raised_to(policy, breathing(25, intake::C4)) == "C3 news2-single-three");
        CHECK(raised_to(policy, breathing(25, intake::C3)) == "no");
        auto high = breathing(25, intake::C3);
        high.mutable_observations()->set_on_oxygen(true);
        CHECK(raised_to(policy, high) == "no");  // 5
        high.mutable_observations()->set_oxygen_saturation_percent(93);
        CHECK(raised_to(policy, high) == "C2 news2-high");  // 7
        CHECK(raised_to(policy, intake::CaseFacts{}) == "no");
    }
}

TEST_CASE("what is wrong with a rule for priority is told, and its examples must come true") {
    CHECK(problems(rule("C9", "x", "age_below: 2")).size() == 1);
    CHECK(problems(rule("C2", "x", "")).size() == 1);
    CHECK(problems(rule("C2", "a b", "age_below: 2")).size() == 1);
    CHECK(problems(rule("C2", "x", "age_below: 2") + rule("C1", "x", "age_below: 1")).size() == 1);
    CHECK(problems(rule("C2", "x", "stream: \"falls\"")).size() == 1);  // none of that name
    CHECK(problems("priority { to_category: \"C2\" when { code: \"x\" age_below: 2 } }").size() == 2);
    const auto example = [](const std::string& category, const std::string& rules) {
        return problems(rule("C2", "x", "news2_from: 3") + rule("C3", "y", "news2_part_from: 3") +
                        "priority_example { says: \"e\" facts { category: C5 observations { "
                        "respirations_per_minute: 25 } } category: \"" +
                        category + "\" " + rules + " }");
    };
    CHECK(example("C2", "rule: \"x\" rule: \"y\"").empty());
    CHECK_THAT(example("C3", "rule: \"x\" rule: \"y\"").at(0), Catch::Contains("it becomes C2, not C3"));
    CHECK_THAT(example("C2", "rule: \"x\"").at(0), Catch::Contains("raised by x, y"));
    CHECK(example("D2", "").size() == 1);
}

TEST_CASE("a case belongs to a stream by how it came, and rules may name the stream") {
    const auto policy =
        parsed(falls + rule("C3", "fallen", "stream: \"falls\"") +
               "attendance { source: \"s\" skill { stream: \"falls\" role: \"ucr-clinician\" staff_skill: \"falls\" "
               "source: \"s\" } skill { role: \"gp\" source: \"s\" } }");
    auto facts = breathing(16, intake::C5);
    CHECK(stream_code(&policy, facts).empty());
    CHECK(raised_to(policy, facts) == "no");
    CHECK(roles_needed(policy.attendance(), facts, stream_code(&policy, facts)) == std::vector<std::string>{"gp"});
    CHECK_FALSE(stream_offer(&policy, {facts, news2(facts), intake::C5, {}}));
    facts.set_use_case("a4t2");
    CHECK(stream_code(&policy, facts) == "falls");
    CHECK(raised_to(policy, facts) == "C3 fallen");
    CHECK(roles_needed(policy.attendance(), facts, "falls") == std::vector<std::string>{"ucr-clinician", "falls"});
    auto offer = stream_offer(&policy, {facts, news2(facts), intake::C5, {}});
    REQUIRE(offer);
    CHECK(offer->pathway() == "ucr");
    CHECK(offer->need() == "fall");
    CHECK(offer->against().empty());
    facts.mutable_observations()->set_respirations_per_minute(30);
    facts.mutable_observations()->set_pulse_per_minute(140);
    facts.mutable_observations()->set_on_oxygen(true);
    offer = stream_offer(&policy, {facts, news2(facts), intake::C5, {}});
    REQUIRE(offer->against_size() == 1);
    CHECK(offer->against(0).code() == "high");
}

TEST_CASE("what is wrong with a stream or a skill is told") {
    const auto stream = [](const std::string& more) {
        return problems("stream { code: \"falls\" says: \"a fall\" source: \"s\" " + more + " }");
    };
    CHECK(stream("use_case: \"a4t2\"").empty());
    CHECK(stream("").size() == 1);
    CHECK(stream("use_case: \"a4t2\" not_when { code: \"old\" says: \"w\" source: \"s\" age_from: 65 }").empty());
    CHECK(stream("use_case: \"a4t2\" not_when { code: \"old\" age_from: 65 }").size() == 2);  // words and source
    CHECK(stream("use_case: \"a4t2\" pathway: \"nowhere\"").size() == 1);
    CHECK(stream("use_case: \"a4t2\" pathway: \"ucr\" need: \"fall\"").size() == 1);  // it has no such need
    CHECK(problems("staff_skill { code: \"falls\" }").size() == 2);
    CHECK(problems("staff_skill { code: \"gp\" says: \"g\" source: \"s\" }").size() == 1);
    const std::string skill = "attendance { source: \"s\" skill { staff_skill: \"falls\" source: \"s\" } }";
    CHECK(problems(skill).size() == 1);
    CHECK(problems(falls + skill).empty());
    const auto policy = parsed(falls);
    CHECK(is_staff_skill(policy, "falls"));
    CHECK(is_staff_skill(policy, "gp"));
    CHECK_FALSE(is_staff_skill(policy, "fals"));
    CHECK_THAT(staff_skills(policy), Catch::StartsWith("falls, paramedic-practitioner"));
}

TEST_CASE("falls and community cases are told from other 999 calls") {
    intake::CaseFacts facts;
    facts.set_origin(intake::VALIDATION_999);
    CHECK(kind_word(facts) == "999 validation");
    facts.set_use_case("a4t1");
    CHECK(kind_word(facts) == "999 validation");
    facts.set_use_case("a4t2");
    CHECK(kind_word(facts) == "999 falls");
    facts.set_use_case("a4t3");
    CHECK(kind_word(facts) == "999 community");
    facts.set_origin(intake::NHS_111);
    CHECK(kind_word(facts) == "NHS 111, community");
}
