// The simulated bus and the partners' HTTP: every seam that carries a message, over the wire's roads.
// A message whose receiver is gone is lost; nothing is delivered to a process that has died.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/seams.hpp"
#include "common/http/server.hpp"
#include "services/audit/shell/read_service.hpp"
#include "tests/sim/world/gate.hpp"
#include "tests/sim/world/wire.hpp"

namespace rightplace::sim {

class Network {
   public:
    Network(SimClock& clock, SimRandom& random, Wire& wire) : clock_(clock), random_(random), wire_(wire) {}

    // Those who judge see all that is published and all that is read.
    std::function<void(const seams::FeedMessage&)> on_published = [](const seams::FeedMessage&) {};
    std::function<void(const std::string& hub, const seams::Bytes& reply)> on_read = [](const std::string&,
                                                                                        const seams::Bytes&) {};

    class Publisher final : public seams::FeedPublisher {
       public:
        Publisher(Network& network, std::string party, Gate& gate)
            : network_(network), party_(std::move(party)), gate_(gate) {}
        void publish(const seams::FeedMessage& message) override;

       private:
        Network& network_;
        std::string party_;
        Gate& gate_;
    };

    class Subscriber final : public seams::FeedSubscriber {
       public:
        Subscriber(Network& network, std::string party);
        ~Subscriber() override { std::erase(network_.subscribers_, this); }
        void subscribe(std::string hub, std::function<void(const seams::FeedMessage&)> each) override {
            wanted_.emplace_back(std::move(hub), std::move(each));
        }

       private:
        friend class Network;
        Network& network_;
        std::string party_;
        std::vector<std::pair<std::string, std::function<void(const seams::FeedMessage&)>>> wanted_;
        Alive alive_;
    };

    // Who answers reads: an audit, while it lives.
    class ReadDesk {
       public:
        ReadDesk(Network& network, std::string party, audit::ReadService& reads, Gate& gate);
        ~ReadDesk() { std::erase(network_.desks_, this); }

       private:
        friend class Network;
        Network& network_;
        std::string party_;
        audit::ReadService& reads_;
        Gate& gate_;
        Alive alive_;
    };
    class Reader final : public seams::JournalReader {
       public:
        Reader(Network& network, std::string party) : network_(network), party_(std::move(party)) {}
        void read(seams::Bytes read, std::int64_t timeout_ms,
                  seams::Done<Result<seams::Bytes, seams::TransportError>> done) override;

       private:
        Network& network_;
        std::string party_;
        Alive alive_;
    };

    class Server final : public seams::CommandServer {
       public:
        Server(Network& network, std::string service, std::string party, Gate& gate);
        ~Server() override { std::erase(network_.servers_[service_], this); }
        void serve(std::function<void(const seams::Peer&, seams::Bytes, Answer)> handler) override {
            handler_ = std::move(handler);
        }

       private:
        friend class Network;
        Network& network_;
        std::string service_;
        std::string party_;
        Gate& gate_;
        std::function<void(const seams::Peer&, seams::Bytes, Answer)> handler_;
        Alive alive_;
    };
    class Client final : public seams::CommandClient {
       public:
        Client(Network& network, std::string party, std::string key_role, Gate* gate = nullptr)
            : network_(network), party_(std::move(party)), key_role_(std::move(key_role)), gate_(gate) {}
        void ask(std::string service, seams::Bytes request, std::int64_t timeout_ms,
                 seams::Done<Result<seams::Bytes, seams::TransportError>> done) override;

       private:
        Network& network_;
        std::string party_;
        std::string key_role_;
        Gate* gate_;
        Alive alive_;
    };

    // Everything that speaks HTTP: ours and the partners'. A url is "http://<party>/<path>".
    using HttpHandler = std::function<void(http::Request, http::Server::Respond)>;
    class Door {
       public:
        Door(Network& network, std::string party, HttpHandler handler);
        ~Door() { network_.doors_.erase(party_); }

       private:
        friend class Network;
        Network& network_;
        std::string party_;
        HttpHandler handler_;
        Alive alive_;
    };
    class Partner final : public seams::HttpPartner {
       public:
        Partner(Network& network, std::string party, Gate* gate = nullptr)
            : network_(network), party_(std::move(party)), gate_(gate) {}
        void post(seams::HttpRequest request, seams::Done<seams::HttpAnswer> done) override;

       private:
        Network& network_;
        std::string party_;
        Gate* gate_;
        Alive alive_;
    };

   private:
    template <typename T>
    T* one_of(const std::vector<T*>& all);

    SimClock& clock_;
    SimRandom& random_;
    Wire& wire_;
    std::vector<Subscriber*> subscribers_;
    std::vector<ReadDesk*> desks_;
    std::map<std::string, std::vector<Server*>> servers_;
    std::map<std::string, Door*> doors_;
};

}  // namespace rightplace::sim
