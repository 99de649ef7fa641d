#include "tests/unit/redis_server.hpp"

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>

namespace rightplace::testing {
namespace {

constexpr auto start_deadline = std::chrono::seconds(20);

using Context = std::unique_ptr<redisContext, decltype(&redisFree)>;

Context connected(const std::string& socket) {
    return {redisConnectUnix(socket.c_str()), redisFree};
}

std::string text_of(const redisReply& reply) {
    switch (reply.type) {
        case REDIS_REPLY_ERROR:
            return "-" + std::string(reply.str, static_cast<std::size_t>(reply.len));
        case REDIS_REPLY_STRING:
        case REDIS_REPLY_STATUS:
            return {reply.str, static_cast<std::size_t>(reply.len)};
        case REDIS_REPLY_INTEGER:
            return std::to_string(reply.integer);
        case REDIS_REPLY_ARRAY: {
            std::string lines;
            for (std::size_t i = 0; i < reply.elements; ++i) lines += text_of(*reply.element[i]) + "\n";
            return lines;
        }
        default:
            return "(nil)";
    }
}

std::string asked(redisContext& context, const std::vector<std::string>& parts) {
    std::vector<const char*> pointers;
    std::vector<std::size_t> lengths;
    for (const auto& part : parts) {
        pointers.push_back(part.data());
        lengths.push_back(part.size());
    }
    const std::unique_ptr<void, decltype(&freeReplyObject)> reply(
        redisCommandArgv(&context, static_cast<int>(parts.size()), pointers.data(), lengths.data()), freeReplyObject);
    return reply ? text_of(*static_cast<const redisReply*>(reply.get())) : "-LOST";
}

}  // namespace

RedisServer::RedisServer(const std::string& acl) : acl_(!acl.empty()) {
    std::string pattern = (std::filesystem::temp_directory_path() / "rp-redis-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    directory_ = pattern;
    socket_ = directory_ + "/redis.sock";
    if (acl_) std::ofstream(directory_ + "/users.acl") << acl;
    start();
}

RedisServer::~RedisServer() {
    kill();
    std::filesystem::remove_all(directory_);
}

void RedisServer::start() {
    std::vector<std::string> arguments{"redis-server",
                                       "--port",
                                       "0",
                                       "--save",
                                       "",
                                       "--appendonly",
                                       "no",
                                       "--unixsocket",
                                       socket_,
                                       "--dir",
                                       directory_,
                                       "--maxmemory-policy",
                                       "noeviction",
                                       "--logfile",
                                       directory_ + "/log"};
    if (acl_) arguments.insert(arguments.end(), {"--aclfile", directory_ + "/users.acl"});
    std::vector<char*> pointers;
    for (auto& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    std::filesystem::remove(socket_);
    pid_ = fork();
    if (pid_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);  // an aborted test leaves nothing running
        execvp(pointers[0], pointers.data());
        _exit(127);
    }
    const auto deadline = std::chrono::steady_clock::now() + start_deadline;
    while (std::chrono::steady_clock::now() < deadline) {
        const auto answer = command({"PING"});
        if (answer == "PONG" || answer.rfind("-NO", 0) == 0) return;  // with ACL: NOAUTH or NOPERM
        std::this_thread::sleep_for(std::chrono::milliseconds(5));    // polling, until it listens
    }
    throw std::runtime_error("redis-server did not start");
}

void RedisServer::kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
    frozen_ = false;
}

void RedisServer::freeze() {
    ::kill(pid_, SIGSTOP);
    frozen_ = true;
}

void RedisServer::thaw() {
    ::kill(pid_, SIGCONT);
    frozen_ = false;
}

std::string RedisServer::command(const std::vector<std::string>& parts) const {
    const auto context = connected(socket_);
    return context && context->err == 0 ? asked(*context, parts) : "-LOST";
}

std::string RedisServer::command_as(const std::string& user, const std::string& password,
                                    const std::vector<std::string>& parts) const {
    const auto context = connected(socket_);
    if (!context || context->err != 0) return "-LOST";
    const auto entry = asked(*context, {"AUTH", user, password});
    return entry == "OK" ? asked(*context, parts) : entry;
}

}  // namespace rightplace::testing
