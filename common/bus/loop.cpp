#include "common/bus/loop.hpp"

#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace rightplace::bus {
namespace {

constexpr std::int64_t us_per_ms = 1'000;
constexpr int timers_per_turn = 1'024;  // so that sockets are never starved

std::int64_t clock_us(clockid_t which) {
    timespec at{};
    clock_gettime(which, &at);
    return std::int64_t{at.tv_sec} * 1'000'000 + at.tv_nsec / 1'000;
}

bool readable(void* zmq_socket) {
    int events = 0;
    std::size_t size = sizeof events;
    INVARIANT(zmq_getsockopt(zmq_socket, ZMQ_EVENTS, &events, &size) == 0);
    return (events & ZMQ_POLLIN) != 0;
}

}  // namespace

Loop::Loop() : wake_fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    INVARIANT(wake_fd_ >= 0);
}

Loop::~Loop() {
    close(wake_fd_);
}

std::int64_t Loop::boot_ms() const {
    return clock_us(CLOCK_BOOTTIME) / us_per_ms;
}

TimeMs Loop::wall_ms() const {
    return clock_us(CLOCK_REALTIME) / us_per_ms;
}

void Loop::after(std::int64_t ms, std::function<void()> then) {
    timers_.emplace(clock_us(CLOCK_BOOTTIME) + std::max<std::int64_t>(ms, 0) * us_per_ms, std::move(then));
}

void Loop::watch_socket(void* zmq_socket, std::function<void()> readable) {
    int fd = -1;
    std::size_t size = sizeof fd;
    INVARIANT(zmq_getsockopt(zmq_socket, ZMQ_FD, &fd, &size) == 0);
    sockets_[zmq_socket] = {std::move(readable), fd, true};
}

void Loop::unwatch_socket(void* zmq_socket) {
    sockets_.erase(zmq_socket);
}

void Loop::used_socket(void* zmq_socket) {
    const auto found = sockets_.find(zmq_socket);
    if (found != sockets_.end()) found->second.ask = true;
}

void Loop::watch_fd(int fd, std::function<void()> readable, std::function<void()> writable) {
    fds_[fd] = {std::move(readable), std::move(writable)};
}

void Loop::unwatch_fd(int fd) {
    fds_.erase(fd);
}

void Loop::post(std::function<void()> work) {
    {
        const std::lock_guard lock(mutex_);
        posted_.push_back(std::move(work));
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = write(wake_fd_, &one, sizeof one);
}

void Loop::soon(std::function<void()> work) {
    soon_.push_back(std::move(work));
}

void Loop::stop() {
    stopped_ = true;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = write(wake_fd_, &one, sizeof one);
}

void Loop::run() {
    while (turn(1'000)) {
    }
}

std::int64_t Loop::next_timeout(std::int64_t most_ms) const {
    if (!soon_.empty()) return 0;
    if (timers_.empty()) return most_ms;
    const std::int64_t left_us = timers_.begin()->first - clock_us(CLOCK_BOOTTIME);
    const std::int64_t left_ms = (std::max<std::int64_t>(left_us, 0) + us_per_ms - 1) / us_per_ms;
    return std::min(most_ms, left_ms);
}

bool Loop::turn(std::int64_t most_ms) {
    if (stopped_) return false;
    if (poll_all(most_ms)) {
        call_sockets();
        call_fds();
    }
    run_posted();
    run_due_timers();
    return !stopped_;
}

// False: nothing is ready.
bool Loop::poll_all(std::int64_t most_ms) {
    bool waiting = true;
    polled_.assign({{wake_fd_, POLLIN, 0}});
    polled_sockets_.clear();
    for (auto& [socket, watched] : sockets_) {
        watched.ask = watched.ask && readable(socket);
        waiting = waiting && !watched.ask;
        polled_.push_back({watched.fd, POLLIN, 0});
        polled_sockets_.push_back(socket);
    }
    for (const auto& [fd, watched] : fds_) {
        polled_.push_back(
            {fd, static_cast<short>((watched.readable ? POLLIN : 0) | (watched.writable ? POLLOUT : 0)), 0});
    }
    const int ready = poll(polled_.data(), polled_.size(), waiting ? int(next_timeout(most_ms)) : 0);
    INVARIANT(ready >= 0 || errno == EINTR);
    if (ready < 0) {
        for (auto& each : polled_) each.revents = 0;
    }
    return ready > 0 || !waiting;
}

void Loop::call_sockets() {
    for (std::size_t i = 0; i < polled_sockets_.size(); ++i) {
        const auto found = sockets_.find(polled_sockets_[i]);
        if (found == sockets_.end()) continue;
        auto& watched = found->second;
        if (!watched.ask && (polled_[1 + i].revents == 0 || !readable(found->first))) continue;
        watched.ask = true;                  // again after this
        const auto call = watched.readable;  // a copy: it may unwatch itself
        call();
    }
}

void Loop::call_fds() {
    for (std::size_t i = 1 + polled_sockets_.size(); i < polled_.size(); ++i) {
        for (const bool reading : {true, false}) {
            if ((polled_[i].revents & (reading ? ~POLLOUT : POLLOUT)) == 0) continue;
            const auto found = fds_.find(polled_[i].fd);
            if (found == fds_.end()) continue;
            const auto call = reading ? found->second.readable : found->second.writable;
            if (call) call();
        }
    }
}

void Loop::run_posted() {
    if (polled_[0].revents != 0) {
        std::uint64_t count = 0;
        [[maybe_unused]] const auto got = read(wake_fd_, &count, sizeof count);
    }
    std::vector<std::function<void()>> work;
    {
        const std::lock_guard lock(mutex_);
        work.swap(posted_);
    }
    for (const auto& each : work) each();
    work.clear();
    work.swap(soon_);
    for (const auto& each : work) each();
}

void Loop::run_due_timers() {
    const std::int64_t now = clock_us(CLOCK_BOOTTIME);
    for (int i = 0; i < timers_per_turn && !timers_.empty() && timers_.begin()->first <= now; ++i) {
        const auto then = std::move(timers_.begin()->second);
        timers_.erase(timers_.begin());
        then();
    }
}

}  // namespace rightplace::bus
