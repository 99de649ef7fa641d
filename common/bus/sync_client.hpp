// Blocking calls for the command line and for tests: a loop, a context and a client of its own.
#pragma once

#include "common/bus/command_client.hpp"
#include "messages/envelope.pb.h"

namespace rightplace::bus {

class SyncClient {
   public:
    // The error is a sentence about the keys.
    static Result<std::unique_ptr<SyncClient>, std::string> open(const std::string& keys_dir, std::string role,
                                                                 ZmqCommandClient::EndpointOf endpoint_of);

    Reply ask(const std::string& service, Command command, std::int64_t overall_ms);  // as Asker::ask
    Result<QueryReply, seams::TransportError> query(const std::string& service, Query query, std::int64_t timeout_ms);

    Loop& loop() { return loop_; }
    Context& context() { return *context_; }

   private:
    SyncClient(Keyring keys, std::string role, ZmqCommandClient::EndpointOf endpoint_of);

    Loop loop_;
    std::unique_ptr<Context> context_;
    std::unique_ptr<ZmqCommandClient> client_;
};

}  // namespace rightplace::bus
