// The roads between the parties of a simulated world: who can reach whom, how slowly, how badly. A
// party is named as the trace names it: "intake#1", "audit#1", "redis", "console-2", "sender".
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "tests/sim/world/time.hpp"

namespace rightplace::sim {

// Of all roads; 0 switches a kind of trouble off.
struct Weather {
    std::int64_t drop_one_in = 0;
    std::int64_t double_one_in = 0;
    std::int64_t slow_one_in = 0;  // that message, and what follows it on its road, comes up to slow_ms later
    std::int64_t slow_ms = 0;
};

class Wire {
   public:
    Wire(SimClock& clock, SimRandom& random) : clock_(clock), random_(random) {}

    // Carries a message, or loses it. Messages of one road (from, to) never overtake each other.
    void carry(const std::string& from, const std::string& to, const std::function<void()>& deliver);
    // The same for a stream that is one connection (to the store): only the delay, the road being open.
    std::int64_t delay_ms();

    bool open(const std::string& a, const std::string& b) const;
    void cut(const std::string& a, const std::string& b) { cuts_.insert(road(a, b)); }
    void mend(const std::string& a, const std::string& b) { cuts_.erase(road(a, b)); }
    void slow(const std::string& a, const std::string& b, std::int64_t ms) { slow_[road(a, b)] = ms; }  // 0: no longer
    std::int64_t slowness_ms(const std::string& a, const std::string& b) const;
    void mend_all() { cuts_.clear(), slow_.clear(); }

    Weather weather;

   private:
    using Road = std::pair<std::string, std::string>;
    static Road road(const std::string& a, const std::string& b) { return a < b ? Road{a, b} : Road{b, a}; }
    SimClock& clock_;
    SimRandom& random_;
    std::set<Road> cuts_;
    std::map<Road, std::int64_t> slow_;
    std::map<Road, std::int64_t> last_arrival_;  // by (from, to)
};

}  // namespace rightplace::sim
