// One pipelined connection to Redis on the loop. It connects at the first call, and again after a loss,
// not before its backoff is over. Free of hiredis: that is in connection.cpp alone.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "common/bus/loop.hpp"
#include "common/store/redis_store.hpp"

namespace rightplace::store {

struct Reply {
    enum class Kind { nothing, number, text, list, error };
    Kind kind = Kind::nothing;
    std::int64_t number = 0;
    std::string text;  // of a text, status or error
    std::vector<Reply> items;
};
using Called = Result<Reply, seams::StoreFailure>;  // fails only with `unavailable` or `unknown`

class Connection {
   public:
    Connection(bus::Loop& loop, RedisAddress address);
    ~Connection();  // calls in flight are dropped without completion
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Completes on the loop, never inside the call: with a reply, `unavailable` (not sent) or `unknown`
    // (lost or overdue once it may have been sent).
    void call(std::vector<std::string> command, std::int64_t timeout_ms, std::function<void(Called)> done);

   private:
    class Link;
    std::shared_ptr<Link> link_;
};

}  // namespace rightplace::store
