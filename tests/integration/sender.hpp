// A stand-in sender: an HTTP server that keeps what is posted to it and answers as it is told.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/http/server.hpp"

namespace rightplace::testing {

class Sender {
   public:
    explicit Sender(bus::Loop& loop, int port = 0);

    std::string url() const;  // base, to which "$process-message" is added
    int port() const { return server_->port(); }
    struct Received {
        std::string request_id;
        std::string correlation_id;
        std::string body;
    };
    const std::vector<Received>& received() const { return received_; }
    // How many of them hold this text, e.g. "validation-interim".
    std::size_t count(const std::string& text) const;
    int status = 200;    // of the next answers
    bool holds = false;  // the next ones get no answer

   private:
    std::vector<Received> received_;
    std::vector<http::Server::Respond> held_;
    std::unique_ptr<http::Server> server_;
};

}  // namespace rightplace::testing
