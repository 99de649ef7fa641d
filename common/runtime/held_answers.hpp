// Answers wait here until the journal has what they speak of, in the journal's current epoch, with
// a heartbeat of that epoch at most 2 s old. What cannot be vouched for by its deadline, or whose
// epoch ended, is answered UNKNOWN: ask again with the same command id.
#pragma once

#include <functional>
#include <list>
#include <string>
#include <unordered_map>

#include "common/base/seams.hpp"
#include "messages/envelope.pb.h"

namespace rightplace::runtime {

class HeldAnswers {
   public:
    explicit HeldAnswers(seams::Clock& clock) : clock_(clock) {}

    struct Held {
        Reply reply;
        std::uint64_t epoch = 0;
        std::uint64_t seq = 0;
        std::string event_id;       // the command's last event; empty: vouched by seq
        std::int64_t deadline = 0;  // boot ms
        std::function<void(Reply)> answer;
    };
    void hold(Held held);
    void event_seen(const std::string& event_id);  // folded, so journalled
    // Releases what can be: the ring is fresh in `epoch` with `journalled` in the journal.
    void release(bool fresh, std::uint64_t epoch, std::uint64_t journalled);
    std::size_t count() const { return all_.size(); }
    std::int64_t oldest_ms() const;  // age of the oldest, 0 with none

   private:
    struct Entry {
        Held held;
        bool seen = false;
        std::int64_t since = 0;
    };
    void settle(std::list<Entry>::iterator entry, bool vouched);

    seams::Clock& clock_;
    std::list<Entry> all_;  // in order of holding
    std::unordered_map<std::string, std::list<Entry>::iterator> by_event_;
};

}  // namespace rightplace::runtime
