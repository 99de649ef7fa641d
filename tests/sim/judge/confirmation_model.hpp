// What somebody must act on is confirmed in time, or people are told; and told no more once it needs nobody.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "messages/referral.pb.h"
#include "messages/triage.pb.h"
#include "tests/sim/judge/findings.hpp"

namespace rightplace::sim {

class ConfirmationModel {
   public:
    ConfirmationModel(std::string hub, Findings& findings) : hub_(std::move(hub)), findings_(findings) {}
    void add(const Event& event);  // in order, from the first
    void at_rest(std::int64_t hub_now, bool on_time);

   private:
    struct Told {
        std::string delivery;
        bool over = false;     // the delivery is, or a person has to decide
        bool raised = false;   // the alert
        bool settled = false;  // by itself
    };
    struct Watched {
        std::int64_t due = 0;  // 0: nobody waits for it
        std::int64_t told = 0;
        referral::DeliveryStatus status = referral::REQUESTED;
    };
    void unconfirmed(const Event& event, const referral::DeliveryUnconfirmed& said);
    void ends(const std::string& id, Watched& watched, referral::DeliveryStatus status);
    void add_alert(const Event& event);
    void wrong(const Event& event, const std::string& what);

    std::string hub_;
    Findings& findings_;
    std::map<std::string, Watched> watched_;                     // by delivery id
    std::map<std::pair<std::string, std::int64_t>, Told> told_;  // by delivery id and due time
    std::map<std::string, std::pair<std::string, std::int64_t>> alerts_;
    bool parked_ = false;  // a reaction is: people are told of that
    std::int64_t latest_ms_ = 0;
};

}  // namespace rightplace::sim
