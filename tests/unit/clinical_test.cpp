#include <catch2/catch.hpp>

#include "common/clinical/case_number.hpp"
#include "common/clinical/categories.hpp"
#include "common/clinical/hub_policy.hpp"
#include "common/clinical/news2.hpp"
#include "tests/unit/shipped_policy.hpp"

using namespace rightplace;
using namespace rightplace::clinical;

namespace {

// Every part scores 0.
intake::CaseFacts well() {
    intake::CaseFacts facts;
    auto* seen = facts.mutable_observations();
    seen->set_respirations_per_minute(16);
    seen->set_oxygen_saturation_percent(97);
    seen->set_on_oxygen(false);
    seen->set_systolic_mmhg(120);
    seen->set_pulse_per_minute(70);
    seen->set_consciousness(intake::ALERT);
    seen->set_temperature_tenths_c(370);
    return facts;
}

template <typename Set>
std::uint32_t total_with(Set set) {
    auto facts = well();
    set(*facts.mutable_observations());
    facts.mutable_spo2_scale_2_by()->set_id("pp-1");  // of those that are marked for it
    const auto score = news2(facts);
    REQUIRE(score.complete());
    return score.total();
}

struct Edge {
    std::uint32_t value;
    std::uint32_t points;
};

}  // namespace

TEST_CASE("NEWS2 scores both edges of every band of the chart") {
    for (const Edge e : {Edge{8, 3}, {9, 1}, {11, 1}, {12, 0}, {20, 0}, {21, 2}, {24, 2}, {25, 3}}) {
        CHECK(total_with([&](auto& o) { o.set_respirations_per_minute(e.value); }) == e.points);
    }
    for (const Edge e : {Edge{91, 3}, {92, 2}, {93, 2}, {94, 1}, {95, 1}, {96, 0}, {100, 0}}) {
        CHECK(total_with([&](auto& o) { o.set_oxygen_saturation_percent(e.value); }) == e.points);
    }
    for (const Edge e : {Edge{90, 3}, {91, 2}, {100, 2}, {101, 1}, {110, 1}, {111, 0}, {219, 0}, {220, 3}}) {
        CHECK(total_with([&](auto& o) { o.set_systolic_mmhg(e.value); }) == e.points);
    }
    for (const Edge e :
         {Edge{40, 3}, {41, 1}, {50, 1}, {51, 0}, {90, 0}, {91, 1}, {110, 1}, {111, 2}, {130, 2}, {131, 3}}) {
        CHECK(total_with([&](auto& o) { o.set_pulse_per_minute(e.value); }) == e.points);
    }
    for (const Edge e : {Edge{350, 3}, {351, 1}, {360, 1}, {361, 0}, {380, 0}, {381, 1}, {390, 1}, {391, 2}}) {
        CHECK(total_with([&](auto& o) { o.set_temperature_tenths_c(std::int32_t(e.value)); }) == e.points);
    }
    CHECK(total_with([](auto& o) { o.set_on_oxygen(true); }) == 2);
    for (const auto c : {intake::NEW_CONFUSION, intake::VOICE, intake::PAIN, intake::UNRESPONSIVE}) {
        CHECK(total_with([&](auto& o) { o.set_consciousness(c); }) == 3);
    }
}

TEST_CASE("NEWS2 uses SpO2 scale 2 only when a clinician chose it") {
    const auto scale_2 = [](std::uint32_t percent, bool on_oxygen) {
        return total_with([&](auto& o) {
            o.set_spo2_scale_2(true);
            o.set_oxygen_saturation_percent(percent);
            o.set_on_oxygen(on_oxygen);
        });
    };
    for (const Edge e : {Edge{83, 3}, {84, 2}, {85, 2}, {86, 1}, {87, 1}, {88, 0}, {92, 0}, {93, 0}, {97, 0}}) {
        CHECK(scale_2(e.value, false) == e.points);
    }
    for (const Edge e : {Edge{92, 0}, {93, 1}, {94, 1}, {95, 2}, {96, 2}, {97, 3}, {100, 3}}) {
        CHECK(scale_2(e.value, true) == e.points + 2);  // and 2 for the oxygen itself
    }
    auto facts = well();
    facts.mutable_observations()->set_spo2_scale_2(true);
    facts.mutable_spo2_scale_2_by()->set_id("pp-1");
    facts.mutable_observations()->clear_on_oxygen();
    const auto score = news2(facts);
    CHECK(score.on_scale_2());
    CHECK_FALSE(score.parts().has_oxygen_saturation());  // 97 % counts 0 on air and 3 on oxygen
    CHECK(score.missing_size() == 2);
}

