// Load on the ring: a number of OpenCase commands always in flight, each asked again under its own id
// until it is decided. Remembers what was acknowledged, so that the journal can be held against it.
#pragma once

#include <map>
#include <set>
#include <string>

#include "common/base/alive.hpp"
#include "common/bus/asker.hpp"
#include "messages/intake.pb.h"
#include "tests/integration/stack.hpp"

namespace rightplace::testing {

class Load {
   public:
    Load(Stack& stack, std::size_t in_flight);

    bool run_until(std::size_t acknowledged, std::int64_t ms = 60'000);  // of all so far
    bool finish(std::int64_t ms = 60'000);                               // no new ones; every one under way is decided
    const std::set<std::string>& acknowledged() const { return acknowledged_; }  // case ids
    std::size_t refused() const { return refused_; }
    std::size_t answers(ReplyStatus status) const;

   private:
    void top_up();
    void ask(const std::string& case_id);
    void answered(const std::string& case_id, const Reply& reply);

    Stack& stack_;
    bus::ZmqCommandClient client_;
    bus::Asker asker_;
    std::size_t width_;
    std::size_t next_ = 0;
    std::set<std::string> under_way_;
    std::set<std::string> acknowledged_;
    std::size_t refused_ = 0;
    std::map<ReplyStatus, std::size_t> answers_;
    bool stopping_ = false;
    Alive alive_;
};

// The journal holds no event of that command.
bool never_done(Stack& stack, const std::string& command_id);

intake::OpenCase synthetic_case(const std::string& case_id, TimeMs now);

// Throws with what is wrong: seqs 1..N, prev chain, epochs, every acknowledged case opened exactly once,
// none opened twice, and the records in Redis are what folding the journal gives.
void check_record(Stack& stack, const std::set<std::string>& acknowledged);

}  // namespace rightplace::testing
