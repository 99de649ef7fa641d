#include "common/runtime/locks.hpp"

#include <algorithm>

namespace rightplace::runtime {

void Locks::acquire(std::vector<seams::AggregateId> ids, std::function<void()> then) {
    INVARIANT(std::is_sorted(ids.begin(), ids.end()));
    proceed({std::move(ids), 0, std::move(then)});
}

// One after the other in a fixed order: no two commands can wait for each other.
void Locks::proceed(Waiting waiting) {
    while (waiting.next < waiting.ids.size()) {
        const auto [at, fresh] = held_.try_emplace(waiting.ids[waiting.next]);
        ++waiting.next;
        if (!fresh) {
            at->second.push_back(std::move(waiting));
            return;
        }
    }
    waiting.then();
}

void Locks::release(const std::vector<seams::AggregateId>& ids) {
    std::vector<Waiting> woken;
    for (const auto& id : ids) {
        const auto found = held_.find(id);
        INVARIANT(found != held_.end());
        if (found->second.empty()) {
            held_.erase(found);
            continue;
        }
        woken.push_back(std::move(found->second.front()));  // the lock passes to it
        found->second.pop_front();
    }
    for (auto& waiting : woken) proceed(std::move(waiting));
}

}  // namespace rightplace::runtime
