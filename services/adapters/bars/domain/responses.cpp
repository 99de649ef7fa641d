#include <nlohmann/json.hpp>

#include "common/base/base64.hpp"
#include "common/base/hash.hpp"
#include "common/base/invariant.hpp"
#include "services/adapters/bars/domain/own_resources.hpp"
#include "services/adapters/bars/domain/response_parts.hpp"

namespace rightplace::bars {
namespace {

constexpr std::string_view definitions = "https://fhir.nhs.uk/MessageDefinition/bars-message-servicerequest-response-";

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
        {"eventCoding", coding(systems::event, "servicerequest-response")},
        {"destination", Tree::array({std::move(destination)})}};
    if (const auto receiver = text_at(from, "destination.0.receiver.reference"); !receiver.empty()) {
        header["sender"] = {{"reference", receiver}};
    }
    header["source"] = {{"name", "Rightplace"},
                        {"software", "Rightplace"},
                        {"endpoint", std::string(systems::dos_service) + "|" + frame.service_id}};
    header["reason"] = concept_of(coding(systems::reason, frame.update ? "update" : "new"));
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

Tree message_of(const Message& request, const ResponseFrame& frame, Extent extent) {
    Tree bundle = message_bundle(request, frame);
    Tree& entries = bundle["entry"] = echoed_entries(request, frame, extent);
    const auto kind = extent == Extent::full ? "validation-full" : "validation-interim";
    entries.insert(entries.begin(), header_entry(request, frame, kind));
    add_own_people(entries, request, frame, extent);
    return bundle;
}

// Interim and rejection share their shape and definition.
Tree short_message(const Message& request, ResponseFrame frame, std::string_view status, Tree reason, TimeMs ended) {
    frame.update = false;  // each is a first word of its kind: only a full response updates
    Tree bundle = message_of(request, frame, frame.least ? Extent::least : Extent::brief);
    const TimeMs started = frame.started != 0 ? frame.started : frame.now;
    bundle["entry"].push_back(
        own_encounter(request, frame.own, {std::string(status), frame.now, started, ended}, std::move(reason)));
    return bundle;
}

Tree triage_outcome() {
    return concept_of(coding(systems::encounter_reason, "validation-triage-outcome", "Validation of triage outcome"));
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
    Tree bundle = message_of(message, frame, Extent::full);
    bundle["entry"].push_back(outcome_plan(message, frame, outcome));
    const TimeMs started = frame.started != 0 ? frame.started : frame.now;
    bundle["entry"].push_back(
        own_encounter(message, frame.own, {"finished", frame.now, started, outcome.decided}, triage_outcome()));
    if (outcome.emergency) bundle["entry"].push_back(ambulance_encounter(message, frame, outcome));
    return write_document(bundle, format);
}

HeaderFields response_headers(const intake::ReplyTo& reply_to, std::string_view request_id, bool update, Format format,
                              const std::string& organisation_ods) {
    const std::string type(media_type(format));
    HeaderFields fields{
        {"Content-Type", type},
        {"Accept", type + "; version=1.0.0"},
        {"NHSD-Target-Identifier", target_identifier(reply_to.service_id())},
        {"X-Request-Id", std::string(request_id)},
        {"X-Correlation-Id", reply_to.correlation_id()},
        {"use-context", reply_to.use_case() + "|validation|servicerequest-response|" + (update ? "update" : "new")}};
    if (organisation_ods.empty()) return fields;
    const Tree identifier = {{"system", systems::ods}, {"value", organisation_ods}};
    const Tree organisation = {{"resourceType", "Organization"}, {"identifier", Tree::array({identifier})}};
    fields.emplace_back("NHSD-End-User-Organisation", base64_encode(organisation.dump()));
    return fields;
}

}  // namespace rightplace::bars
