// Deadlines and leases of one service on one hub. A timer is an index entry in the store; its command
// id is derived from (aggregate, kind, due, version at which it was armed), so two scanners fire it once, and one that
// is armed again at the same time fires again.
#pragma once

#include <set>
#include <string>

#include "common/runtime/reactor.hpp"

namespace rightplace::runtime {

class Timers {
   public:
    Timers(const HubSettings& settings, const Domain& domain, const World& world, Reactor& reactor,
           const FeedFollower& feed, const Fold& fold);
    void set_running(bool running) { running_ = running; }

   private:
    void scan_due();
    void scan_leases();
    void fire(const seams::Due& due);
    std::string armed_at(const AggregateId& aggregate, const seams::Due& due) const;
    void lapse(const seams::Lease& lease);
    void begin(Reactor::Task task);
    bool may_fire() const { return running_ && feed_.fresh(); }

    HubSettings settings_;
    const Domain& domain_;
    World world_;
    Reactor& reactor_;
    const FeedFollower& feed_;
    const Fold& fold_;
    bool running_ = false;
    std::set<std::string> under_way_;  // command ids
    std::set<std::string> ended_;      // members that have been fired, and may still stand in the queue
    Alive alive_;
};

}  // namespace rightplace::runtime
