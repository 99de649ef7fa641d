// Asks services. Each gets its own connection, made when it is first asked.
#pragma once

#include "common/bus/dealer.hpp"

namespace rightplace::bus {

class ZmqCommandClient final : public seams::CommandClient {
   public:
    using EndpointOf = std::function<std::string(const std::string& service)>;

    ZmqCommandClient(Context& context, std::string role, EndpointOf endpoint_of);
    // Errors as Dealer::ask; a service that has no key is unreachable.
    void ask(std::string service, seams::Bytes request, std::int64_t timeout_ms, Dealer::Completion done) override;

   private:
    Context& context_;
    std::string role_;
    EndpointOf endpoint_of_;
    std::map<std::string, std::unique_ptr<Dealer>> dealers_;
};

}  // namespace rightplace::bus
