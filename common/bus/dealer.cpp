#include "common/bus/dealer.hpp"

#include "common/base/limits.hpp"
#include "common/bus/request_id.hpp"

namespace rightplace::bus {

using seams::TransportError;

Dealer::Dealer(Context& context, std::string_view role, std::string_view server_role, const std::string& endpoint)
    : loop_(context.loop()), socket_(context, SocketKind::dealer, limits::command_queue_max_messages) {
    const auto server_key = context.keys().public_key(server_role);
    INVARIANT(server_key);
    socket_.on_connection([this](Connection change) { changed(change); });
    socket_.on_readable([this] { read_some(); });
    socket_.connect(role, *server_key, endpoint);
}

void Dealer::ask(seams::Bytes request, std::int64_t timeout_ms, Completion done) {
    auto own_id = request_id_of(request);
    if (!own_id || request.size() > limits::message_max_bytes || pending_.size() >= limits::commands_in_flight_max) {
        loop_.soon([done = std::move(done)] { done(Failure{TransportError::unreachable}); });
        return;
    }
    // An id of our own, for two askers may have chosen the same.
    const std::string id = std::to_string(++count_);
    const auto deadline = deadlines_.emplace(loop_.boot_ms() + timeout_ms, id);
    pending_.emplace(
        id, Pending{std::move(*own_id), with_request_id(std::move(request), id), false, deadline, std::move(done)});
    waiting_.push_back(id);
    arm();
    send_waiting();
}

void Dealer::send_waiting() {
    while (!waiting_.empty()) {
        const auto found = pending_.find(waiting_.front());
        if (found != pending_.end()) {
            if (!socket_.can_send() || !socket_.send({found->second.unsent})) return send_later();
            found->second.sent = true;
            found->second.unsent = {};
        }
        waiting_.pop_front();
    }
}

// Connected and yet no room: the queue is full, or the connection is only just being attached.
void Dealer::send_later() {
    if (!connected_ || retry_armed_) return;
    retry_armed_ = true;
    loop_.after(limits::send_retry_ms, alive_.guard([this] {
        retry_armed_ = false;
        send_waiting();
    }));
}

void Dealer::read_some() {
    bool here = true;
    for (int i = 0; here && i < limits::socket_batch_max_messages; ++i) {
        auto received = socket_.receive();
        if (!received) return;
        if (received->count != 1) continue;
        const auto found = pending_.find(request_id_of(received->frames[0]).value_or(""));
        if (found == pending_.end()) continue;  // later than its timeout
        auto pending = std::move(found->second);
        deadlines_.erase(pending.deadline);
        pending_.erase(found);
        here = false;
        const auto still_here = alive_.guard([&here] { here = true; });
        pending.done(with_request_id(std::move(received->frames[0]), pending.own_id));
        still_here();
    }
}

void Dealer::changed(Connection change) {
    switch (change) {
        case Connection::up:
            connected_ = true;
            refused_ = false;
            return send_waiting();
        case Connection::down:
            connected_ = false;
            return fail(all_where(true, TransportError::timed_out));
        case Connection::refused:
            refused_ = true;
            return fail(all_where(false, TransportError::refused_key));
        case Connection::failed:
            return;
    }
}

Dealer::Failed Dealer::all_where(bool sent, TransportError error) const {
    Failed those;
    for (const auto& [id, pending] : pending_) {
        if (pending.sent == sent) those.emplace_back(id, error);
    }
    return those;
}

void Dealer::fail(const Failed& failed) {
    std::vector<std::pair<Completion, TransportError>> calls;
    for (const auto& [id, error] : failed) {
        const auto found = pending_.find(id);
        deadlines_.erase(found->second.deadline);
        calls.emplace_back(std::move(found->second.done), error);
        pending_.erase(found);
    }
    for (const auto& [done, error] : calls) done(Failure{error});  // last: one of them may end this dealer
}

void Dealer::arm() {
    if (deadlines_.empty()) return;
    const std::int64_t first = deadlines_.begin()->first;
    if (armed_for_ != 0 && armed_for_ <= first) return;
    armed_for_ = first;
    loop_.after(first - loop_.boot_ms(), alive_.guard([this, first] {
        if (armed_for_ == first) armed_for_ = 0;
        expire();
    }));
}

void Dealer::expire() {
    Failed failed;
    const auto never_sent = refused_ ? TransportError::refused_key : TransportError::unreachable;
    const std::int64_t now = loop_.boot_ms();
    for (auto next = deadlines_.begin(); next != deadlines_.end() && next->first <= now; ++next) {
        failed.emplace_back(next->second, pending_.at(next->second).sent ? TransportError::timed_out : never_sent);
    }
    loop_.soon(alive_.guard([this] { arm(); }));
    fail(failed);
}

}  // namespace rightplace::bus
