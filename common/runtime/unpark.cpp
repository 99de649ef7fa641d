// The part of Reactor that runs a parked reaction again when a person has asked for it: same rule, same cause, a fresh
// command id. The event that asked is not finished before it is done, refused or parked again, so the cursor waits for
// it, and a process that dies on the way finds it again.
#include "common/base/hash.hpp"
#include "common/base/limits.hpp"
#include "common/runtime/payload.hpp"
#include "common/runtime/quarantine.hpp"
#include "common/runtime/reactor.hpp"
#include "messages/audit.pb.h"

namespace rightplace::runtime {

void Reactor::unpark(const Event& event) {
    ReactionUnparked unparked;
    if (!event.payload().UnpackTo(&unparked) || unparked.rule() == quarantine_rule) return;  // Quarantine looks again
    // A timer, a lapse, what is asked for on start: no event caused it, and it is asked for as long as it stands.
    if (unparked.about_seq() == 0) return;
    ++under_way_[event.seq()];
    read_cause({unparked, event.event_id(), event.seq()});
}

void Reactor::read_cause(const Again& again) {
    const auto& unparked = again.unparked;
    audit::Read read;
    read.set_hub(unparked.about_hub().empty() ? settings_.hub : unparked.about_hub());
    read.set_from_seq(unparked.about_seq());
    read.set_max_events(1);
    const auto on_answer = [this, again](const Result<std::string, seams::TransportError>& page) {
        audit::ReadReply reply;
        Event cause;
        const bool found = page.ok() && reply.ParseFromString(page.value()) && reply.events_size() > 0 &&
                           cause.ParseFromString(reply.events(0)) && cause.seq() == again.unparked.about_seq();
        if (found) return run_again(again, cause);
        world_.clock.after(limits::read_retry_ms, alive_.guard([this, again] { read_cause(again); }));
    };
    world_.reader.read(read.SerializeAsString(), limits::read_timeout_ms, alive_.guard(on_answer));
}

void Reactor::run_again(const Again& again, const Event& cause) {
    const auto& unparked = again.unparked;
    const auto seq = again.seq;
    const auto done = alive_.guard([this, seq] { finished(seq); });
    const auto task_of = [&](const std::string& rule, const std::string& key) {
        const auto id = derived_id({domain_.service(), rule, again.event_id, key});
        return Task{
            rule, key, id, cause.event_id(), cause.seq(), nullptr, cause.correlation_id(), unparked.about_hub()};
    };
    const bool whole_event = unparked.rule() == whole_event_rule;
    std::vector<Reaction> reactions;
    std::string broken;
    const auto payload = unpack(cause.payload());
    if (payload == nullptr) broken = "this version does not know the event that it is about";
    try {
        const DomainScope scope;
        if (payload != nullptr) reactions = reactions_to(cause, *payload);
    } catch (const std::exception&) {
        broken = "a rule broke on this event";
    }
    std::size_t begun = 0;
    for (auto& reaction : reactions) {
        if (!whole_event && (reaction.rule != unparked.rule() || reaction.key != unparked.key())) continue;
        ++begun;
        ++under_way_[seq];
        auto task = task_of(reaction.rule, reaction.key);
        task.payload = reaction.payload;
        task.occurred_at = reaction.occurred_at;
        run(std::move(task), done);
    }
    if (!broken.empty() || (begun == 0 && !whole_event)) {
        ++under_way_[seq];
        const auto task = std::make_shared<Task>(task_of(unparked.rule(), unparked.key()));
        // Under the reaction's own command id: if it was done before this process died, this says nothing.
        if (broken.empty()) {
            const auto* nothing = "Run again, its rule asked for nothing about this event.";
            settle(task, task->command_id, refusal(*task, WRONG_STATE, nothing), done);
        } else {
            settle(task, task->command_id, parking(*task, broken), done);
        }
    }
    finished(seq);
}

}  // namespace rightplace::runtime
