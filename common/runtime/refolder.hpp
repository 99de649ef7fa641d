// Makes a service ready in an epoch: once its fold has the epoch's opening event, it restores its own
// aggregates from the fold (unless another instance with the same fold number has) and marks itself
// ready. Until then the store refuses every guard on its aggregates.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/runtime/commander.hpp"

namespace rightplace::runtime {

class Refolder {
   public:
    Refolder(const HubSettings& settings, const Domain& domain, const World& world, const FeedFollower& feed,
             const Fold& fold, std::function<void(std::uint64_t cursor)> on_ready, std::function<void()> on_closed);

    void look();  // after every event and heartbeat
    bool ready() const { return ready_epoch_ != 0 && ready_epoch_ == feed_.epoch(); }
    const std::string& why() const { return why_; }

   private:
    void begin(std::uint64_t epoch);
    void restore_from(std::uint64_t epoch, std::vector<AggregateId> ids, std::size_t at);
    void mark(std::uint64_t epoch);
    void read_cursor(std::uint64_t epoch);
    void retry(const std::string& why);

    HubSettings settings_;
    const Domain& domain_;
    World world_;
    const FeedFollower& feed_;
    const Fold& fold_;
    std::function<void(std::uint64_t)> on_ready_;
    std::function<void()> on_closed_;
    std::uint64_t ready_epoch_ = 0;
    bool under_way_ = false;
    std::string why_ = "following the journal";
    Alive alive_;
};

}  // namespace rightplace::runtime
