#include "common/bus/socket.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <zmq.h>

#include <atomic>
#include <cstring>

#include "common/base/limits.hpp"

namespace rightplace::bus {
namespace {

constexpr std::string_view ipc = "ipc://";

int zmq_kind(SocketKind kind) {
    switch (kind) {
        case SocketKind::router:
            return ZMQ_ROUTER;
        case SocketKind::dealer:
            return ZMQ_DEALER;
        case SocketKind::publisher:
            return ZMQ_PUB;
        case SocketKind::subscriber:
            return ZMQ_SUB;
    }
    INVARIANT(false);
}

}  // namespace

Socket::Socket(Context& context, SocketKind kind, int queue_max_messages)
    : loop_(context.loop()),
      keys_(context.keys()),
      context_(context.handle()),
      socket_(zmq_socket(context_.get(), zmq_kind(kind))) {
    INVARIANT(socket_ != nullptr);
    set(ZMQ_LINGER, 0);
    set(ZMQ_SNDHWM, queue_max_messages);
    set(ZMQ_RCVHWM, queue_max_messages);
    set(ZMQ_HEARTBEAT_IVL, limits::peer_heartbeat_ms);
    set(ZMQ_HEARTBEAT_TIMEOUT, limits::peer_heartbeat_timeout_ms);
    set(ZMQ_HEARTBEAT_TTL, limits::peer_heartbeat_timeout_ms);
    set(ZMQ_HANDSHAKE_IVL, limits::peer_handshake_ms);
    set(ZMQ_RECONNECT_IVL, limits::reconnect_first_ms);
    set(ZMQ_RECONNECT_IVL_MAX, limits::reconnect_max_ms);
    // Beyond it libzmq cuts the connection before it has the bytes.
    const std::int64_t most = limits::message_max_bytes + limits::message_overhead_max_bytes;
    INVARIANT(zmq_setsockopt(socket_, ZMQ_MAXMSGSIZE, &most, sizeof most) == 0);
    if (kind == SocketKind::router) set(ZMQ_ROUTER_MANDATORY, 1);  // so that a dropped answer is counted
    // A request waits with us, not in a queue of libzmq that outlives its deadline.
    if (kind == SocketKind::dealer) set(ZMQ_IMMEDIATE, 1);
}

Socket::~Socket() {
    loop_.unwatch_socket(socket_);
    if (monitor_ != nullptr) {
        loop_.unwatch_socket(monitor_);
        zmq_socket_monitor(socket_, nullptr, 0);
        zmq_close(monitor_);
    }
    zmq_close(socket_);
    if (lock_fd_ >= 0) close(lock_fd_);
}

void Socket::set(int option, int value) {
    INVARIANT(zmq_setsockopt(socket_, option, &value, sizeof value) == 0);
}

void Socket::set(int option, const std::string& value) {
    INVARIANT(zmq_setsockopt(socket_, option, value.c_str(), value.size()) == 0);
}

Result<bool, std::string> Socket::serve(std::string_view role, const std::string& endpoint) {
    const auto& own = keys_.pair(role);
    set(ZMQ_CURVE_SERVER, 1);
    set(ZMQ_CURVE_SECRETKEY, own.secret_key);
    if (endpoint.starts_with(ipc)) {  // libzmq would silently take the path away from whoever serves it
        const std::string path = endpoint.substr(ipc.size());
        if (path.size() > limits::socket_path_max_bytes) return Failure{path + " is too long for a socket"};
        lock_fd_ = open((path + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (lock_fd_ < 0) return Failure{"cannot create " + path + ".lock: " + std::strerror(errno)};
        if (flock(lock_fd_, LOCK_EX | LOCK_NB) != 0) return Failure{path + " is served by another process"};
    }
    if (zmq_bind(socket_, endpoint.c_str()) != 0) {
        return Failure{"cannot serve " + endpoint + ": " + zmq_strerror(zmq_errno())};
    }
    loop_.used_socket(socket_);
    return true;
}

void Socket::connect(std::string_view role, const std::string& server_public_key, const std::string& endpoint) {
    const auto& own = keys_.pair(role);
    set(ZMQ_CURVE_SERVERKEY, server_public_key);
    set(ZMQ_CURVE_PUBLICKEY, own.public_key);
    set(ZMQ_CURVE_SECRETKEY, own.secret_key);
    INVARIANT(zmq_connect(socket_, endpoint.c_str()) == 0);  // fails only on a malformed endpoint
    loop_.used_socket(socket_);
}

void Socket::subscribe(const std::string& topic) {
    set(ZMQ_SUBSCRIBE, topic);
    loop_.used_socket(socket_);
}

void Socket::on_readable(std::function<void()> readable) {
    loop_.watch_socket(socket_, std::move(readable));
}

void Socket::on_connection(std::function<void(Connection)> changed) {
    static std::atomic<std::uint64_t> count{0};
    const std::string name = "inproc://monitor-" + std::to_string(++count);
    changed_ = std::move(changed);
    const int events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                       ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL;
    INVARIANT(zmq_socket_monitor(socket_, name.c_str(), events) == 0);
    monitor_ = zmq_socket(context_.get(), ZMQ_PAIR);
    INVARIANT(monitor_ != nullptr);
    const int unbounded = 0;  // a full queue would stop the I/O thread; peers come no faster than handshakes
    zmq_setsockopt(monitor_, ZMQ_RCVHWM, &unbounded, sizeof unbounded);
    zmq_setsockopt(monitor_, ZMQ_LINGER, &unbounded, sizeof unbounded);
    INVARIANT(zmq_connect(monitor_, name.c_str()) == 0);
    loop_.watch_socket(monitor_, [this] { read_monitor(); });
}

void Socket::read_monitor() {
    const auto changed = changed_;
    const auto received = receive_frames(monitor_, 1);  // one a turn: the callee may end this socket
    if (!received || received->frames.empty() || received->frames[0].size() < sizeof(std::uint16_t)) return;
    std::uint16_t event = 0;
    std::memcpy(&event, received->frames[0].data(), sizeof event);
    switch (event) {
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
            return changed(Connection::up);
        case ZMQ_EVENT_DISCONNECTED:
            return changed(Connection::down);
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
            return changed(Connection::refused);
        case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
        case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
            return changed(Connection::failed);
        default:
            return;
    }
}

std::optional<Received> Socket::receive() {
    loop_.used_socket(socket_);
    return receive_frames(socket_, limits::frames_kept_max);
}

bool Socket::send(std::initializer_list<std::string_view> frames) {
    loop_.used_socket(socket_);
    return send_frames(socket_, frames);
}

bool Socket::can_send() {
    loop_.used_socket(socket_);
    int events = 0;
    std::size_t size = sizeof events;
    INVARIANT(zmq_getsockopt(socket_, ZMQ_EVENTS, &events, &size) == 0);
    return (events & ZMQ_POLLOUT) != 0;
}

}  // namespace rightplace::bus
