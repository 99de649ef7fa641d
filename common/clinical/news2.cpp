#include "common/clinical/news2.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <span>

namespace rightplace::clinical {
namespace {

constexpr std::uint32_t adult_from_years = 16;

// A band reaches from just above the one before it up to and including `up_to`.
struct Band {
    std::int32_t up_to;
    std::uint32_t points;
};
constexpr std::int32_t no_end = std::numeric_limits<std::int32_t>::max();

// Source: RCP NEWS2 chart 1. Units: breaths per minute, percent, mmHg, beats per minute, tenths of a degree C.
constexpr std::array respirations{Band{8, 3}, Band{11, 1}, Band{20, 0}, Band{24, 2}, Band{no_end, 3}};
constexpr std::array saturation_scale_1{Band{91, 3}, Band{93, 2}, Band{95, 1}, Band{100, 0}};
constexpr std::array saturation_scale_2_on_air{Band{83, 3}, Band{85, 2}, Band{87, 1}, Band{100, 0}};
constexpr std::array saturation_scale_2_on_oxygen{Band{83, 3}, Band{85, 2}, Band{87, 1}, Band{92, 0},
                                                  Band{94, 1}, Band{96, 2}, Band{100, 3}};
constexpr std::array systolic{Band{90, 3}, Band{100, 2}, Band{110, 1}, Band{219, 0}, Band{no_end, 3}};
constexpr std::array pulse{Band{40, 3}, Band{50, 1}, Band{90, 0}, Band{110, 1}, Band{130, 2}, Band{no_end, 3}};
constexpr std::array temperature{Band{350, 3}, Band{360, 1}, Band{380, 0}, Band{390, 1}, Band{no_end, 2}};
constexpr std::uint32_t oxygen_points = 2;
constexpr std::uint32_t not_alert_points = 3;
constexpr std::int32_t scale_2_needs_oxygen_above = 92;  // from 93 % the points depend on air or oxygen

// Nothing when the value lies beyond the table: 101 % is no measurement.
std::optional<std::uint32_t> points(std::span<const Band> table, std::int64_t value) {
    for (const Band& band : table) {
        if (value <= band.up_to) return band.points;
    }
    return std::nullopt;
}

std::optional<std::uint32_t> saturation_points(const intake::Observations& seen) {
    if (!seen.has_oxygen_saturation_percent()) return std::nullopt;
    const std::int64_t percent = seen.oxygen_saturation_percent();
    if (!seen.spo2_scale_2()) return points(saturation_scale_1, percent);
    if (percent > scale_2_needs_oxygen_above && !seen.has_on_oxygen()) return std::nullopt;
    if (seen.on_oxygen()) return points(saturation_scale_2_on_oxygen, percent);
    return points(saturation_scale_2_on_air, percent);
}

struct Sum {
    triage::News2& score;
    bool single_three = false;

    // Adds a part, or names it as missing. True when there is one to write down.
    bool add(std::string_view name, std::optional<std::uint32_t> part) {
        if (!part) {
            score.add_missing(std::string(name));
            return false;
        }
        score.set_total(score.total() + *part);
        single_three = single_three || *part == 3;
        return true;
    }
};

std::optional<std::uint32_t> measured(bool present, std::span<const Band> table, std::int64_t value) {
    return present ? points(table, value) : std::nullopt;
}

bool add_parts(const intake::Observations& seen, triage::News2& score) {
    Sum sum{score};
    auto* parts = score.mutable_parts();
    const auto breaths = measured(seen.has_respirations_per_minute(), respirations, seen.respirations_per_minute());
    if (sum.add("respirations", breaths)) parts->set_respirations(*breaths);
    const auto saturation = saturation_points(seen);
    if (sum.add("oxygen_saturation", saturation)) parts->set_oxygen_saturation(*saturation);
    std::optional<std::uint32_t> air;
    if (seen.has_on_oxygen()) air = seen.on_oxygen() ? oxygen_points : 0;
    if (sum.add("air_or_oxygen", air)) parts->set_air_or_oxygen(*air);
    const auto pressure = measured(seen.has_systolic_mmhg(), systolic, seen.systolic_mmhg());
    if (sum.add("systolic", pressure)) parts->set_systolic(*pressure);
    const auto beats = measured(seen.has_pulse_per_minute(), pulse, seen.pulse_per_minute());
    if (sum.add("pulse", beats)) parts->set_pulse(*beats);
    std::optional<std::uint32_t> awake;
    if (seen.consciousness() != intake::CONSCIOUSNESS_UNSPECIFIED) {
        awake = seen.consciousness() == intake::ALERT ? 0 : not_alert_points;
    }
    if (sum.add("consciousness", awake)) parts->set_consciousness(*awake);
    const auto degrees = measured(seen.has_temperature_tenths_c(), temperature, seen.temperature_tenths_c());
    if (sum.add("temperature", degrees)) parts->set_temperature(*degrees);
    return sum.single_three;
}

std::string_view band_of(const triage::News2& score, bool single_three) {
    if (!score.complete()) return news2_band::incomplete;
    if (score.total() >= 7) return news2_band::high;
    if (score.total() >= 5) return news2_band::medium;
    return single_three ? news2_band::low_medium : news2_band::low;
}

}  // namespace

triage::News2 news2(const intake::CaseFacts& facts, Scale2 scale_2) {
    triage::News2 score;
    intake::Observations seen = facts.observations();
    const bool came_on_it = seen.spo2_scale_2();
    const bool on_it = scale_2 == Scale2::decided_here || (came_on_it && facts.has_spo2_scale_2_by());
    seen.set_spo2_scale_2(on_it);
    score.set_on_scale_2(on_it);
    score.set_scale_2_ignored(came_on_it && !on_it);
    if (seen.has_received_total()) score.set_received_total(seen.received_total());
    if (facts.age_known() && facts.age_years() < adult_from_years) {
        score.set_band(std::string(news2_band::not_applicable));
        return score;
    }
    const bool single_three = add_parts(seen, score);
    score.set_complete(score.missing().empty());
    score.set_band(std::string(band_of(score, single_three)));
    if (seen.has_received_total()) {
        // An incomplete sum can only grow: it contradicts what was received when it is already higher.
        score.set_differs_from_received(score.complete() ? score.total() != seen.received_total()
                                                         : score.total() > seen.received_total());
    }
    return score;
}

std::string news2_part_name(std::string_view part) {
    std::string name(part == "oxygen_saturation" ? "SpO2" : part);
    std::replace(name.begin(), name.end(), '_', ' ');
    return name;
}

}  // namespace rightplace::clinical
