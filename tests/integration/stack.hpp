// A private, real stack for a test: redis-server and every service as processes of their own in a
// fresh state directory, on free ports. Processes are killed, stopped and restarted by the test.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/time.hpp"
#include "common/bus/sync_client.hpp"
#include "messages/runtime.pb.h"

namespace rightplace::testing {

class Stack {
   public:
    static constexpr const char* sender_service = "2222222222";
    struct Options {
        std::vector<std::string> hubs{"paddock-wood"};
        std::string sender_url;  // endpoint of the sender's service; empty: none configured
        std::string sender_id = sender_service;
        std::string bin_dir;                                   // empty: this build's
        std::function<std::string(std::string)> amend_policy;  // of each hub; none: as shipped, and somebody there
    };
    Stack() : Stack(Options()) {}
    explicit Stack(Options options);
    ~Stack();
    Stack(const Stack&) = delete;
    Stack& operator=(const Stack&) = delete;

    void start_all();  // and wait until all are ready; throws with the reason when they are not in time
    void start(const std::string& process);   // "redis", "audit", "vault", ...
    void kill(const std::string& process);    // SIGKILL
    void freeze(const std::string& process);  // SIGSTOP
    void thaw(const std::string& process);
    bool alive(const std::string& process);
    pid_t pid(const std::string& process) const { return pids_.at(process); }
    // Restarts whatever has ended by itself, as the supervisor would. Called from wait_until.
    void supervise();

    bool wait_until(const std::function<bool()>& done, std::int64_t ms = 30'000);
    bool ready(std::string& why_not);
    std::string redis(const std::vector<std::string>& words);  // one command straight to Redis; its answer as text
    std::string flush_redis() { return redis({"FLUSHALL"}); }

    bus::SyncClient& client(const std::string& role = "cli");
    Reply ask(const std::string& service, const google::protobuf::Message& payload, const std::string& command_id,
              std::int64_t overall_ms = 15'000, TimeMs occurred_at = 0);  // 0: as it is asked
    Reply ask_once(const std::string& service, const google::protobuf::Message& payload, const std::string& command_id,
                   std::int64_t timeout_ms);
    template <typename T>
    std::optional<T> query(const std::string& service, const google::protobuf::Message& payload) {
        T answer;
        if (!query_into(service, payload, answer)) return std::nullopt;
        return answer;
    }
    // Every stored event of the hub, read from audit's read socket.
    std::vector<std::string> journal();

    const std::string& state_dir() const { return state_; }
    const std::string& config() const { return config_; }
    const std::string& hub() const { return options_.hubs.front(); }
    int bars_port() const { return bars_port_; }
    std::string bin(const std::string& program) const { return bin_dir_ + "/" + program; }
    std::string log_of(const std::string& process) const;

    static std::string service_of(const std::string& hub) { return hub == "ashford" ? "2000072490" : "2000072489"; }

   private:
    void write_config();
    void create_journals();
    bool query_into(const std::string& service, const google::protobuf::Message& payload,
                    google::protobuf::Message& answer);

    Options options_;
    std::string bin_dir_;
    std::string state_;
    std::string config_;
    int bars_port_ = 0;
    std::map<std::string, pid_t> pids_;
    std::map<std::string, bool> wanted_;
    std::map<std::string, std::unique_ptr<bus::SyncClient>> clients_;
};

int free_port();

}  // namespace rightplace::testing
