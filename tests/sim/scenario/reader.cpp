#include "tests/sim/scenario/reader.hpp"

#include <algorithm>

#include "tests/sim/history/plan.hpp"

namespace rightplace::sim {

using nlohmann::json;

const json* Reader::at(const std::string& path) const {
    const json::json_pointer pointer("/" + path);
    return from_.contains(pointer) ? &from_.at(pointer) : nullptr;
}

void Reader::complain(const std::string& what) {
    if (wrong_.empty()) wrong_ = what;
}

std::int64_t Reader::whole(const std::string& path, std::int64_t least, std::int64_t most) {
    const auto* value = at(path);
    const bool good = value != nullptr && value->is_number_integer() && value->get<std::int64_t>() >= least &&
                      value->get<std::int64_t>() <= most;
    if (good) return value->get<std::int64_t>();
    complain(path + " must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return least;
}

Range Reader::range(const std::string& path, std::int64_t least, std::int64_t most) {
    const Range range{whole(path + "/least", least, most), whole(path + "/most", least, most)};
    if (range.least > range.most) complain(path + ": least is more than most");
    return range;
}

std::string Reader::text(const std::string& path) {
    const auto* value = at(path);
    if (value != nullptr && value->is_string() && !value->get<std::string>().empty()) return *value;
    complain(path + " must be a text");
    return {};
}

std::string Reader::hub() {
    auto hub = text("hub");
    if (!hub.empty() && std::find(plan_hubs.begin(), plan_hubs.end(), hub) == plan_hubs.end())
        complain("hub " + hub + " is not one of the simulated hubs (" + plan_hubs[0] + ", " + plan_hubs[1] + ")");
    return hub;
}

std::map<triage::Pathway, std::int64_t> Reader::by_pathway(const std::string& path, std::int64_t most) {
    std::map<triage::Pathway, std::int64_t> all;
    const auto* value = at(path);
    if (value == nullptr || !value->is_object()) {
        complain(path + " must be an object of whole numbers by pathway");
        return all;
    }
    for (const auto& [name, ignored] : value->items()) {
        triage::Pathway pathway = triage::PATHWAY_UNSPECIFIED;
        const bool known = triage::Pathway_Parse(name, &pathway) && pathway != triage::PATHWAY_UNSPECIFIED;
        if (!known) complain(path + "/" + name + " is no pathway");
        if (known) all[pathway] = whole(path + "/" + name, 0, most);
    }
    return all;
}

std::size_t Reader::entries(const std::string& path) {
    const auto* value = at(path);
    if (value != nullptr && value->is_array() && !value->empty()) return value->size();
    complain(path + " must be a list");
    return 0;
}

}  // namespace rightplace::sim
