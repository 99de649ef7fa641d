// The processes of a simulated world: each is what a main.cpp builds, over simulated seams.
#pragma once

#include <memory>
#include <string>

#include "common/runtime/service_runtime.hpp"
#include "services/adapters/bars/shell/adapter.hpp"
#include "services/audit/shell/audit_core.hpp"
#include "services/vault/shell/wiring.hpp"
#include "tests/sim/sim_store.hpp"
#include "tests/sim/world/network.hpp"

namespace rightplace::sim {

class Town;

// What every process has. A process that dies leaves at once: nothing it asked for completes.
class Process {
   public:
    Process(Town& town, std::string party, const std::string& key_role);
    virtual ~Process() = default;
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    virtual bool ready(std::string& why) const = 0;
    // Nothing is under way but looking and beating.
    virtual bool idle() const = 0;
    virtual bool has_folded(const std::string& hub, std::uint64_t seq) = 0;  // all up to there has reached it
    virtual runtime::ServiceRuntime* runtime() { return nullptr; }
    virtual audit::AuditCore* core(const std::string&) { return nullptr; }

    const std::string party;
    Gate gate;

   protected:
    class Dying;
    friend class Town;
    Town& town_;
    ProcessClock clock_;
    std::unique_ptr<seams::Life> life_;
    SimStore store_;
    Network::Subscriber subscriber_;
    Network::Reader reader_;
    Network::Client client_;
};

// intake, triage, referral: a domain on the runtime.
class ServiceProcess : public Process {
   public:
    ServiceProcess(Town& town, std::string party, const runtime::Domain& domain);
    bool ready(std::string& why) const override { return runtime_->ready(why); }
    bool idle() const override;
    bool has_folded(const std::string& hub, std::uint64_t seq) override {
        return runtime_->hub(hub)->feed().folded() == seq;
    }
    runtime::ServiceRuntime* runtime() override { return runtime_.get(); }

   protected:
    Network::Server server_;
    std::unique_ptr<runtime::ServiceRuntime> runtime_;
};

// vault has a database of its own, which outlives it.
class VaultProcess final : public ServiceProcess {
   public:
    VaultProcess(Town& town, std::string party);
    ~VaultProcess() override;

   private:
    std::unique_ptr<vault::KeyStore> keys_;
    std::unique_ptr<vault::VaultService> service_;
};

class AuditProcess final : public Process {
   public:
    AuditProcess(Town& town, std::string party);
    ~AuditProcess() override;
    bool ready(std::string& why) const override;
    bool idle() const override;
    bool has_folded(const std::string&, std::uint64_t) override { return true; }  // it is where events come from
    audit::AuditCore* core(const std::string& hub) override;

   private:
    class Handle;  // the process's connection to a journal
    struct HubSide {
        std::unique_ptr<Handle> journal;
        std::unique_ptr<audit::AuditCore> core;
    };
    void open(const std::string& hub);
    Network::Publisher publisher_;
    audit::ReadService reads_;
    std::unique_ptr<Network::ReadDesk> desk_;  // once every journal is open
    std::map<std::string, HubSide> hubs_;
    std::size_t opened_ = 0;
};

class BarsProcess final : public Process {
   public:
    BarsProcess(Town& town, std::string party);
    ~BarsProcess() override;
    bool ready(std::string& why) const override { return adapter_->ready(why); }
    bool idle() const override { return true; }
    bool has_folded(const std::string& hub, std::uint64_t seq) override {
        return adapter_->follower(hub)->folded() == seq;
    }

   private:
    Network::Partner partner_;
    std::unique_ptr<bars::Adapter> adapter_;
    std::unique_ptr<Network::Door> door_;
};

}  // namespace rightplace::sim
