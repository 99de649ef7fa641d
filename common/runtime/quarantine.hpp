// Tells people of the aggregates that this build cannot fold, as it tells them of a parked reaction: an event that they
// see, that raises an alert, and that they un-park once a build that can is deployed. Un-parked too early, it is parked
// again.
#pragma once

#include <set>
#include <string>

#include "common/runtime/commander.hpp"

namespace rightplace::runtime {

inline constexpr std::string_view quarantine_rule = "fold";  // of its ReactionParked; the key is "<type>|<id>"

class Quarantine {
   public:
    Quarantine(const HubSettings& settings, const Domain& domain, const World& world, Commander& commander,
               const Fold& fold);
    void on_event(const Event& event);  // after the fold has it
    void set_running(bool running);

   private:
    void look();
    void park(const AggregateId& id, const Quarantined& found, const std::string& reaction_id, std::uint64_t version);

    HubSettings settings_;
    const Domain& domain_;
    World world_;
    Commander& commander_;
    const Fold& fold_;
    std::size_t seen_ = 0;  // quarantined aggregates, when it last looked
    bool running_ = false;
    std::set<std::string> under_way_;  // reaction ids
    Alive alive_;
};

}  // namespace rightplace::runtime
