#include "services/adapters/bars/domain/header_fields.hpp"

#include "services/adapters/bars/domain/bundle.hpp"

namespace rightplace::bars {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

std::string_view header_value(const HeaderFields& fields, std::string_view name) {
    for (const auto& [key, value] : fields) {
        if (lower_case(key) == name) return trimmed(value);
    }
    return {};
}

std::string header_list(const HeaderFields& fields, std::string_view name) {
    std::string list;
    for (const auto& [key, value] : fields) {
        if (lower_case(key) != name) continue;
        if (!list.empty()) list += ", ";
        list += trimmed(value);
    }
    return list;
}

std::vector<std::string_view> parts_of(std::string_view text, char by) {
    std::vector<std::string_view> parts;
    while (true) {
        const auto at = text.find(by);
        parts.push_back(trimmed(text.substr(0, at)));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

}  // namespace rightplace::bars
