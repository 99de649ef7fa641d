#include "services/adapters/bars/domain/fhir_types.hpp"

#include <map>
#include <set>

#include "common/base/invariant.hpp"

namespace rightplace::bars {
namespace {

std::vector<std::string_view> split(std::string_view text, char by) {
    std::vector<std::string_view> parts;
    while (true) {
        const auto at = text.find(by);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

Element parse_element(std::string_view owner, std::string_view text) {
    const auto colon = text.find(':');
    INVARIANT(colon != std::string_view::npos);
    std::string_view name = text.substr(0, colon);
    Element element;
    while (name.ends_with('*') || name.ends_with('!')) {
        (name.back() == '*' ? element.repeats : element.required) = true;
        name.remove_suffix(1);
    }
    if (name.ends_with("[x]")) {
        element.choice = true;
        name.remove_suffix(3);
    }
    element.name = name;
    for (const auto type : split(text.substr(colon + 1), '|')) {
        if (type == ".") {
            element.types.push_back(std::string(owner) + "." + element.name);
        } else if (type.starts_with('@')) {
            element.types.emplace_back(type.substr(1));
        } else {
            element.types.emplace_back(type);
        }
    }
    return element;
}

struct Table {
    std::map<std::string, Content, std::less<>> contents;
    std::set<std::string, std::less<>> primitives;
    std::set<std::string, std::less<>> resources;

    Table() {
        for (const auto line : split(fhir_element_table(), '\n')) {
            const auto tab = line.find('\t');
            if (tab == std::string_view::npos) continue;
            const auto name = line.substr(0, tab);
            const auto parts = split(line.substr(tab + 1), ' ');
            if (name == "#primitives") {
                primitives.insert(parts.begin(), parts.end());
            } else if (name == "#resources") {
                resources.insert(parts.begin(), parts.end());
            } else {
                Content& content = contents[std::string(name)];
                for (const auto part : parts) content.push_back(parse_element(name, part));
            }
        }
    }
};

const Table& table() {
    static const Table the_table;
    return the_table;
}

// valueString: the rest of the name is the type with its first letter raised.
bool names_type(std::string_view rest, std::string_view type) {
    if (rest.size() != type.size() || rest.empty()) return false;
    const char first = type[0] >= 'a' && type[0] <= 'z' ? char(type[0] - 'a' + 'A') : type[0];
    return rest[0] == first && rest.substr(1) == type.substr(1);
}

}  // namespace

const Content* find_content(std::string_view type) {
    const auto found = table().contents.find(type);
    return found == table().contents.end() ? nullptr : &found->second;
}

std::optional<Use> find_use(const Content& content, std::string_view name) {
    for (std::size_t i = 0; i < content.size(); ++i) {
        const Element& element = content[i];
        if (!element.choice) {
            if (element.name == name) return Use{&element, i, element.types.front()};
            continue;
        }
        if (!name.starts_with(element.name)) continue;
        for (const auto& type : element.types) {
            if (names_type(name.substr(element.name.size()), type)) return Use{&element, i, type};
        }
    }
    return std::nullopt;
}

bool is_primitive(std::string_view type) {
    return table().primitives.contains(type);
}

bool is_resource(std::string_view type) {
    return table().resources.contains(type);
}

bool is_attribute(std::string_view owner_type, std::string_view name) {
    if (name == "id") return !is_resource(owner_type);
    return name == "url" && owner_type == "Extension";
}

}  // namespace rightplace::bars
