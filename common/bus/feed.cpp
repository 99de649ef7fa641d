#include "common/bus/feed.hpp"

#include "common/base/limits.hpp"

namespace rightplace::bus {
namespace {

constexpr std::size_t event_frames = 2;
constexpr std::size_t heartbeat_frames = 3;

std::string topic_of(std::string_view role, std::string_view hub) {
    return "!" + std::string(role) + "@" + std::string(hub);
}

std::string_view hub_of(std::string_view topic) {
    return topic.starts_with('!') ? topic.substr(topic.find('@') + 1) : topic;
}

}  // namespace

Result<std::unique_ptr<ZmqFeedPublisher>, std::string> ZmqFeedPublisher::start(Context& context,
                                                                               const std::string& endpoint) {
    auto socket = std::make_unique<Socket>(context, SocketKind::publisher, limits::feed_queue_max_messages);
    const auto serving = socket->serve("audit", endpoint);
    if (!serving) return Failure{serving.error()};
    return std::unique_ptr<ZmqFeedPublisher>(new ZmqFeedPublisher(context.loop(), std::move(socket)));
}

void ZmqFeedPublisher::publish(const seams::FeedMessage& message) {
    if (message.heartbeat) {
        send_held();  // it names a head: who has not been sent so much would ask for it
        socket_->send({message.hub, "", message.bytes});
        return;
    }
    gathered_.push_back(message);
    for (const auto& role : message.first_to) {
        if (!role.empty()) send_at_once(message.hub, role);
    }
    if (gathered_.size() >= limits::feed_gather_max_events) return send_held();
    if (std::exchange(sending_due_, true)) return;
    loop_.after(limits::feed_gather_ms, alive_.guard([this] { send_held(); }));
}

void ZmqFeedPublisher::send_at_once(const std::string& hub, const std::string& role) {
    const auto topic = topic_of(role, hub);
    for (auto& next = sent_at_once_[topic]; next < gathered_.size(); ++next) {
        if (gathered_[next].hub == hub) socket_->send({topic, gathered_[next].bytes});
    }
}

void ZmqFeedPublisher::send_held() {
    sending_due_ = false;
    for (const auto& each : gathered_) socket_->send({each.hub, each.bytes});
    gathered_.clear();
    sent_at_once_.clear();
}

ZmqFeedSubscriber::ZmqFeedSubscriber(Context& context, std::string_view role,
                                     const std::vector<std::string>& publishers)
    : socket_(context, SocketKind::subscriber, limits::feed_queue_max_messages),
      role_(role),
      ignored_(metrics::process().counter("rightplace_feed_ignored_total",
                                          "Feed messages of another shape or of a hub not subscribed to")) {
    const auto key = context.keys().public_key("audit");
    INVARIANT(key);
    socket_.on_readable([this] { read_some(); });
    for (const auto& publisher : publishers) socket_.connect(role, *key, publisher);
}

void ZmqFeedSubscriber::subscribe(std::string hub, std::function<void(const seams::FeedMessage&)> each) {
    auto& those = subscribed_[hub];
    if (those.empty()) {
        socket_.subscribe(hub);
        socket_.subscribe(topic_of(role_, hub));
    }
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
    const std::string hub(hub_of(frames[0]));
    const auto found = subscribed_.find(hub);
    if (found == subscribed_.end()) return ignored_.add();
    const seams::FeedMessage message{hub, heartbeat, std::move(frames.back())};
    const auto those = found->second;  // a copy: one of them may subscribe
    for (const auto& each : those) each(message);
}

}  // namespace rightplace::bus
