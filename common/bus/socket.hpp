// One CURVE socket, watched by the context's loop. Serving sockets bind, asking sockets connect;
// every bound (queues, message size, heartbeats) is set here.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/bus/context.hpp"
#include "common/bus/frames.hpp"

namespace rightplace::bus {

enum class SocketKind { router, dealer, publisher, subscriber };
enum class Connection {
    up,       // handshake done
    down,     // a peer that was there has gone
    refused,  // the allow-list refused a key
    failed    // no handshake: plain text, a wrong server key, another protocol
};

class Socket {
   public:
    Socket(Context& context, SocketKind kind, int queue_max_messages);
    ~Socket();
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    // The error is a sentence. A second server on the same ipc path is refused.
    Result<bool, std::string> serve(std::string_view role, const std::string& endpoint);
    // INVARIANT: `role` is one of our roles. Reconnects by itself, for ever.
    void connect(std::string_view role, const std::string& server_public_key, const std::string& endpoint);
    void subscribe(const std::string& topic);

    void on_readable(std::function<void()> readable);
    void on_connection(std::function<void(Connection)> changed);

    std::optional<Received> receive();
    bool send(std::initializer_list<std::string_view> frames);
    bool can_send();

   private:
    void set(int option, int value);
    void set(int option, const std::string& value);
    void read_monitor();

    Loop& loop_;
    const Keyring& keys_;
    std::shared_ptr<void> context_;
    void* socket_;
    void* monitor_ = nullptr;
    std::function<void(Connection)> changed_;
    int lock_fd_ = -1;
};

}  // namespace rightplace::bus
