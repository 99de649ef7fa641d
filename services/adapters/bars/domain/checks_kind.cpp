// What a message is: event, reason, category, use case and status of its ServiceRequest (BaRS applications 1 to 4). The
// kit reads the first issue only, so what decides this comes before rules on the content.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "services/adapters/bars/domain/checks.hpp"

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

// Handed over to a hub: by 111, by 111 online, by an ambulance service (applications 1, 2 and 3).
constexpr std::array validations{"a4t1", "a4t2", "a4t3"};

template <typename List>
bool one_of(std::string_view code, const List& list) {
    return std::find(std::begin(list), std::end(list), code) != std::end(list);
}

bool is_taken(const std::string& category, const std::string& use_case) {
    if (category == "validation") return one_of(use_case, validations);
    return use_case.starts_with("a1t") || use_case.starts_with("a2t") || use_case == "a3t1";
}

Problem not_offered(std::string path, std::string diagnostics) {
    return {422, "not-supported", "REC_UNPROCESSABLE_ENTITY", std::move(path), std::move(diagnostics)};
}

Problem not_implemented(std::string path, std::string diagnostics) {
    return {501, "not-supported", "REC_NOT_IMPLEMENTED", std::move(path), std::move(diagnostics)};
}

void check_booking(const Message& message, const std::string& at_event, Problems& problems) {
    if (message.all("Appointment").size() != 1) {
        problems.push_back(broken_rule("Bundle.entry", "A booking must have exactly one Appointment."));
    }
    problems.push_back(not_implemented(at_event, "Bookings are not received here: there is no slot to book."));
}

// Whether it answers something that was sent from here is judged by whoever knows that.
Kind check_response(const Message& message, const Entry& header, Problems& problems) {
    if (at(*header.resource, "response").is_null()) {
        problems.push_back(broken_rule(header.path() + ".response", "A response must say what it responds to."));
    }
    return message.service_request() ? Kind::response : Kind::none;
}

struct Named {
    std::string category, use_case, path;
};

// The use case may be missing where a case of ours is meant: published updates and cancellations lack it.
void check_categories(const Named& named, bool may_lack_use_case, Problems& problems) {
    const bool known = one_of(named.category, std::array{"validation", "referral", "request"});
    if (!known) {
        problems.push_back(broken_rule(named.path, "The category of the ServiceRequest is missing or unknown."));
    }
    if (named.use_case.empty() && may_lack_use_case) return;
    if (!one_of(named.use_case, known_use_cases)) {
        problems.push_back(broken_rule(named.path, "The use case of the ServiceRequest is missing or unknown."));
    } else if (named.category == "request") {
        problems.push_back(not_offered(named.path, "This service takes validations and referrals, no other requests."));
    } else if (known && !is_taken(named.category, named.use_case)) {
        problems.push_back(not_offered(named.path, "This service does not take this use case in this category."));
    }
}

constexpr std::array cancelled{"revoked", "entered-in-error"};
constexpr std::array current{"active", "on-hold"};

std::string event_of(const Entry& header, Problems& problems) {
    const std::string event = text_at(*header.resource, "eventCoding.code");
    const bool known =
        one_of(event, std::array{"servicerequest-request", "servicerequest-response", "booking-request"});
    if (!known) {
        problems.push_back(
            broken_rule(header.path() + ".eventCoding", "The event is missing or not one that is sent to a receiver."));
    }
    return event;
}

// Empty when it is none.
std::string reason_of(const Entry& header, Problems& problems) {
    const std::string reason = code_in(at(*header.resource, "reason"), systems::reason);
    if (one_of(reason, std::array{"new", "update", "delete"})) return reason;
    problems.push_back(broken_rule(header.path() + ".reason", "The reason must be new, update or delete."));
    return {};
}

void check_status(const Entry& request, const std::string& reason, Problems& problems) {
    const std::string status = text_at(*request.resource, "status");
    const std::string path = request.path() + ".status";
    if (reason == "new" && status != "active") {
        problems.push_back(broken_rule(path, "A new request must have status active."));
    }
    if ((reason != "update" && reason != "delete") || one_of(status, cancelled)) return;
    if (!one_of(status, current)) {
        problems.push_back(broken_rule(path, "An update or cancellation cannot have this ServiceRequest.status."));
    } else if (reason == "delete") {
        problems.push_back(broken_rule(path, "What is deleted must be revoked or entered-in-error."));
    }
}

// What it is, or comes closest to when it does not say: as that the rest of it is judged. A cancellation has none of
// what an update may have.
Kind kind_of(const Message& message, const std::string& reason) {
    if (reason == "new") return Kind::fresh;
    const auto request = message.service_request();
    const std::string status = request ? text_at(*request->resource, "status") : std::string();
    if (one_of(status, cancelled) || reason == "delete") return Kind::cancel;
    if (reason.empty()) return Kind::fresh;
    const bool bare = !message.first("Encounter") && !message.first("CarePlan") && !message.first("Consent");
    return bare && !one_of(status, current) ? Kind::cancel : Kind::update;
}

}  // namespace

bool is_validation(const Message& message) {
    const auto request = message.service_request();
    return request && code_in(at(*request->resource, "category"), systems::category) == "validation";
}

bool is_referral(const Message& message) {
    const auto request = message.service_request();
    return request && code_in(at(*request->resource, "category"), systems::category) == "referral";
}

std::string use_case_of(const Message& message) {
    const auto request = message.service_request();
    return request ? code_in(at(*request->resource, "category"), systems::use_case) : std::string();
}

Kind check_kind(const Message& message, Problems& problems) {
    const auto header = message.header();
    if (!header) problems.push_back(broken_rule("Bundle.entry", "The message has no MessageHeader."));
    const std::string event = header ? event_of(*header, problems) : std::string();
    const std::string reason = header ? reason_of(*header, problems) : std::string();
    if (event == "booking-request") check_booking(message, header->path() + ".eventCoding", problems);
    if (event.starts_with("booking-")) return Kind::none;  // with rules of its own
    const auto request = message.service_request();
    if (!request) problems.push_back(broken_rule("Bundle.entry", "The message has no ServiceRequest."));
    if (event == "servicerequest-response") return check_response(message, *header, problems);
    if (request) {
        const Tree& categories = at(*request->resource, "category");
        const Named named{code_in(categories, systems::category), code_in(categories, systems::use_case),
                          request->path() + ".category"};
        check_categories(named, reason == "update" || reason == "delete", problems);
        check_status(*request, reason, problems);
    }
    return kind_of(message, reason);
}

}  // namespace rightplace::bars
