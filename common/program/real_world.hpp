// The real parts behind the seams, for one program. The only place where production is built.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/bus/command_client.hpp"
#include "common/bus/command_server.hpp"
#include "common/bus/context.hpp"
#include "common/bus/feed.hpp"
#include "common/bus/loop.hpp"
#include "common/bus/reads.hpp"
#include "common/config/config.pb.h"
#include "common/http/metrics_endpoint.hpp"
#include "common/runtime/service_runtime.hpp"
#include "common/store/redis_store.hpp"

namespace rightplace::program {

class SystemRandom final : public seams::Random {
   public:
    seams::Bytes bytes(std::size_t count) override;
};

// Dying means leaving at once: the supervisor starts a fresh process, which refolds.
class ProcessLife final : public seams::Life {
   public:
    void die(const std::string& why) override;
};

class RealWorld {
   public:
    // Opens keys and sockets. The error is a sentence.
    static Result<std::unique_ptr<RealWorld>, std::string> build(const config::Stack& stack, std::string service);
    // The same, or prints the sentence and ends the program: for mains.
    static std::unique_ptr<RealWorld> build_or_exit(const config::Stack& stack, std::string service);

    bus::Loop& loop() { return loop_; }
    bus::Context& context() { return *context_; }
    seams::ArbiterStore& store() { return *store_; }
    seams::CommandClient& client() { return *client_; }
    seams::FeedSubscriber& feed() { return *feed_; }
    seams::JournalReader& reader() { return *reader_; }
    seams::Random& random() { return random_; }
    seams::Life& life() { return life_; }
    const config::Stack& stack() const { return stack_; }
    runtime::World world();  // serves commands from here on
    std::vector<runtime::HubSettings> hubs() const;

    // Serves /metrics, /healthz and /readyz, then turns the loop until SIGTERM or SIGINT. 0: a clean stop.
    // `remark`: what /healthz says besides that the loop turns.
    int run(std::function<bool(std::string& why_not)> ready, std::function<void()> refresh_metrics = {},
            std::function<std::string()> remark = {});

   private:
    RealWorld(const config::Stack& stack, std::string service);

    config::Stack stack_;
    std::string service_;
    bus::Loop loop_;
    SystemRandom random_;
    ProcessLife life_;
    std::unique_ptr<bus::Context> context_;
    std::unique_ptr<seams::ArbiterStore> store_;
    std::unique_ptr<bus::ZmqFeedSubscriber> feed_;
    std::unique_ptr<bus::ZmqJournalReader> reader_;
    std::unique_ptr<bus::ZmqCommandClient> client_;
    std::unique_ptr<bus::ZmqCommandServer> server_;
    std::unique_ptr<http::Server> metrics_;
};

// For mains of services that are a Domain and nothing more: build, serve, run.
int run_service(RealWorld& world, runtime::ServiceRuntime& runtime);
// Gauges of a runtime, refreshed before each scrape.
void show_runtime(const runtime::ServiceRuntime& runtime);

}  // namespace rightplace::program
