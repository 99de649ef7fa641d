#include "services/adapters/bars/domain/leaves.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "common/base/invariant.hpp"
#include "common/base/limits.hpp"
#include "services/adapters/bars/domain/leaf_parts.hpp"

namespace rightplace::bars {
namespace {

using Parts = std::vector<std::string>;

// A tenth of the largest body: far more than a person reads, and a sealed person stays well within a frame.
constexpr std::size_t additional_max_bytes = limits::http_body_max_bytes / 10;

template <typename Take>
void each_part(std::string_view text, char by, Take take) {
    while (true) {
        const auto at = text.find(by);
        take(text.substr(0, at));
        if (at == std::string_view::npos) return;
        text.remove_prefix(at + 1);
    }
}

Parts split(std::string_view text, char by) {
    Parts parts;
    each_part(text, by, [&](std::string_view part) { parts.emplace_back(part); });
    return parts;
}

std::vector<LeafRow> read_rows() {
    const std::map<std::string, LeafClass> classes{{"understood", LeafClass::understood},
                                                   {"additional", LeafClass::additional},
                                                   {"original", LeafClass::original}};
    std::vector<LeafRow> rows;
    each_part(leaf_table(), '\n', [&](std::string_view line) {
        if (line.empty() || line.front() == '#') return;
        const Parts columns = split(line, '\t');
        INVARIANT(columns.size() >= 2 && classes.count(columns[1]) == 1);
        rows.push_back({split(columns[0], '.'), classes.at(columns[1]), columns.size() > 2 ? columns[2] : ""});
    });
    return rows;
}

bool is_position(const std::string& part) {
    return part[0] >= '0' && part[0] <= '9';
}

std::string unqualified(const std::string& part) {
    return part.substr(0, part.find('('));
}

bool fits(const Parts& pattern, std::size_t p, const Parts& path, std::size_t i) {
    if (p == pattern.size()) return std::all_of(path.begin() + std::ptrdiff_t(i), path.end(), is_position);
    if (pattern[p] == "**") {
        for (std::size_t rest = i; rest <= path.size(); ++rest) {
            if (fits(pattern, p + 1, path, rest)) return true;
        }
        return false;
    }
    if (i == path.size()) return false;
    const bool same = pattern[p] == "*" || pattern[p] == path[i] || pattern[p] == unqualified(path[i]);
    if (same && fits(pattern, p + 1, path, i + 1)) return true;
    return is_position(path[i]) && !is_position(pattern[p]) && fits(pattern, p, path, i + 1);
}

const LeafRow* row_of(const Parts& path) {
    for (const auto& row : leaf_rows()) {
        if (fits(row.pattern, 0, path, 0)) return &row;
    }
    return nullptr;
}

class Walker {
   public:
    explicit Walker(const Message& message) : parts_(message) {}

    void bundle(const Tree& tree) {
        for (const auto& [name, value] : tree.items()) {
            if (name == "resourceType") continue;
            walk(value, {"Bundle", name}, "/" + name);
        }
    }
    std::vector<Leaf> found;

   private:
    void walk(const Tree& value, const Parts& path, const std::string& pointer) {
        if (value.is_object()) return object(value, path, pointer);
        if (value.is_array()) {
            for (std::size_t i = 0; i < value.size(); ++i) {
                if (path == Parts{"Bundle", "entry"}) entry_ = i;
                Parts deeper = path;
                deeper.back() += parts_.of(value[i]);
                deeper.push_back(std::to_string(i));
                walk(value[i], deeper, pointer + "/" + std::to_string(i));
            }
            return;
        }
        if (value.is_null()) return;  // a gap in a list of primitives
        Leaf leaf{"", pointer, entry_, primitive_text(value), row_of(path)};
        for (const auto& part : path) leaf.path += (leaf.path.empty() ? "" : ".") + part;
        found.push_back(std::move(leaf));
    }

    void object(const Tree& value, const Parts& path, const std::string& pointer) {
        const bool resource = value.contains("resourceType");
        for (const auto& [name, member] : value.items()) {
            if (name == "resourceType") continue;
            Parts deeper = resource ? Parts{parts_.of_resource(value)} : path;
            deeper.push_back(name + parts_.of(member));
            if (name == "identifier" && member.is_array()) {
                identifiers(member, deeper, pointer + "/" + name);
            } else {
                walk(member, deeper, pointer + "/" + name);
            }
        }
    }

    void identifiers(const Tree& list, const Parts& path, const std::string& pointer) {
        bool known = false;  // only the first of a system counts
        for (std::size_t i = 0; i < list.size(); ++i) {
            const std::string system = text_at(list[i], "system");
            Parts deeper = path;
            if (!known && same_system(system, systems::nhs_number)) deeper.back() += "(nhs)";
            if (!known && same_system(system, systems::ods)) deeper.back() += "(ods)";
            known |= deeper.back().back() == ')';
            deeper.push_back(std::to_string(i));
            walk(list[i], deeper, pointer + "/" + std::to_string(i));
        }
    }

    LeafParts parts_;
    std::size_t entry_ = 0;
};

// What no row fits goes by its path, without positions.
std::string label_of(const Leaf& leaf) {
    if (leaf.row != nullptr) return leaf.row->says;
    std::string label;
    each_part(leaf.path, '.', [&](std::string_view part) {
        if (!is_position(std::string(part))) label += (label.empty() ? "" : ".") + std::string(part);
    });
    return label;
}

}  // namespace

const std::vector<LeafRow>& leaf_rows() {
    static const std::vector<LeafRow> rows = read_rows();
    return rows;
}

std::vector<Leaf> leaves_of(const Message& message) {
    Walker walker(message);
    if (message.bundle().is_object()) walker.bundle(message.bundle());
    return std::move(walker.found);
}

// What a resource says under one label is one item.
void add_additional(const Message& message, intake::Person& person) {
    std::size_t bytes = 0, entry = 0;
    std::map<std::string, intake::Additional*> open;
    for (const auto& leaf : leaves_of(message)) {
        if (leaf.of() != LeafClass::additional && leaf.of() != LeafClass::unknown) continue;
        if (leaf.value.empty()) continue;
        if (leaf.entry != entry) open.clear();
        entry = leaf.entry;
        const std::string label = label_of(leaf);
        bytes += label.size() + leaf.value.size();
        if (bytes > additional_max_bytes) {
            auto& last = *person.add_additional();
            last.set_label("more");
            last.set_value("there is more in the sender's message; --original writes it to a file");
            return;
        }
        auto& item = open[label];
        if (item == nullptr) {
            item = person.add_additional();
            item->set_label(label);
            item->set_value(leaf.value);
        } else {
            item->set_value(item->value() + ", " + leaf.value);
        }
    }
}

}  // namespace rightplace::bars
