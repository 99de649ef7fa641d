#include "common/store/connection.hpp"

#include <hiredis/async.h>

#include <algorithm>
#include <csignal>
#include <deque>
#include <utility>

#include "common/base/alive.hpp"
#include "common/base/limits.hpp"

namespace rightplace::store {
namespace {

using seams::StoreError;
using seams::StoreFailure;

// Ties hiredis's wishes to the loop. It belongs to the hiredis context, which may outlive its Link by the
// length of the callback in which the Link was destroyed.
struct Hook {
    bus::Loop& loop;
    redisAsyncContext* context;
    bool reading = false;
    bool writing = false;
    bool flush_due = false;
    bool flushing = false;
    Alive alive{};

    // What is asked for in one turn of the loop leaves together at its end; only what the socket does
    // not take at once waits for it.
    void want_to_write() {
        if (flushing || (context->c.flags & REDIS_CONNECTED) == 0) return set(&Hook::writing, true);
        if (writing || std::exchange(flush_due, true)) return;
        loop.soon(alive.guard([this] {
            const auto end = alive.guard([this] { flushing = false; });
            flush_due = false;
            flushing = true;
            redisAsyncHandleWrite(context);  // may end the connection, and this with it
            end();
        }));
    }
    void apply() const {
        const int fd = context->c.fd;
        if (!reading && !writing) return loop.unwatch_fd(fd);
        std::function<void()> readable;
        std::function<void()> writable;
        auto* const each = context;
        if (reading) readable = [each] { redisAsyncHandleRead(each); };
        if (writing) writable = [each] { redisAsyncHandleWrite(each); };
        loop.watch_fd(fd, std::move(readable), std::move(writable));
    }
    void set(bool Hook::*wish, bool value) {
        if (this->*wish == value) return;
        this->*wish = value;
        apply();
    }
};

Hook& hook(void* data) {
    return *static_cast<Hook*>(data);
}

void attach(redisAsyncContext* context, bus::Loop& loop) {
    context->ev.data = new Hook{loop, context};
    context->ev.addRead = [](void* data) { hook(data).set(&Hook::reading, true); };
    context->ev.delRead = [](void* data) { hook(data).set(&Hook::reading, false); };
    context->ev.addWrite = [](void* data) { hook(data).want_to_write(); };
    context->ev.delWrite = [](void* data) { hook(data).set(&Hook::writing, false); };
    context->ev.cleanup = [](void* data) {
        hook(data).loop.unwatch_fd(hook(data).context->c.fd);
        delete static_cast<Hook*>(data);
    };
}

Reply converted(const redisReply& from) {
    Reply reply;
    switch (from.type) {
        case REDIS_REPLY_INTEGER:
            reply.kind = Reply::Kind::number;
            reply.number = from.integer;
            break;
        case REDIS_REPLY_STRING:
        case REDIS_REPLY_STATUS:
        case REDIS_REPLY_ERROR:
            reply.kind = from.type == REDIS_REPLY_ERROR ? Reply::Kind::error : Reply::Kind::text;
            reply.text.assign(from.str, static_cast<std::size_t>(from.len));
            break;
        case REDIS_REPLY_ARRAY:
            reply.kind = Reply::Kind::list;
            for (std::size_t i = 0; i < from.elements; ++i) reply.items.push_back(converted(*from.element[i]));
            break;
        default:
            break;
    }
    return reply;
}

Failure<StoreFailure> failed(StoreError error, const char* detail) {
    return {StoreFailure{error, detail}};
}

}  // namespace

class Connection::Link : public std::enable_shared_from_this<Link> {
   public:
    Link(bus::Loop& loop, RedisAddress address) : loop_(loop), address_(std::move(address)) {}

    void call(std::vector<std::string> command, std::int64_t timeout_ms, std::function<void(Called)> done) {
        if (state_ == State::idle && loop_.boot_ms() >= retry_at_) connect();
        if (state_ == State::idle) return later(std::move(done), failed(StoreError::unavailable, "not connected"));
        if (flying_.size() + waiting_.size() >= limits::store_in_flight_max)
            return later(std::move(done), failed(StoreError::unavailable, "too many calls in flight"));
        auto call = std::make_shared<Call>(Call{std::move(done), loop_.boot_ms() + timeout_ms});
        watch_time();
        if (state_ == State::ready) return send(std::move(command), std::move(call));
        waiting_.push_back({std::move(command), std::move(call)});
    }

    void drop() {
        for (const auto& call : flying_) call->done = nullptr;
        waiting_.clear();
        if (context_ == nullptr) return;
        auto* const old = std::exchange(context_, nullptr);
        old->data = nullptr;
        redisAsyncFree(old);
    }

   private:
    enum class State { idle, connecting, ready };
    struct Call {
        std::function<void(Called)> done;  // empty once completed
        std::int64_t overdue_at;
    };
    struct Waiting {
        std::vector<std::string> command;
        std::shared_ptr<Call> call;
    };
    struct Flight {
        std::shared_ptr<Link> link;
        std::shared_ptr<Call> call;
    };

    static void complete(Call& call, Called outcome) {
        if (const auto done = std::exchange(call.done, nullptr)) done(std::move(outcome));
    }

