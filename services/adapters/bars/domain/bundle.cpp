#include "services/adapters/bars/domain/bundle.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace rightplace::bars {

const Tree& at(const Tree& tree, std::string_view path) {
    static const Tree nothing;
    const Tree* here = &tree;
    while (!path.empty()) {
        const auto dot = path.find('.');
        const std::string name(path.substr(0, dot));
        path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
        if (here->is_object()) {
            const auto found = here->find(name);
            if (found == here->end()) return nothing;
            here = &*found;
        } else if (here->is_array()) {
            std::size_t index = here->size();
            std::from_chars(name.data(), name.data() + name.size(), index);
            if (index >= here->size()) return nothing;
            here = &(*here)[index];
        } else {
            return nothing;
        }
    }
    return *here;
}

std::string text_at(const Tree& tree, std::string_view path) {
    return primitive_text(at(tree, path));
}

const Tree& list_at(const Tree& tree, std::string_view path) {
    static const Tree none = Tree::array();
    const Tree& found = at(tree, path);
    return found.is_array() ? found : none;
}

std::string lower_case(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return out;
}

bool same_system(std::string_view left, std::string_view right) {
    const auto bare = [](std::string_view url) {
        std::string text = lower_case(url);
        for (const std::string_view scheme : {"https://", "http://"}) {
            if (text.starts_with(scheme)) return text.substr(scheme.size());
        }
        return text;
    };
    return bare(left) == bare(right);
}

std::string code_in(const Tree& concepts, std::string_view system) {
    if (concepts.is_array()) {
        for (const auto& one : concepts) {
            if (auto code = code_in(one, system); !code.empty()) return code;
        }
        return {};
    }
    for (const auto& coding : list_at(concepts, "coding")) {
        if (same_system(text_at(coding, "system"), system)) return text_at(coding, "code");
    }
    return {};
}

std::string identifier_in(const Tree& resource, std::string_view system) {
    for (const auto& identifier : list_at(resource, "identifier")) {
        if (same_system(text_at(identifier, "system"), system)) return text_at(identifier, "value");
    }
    return {};
}

Message::Message(const Tree& bundle) : bundle_(bundle) {
    std::size_t index = 0;
    for (const auto& entry : list_at(bundle, "entry")) {
        const Tree& resource = at(entry, "resource");
        if (resource.is_object()) entries_.push_back({index, text_at(entry, "fullUrl"), &resource});
        ++index;
    }
}

std::vector<Entry> Message::all(std::string_view type) const {
    std::vector<Entry> found;
    for (const auto& entry : entries_) {
        if (text_at(*entry.resource, "resourceType") == type) found.push_back(entry);
    }
    return found;
}

std::optional<Entry> Message::first(std::string_view type) const {
    const auto found = all(type);
    return found.empty() ? std::nullopt : std::optional(found.front());
}

std::optional<Entry> Message::resolve(std::string_view reference, std::string_view type) const {
    if (reference.empty()) return std::nullopt;
    for (const auto& entry : all(type)) {
        if (entry.full_url == reference) return entry;
    }
    for (const auto& entry : all(type)) {
        const std::string id = text_at(*entry.resource, "id");
        if (!id.empty() && reference == std::string(type) + "/" + id) return entry;
    }
    return std::nullopt;
}

std::optional<Entry> Message::referred_or_first(const std::optional<Entry>& from, std::string_view path,
                                                std::string_view type) const {
    if (from) {
        if (auto entry = resolve(text_at(*from->resource, path), type)) return entry;
    }
    return first(type);
}

std::optional<Entry> Message::service_request() const {
    return referred_or_first(header(), "focus.0.reference", "ServiceRequest");
}
std::optional<Entry> Message::sender_encounter() const {
    return referred_or_first(service_request(), "encounter.reference", "Encounter");
}
std::optional<Entry> Message::care_plan() const {
    return referred_or_first(service_request(), "basedOn.0.reference", "CarePlan");
}
std::optional<Entry> Message::patient() const {
    return referred_or_first(service_request(), "subject.reference", "Patient");
}

std::string journey_id(const Tree& encounter) {
    std::string reference = text_at(encounter, "episodeOfCare.0.reference");
    for (const std::string_view prefix : {"EpisodeOfCare/", "urn:uuid:"}) {
        if (reference.starts_with(prefix)) return reference.substr(prefix.size());
    }
    return reference;
}

std::string service_of_endpoint(std::string_view endpoint) {
    const auto bar = endpoint.rfind('|');
    return bar == std::string_view::npos ? std::string() : std::string(endpoint.substr(bar + 1));
}

}  // namespace rightplace::bars
