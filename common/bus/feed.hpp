// The feed: [hub][stored event] and [hub][][heartbeat]. It may drop; who needs every event notices
// the gap in seq and reads what is missing.
#pragma once

#include <map>
#include <vector>

#include "common/base/metrics.hpp"
#include "common/base/seams.hpp"
#include "common/bus/socket.hpp"

namespace rightplace::bus {

class ZmqFeedPublisher final : public seams::FeedPublisher {
   public:
    // Publishes with audit's key. The error is a sentence.
    static Result<std::unique_ptr<ZmqFeedPublisher>, std::string> start(Context& context, const std::string& endpoint);
    void publish(const seams::FeedMessage& message) override;  // never waits for a subscriber

   private:
    explicit ZmqFeedPublisher(std::unique_ptr<Socket> socket) : socket_(std::move(socket)) {}
    std::unique_ptr<Socket> socket_;
};

class ZmqFeedSubscriber final : public seams::FeedSubscriber {
   public:
    ZmqFeedSubscriber(Context& context, std::string_view role, const std::vector<std::string>& publishers);
    void subscribe(std::string hub, std::function<void(const seams::FeedMessage&)> each) override;

   private:
    void read_some();
    void deliver(Received received);

    Socket socket_;
    std::map<std::string, std::vector<std::function<void(const seams::FeedMessage&)>>> subscribed_;
    metrics::Counter& ignored_;
};

}  // namespace rightplace::bus
