// The webhooks of all hubs, and how they are.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "messages/runtime.pb.h"
#include "services/adapters/alerts/shell/hub_side.hpp"

namespace rightplace::alerts {

class Adapter {
   public:
    Adapter(std::vector<Receiver> receivers, const AdapterWorld& world);
    void start();

    bool ready(std::string& why_not) const;
    runtime::StatusReply status() const;
    seams::Bytes answer_status(const Request& request) const;  // a Response: status, or a refusal of anything else
    std::string remark() const;                                // what is wrong, a line for each hub
    void show() const;                                         // in the metrics

   private:
    struct Side {
        std::string hub;
        std::unique_ptr<HubSide> side;
    };
    std::vector<Side> sides_;
};

}  // namespace rightplace::alerts
