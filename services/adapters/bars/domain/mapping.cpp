// From a checked message to what the hub works with. Names, addresses and free text go to Person;
// facts get codes, times, case numbers and displays of national code systems only.
#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <chrono>
#include <nlohmann/json.hpp>

#include "services/adapters/bars/domain/answers.hpp"
#include "services/adapters/bars/domain/checks.hpp"
#include "services/adapters/bars/domain/leaves.hpp"

namespace rightplace::bars {
namespace {

struct Arp {
    std::string_view code;
    intake::Category category;
};
// Code system arp-priority-codes 1.0.0, which writes HP4T.
constexpr std::array arp_codes{
    Arp{"C1", intake::C1},     Arp{"C2", intake::C2},     Arp{"C3", intake::C3},      Arp{"C4", intake::C4},
    Arp{"C4T", intake::C4T},   Arp{"C5", intake::C5},     Arp{"HCP1", intake::HCP1},  Arp{"HCP2", intake::HCP2},
    Arp{"HCP3", intake::HCP3}, Arp{"HCP4", intake::HCP4}, Arp{"HP4T", intake::HCP4T}, Arp{"HCP4T", intake::HCP4T},
    Arp{"IFT1", intake::IFT1}, Arp{"IFT2", intake::IFT2}, Arp{"IFT3", intake::IFT3},  Arp{"IFT4", intake::IFT4}};

bool is_arp(std::string_view system) {  // the published JSON sample writes it without the last s
    return same_system(system, systems::arp) || same_system(system, systems::arp.substr(0, systems::arp.size() - 1));
}

intake::Coded coded(const Tree& coding) {
    intake::Coded out;
    out.set_system(text_at(coding, "system"));
    out.set_code(text_at(coding, "code"));
    if (is_national(out.system())) out.set_display(text_at(coding, "display"));
    return out;
}

const Tree& outcomes_of(const Tree& activity) {
    return list_at(activity, "outcomeCodeableConcept");
}

const Arp* find_arp(std::string_view code) {
    const auto found =
        std::find_if(arp_codes.begin(), arp_codes.end(), [&](const Arp& one) { return one.code == code; });
    return found == arp_codes.end() ? nullptr : &*found;
}

// Several categories are the sender's slip: nobody waits longer for it, and people are told.
void map_category(const Tree& plan, intake::CaseFacts& facts) {
    const auto arp = arp_codings(plan);
    if (!arp.taken.empty()) facts.set_category(category_of(text_at(*arp.taken.front(), "code")));
    if (arp.taken.empty()) facts.add_warnings("no-arp-category CarePlan.activity");
    const auto known = [](const Tree* coding) { return find_arp(text_at(*coding, "code")) != nullptr; };
    const auto several = std::any_of(arp.others.begin(), arp.others.end(), known);
    if (several) facts.add_warnings("several-arp-categories CarePlan.activity");
    if (!std::all_of(arp.others.begin(), arp.others.end(), known)) {
        facts.add_warnings("unknown-arp-category CarePlan.activity");
    }
    const auto& first = arp.taken.empty() ? arp.others : arp.taken;
    if (!first.empty()) facts.set_original_plan(text_at(*first.front(), "code"));
}

void map_outcomes(const Tree& plan, intake::CaseFacts& facts) {
    map_category(plan, facts);
    std::string dx;
    for (const auto& activity : list_at(plan, "activity")) {
        for (const auto& outcome : outcomes_of(activity)) {
            for (const auto& coding : list_at(outcome, "coding")) {
                const std::string system = text_at(coding, "system");
                if (is_arp(system)) continue;
                if (dx.empty() && same_system(system, systems::dx)) dx = text_at(coding, "code");
                *facts.add_outcome_codes() = coded(coding);
            }
        }
    }
    if (!dx.empty()) facts.set_original_plan(dx);
}

void map_flags(const Message& message, intake::CaseFacts& facts) {
    for (const auto& entry : message.all("Flag")) {
        const Tree& flag = *entry.resource;
        if (is_retracted(flag)) continue;
        const Tree& coding = at(flag, "code.coding.0");
        intake::Flag& out = *facts.add_flags();
        out.set_category(code_in(at(flag, "category"), systems::flag_category));
        const intake::Coded code = coded(coding);
        out.set_system(code.system());
        out.set_code(code.code());
        out.set_display(code.display());
    }
}

// Whole years by the calendar, in UTC; nothing for a partial date or one in the future.
std::optional<std::uint32_t> age_at(std::string_view birth_date, TimeMs now) {
    if (birth_date.size() != 10) return std::nullopt;
    int y = 0;
    unsigned m = 0, d = 0;
    std::from_chars(birth_date.data(), birth_date.data() + 4, y);
    std::from_chars(birth_date.data() + 5, birth_date.data() + 7, m);
    std::from_chars(birth_date.data() + 8, birth_date.data() + 10, d);
    using namespace std::chrono;
    const year_month_day born{year{y}, month{m}, day{d}};
    const year_month_day today{floor<days>(sys_time<milliseconds>{milliseconds{now}})};
    if (!born.ok() || born > today) return std::nullopt;
    const bool had_birthday =
        today.month() > born.month() || (today.month() == born.month() && today.day() >= born.day());
    return std::uint32_t(int(today.year()) - y - (had_birthday ? 0 : 1));
}

std::string organisation_ods(const Message& message, const std::string& reference) {
    const auto organisation = message.resolve(reference, "Organization");
    return organisation ? identifier_in(*organisation->resource, systems::ods) : std::string();
}

std::string name_text(const Tree& name) {
    if (auto text = text_at(name, "text"); !text.empty()) return text;
    std::string joined;
    const auto add = [&](const std::string& part) {
        if (!part.empty()) joined += (joined.empty() ? "" : " ") + part;
    };
    for (const auto& prefix : list_at(name, "prefix")) add(primitive_text(prefix));
    for (const auto& given : list_at(name, "given")) add(primitive_text(given));
    add(text_at(name, "family"));
    return joined;
}

// Who asks, by the use case (code system usecases-categories-bars); a referral whose sender is the patient's own
// practice is a GP's.
intake::Origin origin_of(const Message& message) {
    if (!is_referral(message)) return intake::VALIDATION_999;
    const std::string use_case = use_case_of(message);
    static constexpr std::array of_999{"a3t1", "a1t5", "a1t6", "a1t9"};
    if (std::find(of_999.begin(), of_999.end(), use_case) != of_999.end()) return intake::REFERRAL_999;
    const auto header = message.header();
    const auto patient = message.patient();
    if (!header || !patient) return intake::NHS_111;
    const auto sender = organisation_ods(message, text_at(*header->resource, "sender.reference"));
    const auto practice = organisation_ods(message, text_at(*patient->resource, "generalPractitioner.0.reference"));
    return !sender.empty() && sender == practice ? intake::GP : intake::NHS_111;
}

// These travel in clear: what is no code is left out, and so is whatever may be a number of somebody's.
bool is_number(std::string_view text) {
    return text.size() > 2 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}
bool is_short_code(std::string_view text) {
    constexpr std::size_t longest = 60;  // number-not-present-and-trace-not-required has 41
    const auto sign = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    };
    return !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), sign);
}

