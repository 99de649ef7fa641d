#include "common/runtime/domain.hpp"

namespace rightplace::runtime {

void States::put(AggregateId id, Aggregate aggregate, TimeMs lease_expires, std::string lease_token) {
    held_[std::move(id)] = {std::move(aggregate), lease_expires, std::move(lease_token)};
}

const Aggregate& States::at(const AggregateId& id) const {
    const auto found = held_.find(id);
    INVARIANT(found != held_.end());
    return found->second.aggregate;
}

TimeMs States::lease_expires(const AggregateId& id) const {
    const auto found = held_.find(id);
    INVARIANT(found != held_.end());
    return found->second.lease_expires;
}

std::string due_queue(std::string_view service) {
    return "due." + std::string(service);
}

std::string timer_member(const AggregateId& aggregate, std::string_view kind) {
    return aggregate.type + "|" + aggregate.id + "|" + std::string(kind);
}

std::optional<TimerName> parse_timer_member(std::string_view member) {
    const auto first = member.find('|');
    const auto last = member.rfind('|');
    if (first == std::string_view::npos || first == last) return std::nullopt;
    return TimerName{{std::string(member.substr(0, first)), std::string(member.substr(first + 1, last - first - 1))},
                     std::string(member.substr(last + 1))};
}

}  // namespace rightplace::runtime
