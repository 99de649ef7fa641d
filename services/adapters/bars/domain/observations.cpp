// Vital signs by SNOMED CT code, as the RCP's NEWS2 asks for them. A code that is not here is left to
// the original message. Of several values of one kind the latest counts.
#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "services/adapters/bars/domain/checks.hpp"

namespace rightplace::bars {
namespace {

constexpr std::string_view snomed = "http://snomed.info/sct";

enum class Kind { respirations, saturation, pulse, systolic, temperature, total, oxygen, consciousness };

struct Measure {
    std::string_view code;
    Kind kind;
    double least, most;  // beyond these it is a slip of the pen, not a measurement
};
constexpr std::array measures{
    Measure{"86290005", Kind::respirations, 0, 100}, Measure{"103228002", Kind::saturation, 0, 100},
    Measure{"364075005", Kind::pulse, 0, 350},       Measure{"78564009", Kind::pulse, 0, 350},
    Measure{"72313002", Kind::systolic, 0, 350},     Measure{"271649006", Kind::systolic, 0, 350},
    Measure{"276885007", Kind::temperature, 10, 50}, Measure{"386725007", Kind::temperature, 10, 50},
    Measure{"1104051000000101", Kind::total, 0, 20},
};

struct Answer {
    std::string_view code;
    intake::Consciousness level;
};
constexpr std::array acvpu{Answer{"248234008", intake::ALERT}, Answer{"130987000", intake::NEW_CONFUSION},
                           Answer{"300202002", intake::VOICE}, Answer{"450847001", intake::PAIN},
                           Answer{"422768004", intake::UNRESPONSIVE}};
constexpr std::string_view room_air = "722742002";
constexpr std::string_view on_oxygen = "371825009";

std::optional<double> number_of(const Tree& holder) {
    std::string text = text_at(holder, "valueQuantity.value");
    if (text.empty()) text = text_at(holder, "valueInteger");
    if (text.empty()) return std::nullopt;
    const Tree number = Tree::parse(text, nullptr, false);
    return number.is_number() ? std::optional(number.get<double>()) : std::nullopt;
}

class Collector {
   public:
    explicit Collector(Warnings& warnings) : warnings_(warnings) {}

    // True: it told something of ours.
    bool take(const Tree& holder, const std::string& path) {
        const std::string code = code_in(at(holder, "code"), snomed);
        const auto measure =
            std::find_if(measures.begin(), measures.end(), [&](const Measure& one) { return one.code == code; });
        bool told = false;
        if (measure != measures.end()) {
            const auto value = number_of(holder);
            if (!value) return false;
            if (*value < measure->least || *value > measure->most) {
                warnings_.push_back("measurement-out-of-range " + path);
                return false;
            }
            set(measure->kind, *value);
            told = keep(measure->kind, holder, Told::measured);
        }
        const std::string answer = code_in(at(holder, "valueCodeableConcept"), snomed);
        if (answer == room_air || answer == on_oxygen) {
            out.set_on_oxygen(answer == on_oxygen);
            told = keep(Kind::oxygen, holder, Told::answer);
        }
        for (const auto& [known, level] : acvpu) {
            if (answer != known) continue;
            out.set_consciousness(level);
            told = keep(Kind::consciousness, holder, Told::answer);
        }
        return told;
    }

    intake::Observations out;
    std::map<const Tree*, Told> readings;

   private:
    // The later one counts.
    bool keep(Kind kind, const Tree& holder, Told reading) {
        const Tree*& counts = last_[kind];
        if (counts != nullptr) readings[counts] = Told::earlier;
        counts = &holder;
        readings[counts] = reading;
        return true;
    }
    void set(Kind kind, double value) {
        const auto whole = std::uint32_t(std::lround(value));
        switch (kind) {
            case Kind::respirations:
                out.set_respirations_per_minute(whole);
                break;
            case Kind::saturation:
                out.set_oxygen_saturation_percent(whole);
                break;
            case Kind::pulse:
                out.set_pulse_per_minute(whole);
                break;
            case Kind::systolic:
                out.set_systolic_mmhg(whole);
                break;
            case Kind::temperature:
                out.set_temperature_tenths_c(std::int32_t(std::lround(value * 10)));
                break;
            case Kind::total:
                out.set_received_total(whole);
                break;
            case Kind::oxygen:
            case Kind::consciousness:
                break;  // answers, not numbers
        }
    }
    Warnings& warnings_;
    std::map<Kind, const Tree*> last_;
};

// In the order of time, so that the latest of a kind counts.
Collector collected(const Message& message, Warnings& warnings) {
    struct Dated {
        TimeMs taken;
        Entry entry;
    };
    std::vector<Dated> dated;
    for (const auto& entry : message.all("Observation")) {
        if (is_retracted(*entry.resource)) continue;
        std::string when = text_at(*entry.resource, "effectiveDateTime");
        if (when.empty()) when = text_at(*entry.resource, "effectiveInstant");
        dated.push_back({parse_instant(when).value_or(0), entry});
    }
    std::stable_sort(dated.begin(), dated.end(), [](const Dated& a, const Dated& b) { return a.taken < b.taken; });
    Collector collector(warnings);
    TimeMs taken = 0;
    for (const auto& [when, entry] : dated) {
        bool told = collector.take(*entry.resource, entry.path());
        for (const auto& component : list_at(*entry.resource, "component")) {
            told = collector.take(component, entry.path()) || told;
        }
        if (told) taken = std::max(taken, when);
    }
    if (taken != 0) *collector.out.mutable_taken_at() = to_timestamp(taken);
    return collector;
}

}  // namespace

intake::Observations map_observations(const Message& message, Warnings& warnings) {
    return collected(message, warnings).out;
}

std::map<const Tree*, Told> readings_of(const Message& message) {
    Warnings unheard;
    return collected(message, unheard).readings;
}

}  // namespace rightplace::bars
