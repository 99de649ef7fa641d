// What needs a person is never late in silence: an alert goes up, each level once, until somebody takes it.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "messages/triage.pb.h"
#include "tests/sim/judge/findings.hpp"

namespace rightplace::sim {

class AlertModel {
   public:
    AlertModel(std::string hub, Findings& findings) : hub_(std::move(hub)), findings_(findings) {}
    void add(const Event& event);  // in order, from the first
    // `on_time`: nothing went wrong, and timers are met to 250 ms.
    void at_rest(std::int64_t hub_now, bool on_time);

   private:
    struct Alert {
        std::string kind;
        std::uint32_t level = 0;
        std::uint32_t again = 0;
        std::int64_t next_at = 0;
        bool taken = false;
        bool settled = false;
        bool over() const { return taken || settled; }
    };
    void raised(const Event& event, const triage::AlertRaised& said, Alert& alert);
    void escalated(const Event& event, const triage::AlertEscalated& said, Alert& alert);
    void wrong(const Event& event, const std::string& what);

    std::string hub_;
    Findings& findings_;
    std::map<std::string, Alert> alerts_;
    std::int64_t latest_ms_ = 0;  // by so much a level came after its time, at most
};

}  // namespace rightplace::sim
