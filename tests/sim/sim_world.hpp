// Everything around the services in one thread and virtual time: clock, feed, command network, one
// simulated Redis, one simulated journal per hub, audit. Services are started and killed at will.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "common/base/seams.hpp"
#include "common/runtime/service_runtime.hpp"
#include "services/audit/shell/audit_core.hpp"
#include "services/audit/shell/read_service.hpp"
#include "tests/sim/sim_journal.hpp"
#include "tests/sim/sim_store.hpp"

namespace rightplace::sim {

class SimClock final : public seams::Clock {
   public:
    std::int64_t boot_ms() const override { return now_; }
    TimeMs wall_ms() const override { return wall_start + now_ + wall_step; }
    void after(std::int64_t ms, std::function<void()> then) override;
    // Runs until `done` or `ms` of virtual time have passed; true when done.
    bool run(
        std::int64_t ms, const std::function<bool()>& done = [] { return false; });

    static constexpr TimeMs wall_start = 1'790'000'000'000;  // 2026-09-21, a Monday
    TimeMs wall_step = 0;                                    // a clock that jumps

   private:
    std::int64_t now_ = 1'000;
    std::uint64_t order_ = 0;
    std::map<std::pair<std::int64_t, std::uint64_t>, std::function<void()>> timers_;
};

class SimRandom final : public seams::Random {
   public:
    explicit SimRandom(std::uint64_t seed) : engine_(seed) {}
    seams::Bytes bytes(std::size_t count) override;
    std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }

   private:
    std::mt19937_64 engine_;
};

class SimLife final : public seams::Life {
   public:
    void die(const std::string& why) override { deaths.push_back(why); }
    std::vector<std::string> deaths;
};

// The feed: what is published reaches every living subscriber a little later, or is dropped.
class SimFeed final : public seams::FeedPublisher {
   public:
    SimFeed(SimClock& clock, SimRandom& random) : clock_(clock), random_(random) {}
    void publish(const seams::FeedMessage& message) override;
    int drop_one_in = 0;  // 0: none

    class Subscriber final : public seams::FeedSubscriber {
       public:
        explicit Subscriber(SimFeed& feed) : feed_(feed) { feed_.subscribers_.insert(this); }
        ~Subscriber() override { feed_.subscribers_.erase(this); }
        void subscribe(std::string hub, std::function<void(const seams::FeedMessage&)> each) override {
            wanted_.emplace_back(std::move(hub), std::move(each));
        }

       private:
        friend class SimFeed;
        SimFeed& feed_;
        std::vector<std::pair<std::string, std::function<void(const seams::FeedMessage&)>>> wanted_;
    };

   private:
    SimClock& clock_;
    SimRandom& random_;
    std::set<Subscriber*> subscribers_;
};

// The command network: one server per service name while it lives.
class SimNet {
   public:
    explicit SimNet(SimClock& clock) : clock_(clock) {}
    class Server final : public seams::CommandServer {
       public:
        Server(SimNet& net, std::string service) : net_(net), service_(std::move(service)) {}
        ~Server() override { net_.servers_.erase(service_); }
        void serve(std::function<void(const seams::Peer&, seams::Bytes, Answer)> handler) override {
            net_.servers_[service_] = std::move(handler);
        }

       private:
        SimNet& net_;
        std::string service_;
    };
    // Asks as `key_role`; the answer comes once, or times out.
    void ask(const std::string& key_role, const std::string& service, const Request& request, std::int64_t timeout_ms,
             std::function<void(std::optional<Response>)> done);

   private:
    SimClock& clock_;
    std::map<std::string, std::function<void(const seams::Peer&, seams::Bytes, seams::CommandServer::Answer)>> servers_;
};

class SimWorld {
   public:
    SimWorld(std::uint64_t seed, std::string hub);

    void start_audit();
    void kill_audit();  // what its journal had not synced is lost
    void start(const std::string& service, const runtime::Domain& domain);
    void kill(const std::string& service) { processes_.erase(service); }
    runtime::HubRuntime& hub_of(const std::string& service);
    bool all_ready();
    std::string why_not_ready() const;
    const audit::AuditCore* core() const { return core_.get(); }

    // A command as a client gives it: asked again under the same id until it is decided or `patience_ms` is over.
    Reply command(const std::string& service, const Command& command, std::int64_t patience_ms = 10'000);
    Reply ask_once(const std::string& service, const Command& command, std::int64_t timeout_ms);
    std::vector<Event> journalled() const;

    const std::string hub;
    SimClock clock;
    SimRandom random;
    SimLife life;
    SimFeed feed;
    SimNet net;
    std::shared_ptr<SimRedis> redis;
    SimJournal journal;

   private:
    class Reader;
    struct Process {
        std::unique_ptr<SimStore> store;
        std::unique_ptr<SimFeed::Subscriber> subscriber;
        std::unique_ptr<Reader> reader;
        std::unique_ptr<SimNet::Server> server;
        std::unique_ptr<runtime::ServiceRuntime> runtime;
        ~Process();
    };
    std::map<std::string, std::unique_ptr<Process>> processes_;
    std::unique_ptr<SimStore> audit_store_;
    std::unique_ptr<audit::ReadService> reads_;
    std::unique_ptr<audit::AuditCore> core_;
};

}  // namespace rightplace::sim
