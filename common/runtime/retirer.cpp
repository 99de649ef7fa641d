#include "common/runtime/retirer.hpp"

#include "common/base/limits.hpp"

namespace rightplace::runtime {

Retirer::Retirer(const HubSettings& settings, const Domain& domain, const World& world, const FeedFollower& feed,
                 const Fold& fold)
    : settings_(settings), domain_(domain), world_(world), feed_(feed), fold_(fold) {
    scan();
}

void Retirer::on_event(const Event& event) {
    if (event.service() != domain_.service() || !fold_.owns(event.aggregate_type())) return;
    const AggregateId id{event.aggregate_type(), event.aggregate_id()};
    const auto* aggregate = fold_.find(id);
    const bool usable = aggregate != nullptr && aggregate->state != nullptr && fold_.quarantined().count(id) == 0;
    if (usable && domain_.closed(id.type, *aggregate->state)) {
        closed_[id] = to_ms(event.occurred_at());
    } else {
        closed_.erase(id);  // open again
    }
}

void Retirer::scan() {
    world_.clock.after(limits::retire_scan_ms, alive_.guard([this] { scan(); }));
    if (!running_ || !feed_.fresh()) return;
    const auto before = feed_.hub_now() - limits::closed_keep_ms;
    std::size_t begun = 0;
    for (auto at = closed_.begin(); at != closed_.end() && begun < limits::retire_batch_max;) {
        const auto entry = at++;
        const auto* aggregate = fold_.find(entry->first);
        if (entry->second > before || aggregate == nullptr) continue;
        ++begun;
        retire(entry->first, *aggregate);
        closed_.erase(entry);
    }
}

// The guard holds it to the version the fold knows; whoever changes it meanwhile wins, and it stays.
void Retirer::retire(const AggregateId& id, const Aggregate& aggregate) {
    seams::CommitRequest request;
    request.hub = settings_.hub;
    request.service = domain_.service();
    request.fold = domain_.fold();
    request.epoch = feed_.epoch();
    request.seen_seq = feed_.folded();
    request.deadline = feed_.hub_now() + limits::command_deadline_default_ms;
    request.guards.push_back({seams::Guard::Kind::version, id, aggregate.version, {}, std::string(domain_.service())});
    request.sets.push_back({id, aggregate.version, domain_.fold(), {}, {}});
    world_.store.commit(std::move(request), [](const seams::Stored<seams::Committed>&) {
        // Not taken: it stays where it is until the next refold leaves only its tombstone.
    });
}

}  // namespace rightplace::runtime
