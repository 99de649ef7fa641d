#include "common/runtime/commander.hpp"

#include <algorithm>

#include "common/base/hash.hpp"
#include "common/base/limits.hpp"
#include "common/runtime/payload.hpp"
#include "common/runtime/replies.hpp"

namespace rightplace::runtime {
namespace {

constexpr const char* rule_broke = "A rule broke on this command; nothing was done.";

}  // namespace

Commander::Commander(const HubSettings& settings, const Domain& domain, const World& world, const FeedFollower& feed,
                     const Fold& fold)
    : settings_(settings), domain_(domain), world_(world), feed_(feed), fold_(fold), held_(world.clock) {
    for (const auto name : domain.commands()) commands_.emplace(name);
}

Context Commander::context(TimeMs now) const {
    Context context;
    context.now = now;
    context.hub = settings_.hub;
    context.policy = fold_.policy();
    context.policy_version = fold_.policy_version();
    context.view = &fold_;
    context.case_letter = settings_.case_letter;
    context.other_hubs = settings_.other_hubs;
    return context;
}

void Commander::set_ready(bool ready, std::string why) {
    ready_ = ready;
    why_not_ready_ = std::move(why);
}

void Commander::on_event(const Event& event) {
    if (event.service() == domain_.service()) {  // nobody here waits for another's
        recent_order_.push_back(event.event_id());
        recent_.insert(event.event_id());
        if (recent_order_.size() > limits::recent_events_kept) {
            recent_.erase(recent_order_.front());
            recent_order_.pop_front();
        }
        held_.event_seen(event.event_id());
    }
    held_.release(feed_.fresh(), feed_.epoch(), feed_.journalled());
}

void Commander::on_heartbeat() {
    held_.release(feed_.fresh(), feed_.epoch(), feed_.journalled());
}

void Commander::submit(const Command& command, const std::string& key_role, std::function<void(Reply)> answer) {
    auto job = std::make_shared<Job>();
    job->command = command;
    job->command.mutable_actor()->set_asserted_by(key_role);
    job->key_role = key_role;
    job->answer = std::move(answer);
    const auto left = command.deadline_ms() == 0 ? limits::command_deadline_default_ms : command.deadline_ms();
    job->deadline = world_.clock.boot_ms() + std::min(left, limits::command_deadline_max_ms);
    ++in_flight_;
    if (auto reply = turn_away(*job)) {
        finish(job, std::move(*reply));
        return;
    }
    find_needs(*job);
    job->epoch = feed_.epoch();
    job->seq = feed_.folded();
    world_.clock.after(job->deadline - world_.clock.boot_ms(),
                       alive_.guard([this] { held_.release(feed_.fresh(), feed_.epoch(), feed_.journalled()); }));
    locks_.acquire(job->needs, [this, job] { load(job); });
}

// Everything that can be judged without the store. A refusal that leaves here at once says something of the command
// itself, that no state can change; every other one is held.
std::optional<Reply> Commander::turn_away(Job& job) const {
    const auto& command = job.command;
    const auto name = type_name(command.payload());
    if (command.command_id().empty()) return refused(command, INVALID, "A command needs an id.", "command_id");
    if (command.command_id().size() > limits::command_id_max_bytes) {
        return refused(command, INVALID, "The command id is too long.", "command_id");
    }
    if (commands_.find(name) == commands_.end()) {
        return refused(command, UNKNOWN_COMMAND, "This service takes no such command.", "payload");
    }
    if (!domain_.may(job.key_role, name)) {
        return refused(command, FORBIDDEN, "This key's role may not give this command.", "payload");
    }
    if (command.ByteSizeLong() > limits::event_max_bytes) {
        return refused(command, TOO_LARGE, "The command is too large.", "payload");
    }
    job.payload = unpack(command.payload());
    if (job.payload == nullptr) return refused(command, INVALID, "The payload does not parse.", "payload");
    if (in_flight_ > limits::commands_in_flight_max) return unavailable(command, "too many commands in flight");
    if (!ready_) return unavailable(command, why_not_ready_);
    if (!feed_.fresh()) return unavailable(command, "the ring is closed: no fresh heartbeat from audit");
    return std::nullopt;
}

void Commander::find_needs(Job& job) const {
    try {
        const DomainScope scope;
        job.needs = domain_.needs(*job.payload, context(feed_.hub_now()));
    } catch (const std::exception&) {
        job.broken = true;
    }
    std::sort(job.needs.begin(), job.needs.end());
    job.needs.erase(std::unique(job.needs.begin(), job.needs.end()), job.needs.end());
}

// Why a rule cannot judge it, once it is known not to be done already.
std::optional<Reply> Commander::cannot_judge(const Job& job) const {
    if (job.broken) return refused(job.command, INTERNAL, rule_broke, "");
    for (const auto& id : job.needs) {
        if (fold_.quarantined().contains(id))
            return refused(job.command, INTERNAL, "The record of this aggregate is quarantined.", id.type);
    }
    return std::nullopt;
}

void Commander::load(const JobPtr& job) {
    if (world_.clock.boot_ms() >= job->deadline) {
        locks_.release(job->needs);
        finish(job, unavailable(job->command, "the deadline passed before it was decided"));
        return;
    }
    seams::LoadRequest request{settings_.hub, job->command.command_id(), job->needs};
    world_.store.load(std::move(request), alive_.guard([this, job](const seams::Stored<seams::Loaded>& loaded) {
        on_loaded(job, loaded);
    }));
}

void Commander::on_loaded(const JobPtr& job, const seams::Stored<seams::Loaded>& loaded) {
    if (!loaded.ok()) {
        on_store_failure(job, loaded.error(), false);
        return;
    }
    const auto& head = loaded.value().head;
    // Not ready any more: since it was asked an epoch was opened, and what was loaded need not have been restored.
    if (!head.open || head.epoch != feed_.epoch() || !ready_) {
        locks_.release(job->needs);
        const auto why = !head.open                    ? "the ring is closed: " + head.why_closed
                         : head.epoch != feed_.epoch() ? "a new epoch is being opened"
                                                       : why_not_ready_;
        finish(job, unavailable(job->command, why));
        return;
    }
    if (loaded.value().done) {
        locks_.release(job->needs);
        hold_for_head(job, duplicate(job->command, *loaded.value().done), head.epoch, head.seq);
        return;
    }
    job->epoch = head.epoch;
    job->seq = head.seq;
    if (auto reply = cannot_judge(*job)) {
        locks_.release(job->needs);
        hold_for_head(job, std::move(*reply), head.epoch, head.seq);
        return;
    }
    decide(job, loaded.value());
}

// Nothing when the store and the fold do not fit together yet.
std::optional<States> Commander::states_of(const Job& job, const seams::Loaded& loaded) const {
    States states;
    for (std::size_t i = 0; i < job.needs.size(); ++i) {
        const auto& id = job.needs[i];
        const auto& record = loaded.records[i];
        Aggregate aggregate;
        const auto* folded = fold_.find(id);
        if (folded != nullptr && folded->version > record.version) return std::nullopt;  // not restored yet
        if (record.version > 0 && record.state.empty()) {  // a tombstone: the journal's fold has the state
            if (folded == nullptr || folded->version != record.version) return std::nullopt;
            aggregate = *folded;
        } else if (record.version > 0) {
            auto state = domain_.empty_state(id.type);
            if (state == nullptr || !state->ParseFromString(record.state)) return std::nullopt;
            aggregate.version = record.version;
            aggregate.state = state;
            if (folded != nullptr) {
                aggregate.case_id = folded->case_id;
                aggregate.case_number = folded->case_number;
                aggregate.correlation_id = folded->correlation_id;
            }
        }
        const auto& lease = loaded.leases[i];
        states.put(id, std::move(aggregate), lease ? lease->expires : 0, lease ? lease->token : "");
    }
    return states;
}

void Commander::decide(const JobPtr& job, const seams::Loaded& loaded) {
    const auto states = states_of(*job, loaded);
    if (!states) {
        again(job, "the store's record and the feed do not fit together yet");
        return;
    }
    try {
        Decided decided = [&] {
            const DomainScope scope;
            return domain_.decide(*states, *job->payload, job->command, context(loaded.head.hub_now));
        }();
        if (decided.ok()) {
            commit(job, loaded, *states, decided.value(), std::nullopt);
        } else if (!decided.error().events.empty()) {
            Decision facts;
            facts.events = decided.error().events;
            commit(job, loaded, *states, facts, decided.error().refusal);
        } else {
            locks_.release(job->needs);
            hold_for_head(job, refused(job->command, decided.error().refusal), loaded.head.epoch, loaded.head.seq);
        }
    } catch (const std::exception&) {  // a broken invariant, or a library's: a bug in a rule either way
        locks_.release(job->needs);
        hold_for_head(job, refused(job->command, INTERNAL, rule_broke, ""), loaded.head.epoch, loaded.head.seq);
    }
}

void Commander::again(const JobPtr& job, const std::string& why) {
    if (++job->attempts <= limits::version_conflict_retries) {
        const auto pause = job->attempts == 1 ? 0 : job->attempts * limits::conflict_pause_ms;
        world_.clock.after(pause, alive_.guard([this, job] { load(job); }));
        return;
    }
    locks_.release(job->needs);
    const auto sentence = "Lost every retry against other changes; certainly not done: " + why;
    hold_for_head(job, refused(job->command, CONTENTION, sentence, ""), job->epoch, job->seq);
}

void Commander::on_store_failure(const JobPtr& job, const seams::StoreFailure& failure, bool commit_sent) {
    if (failure.error == seams::StoreError::conflict) {
        again(job, "another change came first");
        return;
    }
    locks_.release(job->needs);
    if (failure.error == seams::StoreError::fold_too_new) {
        world_.life.die("a newer version of this service has written this hub: standing down");
        finish(job, unavailable(job->command, "a newer version of this service is running"));
    } else if (failure.error == seams::StoreError::invalid) {
        const auto sentence = "The change breaks a bound of the store: " + failure.detail;
        hold_for_head(job, refused(job->command, TOO_LARGE, sentence, ""), job->epoch, job->seq);
    } else if (failure.error == seams::StoreError::unknown && commit_sent) {
        finish(job, unknown(job->command));
    } else {
        finish(job, unavailable(job->command, "the store did not take it: " + failure.detail));
    }
}

void Commander::hold_for_head(const JobPtr& job, Reply reply, std::uint64_t epoch, std::uint64_t seq) {
    reply.set_head_seq(seq);
    reply.set_epoch(epoch);
    held_.hold({std::move(reply), epoch, seq, "", job->deadline,
                alive_.guard([this, job](Reply answer) { finish(job, std::move(answer)); })});
    held_.release(feed_.fresh(), feed_.epoch(), feed_.journalled());
}

void Commander::finish(const JobPtr& job, Reply reply) {
    INVARIANT(!job->answered);
    job->answered = true;
    --in_flight_;
    job->answer(std::move(reply));
}

}  // namespace rightplace::runtime
