#include "tests/sim/sim_world.hpp"

#include <algorithm>

namespace rightplace::sim {
namespace {

constexpr std::int64_t network_ms = 1;

}  // namespace

void SimClock::after(std::int64_t ms, std::function<void()> then) {
    timers_.emplace(std::pair{now_ + std::max<std::int64_t>(ms, 0), order_++}, std::move(then));
}

bool SimClock::run(std::int64_t ms, const std::function<bool()>& done) {
    const std::int64_t until = now_ + ms;
    while (!done()) {
        if (timers_.empty() || timers_.begin()->first.first > until) {
            now_ = until;
            return done();
        }
        now_ = std::max(now_, timers_.begin()->first.first);
        const auto then = std::move(timers_.begin()->second);
        timers_.erase(timers_.begin());
        then();
    }
    return true;
}

seams::Bytes SimRandom::bytes(std::size_t count) {
    seams::Bytes bytes(count, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(engine_());
    return bytes;
}

void SimFeed::publish(const seams::FeedMessage& message) {
    for (auto* subscriber : subscribers_) {
        if (drop_one_in > 0 && random_.below(std::uint64_t(drop_one_in)) == 0) continue;
        clock_.after(network_ms, [this, subscriber, message] {
            if (subscribers_.count(subscriber) == 0) return;
            for (const auto& [hub, each] : subscriber->wanted_) {
                if (hub == message.hub) each(message);
            }
        });
    }
}

void SimNet::ask(const std::string& key_role, const std::string& service, const Request& request,
                 std::int64_t timeout_ms, std::function<void(std::optional<Response>)> done) {
    auto answered = std::make_shared<bool>(false);
    clock_.after(timeout_ms, [answered, done] {
        if (*answered) return;
        *answered = true;
        done(std::nullopt);
    });
    clock_.after(network_ms, [this, key_role, service, bytes = request.SerializeAsString(), answered, done] {
        const auto found = servers_.find(service);
        if (found == servers_.end()) return;
        const auto handler = found->second;
        handler({key_role}, bytes, [this, answered, done](const seams::Bytes& answer) {
            clock_.after(network_ms, [answered, done, answer] {
                if (*answered) return;
                *answered = true;
                Response response;
                INVARIANT(response.ParseFromString(answer));
                done(response);
            });
        });
    });
}

class SimWorld::Reader final : public seams::JournalReader {
   public:
    explicit Reader(SimWorld& world) : world_(world) {}
    void read(seams::Bytes read, std::int64_t timeout_ms,
              seams::Done<Result<seams::Bytes, seams::TransportError>> done) override {
        auto answered = std::make_shared<bool>(false);
        world_.clock.after(timeout_ms, [answered, done] {
            if (*answered) return;
            *answered = true;
            done(Failure{seams::TransportError::timed_out});
        });
        world_.clock.after(network_ms, [this, read, answered, done] {
            if (world_.reads_ == nullptr) return;
            world_.reads_->handle(read, [this, answered, done](const std::string& reply) {
                world_.clock.after(network_ms, [answered, done, reply] {
                    if (*answered) return;
                    *answered = true;
                    done(reply);
                });
            });
        });
    }

   private:
    SimWorld& world_;
};

SimWorld::Process::~Process() {
    runtime.reset();  // before what it stands on
}

SimWorld::SimWorld(std::uint64_t seed, std::string of_hub)
    : hub(std::move(of_hub)),
      random(seed),
      feed(clock, random),
      net(clock),
      redis(std::make_shared<SimRedis>(clock)),
      journal(clock, hub, "00112233445566778899aabbccddeeff", 1) {}

void SimWorld::start_audit() {
    audit_store_ = std::make_unique<SimStore>(clock, redis);
    reads_ = std::make_unique<audit::ReadService>(clock);
    reads_->serve(hub, journal);
    audit::CoreHooks hooks;
    hooks.high_water = [this](const std::string&, const seams::Done<std::optional<audit::HighWaterMark>>& done) {
        clock.after(network_ms, [done] { done(audit::HighWaterMark{}); });
    };
    hooks.on_root = [](const seams::JournalHead&) {};
    hooks.on_appended = [this](const seams::JournalHead&) { reads_->on_appended(hub); };
    core_ =
        std::make_unique<audit::AuditCore>(audit::CoreOptions{hub, "synthetic", false},
                                           audit::CoreParts{*audit_store_, journal, feed, clock, random, life}, hooks);
    core_->start();
}

void SimWorld::kill_audit() {
    core_.reset();
    reads_.reset();
    audit_store_.reset();
    journal.crash();
}

void SimWorld::start(const std::string& service, const runtime::Domain& domain) {
    auto process = std::make_unique<Process>();
    process->store = std::make_unique<SimStore>(clock, redis);
    process->subscriber = std::make_unique<SimFeed::Subscriber>(feed);
    process->reader = std::make_unique<Reader>(*this);
    process->server = std::make_unique<SimNet::Server>(net, service);
    const runtime::World world{clock,           random, life, *process->store, *process->subscriber, *process->reader,
                               *process->server};
    process->runtime = std::make_unique<runtime::ServiceRuntime>(
        std::vector<runtime::HubSettings>{{hub, "synthetic", "P"}}, domain, world, "sim");
    process->runtime->start();
    processes_[service] = std::move(process);
}

runtime::HubRuntime& SimWorld::hub_of(const std::string& service) {
    return *processes_.at(service)->runtime->hub(hub);
}

bool SimWorld::all_ready() {
    return std::all_of(processes_.begin(), processes_.end(), [](const auto& process) {
        std::string why;
        return process.second->runtime->ready(why);
    });
}

std::string SimWorld::why_not_ready() const {
    std::string all = core_ == nullptr ? "no audit" : "audit: " + core_->trouble();
    for (const auto& [name, process] : processes_) {
        std::string why;
        if (!process->runtime->ready(why)) all += "; " + name + ": " + why;
        const auto status = process->runtime->status();
        for (const auto& hub_status : status.hubs()) all += " " + hub_status.ShortDebugString();
    }
    for (const auto& death : life.deaths) all += "; died: " + death;
    return all;
}

Reply SimWorld::ask_once(const std::string& service, const Command& command, std::int64_t timeout_ms) {
    Request request;
    *request.mutable_command() = command;
    request.mutable_command()->set_deadline_ms(std::uint32_t(timeout_ms));
    std::optional<Reply> reply;
    bool over = false;
    net.ask("cli", service, request, timeout_ms, [&reply, &over](const std::optional<Response>& response) {
        if (response) reply = response->reply();
        over = true;
    });
    clock.run(timeout_ms + network_ms * 4, [&over] { return over; });
    if (reply) return *reply;
    Reply unknown;
    unknown.set_status(UNKNOWN);
    return unknown;
}

Reply SimWorld::command(const std::string& service, const Command& command, std::int64_t patience_ms) {
    const auto until = clock.boot_ms() + patience_ms;
    Reply reply;
    do {
        reply = ask_once(service, command, 2'000);
        if (reply.status() != UNKNOWN && reply.status() != UNAVAILABLE) return reply;
        clock.run(100);
    } while (clock.boot_ms() < until);
    return reply;
}

std::vector<Event> SimWorld::journalled() const {
    std::vector<Event> events;
    for (const auto& stored : journal.events()) {
        Event event;
        INVARIANT(event.ParseFromString(stored));
        events.push_back(std::move(event));
    }
    return events;
}

}  // namespace rightplace::sim
