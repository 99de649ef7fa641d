// Which pathways a policy offers: both sides of every boundary, and what holds of every policy.
#include "common/clinical/pathways.hpp"

#include <catch2/catch.hpp>

#include "common/clinical/attendance.hpp"
#include "common/clinical/hub_policy.hpp"
#include "common/clinical/news2.hpp"
#include "tests/unit/shipped_policy.hpp"

using namespace rightplace;
using namespace rightplace::clinical;

namespace {

const std::string figures =
    "name: \"x\" default_breach_minutes: 30 default_breach_source: \"s\" claim_lease_seconds: 60 "
    "claim_lease_source: \"s\" repeat_window_hours: 96 repeat_window_source: \"s\"\n";

policy::HubPolicy parsed(const std::string& rules) {
    const auto read = parse_policy(figures + rules);
    if (!read) INFO(read.error().front().what);
    REQUIRE(read);
    return read.value();
}

// One exclusion from UCR.
policy::HubPolicy excluding(const std::string& condition) {
    return parsed("pathway { pathway: \"ucr\" not_when { code: \"x\" says: \"w\" source: \"s\" " + condition + " } }");
}

intake::CaseFacts well(std::uint32_t age = 81) {
    intake::CaseFacts facts;
    facts.set_origin(intake::CREW_ON_SCENE);
    facts.set_category(intake::C3);
    facts.set_age_years(age);
    facts.set_age_known(true);
    auto& seen = *facts.mutable_observations();
    seen.set_respirations_per_minute(16);
    seen.set_oxygen_saturation_percent(97);
    seen.set_on_oxygen(false);
    seen.set_systolic_mmhg(120);
    seen.set_pulse_per_minute(70);
    seen.set_consciousness(intake::ALERT);
    seen.set_temperature_tenths_c(370);
    return facts;
}

std::string codes(const policy::HubPolicy& policy, triage::Pathway pathway, const intake::CaseFacts& facts,
                  const std::string& at = {}) {
    std::string all;
    for (const auto& why : against(&policy, pathway, {facts, news2(facts), facts.category(), week_minute(at)})) {
        all += (all.empty() ? "" : " ") + why.code();
    }
    return all;
}

bool excluded(const policy::HubPolicy& policy, const intake::CaseFacts& facts) {
    return !codes(policy, triage::UCR, facts).empty();
}

// NEWS2 by the pulse and the breathing alone: of a well adult otherwise.
intake::CaseFacts scoring(std::uint32_t total) {
    auto facts = well();
    auto& seen = *facts.mutable_observations();
    if (total >= 2) seen.set_respirations_per_minute(21);    // 2
    if (total >= 4) seen.set_pulse_per_minute(111);          // 2
    if (total >= 6) seen.set_oxygen_saturation_percent(92);  // 2
    if (total % 2 == 1) seen.set_systolic_mmhg(110);         // 1
    REQUIRE(news2(facts).total() == total);
    return facts;
}

std::vector<std::string> problems(const std::string& rules) {
    const auto read = parse_policy(figures + rules);
    std::vector<std::string> all;
    if (read) return all;
    for (const auto& each : read.error()) {
        CHECK(each.line > 1);
        all.push_back(std::to_string(each.line) + ": " + each.what);
    }
    return all;
}

}  // namespace

TEST_CASE("An age limit holds on its own side, and only where the age is known") {
    const auto young = excluding("age_below: 18");
    CHECK(excluded(young, well(17)));
    CHECK_FALSE(excluded(young, well(18)));
    CHECK(excluded(young, well(0)));
    auto unknown = well(0);
    unknown.set_age_known(false);
    CHECK_FALSE(excluded(young, unknown));
    const auto old = excluding("age_from: 65");
    CHECK_FALSE(excluded(old, well(64)));
    CHECK(excluded(old, well(65)));
}

