// The HTTP side of BaRS: which request goes where, and what is answered when it goes nowhere.
#pragma once

#include "common/http/server.hpp"
#include "services/adapters/bars/shell/reading.hpp"
#include "services/adapters/bars/shell/receiving.hpp"

namespace rightplace::bars {

class FrontDoor {
   public:
    FrontDoor(seams::Clock& clock, Receiving::Outside receiving, Changing::Outside changing, Reading::Outside reading)
        : clock_(clock),
          log_(receiving.log),
          receiving_(std::move(receiving), std::move(changing)),
          reading_(std::move(reading)) {}

    void handle(http::Request request, http::Server::Respond respond);

   private:
    // Whatever its headers are refused for, its content is judged too: a sender is told of all of it at once.
    void take_message(const VisitPtr& visit, http::Request request, const Problems& of_headers);

    seams::Clock& clock_;
    std::function<void(const std::string& what, const std::string& id)> log_;
    Receiving receiving_;
    Reading reading_;
};

}  // namespace rightplace::bars
