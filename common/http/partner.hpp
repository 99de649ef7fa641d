// HTTP towards partners. One attempt per call, on a connection of its own: nothing is ever sent twice
// or to another place than the one named (no reuse, redirects, retries, or proxies from the environment).
#pragma once

#include <memory>

#include "common/base/seams.hpp"
#include "common/bus/loop.hpp"

namespace rightplace::http {

class CurlPartner final : public seams::HttpPartner {
   public:
    explicit CurlPartner(bus::Loop& loop);
    ~CurlPartner() override;  // what is in flight never completes

    // Completes on the loop, never inside the call. Only http and https. status 0: no whole answer within
    // the timeout, or one beyond limits::http_body_max_bytes; then certainly_not_sent tells whether any byte
    // of the request may have left.
    void post(seams::HttpRequest request, seams::Done<seams::HttpAnswer> done) override;

   private:
    struct Core;
    std::shared_ptr<Core> core_;
};

}  // namespace rightplace::http
