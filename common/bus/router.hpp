// The serving end of request and answer: a ROUTER that takes [identity][bytes] and nothing else.
// What is malformed, too large or too much is counted and dropped; the server goes on.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/base/metrics.hpp"
#include "common/base/seams.hpp"
#include "common/bus/socket.hpp"

namespace rightplace::bus {

class Router {
   public:
    using Answer = std::function<void(seams::Bytes)>;
    using Handler = std::function<void(const seams::Peer&, seams::Bytes, Answer)>;
    // What to say, at once, to a request that is one too many. Empty: drop it.
    using Overloaded = std::function<seams::Bytes(const seams::Bytes& request)>;

    static Result<std::unique_ptr<Router>, std::string> start(Context& context, std::string_view role,
                                                              const std::string& endpoint, std::size_t in_flight_max,
                                                              Overloaded overloaded);
    // Replaces the handler. Until there is one, requests wait in the socket. An Answer works once, on
    // the loop's thread; called later or after the router has gone it does nothing.
    void serve(Handler handler);

   private:
    struct Core;
    explicit Router(std::shared_ptr<Core> core);
    std::shared_ptr<Core> core_;
};

}  // namespace rightplace::bus
