// The real wire: command sockets and audit's read socket of a stack on this machine.
#pragma once

#include <common/config/config.pb.h>

#include <memory>

#include "common/bus/reads.hpp"
#include "common/bus/sync_client.hpp"
#include "services/cli/shell/wire.hpp"

namespace rightplace::cli {

class BusWire final : public Wire {
   public:
    // With the transport key of `key_role` (common/bus/keyring.hpp). The error is a sentence.
    static OrWhy<std::unique_ptr<BusWire>> open(const config::Stack& stack, const std::string& key_role);

    Reply ask(const std::string& service, const Command& command, std::int64_t overall_ms) override;
    OrWhy<QueryReply> query(const std::string& service, const Query& query, std::int64_t timeout_ms) override;
    OrWhy<audit::ReadReply> read(const audit::Read& read, std::int64_t timeout_ms) override;

   private:
    BusWire(std::unique_ptr<bus::SyncClient> client, const std::string& key_role, const std::string& read_endpoint);

    std::unique_ptr<bus::SyncClient> client_;
    bus::ZmqJournalReader reader_;
};

}  // namespace rightplace::cli