TEST_CASE("NEWS2 by scale 2 without a clinician's decision is by scale 1, and says so") {
    auto facts = well();
    facts.mutable_observations()->set_oxygen_saturation_percent(90);
    facts.mutable_observations()->set_spo2_scale_2(true);
    CHECK(news2(facts).parts().oxygen_saturation() == 3);
    CHECK(news2(facts).scale_2_ignored());
    CHECK_FALSE(news2(facts).on_scale_2());
    CHECK(news2(facts, Scale2::decided_here).parts().oxygen_saturation() == 0);
    CHECK_FALSE(news2(facts, Scale2::decided_here).scale_2_ignored());
    facts.mutable_spo2_scale_2_by()->set_id("pp-1");
    CHECK(news2(facts).parts().oxygen_saturation() == 0);
    facts.mutable_observations()->set_spo2_scale_2(false);  // the decision was about another measurement
    CHECK(news2(facts).parts().oxygen_saturation() == 3);
    CHECK_FALSE(news2(facts).scale_2_ignored());
}

TEST_CASE("NEWS2 bands") {
    const auto band_with = [](auto set) {
        auto facts = well();
        set(*facts.mutable_observations());
        return news2(facts).band();
    };
    CHECK(band_with([](auto&) {}) == "low");
    CHECK(band_with([](auto& o) { o.set_pulse_per_minute(135); }) == "low-medium");
    CHECK(band_with([](auto& o) {
              o.set_pulse_per_minute(115);
              o.set_respirations_per_minute(22);
          }) == "low");
    CHECK(band_with([](auto& o) {
              o.set_pulse_per_minute(135);
              o.set_on_oxygen(true);
          }) == "medium");
    CHECK(band_with([](auto& o) {
              o.set_pulse_per_minute(135);
              o.set_respirations_per_minute(30);
          }) == "medium");
    CHECK(band_with([](auto& o) {
              o.set_pulse_per_minute(135);
              o.set_respirations_per_minute(30);
              o.set_temperature_tenths_c(385);
          }) == "high");
}

TEST_CASE("NEWS2 never takes a missing measurement for zero") {
    const auto empty = news2(intake::CaseFacts{});
    CHECK_FALSE(empty.complete());
    CHECK(empty.missing_size() == 7);
    CHECK(empty.band() == "incomplete");
    auto facts = well();
    facts.mutable_observations()->clear_consciousness();
    const auto score = news2(facts);
    CHECK(score.band() == "incomplete");
    REQUIRE(score.missing_size() == 1);
    CHECK(score.missing(0) == "consciousness");
    CHECK_FALSE(score.parts().has_consciousness());
    facts = well();
    facts.mutable_observations()->set_oxygen_saturation_percent(101);
    CHECK(news2(facts).missing(0) == "oxygen_saturation");
}

TEST_CASE("NEWS2 does not apply under 16, and keeps the received total beside its own") {
    auto facts = well();
    facts.set_age_known(true);
    facts.set_age_years(15);
    CHECK(news2(facts).band() == "not-applicable");
    facts.set_age_years(16);
    CHECK(news2(facts).band() == "low");
    // The national sample publishes 6 for these; the chart gives 5.
    facts = well();
    auto* seen = facts.mutable_observations();
    seen->set_respirations_per_minute(21);
    seen->set_oxygen_saturation_percent(93);
    seen->set_pulse_per_minute(95);
    seen->set_temperature_tenths_c(375);
    seen->set_received_total(6);
    const auto score = news2(facts);
    CHECK(score.total() == 5);
    CHECK(score.received_total() == 6);
    CHECK(score.differs_from_received());
    seen->set_received_total(5);
    CHECK_FALSE(news2(facts).differs_from_received());
}

