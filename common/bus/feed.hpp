// The feed: [hub][stored event] and [hub][][heartbeat]. It may drop; who needs every event notices
// the gap in seq and reads what is missing.
//
// An answer waits for its service's own event, and who asked for it may be asked next about what it changed: these,
// and whom audit names besides, are sent it at once, after whatever they have not been sent yet, under a topic of
// their own, [!role@hub][stored event]. All others get it a moment later, with what came meanwhile: who only reacts is
// woken once for many events and does not take the processor from who answers. So the first are sent it twice, and
// drop the second by its seq. An answer that waits for another service's event (a refusal judged by it) has that
// moment to wait.
#pragma once

#include <map>
#include <vector>

#include "common/base/alive.hpp"
#include "common/base/metrics.hpp"
#include "common/base/seams.hpp"
#include "common/bus/socket.hpp"

namespace rightplace::bus {

class ZmqFeedPublisher final : public seams::FeedPublisher {
   public:
    // Publishes with audit's key. The error is a sentence.
    static Result<std::unique_ptr<ZmqFeedPublisher>, std::string> start(Context& context, const std::string& endpoint);
    void publish(const seams::FeedMessage& message) override;  // never waits for a subscriber
    void send_held() override;

   private:
    ZmqFeedPublisher(Loop& loop, std::unique_ptr<Socket> socket) : loop_(loop), socket_(std::move(socket)) {}
    void send_at_once(const std::string& hub, const std::string& role);

    Loop& loop_;
    std::unique_ptr<Socket> socket_;
    std::vector<seams::FeedMessage> gathered_;           // events not yet sent to all, in order
    std::map<std::string, std::size_t> sent_at_once_{};  // by topic: how many of those it was sent, or need not be
    bool sending_due_ = false;
    Alive alive_{};
};

class ZmqFeedSubscriber final : public seams::FeedSubscriber {
   public:
    ZmqFeedSubscriber(Context& context, std::string_view role, const std::vector<std::string>& publishers);
    void subscribe(std::string hub, std::function<void(const seams::FeedMessage&)> each) override;

   private:
    void read_some();
    void deliver(Received received);

    Socket socket_;
    std::string role_;
    std::map<std::string, std::vector<std::function<void(const seams::FeedMessage&)>>> subscribed_;
    metrics::Counter& ignored_;
};

}  // namespace rightplace::bus
