// Lists of what waits for a person, each with the command that sees to it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "messages/referral.pb.h"
#include "messages/triage.pb.h"
#include "services/cli/domain/words.hpp"

namespace rightplace::cli {

struct ParkedOne {
    std::string reaction_id;
    std::string service;  // that parked it, and runs it again
    std::string rule;
    std::string reason;
    Event event;
};

// Fed with a hub's record from its beginning.
class ParkedReactions {
   public:
    void see(const Event& event);
    std::vector<ParkedOne> all() const;  // those that are parked now, oldest first

   private:
    std::map<std::string, ParkedOne> parked_;
};

std::string render_alerts(const std::string& hub, const triage::QueueReply& queue, TimeMs now, const Style& style);
std::string render_parked(const std::string& hub, const std::vector<ParkedOne>& parked, const Style& style);
std::string render_quarantined(const std::string& hub, const referral::DeliveriesReply& open, const Style& style);

}  // namespace rightplace::cli