TEST_CASE("A case number notices any one wrong character and any adjacent swap") {
    CHECK(valid_case_number(format_case_number('A', "20261126", 10'000)));
    const std::string alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (const std::uint32_t counter : {1U, 42U, 907U, 9'999U, 123'456U}) {
        const std::string number = format_case_number('P', "20261126", counter);
        const auto parsed = parse_case_number(number);
        REQUIRE(parsed);
        CHECK(parsed->counter == counter);
        CHECK(parsed->day == "261126");
        CHECK(parsed->letter == 'P');
        for (std::size_t i = 0; i < number.size(); ++i) {
            for (const char c : alphabet) {
                std::string wrong = number;
                wrong[i] = c;
                CHECK((wrong == number || !valid_case_number(wrong)));
            }
        }
        const std::size_t last = number.size() - 1;
        for (std::size_t i = 0; i < last; ++i) {
            std::size_t next = i + 1;
            if (number[i] == '-') continue;
            if (number[next] == '-') ++next;
            std::string swapped = number;
            std::swap(swapped[i], swapped[next]);
            CHECK((swapped == number || !valid_case_number(swapped)));
        }
    }
    CHECK(valid_case_number("p" + format_case_number('P', "20261126", 7).substr(1)));
    CHECK_FALSE(valid_case_number(""));
    CHECK_FALSE(valid_case_number("P-261126-0001"));
}

TEST_CASE("NHS number check digit") {
    for (const char* good : {"9990000018", "9990000026"}) CHECK(valid_nhs_number(good));
    for (const char* bad : {"9111111111", "1000000000", "999000001", "99900000180", "999000001X"}) {
        CHECK_FALSE(valid_nhs_number(bad));
    }
}

TEST_CASE("Category codes go both ways and rank by level") {
    for (int i = intake::C1; i <= intake::IFT4; ++i) {
        const auto category = static_cast<intake::Category>(i);
        CHECK(category_from_code(category_code(category)) == category);
    }
    CHECK(category_from_code("HCP4T") == intake::HCP4T);
    CHECK_FALSE(category_from_code("C9"));
    CHECK(urgency_rank(intake::C2) == urgency_rank(intake::HCP2));
    CHECK(urgency_rank(intake::C2) < urgency_rank(intake::C3));
    CHECK(urgency_rank(intake::CATEGORY_UNSPECIFIED) > urgency_rank(intake::C5));
}

TEST_CASE("The shipped policies read, and a bad one says where") {
    for (const std::string hub : {"paddock-wood", "ashford"}) {
        const auto policy = parse_policy(testing::shipped_policy(hub));
        REQUIRE(policy);
        CHECK(policy.value().name() == hub);
        CHECK(policy.value().breach_size() == 15);
        CHECK(policy.value().attendance().example_size() >= 3);
        CHECK(breach_minutes(&policy.value(), intake::C3) == 120);
        CHECK(breach_minutes(&policy.value(), intake::CATEGORY_UNSPECIFIED) == 30);
    }
    CHECK(breach_minutes(nullptr, intake::C4) == breach_minutes_without_policy);
    CHECK(undo_window_ms(nullptr) == 5 * 60'000);
    CHECK(reopen_window_ms(nullptr) == 24 * 3'600'000);
    const auto unknown = parse_policy("name: \"x\"\nnonsense: 3\n");
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().front().line == 2);
    const auto bad = parse_policy(
        "name: \"x\"\ndefault_breach_minutes: 5 default_breach_source: \"s\"\n"
        "claim_lease_seconds: 1 claim_lease_source: \"s\"\n"
        "repeat_window_hours: 96\n"
        "breach { category: \"C9\" minutes: 5 source: \"s\" }\n"
        "undo_minutes: 61 undo_source: \"s\"\n"
        "reopen_hours: 24\n");
    REQUIRE_FALSE(bad);
    std::vector<int> lines;
    for (const auto& problem : bad.error()) lines.push_back(problem.line);
    CHECK(lines == std::vector<int>{5, 3, 4, 6, 7});
}
