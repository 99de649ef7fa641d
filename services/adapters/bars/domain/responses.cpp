#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "common/base/hash.hpp"
#include "common/base/invariant.hpp"
#include "services/adapters/bars/domain/checks.hpp"
#include "services/adapters/bars/domain/own_resources.hpp"

namespace rightplace::bars {
namespace {

constexpr std::string_view definitions = "https://fhir.nhs.uk/MessageDefinition/bars-message-servicerequest-response-";
constexpr std::string_view late_note = "LATE: this case was given back before this consultation was complete.";

// What an interim or a rejection repeats; the clinical content waits for the full response.
constexpr std::array short_types{"ServiceRequest",   "Encounter",         "Patient",  "Organization", "Practitioner",
                                 "PractitionerRole", "HealthcareService", "Location", "Flag",         "Consent"};

Tree coding(std::string_view system, std::string_view code, std::string_view display) {
    Tree out = {{"system", system}, {"code", code}};
    if (!display.empty()) out["display"] = display;
    return out;
}

Tree concept_of(Tree one_coding) {
    return {{"coding", Tree::array({std::move(one_coding)})}};
}

// XML cannot carry control characters; people paste them.
std::string clean(std::string_view text) {
    std::string out(text);
    std::replace_if(
        out.begin(), out.end(),
        [](char c) { return (c >= 0 && c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == '\x7f'; }, ' ');
    return out;
}

Tree header_entry(const Message& request, const ResponseFrame& frame, std::string_view kind) {
    const auto received = request.header();
    INVARIANT(received);
    const Tree& from = *received->resource;
    Tree destination = {{"endpoint", text_at(from, "source.endpoint")}};
    if (const auto sender = text_at(from, "sender.reference"); !sender.empty()) {
        destination["receiver"] = {{"reference", sender}};
    }
    Tree header = {
        {"resourceType", "MessageHeader"},
        {"id", derived_uuid({"message-header", frame.own.case_id, frame.bundle_id})},
        {"meta",
         {{"lastUpdated", format_utc(frame.now)},
          {"profile",
           Tree::array({"https://fhir.nhs.uk/StructureDefinition/BARSMessageHeader-servicerequest-response"})}}},
        {"eventCoding", coding(systems::event, "servicerequest-response", "")},
        {"destination", Tree::array({std::move(destination)})}};
    if (const auto receiver = text_at(from, "destination.0.receiver.reference"); !receiver.empty()) {
        header["sender"] = {{"reference", receiver}};
    }
    header["source"] = {{"name", "Rightplace"},
                        {"software", "Rightplace"},
                        {"endpoint", "https://fhir.nhs.uk/Id/dos-service-id|" + frame.service_id}};
    header["reason"] = concept_of(coding(systems::reason, frame.update ? "update" : "new", ""));
    header["response"] = {{"identifier", text_at(request.bundle(), "id")}, {"code", "ok"}};
    header["focus"] = Tree::array({{{"reference", own_encounter_url(frame.own)}}});
    header["definition"] = std::string(definitions) + std::string(kind);
    return {{"fullUrl", "urn:uuid:" + derived_uuid({"message-header-url", frame.own.case_id, frame.bundle_id})},
            {"resource", std::move(header)}};
}

Tree message_bundle(const Message& request, const ResponseFrame& frame) {
    Tree meta = {{"versionId", text_at(request.bundle(), "meta.versionId")},
                 {"lastUpdated", format_utc(frame.now)},
                 {"profile", Tree::array({"https://fhir.nhs.uk/StructureDefinition/BARSBundleMessage"})}};
    return {
        {"resourceType", "Bundle"},           {"id", frame.bundle_id}, {"meta", std::move(meta)}, {"type", "message"},
        {"timestamp", format_utc(frame.now)}, {"entry", Tree::array()}};
}

// Interim and rejection share their shape and definition.
Tree short_message(const Message& request, const ResponseFrame& frame, std::string_view status, Tree reason,
                   TimeMs ended) {
    Tree bundle = message_bundle(request, frame);
    bundle["entry"].push_back(header_entry(request, frame, "validation-interim"));
    for (const auto& entry : request.entries()) {
        const std::string type = text_at(*entry.resource, "resourceType");
        if (std::find(short_types.begin(), short_types.end(), type) == short_types.end()) continue;
        Tree copy = with_own_id(request.bundle()["entry"][entry.index], frame.own, entry.index);
        if (type == "ServiceRequest") copy["resource"].erase("basedOn");  // the CarePlan is not in this message
        bundle["entry"].push_back(std::move(copy));
    }
    const TimeMs started = frame.started != 0 ? frame.started : frame.now;
    bundle["entry"].push_back(
        own_encounter(request, frame.own, {std::string(status), frame.now, started, ended}, std::move(reason)));
    return bundle;
}

Tree triage_outcome() {
    return concept_of(coding(systems::encounter_reason, "validation-triage-outcome", "Validation of triage outcome"));
}

std::string clock_start(const Tree& plan, intake::Category before, const Outcome& outcome) {
    const std::string t5 = text_at(plan, "period.start");
    const int was = priority_level(before);
    const int is = priority_level(outcome.category);
    const bool raised = was != 0 && is != 0 && is < was;
    return raised || t5.empty() ? format_utc(outcome.decided) : t5;
}

Tree outcome_plan(const Message& request, const ResponseFrame& frame, const Outcome& outcome, const Entry& received) {
    Tree outcomes = Tree::array();
    for (const auto& code : outcome.outcome_codes) {
        outcomes.push_back(concept_of(coding(code.system(), code.code(), code.display())));
    }
    if (const auto arp = arp_code(outcome.category); !arp.empty()) {
        outcomes.push_back(concept_of(coding(systems::arp, arp, "")));
    }
    if (outcome.late) outcomes.push_back({{"text", late_note}});
    if (!outcome.summary.empty()) outcomes.push_back({{"text", clean(outcome.summary)}});
    const auto before = map_facts(request, frame.now).category();
    Tree plan = {{"resourceType", "CarePlan"},
                 {"id", resource_id(frame.own, received.index)},
                 {"meta",
                  {{"lastUpdated", format_utc(frame.now)},
                   {"profile", Tree::array({"https://fhir.hl7.org.uk/StructureDefinition/UKCore-CarePlan"})}}},
                 {"status", outcome.ambulance_needed ? "active" : "completed"},
                 {"intent", "plan"},
                 {"subject", at(*received.resource, "subject")},
                 {"encounter", {{"reference", own_encounter_url(frame.own)}}},
                 {"period", {{"start", clock_start(*received.resource, before, outcome)}}}};
    if (!outcomes.empty()) plan["activity"] = Tree::array({{{"outcomeCodeableConcept", std::move(outcomes)}}});
    return {{"fullUrl", received.full_url}, {"resource", std::move(plan)}};
}

struct Rejection {
    std::string_view code, display;
};
Rejection rejection(triage::RejectReason reason) {  // code system rejected-reasons-bars 1.1.0
    switch (reason) {
        case triage::FC:
            return {"FC", "Failed Contact"};
        case triage::RRNA:
            return {"RRNA", "Requested resource not available within timescale"};
        default:
            return {"OTH", "Other"};
    }
}

}  // namespace

int priority_level(intake::Category category) {
    switch (category) {
        case intake::C1:
        case intake::HCP1:
        case intake::IFT1:
            return 1;
        case intake::C2:
        case intake::HCP2:
        case intake::IFT2:
            return 2;
        case intake::C3:
        case intake::HCP3:
        case intake::IFT3:
            return 3;
        case intake::C4:
        case intake::C4T:
        case intake::HCP4:
        case intake::HCP4T:
        case intake::IFT4:
            return 4;
        case intake::C5:
            return 5;
        default:
            return 0;
    }
}

std::string interim_response(const Tree& request, const ResponseFrame& frame, Format format) {
    return write_document(short_message(Message(request), frame, "in-progress", triage_outcome(), 0), format);
}

std::string rejecting_response(const Tree& request, const ResponseFrame& frame, triage::RejectReason reason,
                               std::string_view text, Format format) {
    const auto [code, display] = rejection(reason);
    Tree why = concept_of(coding(systems::rejected_reason, code, display));
    if (!text.empty()) why["text"] = clean(text);
    return write_document(short_message(Message(request), frame, "cancelled", std::move(why), frame.now), format);
}

std::string full_response(const Tree& request, const ResponseFrame& frame, const Outcome& outcome, Format format) {
    const Message message(request);
    const auto plan = message.care_plan();
    INVARIANT(plan);
    Tree bundle = message_bundle(message, frame);
    bundle["entry"].push_back(header_entry(message, frame, "validation-full"));
    for (const auto& entry : message.entries()) {
        if (text_at(*entry.resource, "resourceType") == "MessageHeader") continue;
        bundle["entry"].push_back(entry.index == plan->index
                                      ? outcome_plan(message, frame, outcome, entry)
                                      : with_own_id(request["entry"][entry.index], frame.own, entry.index));
    }
    const TimeMs started = frame.started != 0 ? frame.started : frame.now;
    bundle["entry"].push_back(
        own_encounter(message, frame.own, {"finished", frame.now, started, outcome.decided}, triage_outcome()));
    return write_document(bundle, format);
}

HeaderFields response_headers(const intake::ReplyTo& reply_to, std::string_view request_id, bool update,
                              Format format) {
    const std::string type(media_type(format));
    return {
        {"Content-Type", type},
        {"Accept", type + "; version=1.0.0"},
        {"NHSD-Target-Identifier", target_identifier(reply_to.service_id())},
        {"X-Request-Id", std::string(request_id)},
        {"X-Correlation-Id", reply_to.correlation_id()},
        {"use-context", reply_to.use_case() + "|validation|servicerequest-response|" + (update ? "update" : "new")}};
}

}  // namespace rightplace::bars