    void later(std::function<void(Called)> done, Called outcome) {
        loop_.soon([self = weak_from_this(), done = std::move(done), outcome = std::move(outcome)] {
            if (!self.expired()) done(outcome);
        });
    }
    void later(Call& call, Called outcome) {
        if (auto done = std::exchange(call.done, nullptr)) later(std::move(done), std::move(outcome));
    }

    void connect() {
        context_ = redisAsyncConnectUnix(address_.socket.c_str());
        INVARIANT(context_ != nullptr);
        if (context_->err != 0) {
            redisAsyncFree(std::exchange(context_, nullptr));
            return lost();
        }
        state_ = State::connecting;
        context_->data = this;
        attach(context_, loop_);
        redisAsyncSetDisconnectCallback(context_, [](const redisAsyncContext* context, int) {
            if (context->data != nullptr) static_cast<Link*>(context->data)->lost();
        });
        redisAsyncSetConnectCallback(context_, [](const redisAsyncContext* context, int status) {
            if (context->data == nullptr) return;
            auto& link = *static_cast<Link*>(context->data);
            if (status != REDIS_OK) return link.lost();
            if (link.address_.user.empty()) return link.ready();
            link.log_in();
        });
    }

    void log_in() {
        auto call = std::make_shared<Call>();
        call->done = [this](const Called& outcome) {  // runs only while the Link lives: see drop()
            if (outcome.ok() && outcome.value().kind == Reply::Kind::text) return ready();
            if (context_ != nullptr) redisAsyncDisconnect(context_);
        };
        call->overdue_at = loop_.boot_ms() + limits::store_call_timeout_ms;
        watch_time();
        send({"AUTH", address_.user, address_.password}, std::move(call));
    }

    void ready() {
        state_ = State::ready;
        backoff_ = limits::store_backoff_first_ms;
        for (auto& each : std::exchange(waiting_, {})) {
            if (each.call->done) send(std::move(each.command), std::move(each.call));
        }
    }

    // Calls in flight have been completed by hiredis, with no reply.
    void lost() {
        context_ = nullptr;
        state_ = State::idle;
        retry_at_ = loop_.boot_ms() + backoff_;
        backoff_ = std::min(backoff_ * 2, limits::store_backoff_max_ms);
        for (auto& each : std::exchange(waiting_, {}))
            later(*each.call, failed(StoreError::unavailable, "not connected"));
    }

    void send(std::vector<std::string> command, std::shared_ptr<Call> call) {
        std::vector<const char*> parts;
        std::vector<std::size_t> lengths;
        for (const auto& part : command) {
            parts.push_back(part.data());
            lengths.push_back(part.size());
        }
        auto flight = std::make_unique<Flight>(Flight{shared_from_this(), call});
        const int sent = redisAsyncCommandArgv(context_, &Link::on_reply, flight.get(), int(parts.size()), parts.data(),
                                               lengths.data());
        if (sent != REDIS_OK) return later(*call, failed(StoreError::unavailable, "not connected"));
        flying_.push_back(std::move(call));
        [[maybe_unused]] const auto* owned_by_hiredis = flight.release();
    }

    static void on_reply(redisAsyncContext*, void* reply, void* data) {
        const std::unique_ptr<Flight> flight(static_cast<Flight*>(data));
        auto& link = *flight->link;
        std::erase(link.flying_, flight->call);  // replies come in order: it is the first
        // Without a reply hiredis is taking the connection down: whoever asks again must not do so in here.
        if (reply == nullptr) return link.later(*flight->call, failed(StoreError::unknown, "connection lost"));
        complete(*flight->call, converted(*static_cast<const redisReply*>(reply)));
    }

    void watch_time() {
        if (watching_) return;
        watching_ = true;
        loop_.after(limits::store_sweep_ms, [weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->sweep();
        });
    }

    void sweep() {
        watching_ = false;
        const std::int64_t now = loop_.boot_ms();
        const auto overdue = [now](const Call& call) { return call.done && call.overdue_at <= now; };
        for (const auto& call : flying_)
            if (overdue(*call)) later(*call, failed(StoreError::unknown, "no reply in time"));
        for (const auto& each : waiting_)
            if (overdue(*each.call)) later(*each.call, failed(StoreError::unavailable, "not let in in time"));
        std::erase_if(waiting_, [](const Waiting& each) { return !each.call->done; });
        if (!flying_.empty() || !waiting_.empty()) watch_time();
    }

    bus::Loop& loop_;
    RedisAddress address_;
    State state_ = State::idle;
    redisAsyncContext* context_ = nullptr;
    std::int64_t retry_at_ = 0;
    std::int64_t backoff_ = limits::store_backoff_first_ms;
    bool watching_ = false;
    std::deque<std::shared_ptr<Call>> flying_;  // sent, in the order of their replies
    std::vector<Waiting> waiting_;              // until the connection is there
};

Connection::Connection(bus::Loop& loop, RedisAddress address)
    : link_(std::make_shared<Link>(loop, std::move(address))) {
    // hiredis writes without MSG_NOSIGNAL; a lost connection is an error code to us, not the end.
    [[maybe_unused]] static const auto before = std::signal(SIGPIPE, SIG_IGN);
}

Connection::~Connection() {
    link_->drop();
}

void Connection::call(std::vector<std::string> command, std::int64_t timeout_ms, std::function<void(Called)> done) {
    link_->call(std::move(command), timeout_ms, std::move(done));
}

}  // namespace rightplace::store
