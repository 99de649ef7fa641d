// Who and where: contacts, NHS number, incident location.
#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "common/base/hash.hpp"
#include "services/adapters/bars/domain/checks.hpp"

namespace rightplace::bars {
namespace {

// The first extension of that name that has a value; null: none.
const Tree* find_extension(const Tree& extensions, std::string_view url_end) {
    for (const auto& extension : extensions) {
        if (!text_at(extension, "url").ends_with(url_end)) continue;
        for (const auto& [name, value] : extension.items()) {
            if (name.starts_with("value")) return &extension;
        }
    }
    return nullptr;
}

std::string extension_value(const Tree& extensions, std::string_view url_end) {
    const Tree* found = find_extension(extensions, url_end);
    if (found == nullptr) return {};
    for (const auto& [name, value] : found->items()) {
        if (name.starts_with("value")) return primitive_text(value);
    }
    return {};
}

const Tree& location_extensions(const Tree& location) {
    for (const auto& extension : list_at(location, "extension")) {
        if (text_at(extension, "url").ends_with("/LocationExtension")) return list_at(extension, "extension");
    }
    return list_at(location, "no.such.list");
}

constexpr auto uprn_part = "UPRN", eastings_part = "eastings", northings_part = "northings", words_part = "what3words";

intake::Location map_location(const Tree& resource) {
    intake::Location location;
    const Tree& extensions = location_extensions(resource);
    location.set_kind(code_in(at(resource, "type"), systems::location_type));
    location.set_name(text_at(resource, "name"));
    location.set_address(postal_address(at(resource, "address")));
    location.set_postcode(text_at(resource, "address.postalCode"));
    location.set_uprn(extension_value(extensions, uprn_part));
    location.set_eastings(extension_value(extensions, eastings_part));
    location.set_northings(extension_value(extensions, northings_part));
    location.set_what3words(extension_value(extensions, words_part));
    location.set_latitude(text_at(resource, "position.latitude"));
    location.set_longitude(text_at(resource, "position.longitude"));
    return location;
}

// Referrals of NHS 111 and 111 online, of which the kit alone wants a verified identity.
bool is_of_111(std::string_view use_case) {
    static constexpr std::array of_111{"a1t1", "a1t2", "a1t7"};
    return use_case.starts_with("a2t") || std::find(of_111.begin(), of_111.end(), use_case) != of_111.end();
}

void check_identity(const Entry& patient, Problems& problems) {
    static constexpr std::array good{"", "number-present-and-verified", "number-present-but-not-traced", "01", "02"};
    for (const auto& identifier : list_at(*patient.resource, "identifier")) {
        const bool number = same_system(text_at(identifier, "system"), systems::nhs_number);
        if (!number || text_at(identifier, "value").empty()) continue;
        if (std::find(good.begin(), good.end(), nhs_number_status(identifier)) != good.end()) continue;
        problems.push_back(broken_rule(patient.path() + ".identifier",
                                       "An NHS number that is sent must be verified, or present but not traced."));
    }
}

}  // namespace

std::optional<Entry> incident_entry(const Message& message) {
    const auto incident = [](const Entry& entry) {
        const std::string kind = code_in(at(*entry.resource, "type"), systems::location_type);
        return kind.empty() || kind == "ILOC";
    };
    std::vector<Entry> candidates;
    if (const auto request = message.service_request()) {
        for (const auto& reference : list_at(*request->resource, "locationReference")) {
            if (auto entry = message.resolve(text_at(reference, "reference"), "Location")) candidates.push_back(*entry);
        }
    }
    for (const auto& entry : message.all("Location")) candidates.push_back(entry);
    const auto found = std::find_if(candidates.begin(), candidates.end(), incident);
    return found == candidates.end() ? std::nullopt : std::optional(*found);
}

std::vector<const Tree*> place_extensions(const Tree& location) {
    std::vector<const Tree*> read;
    for (const auto* name : {uprn_part, eastings_part, northings_part, words_part}) {
        if (const auto* found = find_extension(location_extensions(location), name)) read.push_back(found);
    }
    return read;
}

std::string postal_address(const Tree& address) {
    if (auto text = text_at(address, "text"); !text.empty()) return text;
    std::string joined;
    const auto add = [&](const std::string& part) {
        if (!part.empty()) joined += (joined.empty() ? "" : ", ") + part;
    };
    for (const auto& line : list_at(address, "line")) add(primitive_text(line));
    for (const auto name : {"city", "district", "postalCode"}) add(text_at(address, name));
    return joined;
}

std::uint32_t contact_rank(const Tree& contact) {
    const std::string rank = extension_value(list_at(contact, "extension"), "ContactRank");
    std::uint32_t value = 0;
    const auto read = std::from_chars(rank.data(), rank.data() + rank.size(), value);
    return read.ec == std::errc() && read.ptr == rank.data() + rank.size() ? value : 0;
}

// NHS Data Dictionary: weights 10 to 2, modulus 11; 10 is never issued and 11 stands for 0.
bool nhs_number_is_valid(std::string_view number) {
    if (number.size() != 10) return false;
    int sum = 0;
    for (std::size_t i = 0; i < number.size(); ++i) {
        if (number[i] < '0' || number[i] > '9') return false;
        if (i < 9) sum += (number[i] - '0') * int(10 - i);
    }
    const int check = (11 - sum % 11) % 11;
    return check != 10 && check == number[9] - '0';
}

std::optional<intake::Location> incident_location(const Message& message) {
    const auto entry = incident_entry(message);
    return entry ? std::optional(map_location(*entry->resource)) : std::nullopt;
}

std::string nhs_number_status(const Tree& identifier) {
    for (const auto& extension : list_at(identifier, "extension")) {
        if (text_at(extension, "url").find("NHSNumberVerificationStatus") == std::string::npos) continue;
        return text_at(extension, "valueCodeableConcept.coding.0.code");
    }
    return {};
}

// Exactly one contact of rank 1; it need not be the patient.
void check_patient(const Message& message, Problems& problems) {
    const auto patient = message.patient();
    if (!patient) {
        problems.push_back(broken_rule("Bundle.entry", "The message has no Patient."));
        return;
    }
    const Tree& contacts = list_at(*patient->resource, "contact");
    const auto first =
        std::count_if(contacts.begin(), contacts.end(), [](const Tree& one) { return contact_rank(one) == 1; });
    if (first != 1) {
        problems.push_back(broken_rule(patient->path() + ".contact", "Exactly one contact must have rank 1."));
    }
    if (is_of_111(use_case_of(message))) check_identity(*patient, problems);
}

// The guide wants a co-ordinate or a property; the kit refuses two shapes that have one, so these
// exactly are refused and every other location is let in.
void check_location(const Message& message, Problems& problems) {
    const auto location = incident_location(message);
    const bool uprn = location && !location->uprn().empty();
    const bool address = location && !location->address().empty();
    const bool grid = location && !location->eastings().empty() && !location->northings().empty();
    const bool degrees = location && !location->latitude().empty() && !location->longitude().empty();
    const bool words = location && !location->what3words().empty();
    const auto entry = incident_entry(message);
    const std::string path = entry ? entry->path() : "Bundle.entry";
    if (!uprn && !address && !grid && !degrees && !words) {
        problems.push_back(broken_rule(path, "The incident location is missing or has neither place nor co-ordinate."));
    } else if (!uprn && address && grid && degrees && !words) {
        problems.push_back(broken_rule(path, "A location with address and both co-ordinates must have a UPRN."));
    } else if (uprn && !address && !grid && degrees && !words) {
        problems.push_back(broken_rule(path, "A location with UPRN and co-ordinates must have an address."));
    }
}

}  // namespace rightplace::bars
