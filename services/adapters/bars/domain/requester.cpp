#include "services/adapters/bars/domain/requester.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/base/base64.hpp"
#include "common/base/limits.hpp"
#include "services/adapters/bars/domain/bundle.hpp"

namespace rightplace::bars {
namespace {

constexpr std::ptrdiff_t header_brackets_max = 200;  // of a decoded header

constexpr std::size_t ods_max_chars = 10;

bool is_ods(std::string_view code) {
    const auto alphanumeric = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    };
    return !code.empty() && code.size() <= ods_max_chars && std::all_of(code.begin(), code.end(), alphanumeric);
}

std::string first_of(std::initializer_list<std::string> texts) {
    for (const auto& text : texts) {
        if (!text.empty()) return text;
    }
    return {};
}

std::string ods_of(const Tree& organisation) {
    const auto by_system = identifier_in(organisation, systems::ods);
    const auto code = by_system.empty() ? text_at(organisation, "identifier.0.value") : by_system;
    return is_ods(code) ? code : std::string();
}

// In the clear, so within bounds and without anything that a terminal would obey.
std::string software_of(const Tree& device) {
    auto name = first_of(
        {text_at(device, "deviceName.0.name"), text_at(device, "displayName"), text_at(device, "identifier.0.value")});
    const auto version = text_at(device, "version.0.value");
    if (!name.empty() && !version.empty()) name += " " + version;
    std::erase_if(name, [](char c) { return c < ' ' || c > '~'; });
    return name.substr(0, limits::bars_software_max_bytes);
}

std::string name_of(const Tree& person) {
    const Tree& name = at(person, "name.0");
    const auto text = text_at(name, "text");
    if (!text.empty()) return text;
    std::string whole;
    const auto add = [&whole](const std::string& part) { whole += (whole.empty() || part.empty() ? "" : " ") + part; };
    for (std::size_t i = 0; i < list_at(name, "prefix").size(); ++i) add(text_at(name, "prefix." + std::to_string(i)));
    for (std::size_t i = 0; i < list_at(name, "given").size(); ++i) add(text_at(name, "given." + std::to_string(i)));
    add(text_at(name, "family"));
    return whole;
}

// A PractitionerRole; the Practitioner stands in it, beside it, or is only named.
void take_practitioner(const Tree& role, intake::Requester& said) {
    Tree person = role;
    for (const auto& contained : list_at(role, "contained")) {
        if (text_at(contained, "resourceType") == "Practitioner") person = contained;
    }
    said.set_practitioner_name(first_of({name_of(person), text_at(role, "practitioner.display")}));
    said.set_practitioner_id(first_of({text_at(person, "identifier.0.value"), text_at(role, "identifier.0.value"),
                                       text_at(role, "practitioner.identifier.value")}));
    said.set_practitioner_role(first_of({text_at(role, "code.0.text"), text_at(role, "code.0.coding.0.display"),
                                         text_at(role, "code.0.coding.0.code")}));
}

}  // namespace

std::optional<std::string> decoded_header(std::string_view value) {
    std::string text;
    for (const char c : value) {
        if (c == ' ' || c == '\t' || c == '=') continue;
        text += c == '-' ? '+' : c == '_' ? '/' : c;
    }
    return base64_decode(text);
}

Requester read_requester(const HeaderFields& fields) {
    Requester requester;
    const auto take = [&](const char* name) -> Tree {
        const auto value = header_value(fields, lower_case(name));
        if (value.empty()) return {};
        auto& header = *requester.said.add_headers();
        header.set_name(name);
        // A header's bytes may be any; protobuf's strings are UTF-8.
        const bool ascii = std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; });
        if (ascii) header.set_value(std::string(value));
        if (!ascii) header.set_value("base64:" + base64_encode(value));
        const auto decoded = decoded_header(value).value_or("");
        // Nested without end it would be copied without end; what is sent here nests a few levels.
        const auto opened = std::count_if(decoded.begin(), decoded.end(), [](char c) { return c == '[' || c == '{'; });
        auto resource = opened > header_brackets_max ? Tree() : Tree::parse(decoded, nullptr, false);
        if (resource.is_object()) {
            header.set_decoded(decoded);  // JSON that was parsed is UTF-8
            return resource;
        }
        requester.unreadable.emplace_back(name);
        return {};
    };
    if (const auto organisation = take(organisation_header); organisation.is_object()) {
        requester.organisation_ods = ods_of(organisation);
    }
    if (const auto role = take("NHSD-Requesting-Practitioner"); role.is_object()) {
        take_practitioner(role, requester.said);
    }
    if (const auto device = take("NHSD-Requesting-Software"); device.is_object()) {
        requester.software = software_of(device);
    }
    return requester;
}

}  // namespace rightplace::bars
