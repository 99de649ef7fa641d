// The HTTP side of BaRS: which request goes where, and what is answered when it goes nowhere.
#pragma once

#include "common/http/server.hpp"
#include "services/adapters/bars/shell/receiving.hpp"

namespace rightplace::bars {

class FrontDoor {
   public:
    FrontDoor(Receiving::Outside receiving, Changing::Outside changing)
        : log_(receiving.log), receiving_(std::move(receiving), std::move(changing)) {}

    void handle(http::Request request, http::Server::Respond respond);

   private:
    std::function<void(const std::string& what, const std::string& id)> log_;
    Receiving receiving_;
};

}  // namespace rightplace::bars
