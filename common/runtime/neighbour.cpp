#include "common/runtime/neighbour.hpp"

#include "common/base/limits.hpp"

namespace rightplace::runtime {

Neighbour::Neighbour(const HubSettings& settings, const std::string& other, const Domain& domain, const World& world,
                     Commander& commander)
    : settings_(settings),
      other_(other),
      domain_(domain),
      world_(world),
      follower_(other, world.feed, world.reader, world.clock, world.life,
                {[this](const Event& event, const std::string& stored) { reactor_.on_event(event, stored); },
                 [](const audit::Heartbeat&) {}}),
      reactor_(settings, domain, world, commander, follower_, other) {}

void Neighbour::start() {
    running_ = true;
    if (!reading_) read_cursor();
}

void Neighbour::stop() {
    running_ = false;
    reactor_.stop();
}

void Neighbour::read_cursor() {
    reading_ = true;
    world_.store.read_cursor(settings_.hub, std::string(domain_.service()), other_,
                             alive_.guard([this](const seams::Stored<std::uint64_t>& cursor) {
                                 reading_ = false;
                                 if (!running_) return;
                                 if (cursor.ok()) return go_on(cursor.value());
                                 reading_ = true;
                                 world_.clock.after(limits::refold_retry_ms, alive_.guard([this] { read_cursor(); }));
                             }));
}

void Neighbour::go_on(std::uint64_t cursor) {
    reactor_.start(cursor);
    if (following_) return;
    following_ = true;
    follower_.start(cursor);
}

}  // namespace rightplace::runtime
