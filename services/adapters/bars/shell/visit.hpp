// One request on its way through the front door, and its answer.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/base/seams.hpp"
#include "common/http/server.hpp"
#include "services/adapters/bars/domain/headers.hpp"
#include "services/adapters/bars/domain/requester.hpp"

namespace rightplace::bars {

struct Visit {
    Visit(seams::Clock& with, http::Server::Respond to) : respond(std::move(to)), clock(with), began(with.boot_ms()) {}

    RequestHeaders headers;
    Requester requester;
    std::string content_type;  // as sent
    std::string body;          // unpacked
    std::string hub;
    http::Server::Respond respond;
    http::Headers more;  // for the answer
    std::function<void(const std::string& what, const std::string& id)> log;

    // Of limits::bars_answer_ms, at least one millisecond: every step takes what the steps before it left.
    std::int64_t remaining_ms() const;
    std::int64_t spent_ms() const { return clock.boot_ms() - began; }

    void answer(const Problems& problems) const;  // an OperationOutcome
    void send(int status, std::string content_type, std::string body) const;

   private:
    seams::Clock& clock;
    TimeMs began;
};
using VisitPtr = std::shared_ptr<Visit>;

// What the server answers by itself (a body too large, no HTTP, no answer in time), as BaRS wants it. Pure.
http::Response refused_by_server(const http::Refusal& refusal);

}  // namespace rightplace::bars
