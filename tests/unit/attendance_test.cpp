// Opening hours by London's clock, and who may take a case.
#include "common/clinical/attendance.hpp"

#include <catch2/catch.hpp>

#include "common/clinical/hub_policy.hpp"
#include "tests/unit/shipped_policy.hpp"

using namespace rightplace;
using namespace rightplace::clinical;

namespace {

policy::Attendance attendance(const std::string& inside) {
    const std::string text =
        "name: \"x\" default_breach_minutes: 30 default_breach_source: \"s\" claim_lease_seconds: 60 "
        "claim_lease_source: \"s\" repeat_window_hours: 96 repeat_window_source: \"s\" attendance { source: \"s\" " +
        inside + " }";
    const auto read = parse_policy(text);
    REQUIRE(read);
    return read.value().attendance();
}

bool open_at(const policy::Attendance& rule, const std::string& when, const std::string& site = {}) {
    return is_open(rule, site, *week_minute(when));
}

TimeMs at(const std::string& instant) {
    return *parse_instant(instant);
}

std::vector<std::string> problems(const std::string& attendance) {
    const auto text = testing::with_attendance(testing::shipped_policy("ashford"), "attendance {\n" + attendance + "}");
    const auto read = parse_policy(text);
    if (read) return {};
    std::vector<std::string> all;
    for (const auto& each : read.error()) {
        CHECK(each.line > 1);
        all.push_back(each.what);
    }
    return all;
}

}  // namespace

TEST_CASE("A site keeps its own hours, and every other site those of the hub") {
    const auto rule = attendance(
        "hours { opens: \"08:00\" closes: \"18:00\" source: \"s\" } "
        "hours { site: \"Dover\" opens: \"08:00\" closes: \"20:00\" day: \"Sat\" source: \"s\" }");
    CHECK_FALSE(open_at(rule, "Mon 07:59"));
    CHECK(open_at(rule, "Mon 08:00"));
    CHECK(open_at(rule, "Sun 17:59"));
    CHECK_FALSE(open_at(rule, "Mon 18:00"));
    CHECK(open_at(rule, "Sat 19:59", "Dover"));
    CHECK_FALSE(open_at(rule, "Sun 12:00", "Dover"));  // its own hours, and not the hub's
    CHECK(open_at(rule, "Sun 12:00", "Ashford"));
    CHECK(open_at(attendance(""), "Sun 03:00"));  // no hours: round the clock
}

TEST_CASE("Hours may pass midnight, by the day on which they begin") {
    const auto rule = attendance("hours { opens: \"20:00\" closes: \"02:00\" day: \"Fri\" source: \"s\" }");
    CHECK(open_at(rule, "Fri 23:59"));
    CHECK(open_at(rule, "Sat 01:59"));
    CHECK_FALSE(open_at(rule, "Sat 02:00"));
    CHECK_FALSE(open_at(rule, "Fri 01:00"));
    CHECK_FALSE(open_at(rule, "Sat 21:00"));
    const auto all_day = attendance("hours { opens: \"00:00\" closes: \"00:00\" day: \"Fri\" source: \"s\" }");
    CHECK(open_at(all_day, "Fri 00:00"));
    CHECK_FALSE(open_at(all_day, "Sat 00:00"));
}

TEST_CASE("The next change is by London's clock, also where that is put forward and back") {
    const auto rule = attendance("hours { opens: \"01:30\" closes: \"18:00\" source: \"s\" }");
    CHECK(next_change(rule, at("2026-11-27T12:00:00Z")) == at("2026-11-27T18:00:00Z"));
    CHECK(next_change(rule, at("2026-11-27T18:00:00Z")) == at("2026-11-28T01:30:00Z"));
    CHECK(next_change(rule, at("2026-07-01T12:00:30Z")) == at("2026-07-01T17:00:00Z"));
    // In the night of 29 March 2026 there is no half past one: it is three quarters of an hour after midnight, and then
    // two.
    CHECK(next_change(rule, at("2026-03-29T00:45:00Z")) == at("2026-03-29T01:00:00Z"));
    CHECK_FALSE(next_change(attendance(""), at("2026-07-01T12:00:00Z")));
    const auto always = attendance("hours { opens: \"00:00\" closes: \"00:00\" source: \"s\" }");
    CHECK_FALSE(next_change(always, at("2026-07-01T12:00:00Z")));
    const auto weekly = attendance("hours { opens: \"09:00\" closes: \"10:00\" day: \"Mon\" source: \"s\" }");
    CHECK(next_change(weekly, at("2026-11-30T10:00:00Z")) == at("2026-12-07T09:00:00Z"));
}

