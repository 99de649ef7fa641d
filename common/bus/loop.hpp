// The real event loop: one thread, poll over ZeroMQ sockets and file descriptors, timers, and work
// posted from other threads. It is the production Clock.
//
// Not zmq_poll: that asks every socket twice at each wake-up, at two system calls each. A ZeroMQ
// socket's own descriptor is readable as long as libzmq has something to tell about it, so a socket is
// asked only then, and after each use of it, in which libzmq may have taken that in on the side.
#pragma once

#include <poll.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "common/base/seams.hpp"

namespace rightplace::bus {

class Loop final : public seams::Clock {
   public:
    Loop();
    ~Loop() override;
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    std::int64_t boot_ms() const override;
    TimeMs wall_ms() const override;
    void after(std::int64_t ms, std::function<void()> then) override;

    // `readable` runs while the socket has something to read; it must read until EAGAIN or bounded.
    void watch_socket(void* zmq_socket, std::function<void()> readable);
    void unwatch_socket(void* zmq_socket);
    void used_socket(void* zmq_socket);  // after every libzmq call on it from outside `readable`
    // Level-triggered. Either function may be empty.
    void watch_fd(int fd, std::function<void()> readable, std::function<void()> writable);
    void unwatch_fd(int fd);

    void post(std::function<void()> work);  // from any thread; runs soon, on the loop
    void soon(std::function<void()> work);  // from the loop's own thread; runs after the current work
    void run();                             // until stop()
    void stop();                            // from any thread or a signal handler
    bool turn(std::int64_t most_ms);        // one pass; for tests and clients. False when stopped

   private:
    struct WatchedSocket {
        std::function<void()> readable;
        int fd;
        bool ask;  // whether it has something to read cannot be told from its descriptor alone
    };
    struct Watched {
        std::function<void()> readable;
        std::function<void()> writable;
    };
    bool poll_all(std::int64_t most_ms);
    void call_sockets();
    void call_fds();
    std::int64_t next_timeout(std::int64_t most_ms) const;
    void run_due_timers();
    void run_posted();

    std::map<void*, WatchedSocket> sockets_;
    std::map<int, Watched> fds_;
    std::multimap<std::int64_t, std::function<void()>> timers_;  // by boot time, microseconds
    // Of the current turn: the wake-up descriptor, then those of the sockets, then the others.
    std::vector<pollfd> polled_;
    std::vector<void*> polled_sockets_;
    std::vector<std::function<void()>> soon_;
    std::mutex mutex_;
    std::vector<std::function<void()>> posted_;
    int wake_fd_ = -1;
    std::atomic<bool> stopped_{false};
};

}  // namespace rightplace::bus
