#include "common/bus/router.hpp"

#include "common/base/limits.hpp"
#include "common/bus/request_id.hpp"

namespace rightplace::bus {

struct Router::Core : std::enable_shared_from_this<Core> {
    Core(Context& context, std::string_view role, std::size_t most, Overloaded say)
        : socket(context, SocketKind::router, limits::command_queue_max_messages),
          in_flight_max(most),
          overloaded(std::move(say)),
          name(role),
          requests(
              metrics::process().counter("rightplace_bus_requests_total", "Requests handed over", {{"server", name}})),
          in_flight_shown(metrics::process().gauge("rightplace_bus_requests_in_flight", "Requests not yet answered",
                                                   {{"server", name}})) {}

    ~Core() { in_flight_shown.add(-static_cast<std::int64_t>(in_flight)); }

    void count_ended(const std::string& how) {
        metrics::process()
            .counter("rightplace_bus_connections_ended_total", "Connections that ended or never began, by how",
                     {{"server", name}, {"how", how}})
            .add();
    }
    void count_dropped(const std::string& why) {
        metrics::process()
            .counter("rightplace_bus_dropped_total", "Messages dropped at a server, by reason",
                     {{"server", name}, {"why", why}})
            .add();
    }

    void read_some();
    void take(Received received);
    void count(Connection change);

    Socket socket;
    std::size_t in_flight_max;
    Overloaded overloaded;
    std::string name;
    Handler handler;
    std::size_t in_flight = 0;
    metrics::Counter& requests;
    metrics::Gauge& in_flight_shown;
};

namespace {

// Lives in every copy of one Answer: what is never answered leaves the count of those in flight too.
template <typename Core>
struct Ticket {
    std::weak_ptr<Core> core;
    std::string identity;
    bool open = true;

    void answer(const seams::Bytes& bytes) {
        const auto alive = core.lock();
        if (!open || !alive) return;
        close(*alive);
        if (bytes.size() > limits::message_max_bytes + limits::message_overhead_max_bytes / 2) {
            alive->count_dropped("answer-too-large");
        } else if (!alive->socket.send({identity, bytes})) {
            alive->count_dropped("answer-peer-gone-or-slow");
        }
    }
    void close(Core& alive) {
        open = false;
        --alive.in_flight;
        alive.in_flight_shown.add(-1);
    }
    ~Ticket() {
        const auto alive = core.lock();
        if (open && alive) close(*alive);
    }
};

}  // namespace

void Router::Core::take(Received received) {
    if (received.count != 2) return count_dropped("frames");
    auto& bytes = received.frames[1];
    if (bytes.size() > limits::message_max_bytes) return count_dropped("too-large");
    const auto request_id = request_id_of(bytes);
    if (!request_id || request_id->empty()) return count_dropped("malformed");
    if (in_flight >= in_flight_max) {
        count_dropped("overload");
        const auto said = overloaded(bytes);
        if (!said.empty()) socket.send({received.frames[0], said});
        return;
    }
    ++in_flight;
    in_flight_shown.add(1);
    requests.add();
    auto ticket = std::make_shared<Ticket<Core>>();
    ticket->core = weak_from_this();
    ticket->identity = std::move(received.frames[0]);
    handler({received.user_id}, std::move(bytes), [ticket](seams::Bytes answer) { ticket->answer(answer); });
}

void Router::Core::read_some() {
    const auto self = shared_from_this();  // a handler may end the router
    for (int i = 0; i < limits::socket_batch_max_messages; ++i) {
        auto received = socket.receive();
        if (!received) return;
        take(std::move(*received));
    }
}

void Router::Core::count(Connection change) {
    switch (change) {
        case Connection::up:
            return;
        case Connection::down:
            return count_ended("closed");
        case Connection::refused:
            return count_ended("key-refused");
        case Connection::failed:
            return count_ended("no-handshake");
    }
}

Router::Router(std::shared_ptr<Core> core) : core_(std::move(core)) {}

Result<std::unique_ptr<Router>, std::string> Router::start(Context& context, std::string_view role,
                                                           const std::string& endpoint, std::size_t in_flight_max,
                                                           Overloaded overloaded) {
    auto core = std::make_shared<Core>(context, role, in_flight_max, std::move(overloaded));
    core->socket.on_connection([raw = core.get()](Connection change) { raw->count(change); });
    const auto serving = core->socket.serve(role, endpoint);
    if (!serving) return Failure{serving.error()};
    return std::unique_ptr<Router>(new Router(std::move(core)));
}

void Router::serve(Handler handler) {
    core_->handler = std::move(handler);
    core_->socket.on_readable([raw = core_.get()] { raw->read_some(); });
}

}  // namespace rightplace::bus