void map_consent(const Message& message, intake::CaseFacts& facts) {
    for (const auto& consent : message.all("Consent")) {
        for (const auto& category : list_at(*consent.resource, "category")) {
            const auto code = text_at(category, "coding.0.code");
            if (is_short_code(code) && facts.consent().empty()) facts.set_consent(code);
        }
    }
}

// Both are let in: a patient without a number, and one whom nobody knows.
void map_identity(const Tree& patient, intake::CaseFacts& facts) {
    const bool numbered = !identifier_in(patient, systems::nhs_number).empty();
    facts.set_nhs_number_status(numbered ? "not-said" : "missing");
    for (const auto& identifier : list_at(patient, "identifier")) {
        if (!numbered || !same_system(text_at(identifier, "system"), systems::nhs_number)) continue;
        const auto status = nhs_number_status(identifier);
        if (is_short_code(status) && !is_number(status)) facts.set_nhs_number_status(status);
    }
    facts.set_patient_unknown(!numbered && name_text(at(patient, "name.0")).empty());
}

void map_contacts(const Tree& patient, intake::Person& person) {
    for (const auto& contact : list_at(patient, "contact")) {
        intake::Contact& out = *person.add_contacts();
        out.set_rank(contact_rank(contact));
        out.set_relationship(text_at(contact, "relationship.0.coding.0.display"));
        if (out.relationship().empty()) out.set_relationship(text_at(contact, "relationship.0.coding.0.code"));
        out.set_name(name_text(at(contact, "name")));
        for (const auto& telecom : list_at(contact, "telecom")) {
            auto& method = *out.add_methods();
            method.set_system(text_at(telecom, "system"));
            method.set_value(text_at(telecom, "value"));
            method.set_use(text_at(telecom, "use"));
            const Tree& rank = at(telecom, "rank");
            if (rank.is_number_integer()) method.set_rank(rank.get<std::uint32_t>());
        }
    }
    // By rank; the unranked (0) wrap round to the end.
    std::stable_sort(person.mutable_contacts()->begin(), person.mutable_contacts()->end(),
                     [](const intake::Contact& a, const intake::Contact& b) { return a.rank() - 1 < b.rank() - 1; });
}

void map_narrative(const Message& message, intake::Person& person) {
    const auto add = [&](std::string text) {
        if (!text.empty()) person.add_narrative(std::move(text));
    };
    if (const auto plan = message.care_plan()) {
        add(text_at(*plan->resource, "description"));
        for (const auto& activity : list_at(*plan->resource, "activity")) {
            for (const auto& outcome : outcomes_of(activity)) add(text_at(outcome, "text"));
            for (const auto& progress : list_at(activity, "progress")) add(text_at(progress, "text"));
        }
        for (const auto& note : list_at(*plan->resource, "note")) add(text_at(note, "text"));
    }
    if (const auto request = message.service_request()) {
        for (const auto& note : list_at(*request->resource, "note")) add(text_at(note, "text"));
    }
    for (const auto& flag : message.all("Flag")) {
        if (!is_retracted(*flag.resource)) add(text_at(*flag.resource, "code.text"));
    }
    for (const auto& observation : message.all("Observation")) {
        if (is_retracted(*observation.resource)) continue;
        add(text_at(*observation.resource, "valueString"));
        for (const auto& note : list_at(*observation.resource, "note")) add(text_at(note, "text"));
    }
}

}  // namespace

