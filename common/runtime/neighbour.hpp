// Another hub's feed, followed for what a service does in its own hub about it. It begins when the service is ready in
// its own hub, behind what its cursor for that feed says is finished; nothing of the other hub is folded.
#pragma once

#include <string>

#include "common/runtime/reactor.hpp"

namespace rightplace::runtime {

class Neighbour {
   public:
    Neighbour(const HubSettings& settings, const std::string& other, const Domain& domain, const World& world,
              Commander& commander);
    void start();
    void stop();  // nothing new is begun until the next start

   private:
    void read_cursor();
    void go_on(std::uint64_t cursor);

    HubSettings settings_;
    std::string other_;
    const Domain& domain_;
    World world_;
    FeedFollower follower_;
    Reactor reactor_;
    bool running_ = false;
    bool following_ = false;
    bool reading_ = false;
    Alive alive_;
};

}  // namespace rightplace::runtime
