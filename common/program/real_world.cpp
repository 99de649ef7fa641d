#include "common/program/real_world.hpp"

#include <sodium.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <fstream>

#include "common/base/metrics.hpp"
#include "common/config/load.hpp"
#include "common/log/log.hpp"

namespace rightplace::program {
namespace {

constexpr int exit_died = 3;  // an error that must not be survived
constexpr int exit_config = 1;

bus::Loop* stopping = nullptr;  // what a signal stops; one loop per program

extern "C" void on_signal(int) {
    if (stopping != nullptr) stopping->stop();
}

std::string first_line(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

store::RedisAddress redis_address(const config::Stack& stack, const std::string& service) {
    store::RedisAddress address;
    address.socket = stack.redis().socket();
    if (!stack.redis().users_dir().empty()) {
        address.user = service == "audit" ? "audit" : "service";
        address.password = first_line(stack.redis().users_dir() + "/" + address.user + ".password");
    }
    return address;
}

}  // namespace

seams::Bytes SystemRandom::bytes(std::size_t count) {
    seams::Bytes bytes(count, '\0');
    randombytes_buf(bytes.data(), count);
    return bytes;
}

void ProcessLife::die(const std::string& why) {
    log::event(log::Level::error, "died", {{"reason", why}});
    std::fprintf(stderr, "fatal: %s\n", why.c_str());
    _exit(exit_died);
}

RealWorld::RealWorld(const config::Stack& stack, std::string service) : stack_(stack), service_(std::move(service)) {}

Result<std::unique_ptr<RealWorld>, std::string> RealWorld::build(const config::Stack& stack, std::string service) {
    INVARIANT(sodium_init() >= 0);
    log::start(service, log::level_of(stack.log_level()));
    std::unique_ptr<RealWorld> world(new RealWorld(stack, std::move(service)));
    auto keys = bus::Keyring::open(stack.keys_dir());
    if (!keys.ok()) return Failure{keys.error()};
    world->context_ = std::make_unique<bus::Context>(world->loop_, keys.value());
    auto& context = *world->context_;
    world->store_ = store::make_redis_store(world->loop_, redis_address(stack, world->service_));
    if (world->service_ != "audit") {
        world->feed_ = std::make_unique<bus::ZmqFeedSubscriber>(context, world->service_,
                                                                std::vector{config::feed_endpoint(stack)});
        world->reader_ =
            std::make_unique<bus::ZmqJournalReader>(context, world->service_, config::read_endpoint(stack));
    }
    const auto endpoint_of = [stack](const std::string& of) { return config::endpoint(stack, of); };
    world->client_ = std::make_unique<bus::ZmqCommandClient>(context, world->service_, endpoint_of);
    return world;
}

std::unique_ptr<RealWorld> RealWorld::build_or_exit(const config::Stack& stack, std::string service) {
    auto world = build(stack, service);
    if (!world.ok()) {
        std::fprintf(stderr, "%s cannot start: %s\n", service.c_str(), world.error().c_str());
        std::exit(exit_config);
    }
    return std::move(world.value());
}

runtime::World RealWorld::world() {
    if (server_ == nullptr) {
        auto server = bus::ZmqCommandServer::start(*context_, service_, config::endpoint(stack_, service_));
        if (!server.ok()) life_.die(server.error());
        server_ = std::move(server.value());
    }
    return {loop_, random_, life_, *store_, *feed_, *reader_, *server_};
}

std::vector<runtime::HubSettings> RealWorld::hubs() const {
    std::vector<runtime::HubSettings> hubs;
    for (const auto& hub : stack_.hubs()) {
        hubs.push_back({hub.name(), stack_.label(), hub.letter()});
        for (const auto& other : stack_.hubs()) {
            if (other.name() != hub.name()) hubs.back().other_hubs.push_back(other.name());
        }
    }
    return hubs;
}

int RealWorld::run(std::function<bool(std::string&)> ready, std::function<void()> refresh_metrics,
                   std::function<std::string()> remark) {
    const auto port = config::metrics_port(stack_, service_);
    if (port != 0) {
        const auto handler = [ready = std::move(ready), refresh = std::move(refresh_metrics),
                              remark = std::move(remark)](const http::Request& request,
                                                          const http::Server::Respond& respond) {
            if (refresh) refresh();
            respond(http::answer_metrics(request, ready, remark));
        };
        auto endpoint = http::Server::start(loop_, "127.0.0.1", std::uint16_t(port), handler);
        if (!endpoint.ok()) {
            std::fprintf(stderr, "%s cannot start: %s\n", service_.c_str(), endpoint.error().c_str());
            return exit_config;
        }
        metrics_ = std::move(endpoint.value());
    }
    stopping = &loop_;
    std::signal(SIGTERM, on_signal);
    std::signal(SIGINT, on_signal);
    std::signal(SIGPIPE, SIG_IGN);
    log::event(log::Level::info, "started");
    loop_.run();
    stopping = nullptr;
    log::event(log::Level::info, "stopped");
    return 0;
}

void show_runtime(const runtime::ServiceRuntime& runtime) {
    auto& registry = metrics::process();
    const auto status = runtime.status();
    for (const auto& hub : status.hubs()) {
        const metrics::Labels labels{{"hub", hub.hub()}};
        const auto show = [&](const char* name, const char* help, std::uint64_t value) {
            registry.gauge(name, help, labels).set(std::int64_t(value));
        };
        show("rightplace_folded_seq", "Highest event folded.", hub.folded_seq());
        show("rightplace_head_seq", "Highest event that audit says is journalled.", hub.head_seq());
        show("rightplace_epoch", "The epoch followed.", hub.epoch());
        show("rightplace_ready", "1 when commands are taken.", hub.ready() ? 1 : 0);
        show("rightplace_held_answers", "Answers waiting for the journal.", hub.held_answers());
        show("rightplace_oldest_held_ms", "Age of the oldest of them, milliseconds.", hub.oldest_held_ms());
        show("rightplace_parked_reactions", "Reactions that wait for a person.", hub.parked());
        show("rightplace_quarantined", "Aggregates whose events did not fit.", hub.quarantined());
        show("rightplace_heartbeat_age_ms", "Since audit was last heard, milliseconds.",
             std::min<std::uint64_t>(hub.heartbeat_age_ms(), 1'000'000'000));
    }
    for (const auto& [outcome, count] : runtime.replies()) {
        auto& counter = registry.counter("rightplace_replies_total", "Answers to commands.", {{"status", outcome}});
        counter.add(count - std::min(count, counter.value()));
    }
}

int run_service(RealWorld& world, runtime::ServiceRuntime& runtime) {
    runtime.start();
    return world.run([&runtime](std::string& why_not) { return runtime.ready(why_not); },
                     [&runtime] { show_runtime(runtime); });
}

}  // namespace rightplace::program
