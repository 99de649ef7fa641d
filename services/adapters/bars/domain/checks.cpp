// The rules on a message's envelope and content, by what it is: the national kit's tests, then the guide. Order: what
// decides what the message is comes first, as the kit reads the first issue only.
#include "services/adapters/bars/domain/checks.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "common/base/hash.hpp"

namespace rightplace::bars {
namespace {

template <typename List>
bool one_of(std::string_view code, const List& list) {
    return std::find(std::begin(list), std::end(list), code) != std::end(list);
}

// Any 1.x, with or without a third number and a suffix: 1.0.0, 1.1.0, 1.0.0-beta.
bool is_version_1(std::string_view version) {
    return version == "1" ||
           (version.starts_with("1.") && version.size() > 2 && version[2] >= '0' && version[2] <= '9');
}

void check_envelope(const Tree& bundle, bool id_matters, Problems& problems) {
    if (text_at(bundle, "type") != "message") {
        problems.push_back(broken_rule("Bundle.type", "Bundle.type must be message."));
    }
    if (id_matters && !is_uuid(text_at(bundle, "id"))) {
        problems.push_back(broken_rule("Bundle.id", "Bundle.id must be a GUID made by the sender."));
    }
    const std::string version = text_at(bundle, "meta.versionId");
    if (version.empty()) {
        problems.push_back(broken_rule("Bundle.meta.versionId", "Bundle.meta.versionId is missing."));
    } else if (!is_version_1(version)) {
        problems.push_back({422, "not-supported", "REC_UNPROCESSABLE_ENTITY", "Bundle.meta.versionId",
                            "Only version 1 of the application is spoken here."});
    }
}

// What a request asks for. Where it does not say, it is held only against what holds for both.
enum class Asks { validation, referral, either };

Asks asked_by(const Message& message) {
    if (is_validation(message)) return Asks::validation;
    if (is_referral(message)) return Asks::referral;
    const std::string use_case = use_case_of(message);
    if (use_case.starts_with("a4t")) return Asks::validation;
    const bool referral = use_case.starts_with("a1t") || use_case.starts_with("a2t") || use_case.starts_with("a3t");
    return referral ? Asks::referral : Asks::either;
}

// That of an update of a referral may have come to anything but planned.
bool may_be(const std::string& encounter_status, Kind kind, Asks asks) {
    static constexpr std::array past_planned{"arrived",  "triaged",   "in-progress",      "onleave",
                                             "finished", "cancelled", "entered-in-error", "unknown"};
    if (kind == Kind::update && asks != Asks::validation) return one_of(encounter_status, past_planned);
    if (encounter_status == "triaged") return true;
    return (encounter_status == "finished" && asks != Asks::validation) ||
           (encounter_status == "in-progress" && asks != Asks::referral);
}

const char* encounter_rule(Kind kind, Asks asks) {
    if (asks == Asks::validation) return "The Encounter of a request for validation must be triaged or in-progress.";
    if (kind == Kind::update) return "The Encounter of an update must have a status other than planned.";
    return asks == Asks::referral ? "The Encounter of a referral must be triaged or finished."
                                  : "The Encounter of a request must be triaged, in-progress or finished.";
}

void check_encounter(const Entry& encounter, Kind kind, Asks asks, Problems& problems) {
    if (may_be(text_at(*encounter.resource, "status"), kind, asks)) return;
    problems.push_back(broken_rule(encounter.path() + ".status", encounter_rule(kind, asks)));
}

void check_plan(const Entry& plan, Asks asks, Problems& problems) {
    const std::string status = text_at(*plan.resource, "status");
    if ((status == "active" && asks != Asks::referral) || (status == "completed" && asks != Asks::validation)) return;
    problems.push_back(
        broken_rule(plan.path() + ".status",
                    asks == Asks::validation ? "The CarePlan of a request for validation must have status active."
                    : asks == Asks::referral ? "The CarePlan of a referral must have status completed."
                                             : "The CarePlan of a request must have status active or completed."));
}

// The sender's own, where the update has it: without it the only one may be ours.
std::optional<Entry> updated_encounter(const Message& update) {
    const auto request = update.service_request();
    const auto named = request ? text_at(*request->resource, "encounter.reference") : std::string();
    return named.empty() ? update.sender_encounter() : update.resolve(named, "Encounter");
}

// An update may leave out what has not changed, and may bring our own Encounter, which is planned, with its own.
void check_statuses(const Message& message, Kind kind, Asks asks, Problems& problems) {
    const bool fresh = kind == Kind::fresh;
    if (fresh && message.all("Encounter").empty()) {
        problems.push_back(broken_rule("Bundle.entry", "The message has no Encounter."));
    } else if (fresh) {
        for (const auto& encounter : message.all("Encounter")) check_encounter(encounter, kind, asks, problems);
    } else if (const auto encounter = updated_encounter(message)) {
        check_encounter(*encounter, kind, asks, problems);
    }
    if (const auto plan = message.care_plan()) {
        check_plan(*plan, asks, problems);
    } else if (fresh) {
        problems.push_back(broken_rule("Bundle.entry", "The message has no CarePlan."));
    }
}

void check_consent(const Message& message, Kind kind, Problems& problems) {
    const auto consents = message.all("Consent");
    if (consents.empty() && kind == Kind::fresh) {
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
    if (request && unreadable(text_at(*request->resource, "occurrencePeriod.end"))) {
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
    if (header && service_of_endpoint(text_at(*header->resource, "source.endpoint")).empty()) {
        problems.push_back(broken_rule(header->path() + ".source.endpoint",
                                       "source.endpoint must be system|service id: responses go there."));
    }
}

}  // namespace

Checked check_message(const Message& message) {
    Checked checked;
    auto& problems = checked.problems;
    if (text_at(message.bundle(), "resourceType") != "Bundle") {
        problems.push_back(broken_rule("", "The body must be a Bundle."));
        return checked;
    }
    Problems of_kind;
    const Kind kind = check_kind(message, of_kind);
    checked.kind = kind;
    check_envelope(message.bundle(), kind != Kind::response, problems);
    problems.insert(problems.end(), of_kind.begin(), of_kind.end());
    if (kind != Kind::fresh && kind != Kind::update) return checked;
    const Asks asks = asked_by(message);
    check_statuses(message, kind, asks, problems);
    check_consent(message, kind, problems);
    if (kind == Kind::fresh || message.patient()) check_patient(message, problems);
    if (asks == Asks::validation && (kind == Kind::fresh || incident_entry(message))) check_location(message, problems);
    check_times(message, problems);
    check_source(message, problems);
    return checked;
}

}  // namespace rightplace::bars
