// One hub: follows its record from the mark on, and puts what is about alerts into the outbox.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/bus/asker.hpp"
#include "common/runtime/feed_follower.hpp"
#include "messages/runtime.pb.h"
#include "services/adapters/alerts/shell/mark_file.hpp"
#include "services/adapters/alerts/shell/outbox.hpp"

namespace rightplace::alerts {

struct AdapterWorld {
    seams::Clock& clock;
    seams::Life& life;
    seams::FeedSubscriber& feed;
    seams::JournalReader& reader;
    seams::CommandClient& client;
    seams::HttpPartner& partner;
    std::function<void(const std::string& what, const std::string& id)> log;
};

// Where a hub's alerts go; without a URL nowhere.
struct Receiver {
    std::string hub;
    std::string url;
    std::string secret;  // its bytes
    std::string mark_path;
    std::string unusable = {};  // why there is no URL here though one is configured, in a sentence
};

class HubSide {
   public:
    HubSide(Receiver receiver, AdapterWorld world);
    void start();

    bool following() const;
    runtime::HubStatus status() const;
    const Outbox* outbox() const { return outbox_ ? &*outbox_ : nullptr; }
    std::string trouble() const;

   private:
    void begin();
    void begin_at(const audit::ReadReply& end);
    void follow(std::uint64_t after);
    void on_event(const Event& event);
    bool write_mark(std::uint64_t seq);
    void mark_on();
    void raise_alert(const Message& about);

    Receiver receiver_;
    AdapterWorld world_;
    MarkFile file_;
    Mark mark_;
    bool mark_fails_ = false;
    bool mark_lost_ = false;   // it could not be read
    std::uint64_t taken_ = 0;  // highest seq looked at
    bool behind_ = false;      // the outbox was full: what came after is read again
    std::unique_ptr<runtime::FeedFollower> follower_;
    std::optional<Outbox> outbox_;  // none without a URL
    bus::Asker asker_;
    Alive alive_;
};

}  // namespace rightplace::alerts
