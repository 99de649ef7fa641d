#include "tests/sim/world/network.hpp"

#include <algorithm>
#include <utility>

#include "common/base/limits.hpp"

namespace rightplace::sim {

using seams::Bytes;
using seams::Done;
using seams::TransportError;

namespace {

// Told once: by the answer or by the clock.
template <typename T>
struct Once {
    Done<T> done;
    void tell(T outcome) {
        if (const auto then = std::exchange(done, nullptr)) then(std::move(outcome));
    }
};
template <typename T>
std::shared_ptr<Once<T>> once(SimClock& clock, const Alive& alive, std::int64_t timeout_ms, T too_late, Done<T> done) {
    auto pending = std::make_shared<Once<T>>(Once<T>{alive.guard(std::move(done))});
    clock.after(timeout_ms, [pending, too_late] { pending->tell(too_late); });
    return pending;
}
using Transported = Result<Bytes, TransportError>;

std::string party_of(const std::string& url) {
    const auto begin = url.find("//") + 2;
    return url.substr(begin, url.find('/', begin) - begin);
}

}  // namespace

// One of the instances that serve; the order is the order of their start, so that a seed decides.
template <typename T>
T* Network::one_of(const std::vector<T*>& all) {
    return all.empty() ? nullptr : all[random_.below(all.size())];
}

// --- feed ---------------------------------------------------------------------------------------

Network::Subscriber::Subscriber(Network& network, std::string party) : network_(network), party_(std::move(party)) {
    network_.subscribers_.push_back(this);
}

void Network::Publisher::publish(const seams::FeedMessage& message) {
    if (!gate_.effect()) return;
    network_.on_published(message);
    for (auto* subscriber : network_.subscribers_) {
        network_.wire_.carry(party_, subscriber->party_, subscriber->alive_.guard([subscriber, message] {
            for (const auto& [hub, each] : subscriber->wanted_) {
                if (hub == message.hub) each(message);
            }
        }));
    }
}

// --- reads --------------------------------------------------------------------------------------

Network::ReadDesk::ReadDesk(Network& network, std::string party, audit::ReadService& reads, Gate& gate)
    : network_(network), party_(std::move(party)), reads_(reads), gate_(gate) {
    network_.desks_.push_back(this);
}

void Network::Reader::read(Bytes read, std::int64_t timeout_ms, Done<Transported> done) {
    auto pending =
        once<Transported>(network_.clock_, alive_, timeout_ms, Failure{TransportError::timed_out}, std::move(done));
    auto* desk = network_.one_of(network_.desks_);
    if (desk == nullptr) return;
    const auto handle = desk->alive_.guard([&network = network_, desk, party = party_, read, pending] {
        audit::Read asked;
        const auto hub = asked.ParseFromString(read) ? asked.hub() : std::string();
        const auto answer = [&network, desk, party, hub, pending](const std::string& reply) {
            if (!desk->gate_.effect()) return;
            network.on_read(hub, reply);
            network.wire_.carry(desk->party_, party, [pending, reply] { pending->tell(reply); });
        };
        desk->reads_.handle(read, desk->alive_.guard(answer));
    });
    network_.wire_.carry(party_, desk->party_, handle);
}

// --- commands -----------------------------------------------------------------------------------

Network::Server::Server(Network& network, std::string service, std::string party, Gate& gate)
    : network_(network), service_(std::move(service)), party_(std::move(party)), gate_(gate) {
    network_.servers_[service_].push_back(this);
}

void Network::Client::ask(std::string service, Bytes request, std::int64_t timeout_ms, Done<Transported> done) {
    auto pending =
        once<Transported>(network_.clock_, alive_, timeout_ms, Failure{TransportError::timed_out}, std::move(done));
    if (gate_ != nullptr && !gate_->effect()) return;
    auto* server = network_.one_of(network_.servers_[service]);
    if (server == nullptr) return;
    const auto handle =
        server->alive_.guard([&network = network_, server, party = party_, role = key_role_, request, pending] {
            if (!server->handler_) return;
            const auto answer = [&network, server, party, pending](const Bytes& bytes) {
                if (!server->gate_.effect()) return;
                network.wire_.carry(server->party_, party, [pending, bytes] { pending->tell(bytes); });
            };
            server->handler_({role}, request, server->alive_.guard(answer));
        });
    network_.wire_.carry(party_, server->party_, handle);
}

// --- HTTP ---------------------------------------------------------------------------------------

Network::Door::Door(Network& network, std::string party, HttpHandler handler)
    : network_(network), party_(std::move(party)), handler_(std::move(handler)) {
    network_.doors_[party_] = this;
}

void Network::Partner::post(seams::HttpRequest request, Done<seams::HttpAnswer> done) {
    using seams::HttpAnswer;
    const auto to = party_of(request.url);
    const auto found = network_.doors_.find(to);
    auto pending = once<HttpAnswer>(network_.clock_, alive_, request.timeout_ms, HttpAnswer{}, std::move(done));
    if (gate_ != nullptr && !gate_->effect()) return;
    if (found == network_.doors_.end()) {  // nobody listens: known at once, nothing left
        HttpAnswer refused;
        refused.certainly_not_sent = true;
        network_.clock_.after(0, [pending, refused] { pending->tell(refused); });
        return;
    }
    auto* door = found->second;
    http::Request arriving{"POST",
                           request.url.substr(request.url.find('/', request.url.find("//") + 2)),
                           {request.headers.begin(), request.headers.end()},
                           request.body,
                           party_};
    const auto handle = door->alive_.guard([&network = network_, door, from = party_, arriving, pending] {
        door->handler_(arriving, [&network, at = door->party_, from, pending](const http::Response& response) {
            HttpAnswer answer;
            answer.status = response.status;
            answer.content_type = response.content_type;
            answer.headers = response.headers;
            answer.body = response.body;
            network.wire_.carry(at, from, [pending, answer] { pending->tell(answer); });
        });
    });
    network_.wire_.carry(party_, to, handle);
}

}  // namespace rightplace::sim
