#include <algorithm>
#include <ostream>

#include "common/base/limits.hpp"
#include "services/cli/shell/commands.hpp"

namespace rightplace::cli {
namespace {

// Short enough that Ctrl-C is felt at once, and that several hubs can take turns.
constexpr std::uint32_t wait_ms = 250;

struct Followed {
    std::string hub;
    std::uint64_t next = 1;
    bool lost = false;  // audit did not answer last time; said once
};

OrWhy<std::uint64_t> head_of(Session& session, const std::string& hub) {
    audit::Read read;
    read.set_hub(hub);
    read.set_from_seq(1);
    read.set_max_events(1);
    const auto reply = session.wire.read(read, session.timeout_ms);
    if (!reply) return Failure{reply.error()};
    if (!reply.value().error().empty()) return Failure{"audit refuses: " + reply.value().error()};
    return reply.value().head_seq();
}

void print(Session& session, const std::string& stored, bool words) {
    Event event;
    if (!event.ParseFromString(stored)) {
        session.err << "an event that cannot be read was passed over" << std::endl;
    } else if (!words) {
        session.out << event_to_json(event) << std::endl;
    } else {
        session.out << event.hub() << " " << event.seq() << "  " << format_london(to_ms(event.recorded_at())) << "  "
                    << printable((event.case_number().empty() ? "" : event.case_number() + "  ") +
                                 describe_with_actor(event))
                    << std::endl;
    }
}

// One turn; what does not answer is asked again at the next.
void follow(Session& session, Followed& hub, bool words) {
    audit::Read read;
    read.set_hub(hub.hub);
    read.set_from_seq(hub.next);
    read.set_max_events(limits::read_max_events);
    read.set_wait_ms(wait_ms);
    const auto reply = session.wire.read(read, session.timeout_ms);
    const bool lost = !reply || !reply.value().error().empty();
    if (lost && !hub.lost) {
        session.err << hub.hub << ": " << (reply ? reply.value().error() : reply.error())
                    << "; going on as soon as audit answers, nothing is skipped" << std::endl;
    }
    hub.lost = lost;
    if (lost) return;
    for (const auto& stored : reply.value().events()) {
        if (session.stopped()) return;
        print(session, stored, words);
    }
    hub.next = std::max(hub.next, reply.value().next_seq());
}

}  // namespace

int run_watch(Session& session, const WatchOptions& options) {
    std::vector<Followed> hubs;
    for (const auto& hub : session.stack.hubs()) {
        if (options.hub.empty() || options.hub == hub.name())
            hubs.push_back({hub.name(), std::max<std::uint64_t>(options.from, 1)});
    }
    for (auto& hub : hubs) {
        if (options.from_given) continue;
        const auto head = head_of(session, hub.hub);
        if (!head) return fail(session, Exit::unavailable, hub.hub + " cannot be followed: " + head.error());
        hub.next = head.value() + 1;
    }
    while (!session.stopped()) {
        for (auto& hub : hubs) {
            if (!session.stopped()) follow(session, hub, options.words);
        }
    }
    return Exit::ok;
}

}  // namespace rightplace::cli
