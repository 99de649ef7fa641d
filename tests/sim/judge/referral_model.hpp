// Whoever a patient is referred to accepts in time, and UCR is with the patient in time: or that is said, once, and
// people are told. The patient has left the queue, and nobody else looks.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "messages/referral.pb.h"
#include "messages/triage.pb.h"
#include "tests/sim/judge/findings.hpp"

namespace rightplace::sim {

class ReferralModel {
   public:
    ReferralModel(std::string hub, Findings& findings) : hub_(std::move(hub)), findings_(findings) {}
    void add(const Event& event);  // in order, from the first
    // `on_time`: nothing went wrong, and timers are met to 250 ms.
    void at_rest(std::int64_t hub_now, bool on_time);

   private:
    struct Deadline {
        std::int64_t due = 0;  // 0: none
        bool met = false;
        bool said = false;
    };
    struct Referral {
        std::int64_t begun = 0;  // recorded
        Deadline accept, reach;
        bool ended = false;
    };
    void requested(const Event& event, const referral::ReferralRequested& payload);
    void overdue(const Event& event, const referral::ReferralOverdue& payload, Referral& referral);
    void hides_nothing(const Event& event, const Referral& referral, std::int64_t happened);
    void wrong(const Event& event, const std::string& what);

    std::string hub_;
    Findings& findings_;
    std::map<std::string, Referral> referrals_;
    // When a decision was made, or a case reopened or closed, by event id.
    std::map<std::string, std::int64_t> happened_;
    std::map<std::string, std::int64_t> untold_;  // what people are not told of yet: when it was said, by event id
    std::int64_t latest_ms_ = 0;                  // by so much one was said after its time, at most
};

}  // namespace rightplace::sim
