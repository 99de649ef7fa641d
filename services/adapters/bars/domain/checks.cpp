// Order and codes: what the national kit's validation tests look at, then the guide. The kit reads
// the first issue only, so a rule that decides what the message is comes before rules on its content.
#include "services/adapters/bars/domain/checks.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "common/base/hash.hpp"

namespace rightplace::bars {
namespace {

// Code system usecases-categories-bars 1.5.0.
constexpr std::array known_use_cases{"a1t1",  "a1t2",
                                     "a1t3",  "a1t4",
                                     "a1t5",  "a1t6",
                                     "a1t7",  "a1t8",
                                     "a1t9",  "a1t10",
                                     "a1t11", "a1t12",
                                     "a2t1",  "a2t2",
                                     "a2t3",  "a2t4",
                                     "a2t5",  "a2t6",
                                     "a3t1",  "a4t1",
                                     "a4t2",  "a4t3",
                                     "a4t4",  "a5t1",
                                     "a5t2",  "a5t3",
                                     "a6t1",  "a6t2",
                                     "a6t3",  "a7t1",
                                     "a8t1",  "a8t2",
                                     "a8t3",  "referraltopharmacy"};

template <typename List>
bool one_of(std::string_view code, const List& list) {
    return std::find(std::begin(list), std::end(list), code) != std::end(list);
}

Problem not_offered(std::string path, std::string diagnostics) {
    return {422, "not-supported", "REC_UNPROCESSABLE_ENTITY", std::move(path), std::move(diagnostics)};
}

Problem not_implemented(std::string path, std::string diagnostics) {
    return {501, "not-supported", "REC_NOT_IMPLEMENTED", std::move(path), std::move(diagnostics)};
}

// Any 1.x, with or without a third number and a suffix: 1.0.0, 1.1.0, 1.0.0-beta.
bool is_version_1(std::string_view version) {
    return version == "1" ||
           (version.starts_with("1.") && version.size() > 2 && version[2] >= '0' && version[2] <= '9');
}

void check_envelope(const Tree& bundle, Problems& problems) {
    if (text_at(bundle, "type") != "message") {
        problems.push_back(broken_rule("Bundle.type", "Bundle.type must be message."));
    }
    if (!is_uuid(text_at(bundle, "id"))) {
        problems.push_back(broken_rule("Bundle.id", "Bundle.id must be a GUID made by the sender."));
    }
    const std::string version = text_at(bundle, "meta.versionId");
    if (version.empty()) {
        problems.push_back(broken_rule("Bundle.meta.versionId", "Bundle.meta.versionId is missing."));
    } else if (!is_version_1(version)) {
        problems.push_back(not_offered("Bundle.meta.versionId", "Only version 1 of the application is spoken here."));
    }
}

// What the message is. Returns whether it is a new validation request, whose content is then checked.
bool check_kind(const Message& message, Problems& problems) {
    const auto header = message.header();
    if (!header) {
        problems.push_back(broken_rule("Bundle.entry", "The message has no MessageHeader."));
        return false;
    }
    const std::string event = text_at(*header->resource, "eventCoding.code");
    const std::string at_event = header->path() + ".eventCoding";
    const bool response = event == "servicerequest-response";
    if (event != "servicerequest-request" && event != "booking-request" && !response) {
        problems.push_back(broken_rule(at_event, "The event is missing or not one that is sent to a receiver."));
    }
    const std::string reason = code_in(at(*header->resource, "reason"), systems::reason);
    if (!one_of(reason, std::array{"new", "update", "delete"})) {
        problems.push_back(broken_rule(header->path() + ".reason", "The reason must be new, update or delete."));
    }
    if (response && at(*header->resource, "response").is_null()) {
        problems.push_back(broken_rule(header->path() + ".response", "A response must say what it responds to."));
    }
    if (response || event == "booking-request") {
        problems.push_back(not_implemented(at_event, "Only requests for validation are received here so far."));
        return false;
    }
    const auto request = message.service_request();
    if (!request) {
        problems.push_back(broken_rule("Bundle.entry", "The message has no ServiceRequest."));
        return false;
    }
    const Tree& categories = at(*request->resource, "category");
    const std::string category = code_in(categories, systems::category);
    const std::string use_case = code_in(categories, systems::use_case);
    const std::string at_category = request->path() + ".category";
    if (!one_of(category, std::array{"validation", "referral", "request"})) {
        problems.push_back(broken_rule(at_category, "The category of the ServiceRequest is missing or unknown."));
    }
    if (!one_of(use_case, known_use_cases)) {
        problems.push_back(broken_rule(at_category, "The use case of the ServiceRequest is missing or unknown."));
    } else if (category == "referral" || category == "request") {
        problems.push_back(not_offered(at_category, "This service takes requests for validation, no others."));
    } else if (category == "validation" && !one_of(use_case, std::array{"a4t1", "a4t2", "a4t3"})) {
        problems.push_back(not_offered(at_category, "This service does not take this use case."));
    }
    if (reason != "update" && reason != "delete") return event == "servicerequest-request";
    const std::string status = text_at(*request->resource, "status");
    if (!one_of(status, std::array{"active", "on-hold", "revoked", "entered-in-error"})) {
        problems.push_back(broken_rule(request->path() + ".status",
                                       "An update or cancellation cannot have this ServiceRequest.status."));
    }
    problems.push_back(
        not_implemented(header->path() + ".reason", "Updates and cancellations are not received here so far."));
    return false;
}

void check_statuses(const Message& message, Problems& problems) {
    const auto request = message.service_request();
    if (text_at(*request->resource, "status") != "active") {
        problems.push_back(broken_rule(request->path() + ".status", "A new request must have status active."));
    }
    const auto encounters = message.all("Encounter");
    if (encounters.empty()) {
        problems.push_back(broken_rule("Bundle.entry", "The message has no Encounter."));
    }
    for (const auto& encounter : encounters) {
        if (one_of(text_at(*encounter.resource, "status"), std::array{"triaged", "in-progress"})) continue;
        problems.push_back(broken_rule(encounter.path() + ".status",
                                       "The Encounter of a new request must be triaged or in-progress."));
    }
    const auto plan = message.care_plan();
    if (!plan) {
        problems.push_back(broken_rule("Bundle.entry", "The message has no CarePlan."));
    } else if (text_at(*plan->resource, "status") != "active") {
        problems.push_back(
            broken_rule(plan->path() + ".status", "The CarePlan of a request for validation must have status active."));
    }
}

void check_consent(const Message& message, Problems& problems) {
    const auto consents = message.all("Consent");
    if (consents.empty()) {
        problems.push_back(broken_rule("Bundle.entry", "The message has no Consent to direct care."));
    }
    for (const auto& consent : consents) {
        bool direct = false;
        for (const auto& category : list_at(*consent.resource, "category")) {
            for (const auto& coding : list_at(category, "coding")) direct |= text_at(coding, "code") == "DRC";
        }
        if (!direct) {
            problems.push_back(broken_rule(consent.path() + ".category", "Consent must be for direct care (DRC)."));
        }
    }
}

// A missing breach time is let pass: policy sets one. An unreadable one would be a wrong one.
void check_times(const Message& message, Problems& problems) {
    const auto request = message.service_request();
    const auto unreadable = [](const std::string& text) { return !text.empty() && !parse_instant(text); };
    if (unreadable(text_at(*request->resource, "occurrencePeriod.end"))) {
        problems.push_back(broken_rule(request->path() + ".occurrencePeriod.end",
                                       "The breach time must be a date and time with an offset."));
    }
    const auto plan = message.care_plan();
    if (plan && unreadable(text_at(*plan->resource, "period.start"))) {
        problems.push_back(
            broken_rule(plan->path() + ".period.start", "The clock start must be a date and time with an offset."));
    }
}

void check_source(const Message& message, Problems& problems) {
    const auto header = message.header();
    if (service_of_endpoint(text_at(*header->resource, "source.endpoint")).empty()) {
        problems.push_back(broken_rule(header->path() + ".source.endpoint",
                                       "source.endpoint must be system|service id: responses go there."));
    }
}

}  // namespace

bool is_validation(const Message& message) {
    const auto request = message.service_request();
    return request && code_in(at(*request->resource, "category"), systems::category) == "validation";
}

Problems check_message(const Message& message) {
    Problems problems;
    if (text_at(message.bundle(), "resourceType") != "Bundle") {
        return {broken_rule("", "The body must be a Bundle.")};
    }
    check_envelope(message.bundle(), problems);
    if (!check_kind(message, problems)) return problems;
    check_statuses(message, problems);
    check_consent(message, problems);
    check_patient(message, problems);
    check_location(message, problems);
    check_times(message, problems);
    check_source(message, problems);
    return problems;
}

}  // namespace rightplace::bars
