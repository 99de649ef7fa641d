// What a tolerant reader notices and lets pass: people are told, and `rightplace bars explain` shows it.
#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "services/adapters/bars/domain/checks.hpp"
#include "services/adapters/bars/domain/definitions.hpp"

namespace rightplace::bars {
namespace {

// As with the contacts themselves: each has its rank, exactly one is the first to try.
bool methods_are_ranked(const Tree& contact) {
    const Tree& methods = list_at(contact, "telecom");
    const auto rank_is = [](const char* wanted) {
        return [wanted](const Tree& method) { return text_at(method, "rank") == wanted; };
    };
    if (methods.empty()) return true;
    return std::count_if(methods.begin(), methods.end(), rank_is("1")) == 1 &&
           std::none_of(methods.begin(), methods.end(), rank_is(""));
}

void notice_patient(const Message& message, Warnings& warnings) {
    const auto patient = message.patient();
    if (!patient) return;
    for (const auto& identifier : list_at(*patient->resource, "identifier")) {
        if (!same_system(text_at(identifier, "system"), systems::nhs_number)) continue;
        if (!nhs_number_is_valid(text_at(identifier, "value"))) {
            warnings.push_back("nhs-number-check-digit " + patient->path() + ".identifier");
        }
    }
    bool phone = false;
    std::size_t number = 0;
    for (const auto& contact : list_at(*patient->resource, "contact")) {
        if (contact_rank(contact) == 0) warnings.push_back("contact-not-ranked " + patient->path() + ".contact");
        if (!methods_are_ranked(contact)) {
            warnings.push_back("contact-method-ranks " + patient->path() + ".contact[" + std::to_string(number) +
                               "].telecom");
        }
        ++number;
        for (const auto& telecom : list_at(contact, "telecom")) phone |= text_at(telecom, "system") == "phone";
    }
    if (!phone) warnings.push_back("no-telephone " + patient->path() + ".contact");
}

bool has_scene_safety(const Message& message) {
    const auto flags = message.all("Flag");
    return std::any_of(flags.begin(), flags.end(), [](const Entry& flag) {
        return !is_retracted(*flag.resource) && code_in(at(*flag.resource, "category"), systems::flag_category) == "SS";
    });
}

void notice_times(const Message& message, Warnings& warnings) {
    const auto request = message.service_request();
    const auto plan = message.care_plan();
    if (!request || !plan) return;
    const auto breach = parse_instant(text_at(*request->resource, "occurrencePeriod.end"));
    const auto start = parse_instant(text_at(*plan->resource, "period.start"));
    if (!breach) warnings.push_back("no-breach-time " + request->path() + ".occurrencePeriod.end");
    if (!start) warnings.push_back("no-clock-start " + plan->path() + ".period.start");
    if (breach && start && *breach < *start) {
        warnings.push_back("breach-before-clock-start " + request->path() + ".occurrencePeriod");
    }
}

struct Span {
    double least, most;
    bool holds(std::string_view text) const {
        double value = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
        return read.ec == std::errc() && read.ptr == text.data() + text.size() && value >= least && value <= most;
    }
};
// The United Kingdom with its islands, in degrees of ETRS89, and Great Britain on the National Grid in metres from its
// false origin: from Scilly and St Kilda to Lowestoft and Unst (Ordnance Survey, A guide to coordinate systems in Great
// Britain).
constexpr Span latitudes{49.8, 60.9}, longitudes{-8.7, 1.8};
constexpr Span eastings{5'000, 656'000}, northings{5'000, 1'221'000};

void notice_place(const Message& message, Warnings& warnings) {
    const auto entry = incident_entry(message);
    const auto place = incident_location(message);
    if (!entry || !place) return;
    const auto outside = [](const std::string& given, const Span& span) {
        return !given.empty() && !span.holds(given);
    };
    if (outside(place->latitude(), latitudes) || outside(place->longitude(), longitudes)) {
        warnings.push_back("place-outside-the-uk " + entry->path() + ".position");
    }
    if (outside(place->eastings(), eastings) || outside(place->northings(), northings)) {
        warnings.push_back("place-outside-the-uk " + entry->path() + ".extension");
    }
}

// What a reference of the ServiceRequest points to is taken from it; where it points to nothing, the first of its kind.
void notice_references(const Message& message, Warnings& warnings) {
    const auto request = message.service_request();
    if (!request) return;
    const auto notice = [&](const Tree& from, const std::string& path, const char* type) {
        const auto reference = text_at(from, "reference");
        if (!reference.empty() && message.resolve(reference, type)) return;
        if (reference.empty() && message.all(type).size() < 2) return;  // there is nothing to mistake
        warnings.push_back("reference-to-nothing " + request->path() + path);
    };
    const Tree& it = *request->resource;
    notice(at(it, "subject"), ".subject", "Patient");
    notice(at(it, "encounter"), ".encounter", "Encounter");
    notice(at(it, "basedOn.0"), ".basedOn", "CarePlan");
    for (const auto& place : list_at(it, "locationReference")) notice(place, ".locationReference", "Location");
}

const Definition* definition_of(const Message& message) {
    const auto request = message.service_request();
    const auto status = request ? text_at(*request->resource, "status") : std::string();
    const bool cancels = status == "revoked" || status == "entered-in-error";
    const auto wanted = cancels                ? "request-cancelled"
                        : is_referral(message) ? "request-referral"
                                               : "request-validation";
    for (const auto& one : definitions()) {
        if (one.taken && one.name.ends_with(wanted)) return &one;
    }
    return nullptr;
}

// The counts of the message's definition. An update may leave out what has not changed.
void notice_counts(const Message& message, Warnings& warnings) {
    const auto header = message.header();
    if (!header || text_at(*header->resource, "eventCoding.code") != "servicerequest-request") return;
    const bool whole = code_in(at(*header->resource, "reason"), systems::reason) == "new";
    const auto* definition = definition_of(message);
    if (definition == nullptr) return;
    for (const auto& focus : definition->focus) {
        const auto there = message.all(focus.resource).size();
        const bool too_few = whole && there < focus.min;
        const bool too_many = focus.max == "1" && there > 1;
        if (too_few) warnings.push_back("too-few-" + lower_case(focus.resource) + " Bundle.entry");
        if (too_many) warnings.push_back("too-many-" + lower_case(focus.resource) + " Bundle.entry");
    }
}

}  // namespace

Warnings notice(const Message& message) {
    Warnings warnings;
    notice_patient(message, warnings);
    notice_times(message, warnings);
    notice_place(message, warnings);
    notice_references(message, warnings);
    notice_counts(message, warnings);
    const auto request = message.service_request();
    if (request && text_at(*request->resource, "status") == "on-hold") {
        warnings.push_back("on-hold " + request->path() + ".status");
    }
    if (!is_referral(message) && !has_scene_safety(message)) warnings.push_back("no-scene-safety-flag Bundle.entry");
    if (const auto encounter = message.sender_encounter()) {
        if (list_at(*encounter->resource, "episodeOfCare").empty()) {
            warnings.push_back("no-journey-id " + encounter->path() + ".episodeOfCare");
        }
        if (list_at(*encounter->resource, "identifier").empty()) {
            warnings.push_back("no-case-number " + encounter->path() + ".identifier");
        }
    }
    for (const auto& entry : message.entries()) {
        if (text_at(*entry.resource, "meta.lastUpdated").empty()) {
            warnings.push_back("no-last-updated " + entry.path());
        }
    }
    return warnings;
}

}  // namespace rightplace::bars
