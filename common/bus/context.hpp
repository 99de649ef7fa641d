// A ZeroMQ context with its keys and its ZAP handler. No socket can be made without one, so no
// socket can be without the allow-list. One loop (one thread) owns it and every socket in it.
#pragma once

#include <memory>
#include <string>

#include "common/bus/keyring.hpp"
#include "common/bus/loop.hpp"

namespace rightplace::bus {

class ZapHandler;

class Context {
   public:
    Context(Loop& loop, Keyring keys);
    ~Context();
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    Loop& loop() const { return loop_; }
    const Keyring& keys() const { return keys_; }
    // Shared, so that the context ends only after its last socket.
    const std::shared_ptr<void>& handle() const { return handle_; }

   private:
    Loop& loop_;
    Keyring keys_;
    std::shared_ptr<void> handle_;
    std::unique_ptr<ZapHandler> zap_;
};

}  // namespace rightplace::bus