TEST_CASE("A NEWS2 total counts from its threshold on, and what was not measured never as zero") {
    const auto high = excluding("news2_from: 5");
    CHECK_FALSE(excluded(high, scoring(4)));
    CHECK(excluded(high, scoring(5)));
    auto partly = scoring(5);
    partly.mutable_observations()->clear_temperature_tenths_c();
    CHECK(excluded(high, partly));  // it can only be higher
    const auto incomplete = excluding("news2_incomplete: true");
    CHECK(excluded(incomplete, partly));
    CHECK_FALSE(excluded(incomplete, scoring(5)));
    auto child = partly;
    child.set_age_years(15);
    CHECK_FALSE(excluded(incomplete, child));  // NEWS2 is not for children
    CHECK_FALSE(excluded(high, child));
}

TEST_CASE("A single part of NEWS2 is found wherever it is") {
    const auto three = excluding("news2_part_from: 3");
    CHECK_FALSE(excluded(three, scoring(7)));  // 2 + 2 + 2 + 1
    using Set = void (*)(intake::Observations&);
    for (const Set set :
         {Set([](auto& o) { o.set_respirations_per_minute(25); }),
          Set([](auto& o) { o.set_oxygen_saturation_percent(91); }), Set([](auto& o) { o.set_systolic_mmhg(90); }),
          Set([](auto& o) { o.set_pulse_per_minute(131); }),
          Set([](auto& o) { o.set_consciousness(intake::NEW_CONFUSION); }),
          Set([](auto& o) { o.set_temperature_tenths_c(350); })}) {
        auto facts = well();
        set(*facts.mutable_observations());
        CHECK(excluded(three, facts));
    }
    auto on_oxygen = well();
    on_oxygen.mutable_observations()->set_on_oxygen(true);
    CHECK(excluded(excluding("news2_part_from: 2"), on_oxygen));
    CHECK(excluded(excluding("on_oxygen: true"), on_oxygen));
    CHECK_FALSE(excluded(excluding("on_oxygen: true"), well()));
    on_oxygen.mutable_observations()->clear_on_oxygen();
    CHECK_FALSE(excluded(excluding("on_oxygen: true"), on_oxygen));  // not known
}

TEST_CASE("Category, origin and flags are matched by their codes") {
    auto facts = well();
    CHECK_FALSE(excluded(excluding("category: \"C1\" category: \"C2\""), facts));
    CHECK(excluded(excluding("category: \"C1\" category: \"C3\""), facts));
    CHECK(excluded(excluding("origin: \"crew-on-scene\""), facts));
    CHECK_FALSE(excluded(excluding("origin: \"gp\""), facts));
    auto& flag = *facts.add_flags();
    flag.set_category("SS");
    flag.set_code("S");
    CHECK_FALSE(excluded(excluding("flag: \"SS/U\" flag: \"IR\""), facts));
    flag.set_code("U");
    CHECK(excluded(excluding("flag: \"SS/U\""), facts));
    flag.set_category("IR");
    CHECK(excluded(excluding("flag: \"IR\""), facts));
}

TEST_CASE("All conditions of one exclusion must hold, and any one exclusion will do") {
    const auto both = excluding("category: \"C3\" age_from: 65");
    CHECK(excluded(both, well(65)));
    CHECK_FALSE(excluded(both, well(64)));
    const auto either = parsed(
        "pathway { pathway: \"ucr\" not_when { code: \"old\" says: \"w\" source: \"s\" age_from: 65 } "
        "not_when { code: \"c3\" says: \"w\" source: \"s\" category: \"C3\" } }");
    CHECK(codes(either, triage::UCR, well(65)) == "old c3");
    CHECK(codes(either, triage::UCR, well(64)) == "c3");
    CHECK(codes(either, triage::ADVICE, well(65)).empty());
}

