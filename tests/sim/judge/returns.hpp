// What the senders of BaRS cases are told, and when. A case with nobody in consultation at its breach goes back to its
// sender at once, whoever else is down: by what was on the feed, and by the sender's own eyes.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "messages/envelope.pb.h"
#include "tests/sim/judge/findings.hpp"

namespace rightplace::sim {

class Returns {
   public:
    std::function<std::int64_t()> clock = [] { return 0; };  // true time
    // Whether nothing befell the adapter, and the clocks and roads were good, between those true times.
    std::function<bool(std::int64_t from, std::int64_t to)> left_alone = [](std::int64_t, std::int64_t) {
        return false;
    };

    void heard(const Event& event);  // in order, as soon as it is on the feed
    void sender_got(const std::string& request_id);
    void at_rest(const std::set<std::string>& endpoints, Findings& findings) const;

   private:
    struct Owed {
        std::string service_id;  // of its sender
        std::int64_t breach_at = 0;
        std::int64_t waits_since = 0;        // with nobody in consultation; 0: somebody is, or it is over
        std::set<std::string> last_answers;  // request ids
        std::set<std::string> returns;       // the same, of its being given back, which nobody takes back
    };
    void review_went_on(const Event& event, Owed& owed) const;

    std::map<std::string, Owed> cases_;
    std::set<std::string> interim_;                      // deliveries that are no last answer
    std::set<std::string> returns_;                      // deliveries
    std::map<std::string, std::string> delivery_of_;     // by request id
    std::map<std::string, std::int64_t> taken_back_at_;  // deliveries whose outcome holds no more: since when
    std::set<std::string> sent_too_late_;                // request ids
    std::map<std::string, std::int64_t> told_;           // request id -> when the sender first had it
};

}  // namespace rightplace::sim
