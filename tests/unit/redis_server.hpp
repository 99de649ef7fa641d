// A private, real redis-server for a test: on a unix socket in a directory of its own, no port, no
// persistence. It dies with the object. Blocking calls straight to it, to plant and to inspect.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace rightplace::testing {

class RedisServer {
   public:
    // `acl`: the text of an aclfile; empty: no ACL.
    explicit RedisServer(const std::string& acl = {});
    ~RedisServer();
    RedisServer(const RedisServer&) = delete;
    RedisServer& operator=(const RedisServer&) = delete;

    const std::string& socket() const { return socket_; }
    void start();   // and wait until it answers
    void kill();    // SIGKILL; everything in it is lost
    void freeze();  // SIGSTOP: connections stay, nothing is answered
    void thaw();
    bool frozen() const { return frozen_; }  // a command would wait for ever

    // One command as the default user or as `user` (with its password in front). The answer as text: a
    // list's items each on a line, an error as "-CODE ...", nothing as "(nil)".
    std::string command(const std::vector<std::string>& parts) const;
    std::string command_as(const std::string& user, const std::string& password,
                           const std::vector<std::string>& parts) const;

   private:
    std::string directory_;
    std::string socket_;
    bool acl_ = false;
    bool frozen_ = false;
    pid_t pid_ = -1;
};

}  // namespace rightplace::testing