TEST_CASE("A pathway takes patients at its hours, by site, and says when") {
    const auto rule = parsed(
        "pathway { pathway: \"ucr\" takes_patients { opens: \"08:00\" closes: \"20:00\" source: \"s\" } "
        "takes_patients { site: \"Dover\" opens: \"09:00\" closes: \"10:00\" day: \"Sat\" source: \"t\" } }");
    auto facts = well();
    CHECK(codes(rule, triage::UCR, facts, "Mon 07:59") == "closed");
    CHECK(codes(rule, triage::UCR, facts, "Mon 08:00").empty());
    CHECK(codes(rule, triage::UCR, facts, "Mon 19:59").empty());
    CHECK(codes(rule, triage::UCR, facts, "Mon 20:00") == "closed");
    CHECK(codes(rule, triage::UCR, facts).empty());  // whatever the hour
    facts.set_site("Dover");
    const auto why = against(&rule, triage::UCR, {facts, news2(facts), facts.category(), week_minute("Mon 09:30")});
    REQUIRE(why.size() == 1);
    CHECK(why[0].says() == "takes patients Dover 09:00 to 10:00, Sat");
    CHECK(why[0].source() == "t");
}

TEST_CASE("A rule's needs are told, and a decision names one of them") {
    const auto rule = parsed(
        "pathway { pathway: \"ucr\" need { code: \"fall\" says: \"a fall\" source: \"s\" } "
        "need { code: \"frailty\" says: \"frail\" source: \"s\" } look_for { says: \"stroke\" source: \"s\" } }");
    CHECK_FALSE(need_not_named(&rule, triage::UCR, "frailty"));
    const auto unnamed = need_not_named(&rule, triage::UCR, "self-care");
    REQUIRE(unnamed);
    CHECK(unnamed->code() == "need-not-named");
    CHECK(unnamed->says() == "the rationale code names none of its needs: fall, frailty");
    CHECK_FALSE(need_not_named(&rule, triage::ADVICE, ""));
    CHECK_FALSE(need_not_named(nullptr, triage::UCR, ""));
    const auto facts = well();
    for (const auto& offer : offers(&rule, {facts, news2(facts), facts.category(), {}})) {
        CHECK(offer.against().empty());
        CHECK(offer.need_size() == (offer.pathway() == triage::UCR ? 2 : 0));
        CHECK(offer.look_for_size() == (offer.pathway() == triage::UCR ? 1 : 0));
    }
}

namespace {

// Cases of every kind that the rules look at.
std::vector<intake::CaseFacts> many_cases() {
    std::vector<intake::CaseFacts> all;
    for (const auto category : {intake::CATEGORY_UNSPECIFIED, intake::C1, intake::C2, intake::C3, intake::HCP1}) {
        for (const std::uint32_t age : {0u, 15u, 16u, 17u, 18u, 81u}) {
            for (const std::uint32_t total : {0u, 4u, 5u, 7u}) {
                for (const bool flagged : {false, true}) {
                    auto facts = scoring(total);
                    facts.set_category(category);
                    facts.set_age_years(age);
                    facts.set_age_known(age > 0);
                    facts.set_origin(total % 2 == 0 ? intake::CREW_ON_SCENE : intake::VALIDATION_999);
                    if (flagged) {
                        facts.add_flags()->set_category("IR");
                        facts.mutable_observations()->set_on_oxygen(true);
                        facts.mutable_observations()->clear_pulse_per_minute();
                    }
                    all.push_back(facts);
                }
            }
        }
    }
    return all;
}

}  // namespace

TEST_CASE("No policy rules out an ambulance or the ED, and without rules nothing is ruled out") {
    auto hostile = parsed("");  // one that no check has seen
    for (const auto* pathway : {"ambulance-response", "convey-to-ed", "ucr", "no-such"}) {
        auto& rule = *hostile.add_pathway();
        rule.set_pathway(pathway);
        auto& all = *rule.add_not_when();
        all.set_code("x");
        for (const auto* category : {"C1", "C2", "C3", "HCP1"}) all.add_category(category);
        rule.add_not_when()->set_code("says-nothing");
        rule.add_takes_patients()->set_opens("03:00");
        rule.mutable_takes_patients(0)->set_closes("03:01");
        rule.add_need()->set_code("n");
    }
    const auto ashford = parse_policy(testing::shipped_policy("ashford")).value();
    const auto none = parsed("");
    for (const auto& facts : many_cases()) {
        for (const auto pathway : {triage::AMBULANCE_RESPONSE, triage::CONVEY_TO_ED}) {
            CHECK(codes(hostile, pathway, facts, "Sun 12:00").empty());
            CHECK(codes(ashford, pathway, facts, "Sun 03:00").empty());
            CHECK_FALSE(need_not_named(&hostile, pathway, ""));
        }
        for (const auto& offer : offers(&none, {facts, news2(facts), facts.category(), week_minute("Sun 03:00")})) {
            CHECK(offer.against().empty());
        }
        CHECK(codes(hostile, triage::UCR, facts).find("says-nothing") == std::string::npos);
    }
    CHECK(against(nullptr, triage::UCR, {well(), news2(well()), intake::C1, {}}).empty());
}