TEST_CASE("When a site opens again, and when it and the hub that stands in are both closed") {
    const auto hours = [](const std::string& opens, const std::string& closes, const std::string& more = {}) {
        return attendance("hours { opens: \"" + opens + "\" closes: \"" + closes + "\" source: \"s\" " + more + " }");
    };
    const auto ours = hours("08:00", "18:00");
    CHECK(opens_at(ours, "", at("2026-11-26T19:00:00Z")) == at("2026-11-27T08:00:00Z"));
    CHECK(opens_at(ours, "", at("2026-11-27T07:59:30Z")) == at("2026-11-27T08:00:00Z"));
    CHECK(both_closed_words(ours, ours, "") == "every day 18:00 to 08:00");
    CHECK(both_closed_words(ours, hours("07:00", "22:00"), "") == "every day 22:00 to 07:00");
    CHECK(both_closed_words(ours, hours("00:00", "00:00"), "").empty());  // round the clock
    CHECK(both_closed_words(ours, attendance(""), "").empty());
    CHECK(both_closed_words(ours, hours("17:00", "09:00"), "").empty());
    CHECK(both_closed_words(ours, hours("18:00", "08:00", "day: \"Mon\""), "") ==
          "Tue Wed Thu Fri Sat Sun 18:00 to 08:00");
    CHECK(both_closed_words(hours("08:00", "18:00", "day: \"Mon\""), hours("08:00", "18:00", "day: \"Mon\""), "") ==
          "Mon 18:00 to 08:00 some days later");
    const auto dover = attendance(
        "hours { opens: \"08:00\" closes: \"18:00\" source: \"s\" } "
        "hours { site: \"Dover\" opens: \"08:00\" closes: \"20:00\" source: \"s\" }");
    CHECK(both_closed_words(dover, ours, "Dover") == "every day 20:00 to 08:00");
}

TEST_CASE("The first rule that fits says who may take a case") {
    const auto rule = attendance(
        "skill { origin: \"crew-on-scene\" age_below: 18 role: \"ed-consultant\" source: \"s\" } "
        "skill { origin: \"crew-on-scene\" role: \"paramedic-practitioner\" role: \"gp\" source: \"s\" }");
    intake::CaseFacts facts;
    facts.set_origin(intake::CREW_ON_SCENE);
    using Roles = std::vector<std::string>;
    CHECK(roles_needed(rule, facts) == Roles{"paramedic-practitioner", "gp"});  // the age is not known
    facts.set_age_known(true);
    facts.set_age_years(17);
    CHECK(roles_needed(rule, facts) == Roles{"ed-consultant"});
    facts.set_age_years(18);
    CHECK(roles_needed(rule, facts) == Roles{"paramedic-practitioner", "gp"});
    facts.set_origin(intake::GP);
    CHECK(roles_needed(rule, facts).empty());
}

TEST_CASE("A policy says what is wrong with its attendance, and its examples must come true") {
    const std::string good = "source: \"s\"\nhours { opens: \"08:00\" closes: \"18:00\" source: \"s\" }\n";
    CHECK(problems(good).empty());
    CHECK(problems(good + "example { at: \"Mon 18:00\" open: true }\n") ==
          std::vector<std::string>{"attendance: example: the hub is closed at Mon 18:00"});
    CHECK(problems(good + "example { at: \"Monday\" open: true }\n").size() == 1);
    CHECK(problems("hours { opens: \"8\" closes: \"24:00\" day: \"Monday\" }\n").size() == 4);
    CHECK(
        problems("source: \"s\"\nskill { origin: \"moon\" role: \"dispatcher\" }\nskill { source: \"s\" }\n").size() ==
        4);
    CHECK(problems("source: \"s\"\noffer_to_hub: \"ashford\"\n") ==
          std::vector<std::string>{"attendance: offer_to_hub: that is this hub itself"});
}

TEST_CASE("Clocks are read as they stand, or not at all") {
    CHECK(minute_of_day("23:59") == 1439);
    for (const char* bad : {"", "8:00", "24:00", "08:60", "08-00", "-1:00", "08:00 "}) CHECK_FALSE(minute_of_day(bad));
    CHECK_FALSE(week_minute("mon 08:00"));
    CHECK(origin_from_code("crew-on-scene") == intake::CREW_ON_SCENE);
    CHECK_FALSE(origin_from_code("origin-unspecified"));
}