bool is_national(std::string_view system) {
    const std::string text = lower_case(system);
    return text.find("://fhir.nhs.uk/codesystem/") != std::string::npos || text == "http://snomed.info/sct";
}

bool is_retracted(const Tree& resource) {
    static constexpr std::string_view wrong = "entered-in-error";
    const std::string status = text_at(resource, "status");
    if (text_at(resource, "resourceType") == "Observation" && status == "cancelled") return true;
    return status == wrong || text_at(resource, "verificationStatus.coding.0.code") == wrong;
}

ArpCodings arp_codings(const Tree& plan) {
    std::vector<const Tree*> all;
    for (const auto& activity : list_at(plan, "activity")) {
        for (const auto& outcome : outcomes_of(activity)) {
            for (const auto& coding : list_at(outcome, "coding")) {
                if (is_arp(text_at(coding, "system"))) all.push_back(&coding);
            }
        }
    }
    const auto level = [](const Tree* coding) { return priority_level(category_of(text_at(*coding, "code"))); };
    std::string urgent;
    int most = 0;
    for (const auto* coding : all) {
        if (level(coding) == 0 || (most != 0 && level(coding) >= most)) continue;
        most = level(coding);
        urgent = text_at(*coding, "code");
    }
    ArpCodings out;
    for (const auto* coding : all) {
        const bool taken = most != 0 && text_at(*coding, "code") == urgent;
        (taken ? out.taken : out.others).push_back(coding);
    }
    return out;
}

intake::Category category_of(std::string_view arp_code) {
    const auto* found = find_arp(arp_code);
    return found == nullptr ? intake::CATEGORY_UNSPECIFIED : found->category;
}

std::string arp_code(intake::Category category) {
    const auto found =
        std::find_if(arp_codes.begin(), arp_codes.end(), [&](const Arp& one) { return one.category == category; });
    return found == arp_codes.end() ? std::string() : std::string(found->code);
}

intake::CaseFacts map_facts(const Message& message, TimeMs now) {
    intake::CaseFacts facts;
    facts.set_origin(origin_of(message));
    facts.set_referral(is_referral(message));
    facts.set_use_case(use_case_of(message));
    Warnings warnings = notice(message);
    if (const auto plan = message.care_plan()) {
        map_outcomes(*plan->resource, facts);
        if (const auto start = parse_instant(text_at(*plan->resource, "period.start"))) {
            *facts.mutable_clock_start() = to_timestamp(*start);
        }
    }
    if (const auto request = message.service_request()) {
        if (const auto breach = parse_instant(text_at(*request->resource, "occurrencePeriod.end"))) {
            *facts.mutable_breach_at() = to_timestamp(*breach);
        }
    }
    map_consent(message, facts);
    if (const auto patient = message.patient()) {
        map_identity(*patient->resource, facts);
        if (const auto age = age_at(text_at(*patient->resource, "birthDate"), now)) {
            facts.set_age_years(*age);
            facts.set_age_known(true);
        }
    }
    if (const auto encounter = message.sender_encounter()) {
        facts.set_cad_number(text_at(*encounter->resource, "identifier.0.value"));
        facts.set_journey_id(journey_id(*encounter->resource));
    }
    *facts.mutable_observations() = map_observations(message, warnings);
    map_flags(message, facts);
    if (const auto header = message.header()) {
        facts.set_sender_organisation_ods(organisation_ods(message, text_at(*header->resource, "sender.reference")));
    }
    for (auto& warning : warnings) facts.add_warnings(std::move(warning));
    return facts;
}

intake::Person map_person(const Message& message) {
    intake::Person person;
    if (const auto found = message.patient()) {
        const Tree& patient = *found->resource;
        person.set_nhs_number(identifier_in(patient, systems::nhs_number));
        for (const auto& identifier : list_at(patient, "identifier")) {
            if (!same_system(text_at(identifier, "system"), systems::nhs_number)) continue;
            person.set_nhs_number_status(nhs_number_status(identifier));
        }
        person.set_name(name_text(at(patient, "name.0")));
        person.set_birth_date(text_at(patient, "birthDate"));
        person.set_gender(text_at(patient, "gender"));
        person.set_address(postal_address(at(patient, "address.0")));
        person.set_general_practice_ods(organisation_ods(message, text_at(patient, "generalPractitioner.0.reference")));
        map_contacts(patient, person);
    }
    if (auto location = incident_location(message)) *person.mutable_location() = std::move(*location);
    map_narrative(message, person);
    add_additional(message, person);
    return person;
}

}  // namespace rightplace::bars
