// Orders the commands of one process on the same aggregates, so that they do not conflict with each
// other in the store. A convenience, not a guarantee: the commit's guards are the guarantee.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <vector>

#include "common/base/seams.hpp"

namespace rightplace::runtime {

class Locks {
   public:
    // `ids` must be sorted and distinct; `then` runs when all are held (perhaps at once).
    void acquire(std::vector<seams::AggregateId> ids, std::function<void()> then);
    void release(const std::vector<seams::AggregateId>& ids);
    std::size_t held() const { return held_.size(); }

   private:
    struct Waiting {
        std::vector<seams::AggregateId> ids;
        std::size_t next;
        std::function<void()> then;
    };
    void proceed(Waiting waiting);

    std::map<seams::AggregateId, std::deque<Waiting>> held_;  // held, and who waits for it
};

}  // namespace rightplace::runtime
