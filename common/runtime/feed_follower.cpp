#include "common/runtime/feed_follower.hpp"

#include <algorithm>
#include <limits>

#include "common/base/limits.hpp"

namespace rightplace::runtime {

FeedFollower::FeedFollower(std::string hub, seams::FeedSubscriber& feed, seams::JournalReader& reader,
                           seams::Clock& clock, seams::Life& life, Handlers handlers)
    : hub_(std::move(hub)), feed_(feed), reader_(reader), clock_(clock), life_(life), handlers_(std::move(handlers)) {}

void FeedFollower::start(std::uint64_t after) {
    next_ = after + 1;
    feed_.subscribe(hub_, alive_.guard([this](const seams::FeedMessage& message) { on_message(message); }));
    fetch();
}

std::int64_t FeedFollower::heartbeat_age_ms() const {
    return heartbeat_at_ < 0 ? std::numeric_limits<std::int64_t>::max() : clock_.boot_ms() - heartbeat_at_;
}

bool FeedFollower::fresh() const {
    return heartbeat_age_ms() <= limits::heartbeat_max_age_ms && heartbeat_.epoch() == epoch_;
}

std::uint64_t FeedFollower::journalled() const {
    return heartbeat_.epoch() == epoch_ ? std::max(folded(), heartbeat_.head_seq()) : folded();
}

TimeMs FeedFollower::hub_now() const {
    return heartbeat_at_ < 0 ? clock_.wall_ms() : heartbeat_.hub_time_ms() + heartbeat_age_ms();
}

void FeedFollower::on_message(const seams::FeedMessage& message) {
    if (!message.heartbeat) {
        offer(message.bytes);
        return;
    }
    audit::Heartbeat beat;
    if (beat.ParseFromString(message.bytes)) on_heartbeat(beat);
}

void FeedFollower::check_journal_id(const std::string& journal_id) {
    if (journal_id_.empty()) journal_id_ = journal_id;
    // What was folded came from another record: nothing of it may be trusted.
    if (journal_id_ != journal_id) life_.die("the journal of hub " + hub_ + " is not the one followed so far");
}

void FeedFollower::on_heartbeat(const audit::Heartbeat& beat) {
    check_journal_id(beat.journal_id());
    if (beat.epoch() < heartbeat_.epoch()) return;  // late, from before the last epoch
    heartbeat_ = beat;
    heartbeat_at_ = clock_.boot_ms();
    known_head_ = std::max(known_head_, beat.head_seq());
    if (known_head_ >= next_) fetch();
    handlers_.heartbeat(beat);
}

void FeedFollower::offer(const std::string& stored) {
    Event event;
    if (!event.ParseFromString(stored) || event.hub() != hub_) return;
    known_head_ = std::max(known_head_, event.seq());
    if (event.seq() < next_) return;
    if (event.seq() == next_) {
        deliver(event, stored);
        drain();
        return;
    }
    if (ahead_.size() < limits::read_max_events) ahead_.emplace(event.seq(), stored);
    fetch();
}

void FeedFollower::deliver(const Event& event, const std::string& stored) {
    INVARIANT(event.seq() == next_);
    epoch_ = event.epoch();
    ++next_;
    handlers_.event(event, stored);
}

void FeedFollower::drain() {
    while (!ahead_.empty() && ahead_.begin()->first <= folded() + 1) {
        const auto stored = std::move(ahead_.begin()->second);
        const bool is_next = ahead_.begin()->first == next_;
        ahead_.erase(ahead_.begin());
        Event event;
        if (is_next && event.ParseFromString(stored)) deliver(event, stored);
    }
}

void FeedFollower::fetch() {
    if (fetching_) return;
    fetching_ = true;
    audit::Read read;
    read.set_hub(hub_);
    read.set_from_seq(next_);
    read.set_max_events(limits::read_max_events);
    reader_.read(read.SerializeAsString(), limits::read_timeout_ms,
                 alive_.guard([this](const Result<std::string, seams::TransportError>& page) { on_page(page); }));
}

void FeedFollower::on_page(const Result<std::string, seams::TransportError>& page) {
    fetching_ = false;
    audit::ReadReply reply;
    if (!page.ok() || !reply.ParseFromString(page.value()) || !reply.error().empty()) {
        clock_.after(limits::read_retry_ms, alive_.guard([this] { fetch(); }));
        return;
    }
    check_journal_id(reply.journal_id());
    known_head_ = std::max(known_head_, reply.head_seq());
    const auto before = next_;
    for (const auto& stored : reply.events()) {
        Event event;
        if (!event.ParseFromString(stored) || event.seq() > next_) break;
        if (event.seq() == next_) deliver(event, stored);
    }
    drain();
    if (known_head_ < next_) return;
    if (next_ > before) {
        fetch();
    } else {  // it has nothing for us yet: no use in asking at once
        clock_.after(limits::read_retry_ms, alive_.guard([this] { fetch(); }));
    }
}

}  // namespace rightplace::runtime
