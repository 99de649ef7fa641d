// Closed aggregates leave the store limits::closed_keep_ms after their last event; a tombstone with their
// version stays. A command on one finds its state in the fold, which is the journal's.
#pragma once

#include <map>

#include "common/runtime/commander.hpp"

namespace rightplace::runtime {

class Retirer {
   public:
    Retirer(const HubSettings& settings, const Domain& domain, const World& world, const FeedFollower& feed,
            const Fold& fold);
    void on_event(const Event& event);
    void set_running(bool running) { running_ = running; }

   private:
    void scan();
    void retire(const AggregateId& id, const Aggregate& aggregate);

    HubSettings settings_;
    const Domain& domain_;
    World world_;
    const FeedFollower& feed_;
    const Fold& fold_;
    std::map<AggregateId, TimeMs> closed_;  // by the time of the last event; still in the store as far as we know
    bool running_ = false;
    Alive alive_;
};

}  // namespace rightplace::runtime
