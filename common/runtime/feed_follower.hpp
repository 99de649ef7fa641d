// Follows one hub's feed without a gap: live messages from the publisher, everything missing from
// audit's read socket. Hands on every stored event exactly once, in seq order, from seq 1 or from a mark on.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "common/base/alive.hpp"
#include "common/base/seams.hpp"
#include "messages/audit.pb.h"
#include "messages/envelope.pb.h"

namespace rightplace::runtime {

class FeedFollower {
   public:
    struct Handlers {
        std::function<void(const Event&, const std::string& stored)> event;
        std::function<void(const audit::Heartbeat&)> heartbeat;  // after what it vouches for was asked for
    };
    FeedFollower(std::string hub, seams::FeedSubscriber& feed, seams::JournalReader& reader, seams::Clock& clock,
                 seams::Life& life, Handlers handlers);
    void start(std::uint64_t after = 0);  // hands on what comes after that seq

    std::uint64_t folded() const { return next_ - 1; }  // highest seq handed on
    std::uint64_t epoch() const { return epoch_; }      // of the last event handed on
    const audit::Heartbeat& heartbeat() const { return heartbeat_; }
    std::int64_t heartbeat_age_ms() const;  // since the last one; very large before the first
    // The ring is open as far as the feed can tell: a heartbeat of the followed epoch, at most 2 s old.
    bool fresh() const;
    std::uint64_t journalled() const;  // highest seq known to be in the journal in the current epoch
    TimeMs hub_now() const;            // interpolated from the last heartbeat

   private:
    void on_message(const seams::FeedMessage& message);
    void on_heartbeat(const audit::Heartbeat& beat);
    void offer(const std::string& stored);
    void deliver(const Event& event, const std::string& stored);
    void drain();
    void fetch();
    void on_page(const Result<std::string, seams::TransportError>& page);
    void check_journal_id(const std::string& journal_id);

    std::string hub_;
    seams::FeedSubscriber& feed_;
    seams::JournalReader& reader_;
    seams::Clock& clock_;
    seams::Life& life_;
    Handlers handlers_;
    std::uint64_t next_ = 1;
    std::uint64_t epoch_ = 0;
    std::uint64_t known_head_ = 0;
    std::string journal_id_;
    audit::Heartbeat heartbeat_;
    std::int64_t heartbeat_at_ = -1;
    bool fetching_ = false;
    std::map<std::uint64_t, std::string> ahead_;  // live events past a gap; bounded
    Alive alive_;
};

}  // namespace rightplace::runtime
