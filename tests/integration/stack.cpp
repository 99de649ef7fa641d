#include "tests/integration/stack.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>

#include "common/base/limits.hpp"
#include "common/bus/reads.hpp"
#include "messages/audit.pb.h"
#include "services/audit/shell/journal_file.hpp"
#include "tests/unit/shipped_policy.hpp"

extern char** environ;

namespace rightplace::testing {
namespace {

const std::vector<std::string> services{"vault", "audit", "intake", "triage", "referral", "bars"};
constexpr std::int64_t turn_ms = 20;
constexpr std::int64_t start_ms = 60'000;  // sanitised programs on a busy machine

std::string make_state_dir() {
    std::string name = "/tmp/rp-stack-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a state directory");
    return name;
}

pid_t spawn(const std::vector<std::string>& words, const std::string& log) {
    std::vector<char*> arguments;
    for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    pid_t pid = -1;
    const int failed = posix_spawnp(&pid, arguments[0], &files, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    if (failed != 0) throw std::runtime_error("cannot start " + words[0]);
    return pid;
}

}  // namespace

// Below the ports that the kernel lends to outgoing connections: one of those would be lent away between
// here and the start, even to whoever knocks there to see whether it is open yet.
int free_port() {
    constexpr int first = 15'000, ports = 15'000, tries = 100;
    std::random_device random;
    for (int i = 0; i < tries; ++i) {
        const int port = first + int(random() % ports);
        const int fd = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(std::uint16_t(port));
        const bool free = bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
        close(fd);
        if (free) return port;
    }
    throw std::runtime_error("no free port");
}

Stack::Stack(Options options)
    : options_(std::move(options)),
      bin_dir_(options_.bin_dir.empty() ? std::string(BINARY_DIR) + "/bin" : options_.bin_dir),
      state_(make_state_dir()),
      config_(state_ + "/stack.textproto"),
      bars_port_(free_port()) {
    for (const auto* part : {"run", "journal", "roots", "vault", "watch", "log"}) {
        std::filesystem::create_directory(state_ + "/" + part);
    }
    write_config();
    create_journals();
}

Stack::~Stack() {
    clients_.clear();
    for (const auto& [process, pid] : pids_) {
        ::kill(pid, SIGKILL);
        waitpid(pid, nullptr, 0);
    }
    std::filesystem::remove_all(state_);
}

void Stack::write_config() {
    std::ofstream file(config_);
    file << "state_dir: \"" << state_ << "\"\nrun_dir: \"" << state_ << "/run\"\nkeys_dir: \"" << state_ << "/keys\"\n"
         << "label: \"synthetic\"\nlog_level: \"info\"\nredis { socket: \"" << state_ << "/run/redis.sock\" }\n"
         << "audit { journal_dir: \"" << state_ << "/journal\" roots_dir: \"" << state_ << "/roots\" }\n"
         << "vault { database: \"" << state_ << "/vault/vault.db\" master_key_file: \"" << state_
         << "/vault/master.key\" }\n"
         << "bars { listen_address: \"127.0.0.1\" port: " << bars_port_ << " watch_dir: \"" << state_
         << "/watch\" organisation_ods: \"RYD\"\n";
    if (!options_.sender_url.empty()) {
        file << "  senders { service_id: \"" << options_.sender_id << "\" url: \"" << options_.sender_url << "\" }\n";
    }
    file << "}\n";
    for (const auto& hub : options_.hubs) {
        const auto policy = state_ + "/" + hub + "-policy.textproto";
        const auto text = with_attendance(shipped_policy(hub));
        std::ofstream(policy) << (options_.amend_policy ? options_.amend_policy(text) : text);
        file << "hubs { name: \"" << hub << "\" letter: \"" << (hub == "ashford" ? "A" : "P")
             << "\" bars_service_id: \"" << service_of(hub) << "\" policy_file: \"" << policy
             << "\" organisation_ods: \"RYD\" }\n";
    }
}

void Stack::create_journals() {
    for (const auto& hub : options_.hubs) {
        const auto created = audit::create_journal(state_ + "/journal/" + hub + ".journal", hub);
        if (!created.ok()) throw std::runtime_error("cannot create a journal: " + created.error().detail);
    }
}

void Stack::start(const std::string& process) {
    const auto log = state_ + "/log/" + process + ".log";
    wanted_[process] = true;
    if (process == "redis") {
        pids_[process] = spawn(
            {"redis-server", "--port", "0", "--unixsocket", state_ + "/run/redis.sock", "--save", "", "--appendonly",
             "no", "--latency-tracking", "no", "--maxmemory-policy", "noeviction", "--dir", state_},
            log);
    } else {
        pids_[process] = spawn({bin(process), "--config", config_}, log);
    }
}

void Stack::start_all() {
    start("redis");
    for (const auto& service : services) start(service);
    std::string why;
    if (!wait_until([this, &why] { return ready(why); }, start_ms)) {
        throw std::runtime_error("the stack is not ready: " + why + "\n" + log_of("audit") + log_of("vault") +
                                 log_of("bars"));
    }
}

void Stack::kill(const std::string& process) {
    wanted_[process] = false;
    ::kill(pids_.at(process), SIGKILL);
    waitpid(pids_.at(process), nullptr, 0);
    pids_.erase(process);
}

void Stack::freeze(const std::string& process) {
    ::kill(pids_.at(process), SIGSTOP);
}

void Stack::thaw(const std::string& process) {
    ::kill(pids_.at(process), SIGCONT);
}

bool Stack::alive(const std::string& process) {
    const auto found = pids_.find(process);
    return found != pids_.end() && waitpid(found->second, nullptr, WNOHANG) == 0;
}

void Stack::supervise() {
    for (const auto& [process, wanted] : wanted_) {
        if (!wanted || alive(process)) continue;
        pids_.erase(process);
        start(process);
    }
}

bool Stack::wait_until(const std::function<bool()>& done, std::int64_t ms) {
    auto& loop = client().loop();
    const auto until = loop.boot_ms() + ms;
    while (!done()) {
        if (loop.boot_ms() >= until) return false;
        loop.turn(turn_ms);
        supervise();
    }
    return true;
}

bool Stack::ready(std::string& why_not) {
    for (const auto& service : services) {
        if (service == "bars") continue;  // asked over HTTP by those who need it
        const auto status = query<runtime::StatusReply>(service, runtime::GetStatus());
        if (!status) {
            why_not = service + " does not answer";
            return false;
        }
        for (const auto& hub : status->hubs()) {
            if (hub.ready()) continue;
            why_not = service + " " + hub.hub() + ": " + hub.why_not_ready();
            return false;
        }
    }
    return true;
}

std::string Stack::redis(const std::vector<std::string>& words) {
    auto* redis = redisConnectUnix((state_ + "/run/redis.sock").c_str());
    for (int tries = 0; redis->err != 0 && tries < 200; ++tries) {  // it may just be starting
        redisFree(redis);
        client().loop().turn(turn_ms);
        redis = redisConnectUnix((state_ + "/run/redis.sock").c_str());
    }
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    for (const auto& word : words) {
        texts.push_back(word.data());
        sizes.push_back(word.size());
    }
    auto* reply = static_cast<redisReply*>(redisCommandArgv(redis, int(words.size()), texts.data(), sizes.data()));
    std::string said = "no answer";
    if (reply != nullptr) said = reply->str != nullptr ? reply->str : std::to_string(reply->integer);
    freeReplyObject(reply);
    redisFree(redis);
    return said;
}

bus::SyncClient& Stack::client(const std::string& role) {
    auto& client = clients_[role];
    if (client == nullptr) {
        auto opened = bus::SyncClient::open(state_ + "/keys", role, [this](const std::string& service) {
            return "ipc://" + state_ + "/run/" + service + ".cmd";
        });
        if (!opened.ok()) throw std::runtime_error(opened.error());
        client = std::move(opened.value());
    }
    return *client;
}

namespace {

Command command_for(const std::string& hub, const google::protobuf::Message& payload, const std::string& command_id) {
    Command command;
    command.set_command_id(command_id);
    command.set_hub(hub);
    command.mutable_actor()->set_id("staff-1");
    command.mutable_actor()->set_role("paramedic-practitioner");
    command.mutable_actor()->set_organisation_ods("RYD");
    command.mutable_payload()->PackFrom(payload);
    return command;
}

}  // namespace

Reply Stack::ask(const std::string& service, const google::protobuf::Message& payload, const std::string& command_id,
                 std::int64_t overall_ms, TimeMs occurred_at) {
    const auto until = client().loop().boot_ms() + overall_ms;
    auto command = command_for(hub(), payload, command_id);
    if (occurred_at != 0) *command.mutable_occurred_at() = to_timestamp(occurred_at);
    Reply reply;
    do {
        reply = client().ask(service, command, 3'000);
        if (reply.status() != UNAVAILABLE && reply.status() != UNKNOWN) break;
        supervise();
        client().loop().turn(turn_ms);
    } while (client().loop().boot_ms() < until);
    return reply;
}

Reply Stack::ask_once(const std::string& service, const google::protobuf::Message& payload,
                      const std::string& command_id, std::int64_t timeout_ms) {
    return client().ask(service, command_for(hub(), payload, command_id), timeout_ms);
}

bool Stack::query_into(const std::string& service, const google::protobuf::Message& payload,
                       google::protobuf::Message& answer) {
    rightplace::Query query;
    query.set_hub(hub());
    query.mutable_actor()->set_id("staff-1");
    query.mutable_actor()->set_role("paramedic-practitioner");
    query.mutable_payload()->PackFrom(payload);
    const auto reply = client().query(service, query, 1'000);
    return reply.ok() && !reply.value().has_refusal() && reply.value().payload().UnpackTo(&answer);
}

std::vector<std::string> Stack::journal() {
    auto& context = client().context();
    bus::ZmqJournalReader reader(context, "cli", "ipc://" + state_ + "/run/audit.read");
    std::vector<std::string> events;
    for (std::uint64_t from = 1;;) {
        audit::Read read;
        read.set_hub(hub());
        read.set_from_seq(from);
        read.set_max_events(limits::read_max_events);
        std::optional<audit::ReadReply> page;
        bool answered = false;
        reader.read(read.SerializeAsString(), 5'000, [&](const Result<seams::Bytes, seams::TransportError>& reply) {
            answered = true;
            audit::ReadReply parsed;
            if (reply.ok() && parsed.ParseFromString(reply.value())) page = parsed;
        });
        while (!answered) client().loop().turn(turn_ms);
        if (!page || !page->error().empty()) throw std::runtime_error("the journal cannot be read");
        events.insert(events.end(), page->events().begin(), page->events().end());
        if (page->next_seq() > page->head_seq()) return events;
        from = page->next_seq();
    }
}

std::string Stack::log_of(const std::string& process) const {
    std::ifstream file(state_ + "/log/" + process + ".log");
    std::ostringstream text;
    text << file.rdbuf();
    return "--- " + process + "\n" + text.str();
}

}  // namespace rightplace::testing
