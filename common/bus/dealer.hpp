// The asking end of request and answer: many requests in flight to one server, matched by
// request_id, each with its timeout. Reconnects by itself. No retry here.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/base/alive.hpp"
#include "common/base/seams.hpp"
#include "common/bus/socket.hpp"

namespace rightplace::bus {

class Dealer {
   public:
    using Completion = seams::Done<Result<seams::Bytes, seams::TransportError>>;

    Dealer(Context& context, std::string_view role, std::string_view server_role, const std::string& endpoint);
    Dealer(const Dealer&) = delete;
    Dealer& operator=(const Dealer&) = delete;

    // The answer carries the request's own request_id. Errors: unreachable and refused_key mean that it
    // was certainly not sent; timed_out that it was sent, and the outcome is unknown (also when the
    // connection broke before the answer).
    void ask(seams::Bytes request, std::int64_t timeout_ms, Completion done);

   private:
    struct Pending {
        std::string own_id;   // the asker's
        seams::Bytes unsent;  // until there is a connection
        bool sent = false;
        std::multimap<std::int64_t, std::string>::iterator deadline;
        Completion done;
    };
    void send_waiting();
    void send_later();
    void read_some();
    void changed(Connection change);
    void expire();
    void arm();
    using Failed = std::vector<std::pair<std::string, seams::TransportError>>;  // by the id on the wire
    void fail(const Failed& failed);
    Failed all_where(bool sent, seams::TransportError error) const;

    Loop& loop_;
    Socket socket_;
    std::map<std::string, Pending> pending_;              // by the id on the wire
    std::multimap<std::int64_t, std::string> deadlines_;  // boot ms -> id
    std::deque<std::string> waiting_;                     // not yet sent; may name some that have expired
    std::int64_t armed_for_ = 0;                          // 0: no timer
    std::uint64_t count_ = 0;
    bool connected_ = false;
    bool retry_armed_ = false;
    bool refused_ = false;
    Alive alive_;
};

}  // namespace rightplace::bus
