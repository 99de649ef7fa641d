// A rule of domain/ that turns out to have a bug costs the one case its answer, and no other: the process lives, and
// what it was asked for is not had.
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <string>

#include "common/base/invariant.hpp"

namespace rightplace::bars {

using Log = std::function<void(const std::string& what, const std::string& id)>;

// Nothing when the rule broke: logged with `id`, without the bug's own words, which may quote what came in.
template <typename Rule>
auto contained(Rule rule, const Log& log, const std::string& id) -> std::optional<decltype(rule())> {
    try {
        const DomainScope scope;
        return rule();
    } catch (const BrokenInvariant& bug) {
        log(std::string("rule-broken:") + bug.what(), id);
    } catch (const std::exception&) {
        log("rule-broken", id);
    }
    return std::nullopt;
}

}  // namespace rightplace::bars
