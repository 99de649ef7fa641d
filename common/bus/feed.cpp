#include "common/bus/feed.hpp"

#include "common/base/limits.hpp"

namespace rightplace::bus {
namespace {

constexpr std::size_t event_frames = 2;
constexpr std::size_t heartbeat_frames = 3;

}  // namespace

Result<std::unique_ptr<ZmqFeedPublisher>, std::string> ZmqFeedPublisher::start(Context& context,
                                                                               const std::string& endpoint) {
    auto socket = std::make_unique<Socket>(context, SocketKind::publisher, limits::feed_queue_max_messages);
    const auto serving = socket->serve("audit", endpoint);
    if (!serving) return Failure{serving.error()};
    return std::unique_ptr<ZmqFeedPublisher>(new ZmqFeedPublisher(std::move(socket)));
}

void ZmqFeedPublisher::publish(const seams::FeedMessage& message) {
    if (message.heartbeat) {
        socket_->send({message.hub, "", message.bytes});
    } else {
        socket_->send({message.hub, message.bytes});
    }
}

ZmqFeedSubscriber::ZmqFeedSubscriber(Context& context, std::string_view role,
                                     const std::vector<std::string>& publishers)
    : socket_(context, SocketKind::subscriber, limits::feed_queue_max_messages),
      ignored_(metrics::process().counter("rightplace_feed_ignored_total",
                                          "Feed messages of another shape or of a hub not subscribed to")) {
    const auto key = context.keys().public_key("audit");
    INVARIANT(key);
    socket_.on_readable([this] { read_some(); });
    for (const auto& publisher : publishers) socket_.connect(role, *key, publisher);
}

void ZmqFeedSubscriber::subscribe(std::string hub, std::function<void(const seams::FeedMessage&)> each) {
    auto& those = subscribed_[hub];
    if (those.empty()) socket_.subscribe(hub);
    those.push_back(std::move(each));
}

void ZmqFeedSubscriber::read_some() {
    for (int i = 0; i < limits::socket_batch_max_messages; ++i) {
        auto received = socket_.receive();
        if (!received) return;
        deliver(std::move(*received));
    }
}

void ZmqFeedSubscriber::deliver(Received received) {
    auto& frames = received.frames;
    const bool heartbeat = received.count == heartbeat_frames && frames[1].empty();
    if (received.count != event_frames && !heartbeat) return ignored_.add();
    // ZeroMQ matches topics by prefix: a subscription to "ash" brings "ashford" too.
    const auto found = subscribed_.find(frames[0]);
    if (found == subscribed_.end()) return ignored_.add();
    const seams::FeedMessage message{std::move(frames[0]), heartbeat, std::move(frames.back())};
    const auto those = found->second;  // a copy: one of them may subscribe
    for (const auto& each : those) each(message);
}

}  // namespace rightplace::bus
