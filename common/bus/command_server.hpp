// A service's command socket.
#pragma once

#include "common/bus/router.hpp"

namespace rightplace::bus {

class ZmqCommandServer final : public seams::CommandServer {
   public:
    // Serves with the service's own key. A request beyond limits::commands_in_flight_max is answered at
    // once: a command UNAVAILABLE, a query with CONTENTION. The error is a sentence.
    static Result<std::unique_ptr<ZmqCommandServer>, std::string> start(Context& context, std::string_view service,
                                                                        const std::string& endpoint);
    void serve(std::function<void(const seams::Peer&, seams::Bytes, Answer)> handler) override;

   private:
    explicit ZmqCommandServer(std::unique_ptr<Router> router) : router_(std::move(router)) {}
    std::unique_ptr<Router> router_;
};

}  // namespace rightplace::bus
