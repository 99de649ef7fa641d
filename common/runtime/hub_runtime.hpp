// One service on one hub: follower, fold, commander, reactor, timers and refolder, tied together.
#pragma once

#include <functional>
#include <list>
#include <memory>

#include "common/runtime/neighbour.hpp"
#include "common/runtime/quarantine.hpp"
#include "common/runtime/refolder.hpp"
#include "common/runtime/retirer.hpp"
#include "common/runtime/timers.hpp"
#include "messages/runtime.pb.h"

namespace rightplace::runtime {

class HubRuntime {
   public:
    HubRuntime(const HubSettings& settings, const Domain& domain, const World& world);
    void start();

    void command(const Command& command, const std::string& key_role, std::function<void(Reply)> answer);
    void query(const rightplace::Query& query, std::function<void(QueryReply)> answer);
    HubStatus status() const;
    const Fold& fold() const { return fold_; }
    const FeedFollower& feed() const { return follower_; }
    // Sees every stored event after the fold has it; for shells that keep something of their own.
    void observe(std::function<void(const Event&, const std::string& stored)> see) { observer_ = std::move(see); }
    void observe_ready(std::function<void()> see) { ready_observer_ = std::move(see); }
    void observe_heartbeat(std::function<void(const audit::Heartbeat&)> see) { heartbeat_observer_ = std::move(see); }

   private:
    struct WaitingQuery {
        rightplace::Query query;
        std::int64_t deadline;
        std::function<void(QueryReply)> answer;
    };
    void on_event(const Event& event, const std::string& stored);
    void on_heartbeat(const audit::Heartbeat& beat);
    void became_ready(std::uint64_t cursor);
    QueryReply answer_now(const rightplace::Query& query) const;
    void answer_waiting();

    HubSettings settings_;
    const Domain& domain_;
    World world_;
    Fold fold_;
    FeedFollower follower_;
    Commander commander_;
    Reactor reactor_;
    Timers timers_;
    Retirer retirer_;
    Quarantine quarantine_;
    Refolder refolder_;
    std::vector<std::unique_ptr<Neighbour>> neighbours_;
    std::list<WaitingQuery> waiting_;
    std::function<void(const Event&, const std::string&)> observer_;
    std::function<void()> ready_observer_;
    std::function<void(const audit::Heartbeat&)> heartbeat_observer_;
    Alive alive_;
};

}  // namespace rightplace::runtime
