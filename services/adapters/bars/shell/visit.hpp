// One request on its way through the front door, and its answer.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/http/server.hpp"
#include "services/adapters/bars/domain/headers.hpp"

namespace rightplace::bars {

struct Visit {
    RequestHeaders headers;
    std::string content_type;  // as sent
    std::string body;
    std::string hub;
    http::Server::Respond respond;
    std::function<void(const std::string& what, const std::string& id)> log;

    void answer(const Problems& problems) const;  // an OperationOutcome
    void send(int status, std::string content_type, std::string body) const;
};
using VisitPtr = std::shared_ptr<Visit>;

}  // namespace rightplace::bars
