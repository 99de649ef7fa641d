// One hub's messages on their way to its receiver: in order, one at a time, each until it is delivered or given up. At
// least once: a message may arrive twice, and then under the same id.
#pragma once

#include <deque>
#include <functional>
#include <string>

#include "common/base/alive.hpp"
#include "common/base/seams.hpp"
#include "services/adapters/alerts/domain/message.hpp"
#include "services/adapters/alerts/domain/rules.hpp"

namespace rightplace::alerts {

class Outbox {
   public:
    struct Outside {
        seams::Clock& clock;
        seams::HttpPartner& partner;
        std::function<void(std::uint64_t seq)> done_with;  // to be noted on disk
        std::function<void(const Message&)> stuck;         // nothing gets through; once until something does
        std::function<bool(const Message&)> given_up;      // likewise; false: people are not told of this one
        std::function<void()> empty;                       // never inside put()
        std::function<void(const std::string& what, const std::string& id)> log;
    };
    Outbox(std::string url, std::string secret, Outside outside)
        : url_(std::move(url)), secret_(std::move(secret)), outside_(std::move(outside)) {}

    bool full() const { return waiting_.size() >= outbox_max_messages; }
    void put(Message message);  // INVARIANT: not full, and later than those before it

    struct Counts {
        std::uint64_t delivered = 0;
        std::uint64_t failed = 0;  // attempts
        std::uint64_t given_up = 0;
    };
    const Counts& counts() const { return counts_; }
    std::size_t waiting() const { return waiting_.size(); }
    // How late the first one in the row is, by when it was recorded and when it was first tried; 0: nothing waits.
    std::int64_t stuck_ms() const;
    std::string trouble() const;  // in a sentence; empty: none

   private:
    void send();
    void answered(const seams::HttpAnswer& answer);
    void settled();
    void tell_if_stuck();

    std::string url_;
    std::string secret_;
    Outside outside_;
    std::deque<Message> waiting_;
    bool busy_ = false;  // an attempt or a pause
    int attempts_ = 0;   // of the first in the row
    int refusals_ = 0;
    std::int64_t first_tried_at_ = 0;
    std::string last_answer_;
    bool told_ = false;  // people, since something was delivered
    bool gave_up_last_ = false;
    Counts counts_;
    Alive alive_;
};

}  // namespace rightplace::alerts