TEST_CASE("One exclusion more never offers more") {
    const auto shipped = parse_policy(testing::shipped_policy("paddock-wood")).value();
    auto fewer = shipped;
    for (auto& rule : *fewer.mutable_pathway()) rule.clear_not_when();
    const auto cases = many_cases();
    int ruled_out = 0;
    for (int i = 0; i < shipped.pathway_size(); ++i) {
        for (const auto& added : shipped.pathway(i).not_when()) {
            const auto before = fewer;
            *fewer.mutable_pathway(i)->add_not_when() = added;
            for (const auto& facts : cases) {
                const PathwayCase of{facts, news2(facts), facts.category(), week_minute("Sun 21:00")};
                const auto then = offers(&before, of);
                const auto now = offers(&fewer, of);
                REQUIRE(then.size() == now.size());
                for (std::size_t each = 0; each < now.size(); ++each) {
                    const int more = now[each].against_size() - then[each].against_size();
                    CHECK(more >= 0);
                    ruled_out += more;
                }
            }
        }
    }
    CHECK(ruled_out > 100);
}

TEST_CASE("A wrong rule is told with its line") {
    const auto has = [](const std::string& rules, const std::string& what) {
        INFO(what);
        const auto all = problems(rules);
        return std::any_of(all.begin(), all.end(),
                           [&](const auto& each) { return each.find(what) != std::string::npos; });
    };
    const auto one = [](const std::string& condition) {
        return "pathway {\n  pathway: \"ucr\"\n  not_when {\n    code: \"x\" says: \"w\" source: \"s\" " + condition +
               "\n  }\n}\n";
    };
    CHECK(problems(one("age_below: 18")).empty());
    CHECK(has(one(""), "4: pathway ucr: not_when x: when? It names no condition"));
    CHECK(has(one("category: \"C9\""), "not an ARP category code: C9"));
    CHECK(has(one("origin: \"nowhere\""), "there is no such origin: nowhere"));
    CHECK(has(one("flag: \"XX\""), "not of flag-categories-bars: XX"));
    CHECK(has(one("flag: \"SS\""), "name its code"));
    CHECK(problems(one("flag: \"SS/U\"")).empty());
    CHECK(has(one("age_below: 131"), "nobody is as old"));
    CHECK(problems(one("age_below: 130")).empty());
    CHECK(has(one("news2_from: 21"), "no more than 20"));
    CHECK(problems(one("news2_from: 20")).empty());
    CHECK(has(one("news2_part_from: 4"), "no more than 3"));
    CHECK(problems(one("news2_part_from: 3")).empty());
    const auto named = [](const std::string& inside) { return "pathway { pathway: \"ucr\" " + inside + " }"; };
    CHECK(has(named("not_when { says: \"w\" source: \"s\" age_from: 1 }"), "its code is missing"));
    CHECK(has(named("not_when { code: \"closed\" says: \"w\" source: \"s\" age_from: 1 }"), "closed is taken"));
    CHECK(has(named("not_when { code: \"x\" source: \"s\" age_from: 1 }"), "what people read is missing"));
    CHECK(has(named("not_when { code: \"x\" says: \"w\" age_from: 1 }"), "needs its source"));
    CHECK(has(named("need { code: \"a b\" says: \"w\" source: \"s\" }"), "no short code"));
    CHECK(has(named("need { code: \"a\" says: \"w\" }"), "needs its source"));
    CHECK(has(named("need { code: \"a\" says: \"w\" source: \"s\" } need { code: \"a\" says: \"w\" source: \"s\" }"),
              "twice a"));
    CHECK(has(named("look_for { says: \"w\" }"), "needs its source"));
    CHECK(has(named("takes_patients { opens: \"8\" closes: \"20:00\" source: \"s\" }"), "times like"));
    CHECK(has(named("takes_patients { opens: \"08:00\" closes: \"20:00\" }"), "need their source"));
    CHECK(has(named("takes_patients { opens: \"08:00\" closes: \"20:00\" day: \"x\" source: \"s\" }"), "no day: x"));
    CHECK(has("pathway { pathway: \"UCR\" }", "there is none called \"UCR\""));
    CHECK(has("pathway { pathway: \"ucr\" } pathway { pathway: \"ucr\" }", "there is a rule for it above"));
    for (const auto* always : {"convey-to-ed", "ambulance-response"}) {
        CHECK(has("pathway { pathway: \"" + std::string(always) + "\" }", "offered to everybody"));
    }
    std::string many;
    for (int i = 0; i <= pathway_exclusions_max; ++i) {
        many += "not_when { code: \"c" + std::to_string(i) + "\" says: \"w\" source: \"s\" age_from: 1 }\n";
    }
    CHECK(has(named(many), "not_when: no more than 20"));
}

