#include "common/runtime/reactor.hpp"

#include "common/base/hash.hpp"
#include "common/base/limits.hpp"
#include "common/runtime/payload.hpp"
#include "messages/audit.pb.h"

namespace rightplace::runtime {

Reactor::Reactor(const HubSettings& settings, const Domain& domain, const World& world, Commander& commander,
                 const FeedFollower& feed, std::string source)
    : settings_(settings),
      domain_(domain),
      world_(world),
      commander_(commander),
      feed_(feed),
      source_(std::move(source)) {
    save_cursor();
}

void Reactor::on_event(const Event& event, const std::string& stored) {
    recent_.push_back(stored);
    recent_last_ = event.seq();
    if (recent_.size() > limits::recent_events_kept) recent_.pop_front();
    if (at_home() && event.service() == domain_.service() && event.aggregate_type() == "reaction") {
        if (event_name(event) == "ReactionParked") parked_.insert(event.aggregate_id());
        if (event_name(event) == "ReactionUnparked") parked_.erase(event.aggregate_id());
    }
    if (may_begin() && position_ + 1 == event.seq()) {  // the usual case: it need not be parsed again
        pumping_ = true;
        begin(event);
        pumping_ = false;
    }
    pump();
}

// Another hub's events are few and stand on each other: what overtook would be lost, or hide what came before.
bool Reactor::has_room() const {
    return under_way_.size() < (at_home() ? limits::reactions_in_flight_max : 1);
}

bool Reactor::may_begin() const {
    return running_ && !pumping_ && has_room();
}

void Reactor::start(std::uint64_t cursor) {
    running_ = true;
    // A cursor from the store may be ahead of what this process has begun, never behind in effect.
    if (cursor > position_) position_ = cursor;
    pump();
}

void Reactor::stop() {
    running_ = false;
}

std::uint64_t Reactor::cursor() const {
    return under_way_.empty() ? position_ : under_way_.begin()->first - 1;
}

// Never inside itself: a reaction that ends at once must not begin the next one on its own stack.
void Reactor::pump() {
    if (pumping_) return;
    pumping_ = true;
    begin_recent();
    pumping_ = false;
}

void Reactor::begin_recent() {
    while (running_ && position_ < feed_.folded() && has_room()) {
        const auto next = position_ + 1;
        const auto first_kept = recent_last_ + 1 - recent_.size();
        if (recent_.empty() || next < first_kept) {
            fetch();
            return;
        }
        if (next > recent_last_) return;
        Event event;
        INVARIANT(event.ParseFromString(recent_[next - first_kept]));
        begin(event);
    }
}

// Causes that are no longer kept are read again from the journal.
void Reactor::fetch() {
    if (fetching_) return;
    fetching_ = true;
    audit::Read read;
    read.set_hub(source_);
    read.set_from_seq(position_ + 1);
    read.set_max_events(std::uint32_t(limits::reactions_in_flight_max));
    world_.reader.read(read.SerializeAsString(), limits::read_timeout_ms,
                       alive_.guard([this](const Result<std::string, seams::TransportError>& page) { on_page(page); }));
}

void Reactor::on_page(const Result<std::string, seams::TransportError>& page) {
    fetching_ = false;
    audit::ReadReply reply;
    if (!page.ok() || !reply.ParseFromString(page.value()) || !reply.error().empty()) {
        world_.clock.after(limits::read_retry_ms, alive_.guard([this] { pump(); }));
        return;
    }
    pumping_ = true;
    for (const auto& stored : reply.events()) {
        Event event;
        const bool fits = event.ParseFromString(stored) && event.seq() == position_ + 1;
        if (!fits || !running_ || !has_room() || event.seq() > feed_.folded()) break;
        begin(event);
    }
    pumping_ = false;
    pump();
}

void Reactor::begin(const Event& event) {
    position_ = event.seq();
    if (!at_home() && event.service() != domain_.service()) return;  // see Domain::react_to_other_hub
    const auto payload = unpack(event.payload());
    if (payload == nullptr) return;  // a newer build's event: nothing this build knows to do
    std::vector<Reaction> reactions;
    std::string broken;
    try {
        const DomainScope scope;
        reactions = reactions_to(event, *payload);
    } catch (const std::exception& problem) {
        broken = problem.what();
    }
    const auto seq = event.seq();
    const auto done = alive_.guard([this, seq] { finished(seq); });
    under_way_[seq] = 1;  // held until all are begun
    if (at_home() && event.service() == domain_.service() && event_name(event) == "ReactionUnparked") unpark(event);
    for (auto& reaction : reactions) {
        ++under_way_[seq];
        const auto id = derived_id({domain_.service(), reaction.rule, event.event_id(), reaction.key});
        run({reaction.rule, reaction.key, id, event.event_id(), seq, reaction.payload, event.correlation_id(),
             at_home() ? "" : source_, reaction.occurred_at},
            done);
    }
    if (!broken.empty()) {
        ++under_way_[seq];
        auto task = std::make_shared<Task>();
        task->rule = whole_event_rule;
        task->command_id = derived_id({domain_.service(), whole_event_rule, event.event_id()});
        task->cause_event_id = event.event_id();
        task->cause_seq = seq;
        task->cause_hub = at_home() ? "" : source_;
        settle(task, outcome_id(*task), parking(*task, "a rule broke on this event"), done);
    }
    finished(seq);
}

std::vector<Reaction> Reactor::reactions_to(const Event& event, const Message& payload) const {
    const auto context = commander_.context(feed_.hub_now());
    if (event.hub() == settings_.hub) return domain_.react(event, payload, context);
    return domain_.react_to_other_hub(event, payload, context);
}

void Reactor::finished(std::uint64_t seq) {
    const auto found = under_way_.find(seq);
    INVARIANT(found != under_way_.end());
    if (--found->second > 0) return;
    under_way_.erase(found);
    pump();
}

void Reactor::run(Task task, std::function<void()> finished) {
    attempt(std::make_shared<Task>(std::move(task)), 1, std::move(finished));
}

void Reactor::run_on_ready() {
    try {
        const DomainScope scope;
        for (auto& reaction : domain_.on_ready(commander_.context(feed_.hub_now()))) {
            const auto id = derived_id({domain_.service(), "on-ready", reaction.rule, settings_.hub, reaction.key});
            run({reaction.rule, reaction.key, id, "", 0, reaction.payload, ""}, [] {});
        }
    } catch (const std::exception&) {
        // A rule that breaks on start is seen by its effect being absent; the service lives.
    }
}

void Reactor::attempt(const std::shared_ptr<Task>& task, int tries, std::function<void()> finished) {
    Command command;
    command.set_command_id(task->command_id);
    command.set_hub(settings_.hub);
    command.set_deadline_ms(limits::command_deadline_default_ms);
    command.set_cause_event_id(task->cause_event_id);
    command.set_correlation_id(task->correlation_id);
    command.mutable_actor()->set_id(std::string(domain_.service()));
    command.mutable_actor()->set_role("system");
    if (task->occurred_at) *command.mutable_occurred_at() = to_timestamp(*task->occurred_at);
    pack(*task->payload, *command.mutable_payload());
    const auto answered = [this, task, tries, finished](const Reply& reply) {
        const auto code = reply.refusal().code();
        const bool refused = reply.status() == REFUSED;
        if (!refused && reply.status() != UNAVAILABLE && reply.status() != UNKNOWN) {
            finished();
            return;
        }
        const int tries_most = code == CONTENTION ? limits::reaction_contentions_before_park
                               : code == INTERNAL ? limits::reaction_attempts_before_park
                                                  : 0;
        if (!refused || tries < tries_most) {
            world_.clock.after(limits::reaction_retry_ms, alive_.guard([this, task, tries, finished, refused] {
                attempt(task, refused ? tries + 1 : tries, finished);
            }));
            return;
        }
        if (code == INTERNAL || code == CONTENTION) {
            settle(task, outcome_id(*task), parking(*task, reply.refusal().sentence()), finished);
        } else {
            settle(task, outcome_id(*task), refusal(*task, code, reply.refusal().sentence()), finished);
        }
    };
    commander_.submit(command, std::string(domain_.service()), alive_.guard(answered));
}

ParkReaction Reactor::parking(const Task& task, const std::string& reason) {
    ParkReaction park;
    park.set_reaction_id(task.command_id);
    park.mutable_parked()->set_rule(task.rule);
    park.mutable_parked()->set_key(task.key);
    park.mutable_parked()->set_about_event_id(task.cause_event_id);
    park.mutable_parked()->set_about_seq(task.cause_seq);
    park.mutable_parked()->set_about_hub(task.cause_hub);
    park.mutable_parked()->set_reason(reason);
    return park;
}

RefuseReaction Reactor::refusal(const Task& task, RefusalCode code, const std::string& sentence) {
    RefuseReaction refuse;
    refuse.set_reaction_id(task.command_id);
    refuse.mutable_refused()->set_rule(task.rule);
    refuse.mutable_refused()->set_about_event_id(task.cause_event_id);
    refuse.mutable_refused()->set_code(RefusalCode_Name(code));
    refuse.mutable_refused()->set_sentence(sentence);
    return refuse;
}

// Of what became of a reaction. One that was parked and un-parked, a timer that still stands, may be parked again.
std::string Reactor::outcome_id(const Task& task) const {
    const auto* told = commander_.context(feed_.hub_now()).view->find({"reaction", task.command_id});
    const auto id = task.command_id + ":outcome";
    return told == nullptr ? id : id + ":" + std::to_string(told->version);
}

// Writes what became of it, however long that takes.
void Reactor::settle(const std::shared_ptr<Task>& task, const std::string& command_id, const Message& payload,
                     std::function<void()> finished) {
    Command command;
    command.set_command_id(command_id);
    command.set_hub(settings_.hub);
    command.set_cause_event_id(task->cause_event_id);
    command.mutable_actor()->set_id(std::string(domain_.service()));
    command.mutable_actor()->set_role("system");
    pack(payload, *command.mutable_payload());
    const std::shared_ptr<Message> copy(payload.New());
    copy->CopyFrom(payload);
    const auto answered = [this, task, command_id, copy, finished](const Reply& reply) {
        if (reply.status() == ACCEPTED || reply.status() == DUPLICATE) {
            finished();
            return;
        }
        world_.clock.after(limits::reaction_retry_ms, alive_.guard([this, task, command_id, copy, finished] {
            settle(task, command_id, *copy, finished);
        }));
    };
    commander_.submit(command, std::string(domain_.service()), alive_.guard(answered));
}

void Reactor::save_cursor() {
    world_.clock.after(limits::cursor_save_ms, alive_.guard([this] {
        const auto mark = cursor();
        if (running_ && mark > saved_) {
            world_.store.save_cursor(settings_.hub, std::string(domain_.service()), source_, mark,
                                     alive_.guard([this, mark](const seams::Stored<bool>& saved) {
                                         if (saved.ok()) saved_ = mark;
                                     }));
        }
        save_cursor();
    }));
}

}  // namespace rightplace::runtime
