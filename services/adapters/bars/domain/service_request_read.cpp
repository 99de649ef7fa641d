#include "services/adapters/bars/domain/service_request_read.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/base/hash.hpp"
#include "services/adapters/bars/domain/bundle.hpp"
#include "services/adapters/bars/domain/header_fields.hpp"

namespace rightplace::bars {
namespace {

constexpr auto patient_parameter = "patient:identifier";

Problem read_problem(const char* issue, const char* what, std::string diagnostics) {
    return {400, issue, "REC_BAD_REQUEST", what, std::move(diagnostics)};
}

Failure<Problems> number_required() {
    return Failure{Problems{read_problem("required", patient_parameter,
                                         "A search names the patient: patient:identifier with the system of the NHS "
                                         "number, a vertical bar, and the number.")}};
}

Failure<Problems> not_a_number() {
    return Failure{Problems{read_problem("value", patient_parameter, "This is not an NHS number.")}};
}

// Spaces and dashes stand between the digits where people wrote them.
std::string digits_of(std::string_view written) {
    std::string digits(trimmed(written));
    std::erase_if(digits, [](char c) { return c == ' ' || c == '-'; });
    return digits;
}

// Whom nobody knows by it is told so with total 0, and so is whose check digit is wrong: it is let in with a request,
// but is no match key.
bool could_be_a_number(std::string_view digits) {
    constexpr std::size_t length = 10;
    return digits.size() == length &&
           std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A number without the parameter's name is judged too: the kit wants to hear which of the two is wrong first.
Result<ReadAsked, Problems> judge_nameless(const Target& target) {
    const std::string query = percent_decode(target.query);
    const auto at = lower_case(query).find("nhs-number|");
    if (at == std::string::npos) return number_required();
    const auto rest = std::string_view(query).substr(query.find('|', at) + 1);
    const auto number = digits_of(rest.substr(0, rest.find('&')));
    if (number.empty() || could_be_a_number(number)) return number_required();
    return not_a_number();
}

Result<ReadAsked, Problems> judge_search(const Target& target) {
    for (const auto& [name, value] : target.parameters) {
        if (name != patient_parameter && name != "patient.identifier") continue;
        const auto bar = value.rfind('|');
        const auto number = bar == std::string::npos ? std::string() : digits_of(value.substr(bar + 1));
        if (trimmed(value).empty() || (bar != std::string::npos && number.empty())) return number_required();
        if (!same_system(value.substr(0, bar), systems::nhs_number) || !could_be_a_number(number)) {
            return not_a_number();
        }
        return ReadAsked{{}, number};
    }
    return judge_nameless(target);
}

TimeMs latest_change(const BookedCase& booked) {
    if (!booked.cancelled.empty()) return booked.cancelled_at;
    if (booked.ended) return booked.ended_at;
    return booked.not_before;  // 0 unless it was reopened: then what follows is dated no earlier
}

}  // namespace

Result<ReadAsked, Problems> judge_read(std::string_view rest, const Target& target) {
    if (rest.empty()) return judge_search(target);
    const auto id = lower_case(rest.substr(1));
    if (id.empty()) {
        return Failure{
            Problems{read_problem("required", "ServiceRequest.id", "The id of a ServiceRequest is required.")}};
    }
    if (!is_uuid(id)) {
        return Failure{Problems{read_problem("value", "ServiceRequest.id", "The id of a ServiceRequest is a GUID.")}};
    }
    return ReadAsked{id, {}};
}

bool may_read(const BookedCase& booked, const std::string& organisation_ods) {
    const auto asks = lower_case(organisation_ods);
    const auto by_message = lower_case(booked.facts.sender_organisation_ods());
    const auto by_header = lower_case(booked.requester_ods);
    if (asks.empty() || (by_message.empty() && by_header.empty())) return true;
    return asks == by_message || asks == by_header;
}

bool is_sent_by(const BookedCase& booked, const std::string& organisation_ods) {
    const auto asks = lower_case(organisation_ods);
    return !asks.empty() &&
           (asks == lower_case(booked.facts.sender_organisation_ods()) || asks == lower_case(booked.requester_ods));
}

Problems check_searcher(const Requester& requester) {
    if (!requester.organisation_ods.empty()) return {};
    const auto& headers = requester.said.headers();
    const bool sent = std::any_of(headers.begin(), headers.end(),
                                  [](const auto& header) { return header.name() == organisation_header; });
    return {read_problem(sent ? "value" : "required", organisation_header,
                         "A search is answered to the organisation that sent the requests: the header names it, as a "
                         "FHIR Organization with its ODS code, in base64.")};
}

bool may_be_about(const BookedCase& booked, const std::vector<std::string>& tokens) {
    const auto& known = booked.facts.match_tokens();
    return known.empty() || std::any_of(known.begin(), known.end(), [&](const std::string& token) {
               return std::find(tokens.begin(), tokens.end(), token) != tokens.end();
           });
}

std::string service_request_status(const BookedCase& booked) {
    if (!booked.cancelled.empty()) return booked.cancelled;
    return booked.ended ? "completed" : "active";
}

Tree present_service_request(const Tree& message, const BookedCase& booked) {
    const auto found = Message(message).service_request();
    if (!found) return {};
    Tree resource = {{"resourceType", "ServiceRequest"}, {"id", booked.service_request_id}};
    for (const auto& [name, value] : found->resource->items()) {
        if (name != "resourceType" && name != "id" && name != "_id") resource[name] = value;
    }
    const auto changed = latest_change(booked);
    const auto status = service_request_status(booked);
    const bool moved = text_at(resource, "status") != status || booked.not_before != 0;
    const auto sent = parse_instant(text_at(resource, "meta.lastUpdated"));
    resource["status"] = status;
    if (moved && changed > sent.value_or(0)) resource["meta"]["lastUpdated"] = format_utc(changed);
    return {{"fullUrl", found->full_url}, {"resource", std::move(resource)}};
}

bool is_about_patient(const Tree& message, const std::string& nhs_number) {
    const auto patient = Message(message).patient();
    return patient && digits_of(identifier_in(*patient->resource, systems::nhs_number)) == nhs_number;
}

std::string found_bundle(std::vector<Tree> entries, const std::string& bundle_id, Format format) {
    Tree bundle = {{"resourceType", "Bundle"},
                   {"id", bundle_id},
                   {"type", "searchset"},
                   {"total", entries.size()},
                   {"link", Tree::array({{{"relation", "self"}, {"url", "ServiceRequest"}}})}};
    for (auto& entry : entries) {
        entry["search"] = {{"mode", "match"}};
        bundle["entry"].push_back(std::move(entry));
    }
    return write_document(bundle, format);
}

}  // namespace rightplace::bars