TEST_CASE("An example that does not come true is a problem, with what is so instead") {
    const std::string rule =
        "pathway { pathway: \"ucr\" not_when { code: \"x\" says: \"w\" source: \"s\" age_below: 18 } }\n";
    const auto told = [&](const std::string& inside) {
        const auto all = problems(rule + "pathway_example { says: \"it\" " + inside + " }");
        return all.empty() ? std::string() : all.front();
    };
    const std::string young = "facts { age_years: 17 age_known: true } ";
    CHECK(told(young + "not_offered { pathway: \"ucr\" code: \"x\" } offered: \"advice\"").empty());
    CHECK(told(young + "offered: \"ucr\"") == "3: pathway_example \"it\": ucr is not offered: x");
    CHECK(told("facts { age_years: 18 age_known: true } not_offered { pathway: \"ucr\" code: \"x\" }") ==
          "3: pathway_example \"it\": ucr is offered");
    CHECK_THAT(told(young + "not_offered { pathway: \"ucr\" code: \"y\" }"), Catch::Contains("another reason: x"));
    CHECK_THAT(told(young + "offered: \"taxi\""), Catch::Contains("there is no pathway taxi"));
    CHECK_THAT(told(young), Catch::Contains("it expects nothing"));
    CHECK_THAT(told("facts { age_years: 17 } offered: \"ucr\""), Catch::Contains("age_known"));
    CHECK_THAT(told(young + "at: \"noon\" offered: \"advice\""), Catch::Contains("a time is like"));
}

TEST_CASE("The shipped policies know the pathways that the hubs publish") {
    for (const auto* hub : {"ashford", "paddock-wood"}) {
        const auto read = parse_policy(testing::shipped_policy(hub));
        if (!read) {
            for (const auto& each : read.error()) WARN(hub << ":" << each.line << ": " << each.what);
        }
        REQUIRE(read);
        const auto& policy = read.value();
        CHECK(policy.pathway_example_size() >= 6);
        for (const auto& rule : policy.pathway()) {
            if (rule.pathway() == "ucr") CHECK(rule.need_size() == 9);
        }
        CHECK(codes(policy, triage::UCR, well(), "Sun 21:00") == "closed");
        CHECK(codes(policy, triage::DISCHARGE_ON_SCENE, scoring(4)).empty());
        CHECK(codes(policy, triage::DISCHARGE_ON_SCENE, scoring(5)) == "news2-medium");
        CHECK(codes(policy, triage::MEDICAL_SDEC, scoring(6)).empty());
        CHECK(codes(policy, triage::MEDICAL_SDEC, scoring(7)) == "news2-high");
        CHECK(parse_policy(testing::with_attendance(testing::shipped_policy(hub))).ok());
    }
}
