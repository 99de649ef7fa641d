// One command until its outcome is known or time is up: the SAME command id is sent again while the
// outcome is UNKNOWN, so that it happens at most once.
#pragma once

#include <memory>

#include "common/base/seams.hpp"
#include "messages/envelope.pb.h"

namespace rightplace::bus {

class Asker {
   public:
    Asker(seams::Clock& clock, seams::CommandClient& client) : clock_(clock), client_(client) {}

    // INVARIANT: the command has its id. Completes once, with:
    // - the service's reply as soon as it is final (UNAVAILABLE is, unless an attempt before it is in doubt);
    // - UNKNOWN when time is up and some attempt may have been done;
    // - UNAVAILABLE when time is up and none was ever sent, or our key is refused.
    // Clock and client must outlive the completion.
    void ask(std::string service, Command command, std::int64_t overall_ms, seams::Done<Reply> done);

   private:
    seams::Clock& clock_;
    seams::CommandClient& client_;
};

}  // namespace rightplace::bus
