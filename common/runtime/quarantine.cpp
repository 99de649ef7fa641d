#include "common/runtime/quarantine.hpp"

#include "common/base/hash.hpp"
#include "common/base/limits.hpp"
#include "common/runtime/payload.hpp"
#include "messages/runtime.pb.h"

namespace rightplace::runtime {
namespace {

constexpr std::string_view reaction_type = "reaction";

ParkReaction parking(const AggregateId& id, const Quarantined& found, const std::string& reaction_id) {
    ParkReaction park;
    park.set_reaction_id(reaction_id);
    auto& parked = *park.mutable_parked();
    parked.set_rule(std::string(quarantine_rule));
    parked.set_key(id.type + "|" + id.id);
    parked.set_about_event_id(found.event_id);
    parked.set_about_seq(found.seq);
    const auto watched = found.good_version > 0 ? "Its deadlines and its place in queues are kept as they were before "
                                                  "that event; what changed since is not watched."
                                                : "Its deadlines may not be watched.";
    parked.set_reason("This version cannot read the record of " + id.type + " " + id.id + " from event " +
                      std::to_string(found.seq) + " on, and refuses commands on it. " + watched +
                      " Look after it by hand, deploy a version that can read it, then un-park this.");
    return park;
}

}  // namespace

Quarantine::Quarantine(const HubSettings& settings, const Domain& domain, const World& world, Commander& commander,
                       const Fold& fold)
    : settings_(settings), domain_(domain), world_(world), commander_(commander), fold_(fold) {}

void Quarantine::on_event(const Event& event) {
    const bool of_reaction = event.service() == domain_.service() && event.aggregate_type() == reaction_type;
    if (of_reaction || fold_.quarantined().size() != seen_) look();
}

void Quarantine::set_running(bool running) {
    running_ = running;
    look();
}

void Quarantine::look() {
    if (!running_) return;
    seen_ = fold_.quarantined().size();
    for (const auto& [id, found] : fold_.quarantined()) {
        const auto reaction_id = derived_id({domain_.service(), quarantine_rule, found.event_id});
        const auto* told = fold_.find({std::string(reaction_type), reaction_id});
        const auto* state = told == nullptr ? nullptr : static_cast<const ReactionState*>(told->state.get());
        if (state != nullptr && state->parked()) continue;
        if (under_way_.insert(reaction_id).second) park(id, found, reaction_id, told == nullptr ? 0 : told->version);
    }
}

// The version makes it another command once it was un-parked.
void Quarantine::park(const AggregateId& id, const Quarantined& found, const std::string& reaction_id,
                      std::uint64_t version) {
    Command command;
    command.set_command_id(derived_id({"park", reaction_id, std::to_string(version)}));
    command.set_hub(settings_.hub);
    command.set_cause_event_id(found.event_id);
    command.mutable_actor()->set_id(std::string(domain_.service()));
    command.mutable_actor()->set_role("system");
    pack(parking(id, found, reaction_id), *command.mutable_payload());
    const auto answered = [this, reaction_id](const Reply& reply) {
        under_way_.erase(reaction_id);
        if (reply.status() == ACCEPTED || reply.status() == DUPLICATE) return;
        world_.clock.after(limits::reaction_retry_ms, alive_.guard([this] { look(); }));
    };
    commander_.submit(command, std::string(domain_.service()), alive_.guard(answered));
}

}  // namespace rightplace::runtime
