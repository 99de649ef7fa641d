// ZAP (ZeroMQ RFC 27): judges every CURVE handshake on this context's sockets. A key of the
// allow-list becomes its role (User-Id); anything else is refused with 400 and counted.
#pragma once

#include <memory>

#include "common/base/metrics.hpp"
#include "common/bus/keyring.hpp"
#include "common/bus/loop.hpp"

namespace rightplace::bus {

class ZapHandler {
   public:
    ZapHandler(Loop& loop, std::shared_ptr<void> context, const Keyring& keys);
    ~ZapHandler();
    ZapHandler(const ZapHandler&) = delete;
    ZapHandler& operator=(const ZapHandler&) = delete;

   private:
    void judge_all();

    Loop& loop_;
    std::shared_ptr<void> context_;
    const Keyring& keys_;
    void* socket_;
    metrics::Counter& refused_;
};

}  // namespace rightplace::bus
