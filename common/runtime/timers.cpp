#include "common/runtime/timers.hpp"

#include <algorithm>
#include <utility>

#include "common/base/hash.hpp"
#include "common/base/limits.hpp"

namespace rightplace::runtime {

Timers::Timers(const HubSettings& settings, const Domain& domain, const World& world, Reactor& reactor,
               const FeedFollower& feed, const Fold& fold)
    : settings_(settings), domain_(domain), world_(world), reactor_(reactor), feed_(feed), fold_(fold) {
    scan_due();
    scan_leases();
}

void Timers::scan_due() {
    world_.clock.after(limits::timer_scan_ms, alive_.guard([this] { scan_due(); }));
    if (!may_fire()) return;
    // Those that still stand after what they asked for was refused or parked must not hide the ones behind them.
    const auto most = std::min(limits::timer_batch_max + ended_.size(), limits::due_max);
    world_.store.due(settings_.hub, due_queue(domain_.service()), most,
                     alive_.guard([this](const seams::Stored<std::vector<seams::Due>>& due) {
                         if (!due.ok()) return;
                         const auto ended = std::exchange(ended_, {});
                         for (const auto& each : due.value()) {
                             if (ended.contains(each.member)) ended_.insert(each.member);
                             fire(each);
                         }
                     }));
}

void Timers::fire(const seams::Due& due) {
    const auto name = parse_timer_member(due.member);
    if (!name) return;
    const auto payload = domain_.on_timer(name->aggregate, name->kind, due.due);
    if (payload == nullptr) return;
    const auto armed = armed_at(name->aggregate, due);
    if (armed.empty()) return;
    const auto id = derived_id({"timer", due.member, std::to_string(due.due), armed});
    const auto* aggregate = fold_.find(name->aggregate);
    begin({"timer:" + name->kind, due.member, id, "", 0, payload,
           aggregate == nullptr ? std::string() : aggregate->correlation_id});
}

// From the journal, so the same for every scanner, after every restart and rebuild. Empty while the store is ahead of
// this fold: the next scan looks again.
std::string Timers::armed_at(const AggregateId& aggregate, const seams::Due& due) const {
    // The entry may be of a version that this build cannot fold. It must not wait in silence: what it asks for is
    // refused, and parked.
    if (fold_.quarantined().contains(aggregate)) return "quarantined";
    const auto version = fold_.armed_at(aggregate, due.member, due.due);
    return version ? std::to_string(*version) : std::string();
}

void Timers::scan_leases() {
    world_.clock.after(limits::lease_scan_ms, alive_.guard([this] { scan_leases(); }));
    if (!may_fire()) return;
    for (const auto type : domain_.aggregate_types()) {
        world_.store.expired_leases(settings_.hub, std::string(type),
                                    alive_.guard([this](const seams::Stored<std::vector<seams::Lease>>& expired) {
                                        if (!expired.ok()) return;
                                        for (const auto& lease : expired.value()) lapse(lease);
                                    }));
    }
}

void Timers::lapse(const seams::Lease& lease) {
    const auto payload = domain_.on_lease_lapsed(lease.aggregate, lease.token);
    if (payload == nullptr) return;
    // The expiry is in the id: a lease renewed in between and expired again is another lapse.
    const auto id =
        derived_id({"lapse", lease.aggregate.type, lease.aggregate.id, lease.token, std::to_string(lease.expires)});
    begin({"lease-lapsed", lease.token, id, "", 0, payload, ""});
}

void Timers::begin(Reactor::Task task) {
    const auto id = task.command_id;
    const auto key = task.key;
    if (reactor_.is_parked(id)) {  // it waits for a person; un-parked, it is fired again from here
        ended_.insert(key);
        return;
    }
    if (!under_way_.insert(id).second) return;
    reactor_.run(std::move(task), alive_.guard([this, id, key] {
        under_way_.erase(id);
        ended_.insert(key);
    }));
}

}  // namespace rightplace::runtime
