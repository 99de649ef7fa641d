// What a new epoch's store needs to know of the past, derived from events alone: the outcome of each
// command (contiguous events with one command id), the reaction cursors, the count of audit's own events.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/seams.hpp"
#include "messages/audit.pb.h"
#include "messages/envelope.pb.h"

namespace rightplace::audit {

// Takes events in seq order. Marks that end before `from` are left out: reading starts somewhat earlier,
// so that no command is seen in part.
class MarkCollector {
   public:
    explicit MarkCollector(std::uint64_t from) : from_(from) {}
    void add(const Event& event);
    std::vector<seams::DoneRestore> take();

   private:
    void finish();

    std::uint64_t from_;
    std::uint64_t last_seq_ = 0;
    Receipt receipt_;
    seams::DoneRestore open_;
    std::vector<seams::DoneRestore> marks_;
};

using Cursors = std::map<std::pair<std::string, std::string>, std::uint64_t>;  // (service, source hub) -> seq

void raise(Cursors& cursors, const std::string& service, const std::string& source_hub, std::uint64_t seq);
// The lowest cursor over this hub's own log; `none` when there is none.
std::uint64_t lowest_cursor(const Cursors& cursors, const std::string& hub, std::uint64_t none);

// What is known of audit's own aggregate up to some seq.
struct OwnHistory {
    std::uint64_t upto = 0;            // the last seq taken into account
    std::uint64_t version = 0;         // count of the journal aggregate's events
    std::uint64_t checkpoint_seq = 0;  // seq of the last JournalCheckpoint event; 0: none
    // As the last checkpoint had them. A service that it does not name stands at the beginning: it may go away before
    // its cursor was ever saved, and what it had done must not be forgotten meanwhile.
    Cursors cursors;
    void note(const Event& event);
};

}  // namespace rightplace::audit
