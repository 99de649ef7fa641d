// A service: its hubs behind one command socket. A process serves the hubs its configuration lists.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/runtime/hub_runtime.hpp"
#include "common/runtime/with_reactions.hpp"

namespace rightplace::runtime {

class ServiceRuntime {
   public:
    ServiceRuntime(const std::vector<HubSettings>& hubs, const Domain& domain, const World& world,
                   std::string build_version);
    void start();
    HubRuntime* hub(const std::string& name);  // null when it is not served here
    bool ready(std::string& why_not) const;
    StatusReply status() const;
    // Asked first, for what needs more than the fold (vault's keys, its word in the status): true when it took the
    // query.
    using Extra = std::function<bool(const seams::Peer&, const rightplace::Query&, std::function<void(QueryReply)>)>;
    void extra_queries(Extra extra) { extra_ = std::move(extra); }
    std::uint64_t garbage() const { return garbage_; }                                // requests that did not parse
    const std::map<std::string, std::uint64_t>& replies() const { return replies_; }  // by status

   private:
    void on_request(const seams::Peer& peer, const std::string& bytes, const seams::CommandServer::Answer& answer);
    void on_command(const seams::Peer& peer, const Request& request, const seams::CommandServer::Answer& answer);
    void on_query(const seams::Peer& peer, const Request& request, const seams::CommandServer::Answer& answer);

    WithReactions domain_;
    World world_;
    std::string build_version_;
    std::map<std::string, std::unique_ptr<HubRuntime>> hubs_;
    Extra extra_;
    std::uint64_t garbage_ = 0;
    std::map<std::string, std::uint64_t> replies_;
    Alive alive_;
};

}  // namespace rightplace::runtime
