// Finding one's way in a BaRS message Bundle. Nothing here judges; what is not there is null or empty.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/adapters/bars/domain/fhir_document.hpp"

namespace rightplace::bars {

namespace systems {
inline constexpr std::string_view event = "https://fhir.nhs.uk/CodeSystem/message-events-bars";
inline constexpr std::string_view reason = "https://fhir.nhs.uk/CodeSystem/message-reason-bars";
inline constexpr std::string_view category = "https://fhir.nhs.uk/CodeSystem/message-category-servicerequest";
inline constexpr std::string_view use_case = "https://fhir.nhs.uk/CodeSystem/usecases-categories-bars";
inline constexpr std::string_view arp = "https://fhir.nhs.uk/CodeSystem/arp-priority-codes";
inline constexpr std::string_view flag_category = "https://fhir.nhs.uk/CodeSystem/flag-categories-bars";
inline constexpr std::string_view encounter_reason = "https://fhir.nhs.uk/CodeSystem/message-reason-encounter";
inline constexpr std::string_view rejected_reason = "https://fhir.nhs.uk/CodeSystem/rejected-reasons-bars";
inline constexpr std::string_view location_type = "https://fhir.nhs.uk/CodeSystem/location-types-bars";
inline constexpr std::string_view ods = "https://fhir.nhs.uk/Id/ods-organization-code";
inline constexpr std::string_view dos_service = "https://fhir.nhs.uk/Id/dos-service-id";
inline constexpr std::string_view nhs_number = "https://fhir.nhs.uk/Id/nhs-number";
inline constexpr std::string_view dx = "https://fhir.nhs.uk/CodeSystem/pathways-dx-codes";
// The number that an ambulance service gives back to a CDA-over-ITK ambulance request.
inline constexpr std::string_view ambulance_reference = "urn:oid:2.16.840.1.113883.2.1.3.2.4.18.20";
inline constexpr std::string_view response_outcome = "https://fhir.nhs.uk/CodeSystem/response-outcome-codes";
// Ours. A name without a host, as the hub has no public name yet.
inline constexpr std::string_view case_number = "urn:rightplace:case-number";
}  // namespace systems

// "a.b.0.c": members and array positions; a null value when there is none.
const Tree& at(const Tree& tree, std::string_view path);
std::string text_at(const Tree& tree, std::string_view path);
const Tree& list_at(const Tree& tree, std::string_view path);  // an empty array when there is none

// Senders write http and https, /Id/ and /id/.
bool same_system(std::string_view left, std::string_view right);
// The first code of that system in a CodeableConcept or a list of them; empty when there is none.
std::string code_in(const Tree& concepts, std::string_view system);
// The first identifier of that system; empty when there is none.
std::string identifier_in(const Tree& resource, std::string_view system);
std::string lower_case(std::string_view text);

struct Entry {
    std::size_t index = 0;
    std::string full_url;
    const Tree* resource = nullptr;
    std::string path() const { return "Bundle.entry[" + std::to_string(index) + "].resource"; }
};

// The parts of a message, found by reference where there is one. Lives no longer than its Bundle.
class Message {
   public:
    explicit Message(const Tree& bundle);

    const Tree& bundle() const { return bundle_; }
    const std::vector<Entry>& entries() const { return entries_; }
    std::vector<Entry> all(std::string_view type) const;
    std::optional<Entry> first(std::string_view type) const;
    // By fullUrl, or by Type/id where the sender gave ids.
    std::optional<Entry> resolve(std::string_view reference, std::string_view type) const;

    std::optional<Entry> header() const { return first("MessageHeader"); }
    std::optional<Entry> service_request() const;  // the focus, else the first
    std::optional<Entry> sender_encounter() const;
    std::optional<Entry> care_plan() const;
    std::optional<Entry> patient() const;

   private:
    std::optional<Entry> referred_or_first(const std::optional<Entry>& from, std::string_view path,
                                           std::string_view type) const;

    const Tree& bundle_;
    std::vector<Entry> entries_;
};

// Of an Encounter: "EpisodeOfCare/<id>", "urn:uuid:<id>" or the id itself; empty when there is none.
std::string journey_id(const Tree& encounter);

// "https://fhir.nhs.uk/Id/dos-service-id|2000072489" -> "2000072489"; empty when there is no "|".
std::string service_of_endpoint(std::string_view endpoint);

}  // namespace rightplace::bars
