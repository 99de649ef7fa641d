// audit's read socket, both ends. A Read is one credit and is answered once.
#pragma once

#include "common/bus/dealer.hpp"
#include "common/bus/router.hpp"

namespace rightplace::bus {

class ReadServer {
   public:
    // Serves with audit's key. A read beyond limits::read_max_followers held at once is answered with an
    // error. The error here is a sentence.
    static Result<std::unique_ptr<ReadServer>, std::string> start(Context& context, const std::string& endpoint);
    // Serialised audit.Read in, serialised audit.ReadReply out, any time later.
    void serve(Router::Handler handler) { router_->serve(std::move(handler)); }

   private:
    explicit ReadServer(std::unique_ptr<Router> router) : router_(std::move(router)) {}
    std::unique_ptr<Router> router_;
};

class ZmqJournalReader final : public seams::JournalReader {
   public:
    ZmqJournalReader(Context& context, std::string_view role, const std::string& endpoint)
        : dealer_(context, role, "audit", endpoint) {}
    void read(seams::Bytes read, std::int64_t timeout_ms, Dealer::Completion done) override {
        dealer_.ask(std::move(read), timeout_ms, std::move(done));
    }

   private:
    Dealer dealer_;
};

}  // namespace rightplace::bus
