#include "services/adapters/bars/domain/response_reading.hpp"

#include <array>
#include <limits>
#include <nlohmann/json.hpp>

#include "services/adapters/bars/domain/checks.hpp"

namespace rightplace::bars {
namespace {

struct Wanted {
    const char* type;
    std::size_t least, most;
};
constexpr std::size_t any = std::numeric_limits<std::size_t>::max();
// The MessageDefinitions' focus, min and max.
constexpr std::array interim_counts{Wanted{"MessageHeader", 1, 1},  Wanted{"ServiceRequest", 1, 1},
                                    Wanted{"Patient", 1, 1},        Wanted{"Encounter", 2, 2},
                                    Wanted{"CarePlan", 0, 0},       Wanted{"Organization", 1, any},
                                    Wanted{"Practitioner", 1, any}, Wanted{"PractitionerRole", 1, any}};
constexpr std::array full_counts{
    Wanted{"MessageHeader", 1, 1},  Wanted{"ServiceRequest", 1, 1},   Wanted{"Patient", 1, 1},
    Wanted{"Encounter", 2, 3},      Wanted{"CarePlan", 1, 1},         Wanted{"Location", 1, 1},
    Wanted{"Organization", 2, any}, Wanted{"Practitioner", 1, any},   Wanted{"PractitionerRole", 1, any},
    Wanted{"Consent", 1, any},      Wanted{"HealthcareService", 1, 1}};

template <std::size_t N>
void count(const Message& message, const std::array<Wanted, N>& table, std::vector<std::string>& wrong) {
    for (const auto& wanted : table) {
        const auto there = message.all(wanted.type).size();
        if (there >= wanted.least && there <= wanted.most) continue;
        const std::string most = wanted.most == any ? "*" : std::to_string(wanted.most);
        wrong.push_back(std::string(wanted.type) + " " + std::to_string(there) + ", " + std::to_string(wanted.least) +
                        ".." + most + " wanted");
    }
}

bool says(const Message& message, std::string_view kind) {
    const auto header = message.header();
    return header && text_at(*header->resource, "definition").ends_with(kind);
}

std::string journey_of(const Tree& encounter) {
    const auto reference = text_at(encounter, "episodeOfCare.0.reference");
    const auto slash = reference.rfind('/');
    return slash == std::string::npos ? reference : reference.substr(slash + 1);
}

// The responder's own: the focus, or else the one that the ServiceRequest does not name.
std::optional<Entry> own_encounter_of(const Message& message) {
    const Tree& header = *message.header()->resource;
    if (auto focus = message.resolve(text_at(header, "focus.0.reference"), "Encounter")) return focus;
    const auto asked = message.sender_encounter();
    for (const auto& entry : message.all("Encounter")) {
        if (asked && entry.index != asked->index) return entry;
    }
    return std::nullopt;
}

void read_plan(const Message& message, const Entry& plan, ReadResponse& out) {
    const auto status = text_at(*plan.resource, "status");
    out.ambulance_needed = status == "active";
    if (status != "active" && status != "completed") out.warnings.push_back("plan-status-unknown " + plan.path());
    if (const auto start = parse_instant(text_at(*plan.resource, "period.start"))) out.clock_start = *start;
    const auto facts = map_facts(message, 0);
    out.category = facts.category();
    out.outcome_codes.assign(facts.outcome_codes().begin(), facts.outcome_codes().end());
    for (const auto& activity : list_at(*plan.resource, "activity")) {
        for (const auto& reference : list_at(activity, "outcomeReference")) {
            const auto asked = message.resolve(text_at(reference, "reference"), "Encounter");
            if (asked) out.ambulance_reference = identifier_in(*asked->resource, systems::ambulance_reference);
        }
    }
}

Problems envelope_problems(const Message& message) {
    Problems problems;
    const auto header = message.header();
    if (!header) return {broken_rule("Bundle.entry", "The message has no MessageHeader.")};
    const Tree& it = *header->resource;
    if (text_at(it, "eventCoding.code") != "servicerequest-response") {
        problems.push_back(broken_rule(header->path() + ".eventCoding", "The message is no response."));
    }
    if (text_at(it, "response.identifier").empty()) {
        problems.push_back(broken_rule(header->path() + ".response", "A response says which message it answers."));
    }
    if (text_at(it, "response.code") != "ok") {
        problems.push_back(broken_rule(header->path() + ".response.code", "The code of a response is ok."));
    }
    if (!message.service_request()) {
        problems.push_back(broken_rule("Bundle.entry", "The response has no ServiceRequest."));
    }
    return problems;
}

// What the responder's Encounter says, and with what.
Problems read_outcome(const Message& message, const Entry& own, ReadResponse& out) {
    const auto status = text_at(*own.resource, "status");
    out.reject_code = code_in(at(*own.resource, "reasonCode"), systems::rejected_reason);
    if (status == "in-progress") {
        out.kind = ResponseKind::interim;
    } else if (status == "cancelled") {
        out.kind = ResponseKind::rejection;
        if (out.reject_code.empty()) {
            return {broken_rule(own.path() + ".reasonCode", "A rejection says why: FC, RRNA or OTH.")};
        }
    } else if (status == "finished") {
        out.kind = ResponseKind::full;
        const auto plan = message.care_plan();
        if (!plan) return {broken_rule("Bundle.entry", "A full response has a CarePlan.")};
        read_plan(message, *plan, out);
    } else {
        return {
            broken_rule(own.path() + ".status", "The responder's Encounter is in-progress, cancelled or finished.")};
    }
    return {};
}

}  // namespace

std::vector<std::string> wrong_counts(const Message& message) {
    std::vector<std::string> wrong;
    if (says(message, "response-validation-interim")) count(message, interim_counts, wrong);
    if (says(message, "response-validation-full")) count(message, full_counts, wrong);
    return wrong;
}

std::string kind_of_exchange(const ReadResponse& response) {
    const auto& code = response.reject_code;
    switch (response.kind) {
        case ResponseKind::interim:
            return "response interim";
        case ResponseKind::rejection:
            return "response rejection " + (code == "FC" || code == "RRNA" || code == "OTH" ? code : "unknown-reason");
        case ResponseKind::full:
            break;
    }
    std::string kind = "response full";
    if (response.category != intake::CATEGORY_UNSPECIFIED) kind += " " + intake::Category_Name(response.category);
    return kind + (response.ambulance_needed ? " ambulance" : " no-ambulance");
}

Problem not_sent_from_here(const Message& response) {
    return {400, "not-found", "REC_NOT_FOUND", response.header()->path() + ".response.identifier",
            "No request for validation of this id was sent from here."};
}

Result<ReadResponse, Problems> read_response(const Message& message) {
    if (auto problems = envelope_problems(message); !problems.empty()) return Failure{problems};
    const Tree& header = *message.header()->resource;
    const auto own = own_encounter_of(message);
    if (!own) return Failure{Problems{broken_rule("Bundle.entry", "The response has no Encounter of the responder.")}};
    ReadResponse out;
    if (auto problems = read_outcome(message, *own, out); !problems.empty()) return Failure{problems};
    out.bundle_id = text_at(message.bundle(), "id");
    out.answers = text_at(header, "response.identifier");
    out.update = code_in(at(header, "reason"), systems::reason) == "update";
    out.use_case = code_in(at(*message.service_request()->resource, "category"), systems::use_case);
    out.case_number = text_at(*own->resource, "identifier.0.value");
    out.encounters = message.all("Encounter").size();
    out.journey_id = journey_of(*own->resource);
    if (const auto asked = message.sender_encounter()) {
        out.sender_case_number = text_at(*asked->resource, "identifier.0.value");
        const auto theirs = journey_of(*asked->resource);
        if (out.journey_id.empty()) out.journey_id = theirs;
        if (!theirs.empty() && theirs != out.journey_id) out.warnings.push_back("journey-differs " + own->path());
    }
    for (const auto& wrong : wrong_counts(message)) out.warnings.push_back("count " + wrong);
    return out;
}

}  // namespace rightplace::bars
