// audit's program: a journal and a core for each hub, one feed, one read socket, one status socket.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/program/real_world.hpp"
#include "services/audit/shell/audit_core.hpp"
#include "services/audit/shell/read_service.hpp"
#include "services/audit/shell/sqlite_journal.hpp"

namespace rightplace::audit {

class AuditProgram {
   public:
    // Opens what it needs or says in one sentence why it cannot. `world` must outlive it.
    static Result<std::unique_ptr<AuditProgram>, std::string> open(program::RealWorld& world);
    void start();
    bool ready(std::string& why_not) const;
    void show() const;  // gauges

   private:
    struct HubSide {
        std::string hub;
        std::unique_ptr<SqliteJournal> journal;
        std::unique_ptr<AuditCore> core;
    };
    explicit AuditProgram(program::RealWorld& world) : world_(world), reads_(world.loop()) {}
    Result<bool, std::string> open_hub(const config::Hub& hub);
    Result<bool, std::string> open_sockets();
    void write_root(const std::string& hub, const seams::JournalHead& head);
    void answer_status(const seams::Bytes& bytes, const seams::CommandServer::Answer& answer) const;
    runtime::StatusReply status() const;

    program::RealWorld& world_;
    ReadService reads_;
    std::vector<HubSide> hubs_;
    std::unique_ptr<bus::ZmqFeedPublisher> feed_;
    std::unique_ptr<bus::ReadServer> read_server_;
    std::unique_ptr<bus::ZmqCommandServer> commands_;
};

}  // namespace rightplace::audit
