#include "common/bus/context.hpp"

#include <zmq.h>

#include "common/bus/zap.hpp"

namespace rightplace::bus {

Context::Context(Loop& loop, Keyring keys)
    : loop_(loop), keys_(std::move(keys)), handle_(zmq_ctx_new(), [](void* context) {
          while (zmq_ctx_term(context) != 0 && zmq_errno() == EINTR) {
          }
      }) {
    INVARIANT(handle_ != nullptr);
    zap_ = std::make_unique<ZapHandler>(loop_, handle_, keys_);
}

Context::~Context() = default;

}  // namespace rightplace::bus
