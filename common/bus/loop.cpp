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
    sockets_[zmq_socket] = {std::move(readable), {}};
}

void Loop::unwatch_socket(void* zmq_socket) {
    sockets_.erase(zmq_socket);
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
    std::vector<zmq_pollitem_t> items{{nullptr, wake_fd_, ZMQ_POLLIN, 0}};
    std::vector<void*> sockets;
    std::vector<int> fds;
    for (const auto& [socket, watched] : sockets_) {
        items.push_back({socket, 0, ZMQ_POLLIN, 0});
        sockets.push_back(socket);
    }
    for (const auto& [fd, watched] : fds_) {
        const int events = (watched.readable ? ZMQ_POLLIN : 0) | (watched.writable ? ZMQ_POLLOUT : 0);
        items.push_back({nullptr, fd, static_cast<short>(events), 0});
        fds.push_back(fd);
    }
    const int ready = zmq_poll(items.data(), static_cast<int>(items.size()), long(next_timeout(most_ms)));
    if (ready < 0) INVARIANT(zmq_errno() == EINTR);
    if (ready > 0) {
        for (std::size_t i = 0; i < sockets.size(); ++i) {
            if ((items[1 + i].revents & ZMQ_POLLIN) == 0) continue;
            const auto found = sockets_.find(sockets[i]);
            if (found == sockets_.end()) continue;
            const auto call = found->second.readable;  // a copy: it may unwatch itself
            call();
        }
        for (std::size_t i = 0; i < fds.size(); ++i) {
            const short seen = items[1 + sockets.size() + i].revents;
            for (const bool reading : {true, false}) {
                if ((seen & (reading ? (ZMQ_POLLIN | ZMQ_POLLERR) : ZMQ_POLLOUT)) == 0) continue;
                const auto found = fds_.find(fds[i]);
                if (found == fds_.end()) continue;
                const auto call = reading ? found->second.readable : found->second.writable;
                if (call) call();
            }
        }
    }
    run_posted();
    run_due_timers();
    return !stopped_;
}

void Loop::run_posted() {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = read(wake_fd_, &count, sizeof count);
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
