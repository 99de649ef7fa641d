#include "common/base/metrics.hpp"

#include "common/base/invariant.hpp"
#include "common/base/limits.hpp"

namespace rightplace::metrics {
namespace {

std::string escaped(std::string_view text, bool quotes) {
    std::string out;
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n";
        } else {
            if (c == '\\' || (quotes && c == '"')) out += '\\';
            out += c;
        }
    }
    return out;
}

std::string rendered(const Labels& labels) {
    if (labels.empty()) return {};
    std::string out = "{";
    for (const auto& [key, value] : labels) {
        if (out.size() > 1) out += ',';
        out += key + "=\"" + escaped(value, true) + '"';
    }
    return out + '}';
}

}  // namespace

Registry::Family& Registry::family(std::string_view name, std::string_view help, bool is_counter) {
    INVARIANT(name.starts_with("rightplace_"));
    auto found = families_.find(name);
    if (found == families_.end()) {
        found = families_.try_emplace(std::string(name)).first;
        found->second.help = help;
        found->second.is_counter = is_counter;
    }
    INVARIANT(found->second.is_counter == is_counter);
    return found->second;
}

Counter& Registry::counter(std::string_view name, std::string_view help, const Labels& labels) {
    const std::lock_guard lock(mutex_);
    const auto [entry, added] = family(name, help, true).counters.try_emplace(rendered(labels));
    series_ += added ? 1 : 0;
    INVARIANT(series_ <= limits::metric_series_max);  // a label has taken free values
    return entry->second;
}

Gauge& Registry::gauge(std::string_view name, std::string_view help, const Labels& labels) {
    const std::lock_guard lock(mutex_);
    const auto [entry, added] = family(name, help, false).gauges.try_emplace(rendered(labels));
    series_ += added ? 1 : 0;
    INVARIANT(series_ <= limits::metric_series_max);
    return entry->second;
}

std::string Registry::render() const {
    const std::lock_guard lock(mutex_);
    std::string out;
    for (const auto& [name, family] : families_) {
        out += "# HELP " + name + ' ' + escaped(family.help, false) + '\n';
        out += "# TYPE " + name + (family.is_counter ? " counter\n" : " gauge\n");
        for (const auto& [labels, counter] : family.counters) {
            out += name + labels + ' ' + std::to_string(counter.value()) + '\n';
        }
        for (const auto& [labels, gauge] : family.gauges) {
            out += name + labels + ' ' + std::to_string(gauge.value()) + '\n';
        }
    }
    return out;
}

Registry& process() {
    static Registry registry;
    return registry;
}

}  // namespace rightplace::metrics
