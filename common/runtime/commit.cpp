// The writing half of Commander: from a decision to events, records, guards and a held answer.
#include "common/base/hash.hpp"
#include "common/base/limits.hpp"
#include "common/runtime/commander.hpp"
#include "common/runtime/payload.hpp"
#include "common/runtime/replies.hpp"

namespace rightplace::runtime {
namespace {

constexpr std::size_t event_id_bytes = 16;

Event envelope_of(const NewEvent& made, const Command& command, const Context& context, const HubSettings& settings,
                  const Aggregate& before) {
    Event event;
    event.set_hub(settings.hub);
    event.set_aggregate_type(made.aggregate.type);
    event.set_aggregate_id(made.aggregate.id);
    event.set_command_id(command.command_id());
    event.set_cause_event_id(command.cause_event_id());
    event.set_correlation_id(!command.correlation_id().empty() ? command.correlation_id() : before.correlation_id);
    event.set_traceparent(command.traceparent());
    *event.mutable_actor() = command.actor();
    event.set_policy_version(context.policy_version);
    *event.mutable_occurred_at() = command.has_occurred_at() ? command.occurred_at() : to_timestamp(context.now);
    event.set_case_id(!made.case_id.empty() ? made.case_id : before.case_id);
    event.set_case_number(!made.case_number.empty() ? made.case_number : before.case_number);
    event.set_label(settings.label);
    pack(*made.payload, *event.mutable_payload());
    return event;
}

void add_to_receipt(Receipt& receipt, const Event& event) {
    auto* line = receipt.add_events();
    line->set_event_id(event.event_id());
    line->set_name(event_name(event));
    line->set_aggregate_type(event.aggregate_type());
    line->set_aggregate_id(event.aggregate_id());
    line->set_aggregate_version(event.aggregate_version());
    line->set_case_id(event.case_id());
    line->set_case_number(event.case_number());
}

}  // namespace

// Evolves each touched aggregate through its new events; the records are what the fold will agree to.
void Commander::build_events(Attempt& attempt, const seams::Loaded& loaded, const States& states,
                             const Decision& decision) {
    const DomainScope scope;  // an event on an aggregate the rule did not ask for is the rule's bug
    const auto now = context(loaded.head.hub_now);
    std::map<AggregateId, Aggregate> touched;
    for (const auto& made : decision.events) {
        auto& aggregate = touched.try_emplace(made.aggregate, states.at(made.aggregate)).first->second;
        Event event = envelope_of(made, attempt.job->command, now, settings_, aggregate);
        event.set_command_id(attempt.request.command_id);
        event.set_service(std::string(domain_.service()));
        event.set_event_id(to_hex(world_.random.bytes(event_id_bytes)));
        event.set_aggregate_version(++aggregate.version);
        aggregate.case_id = event.case_id();
        aggregate.case_number = event.case_number();
        aggregate.correlation_id = event.correlation_id();
        aggregate.state = domain_.evolve(made.aggregate.type, aggregate.state.get(), event, *made.payload);
        if (made.aggregate == decision.leased) attempt.request.lease.lease.token = event.event_id();
        add_to_receipt(attempt.receipt, event);
        attempt.last_event_id = event.event_id();
        attempt.request.event_ids.push_back(event.event_id());
        attempt.request.events.push_back(event.SerializeAsString());
    }
    for (const auto& [id, aggregate] : touched) {
        attempt.request.sets.push_back({id, aggregate.version, domain_.fold(), aggregate.state->SerializeAsString(),
                                        domain_.index(id, *aggregate.state)});
    }
}

void Commander::commit(const JobPtr& job, const seams::Loaded& loaded, const States& states, const Decision& decision,
                       std::optional<Refusal> refusal) {
    auto attempt = std::make_shared<Attempt>();
    attempt->job = job;
    attempt->refusal = std::move(refusal);
    auto& request = attempt->request;
    request.hub = settings_.hub;
    request.service = domain_.service();
    request.fold = domain_.fold();
    request.epoch = loaded.head.epoch;
    request.seen_seq = feed_.folded();
    request.deadline = loaded.head.hub_now + (job->deadline - world_.clock.boot_ms());
    // A refusal that leaves a fact does not make the command done: asked again, it is judged again.
    request.command_id = job->command.command_id() + (attempt->refusal ? ":refused" : "");
    attempt->receipt.set_command_id(request.command_id);
    build_events(*attempt, loaded, states, decision);
    request.receipt = attempt->receipt.SerializeAsString();
    for (const auto& id : job->needs) {
        const auto version = states.at(id).version;
        const auto kind = version == 0 ? seams::Guard::Kind::absent : seams::Guard::Kind::version;
        request.guards.push_back({kind, id, version, {}, std::string(domain_.service())});
    }
    if (decision.lease != seams::LeaseChange::Kind::none) {
        request.lease.kind = decision.lease;
        request.lease.lease.aggregate = decision.leased;
        if (!decision.lease_token.empty()) request.lease.lease.token = decision.lease_token;
        request.lease.lease.expires = loaded.head.hub_now + decision.lease_ms;
    }
    if (request.events.empty() && request.lease.kind == seams::LeaseChange::Kind::none) {
        locks_.release(job->needs);
        Reply reply = accepted(job->command, attempt->receipt, loaded.head.epoch, loaded.head.seq);
        hold_for_head(job, std::move(reply), loaded.head.epoch, loaded.head.seq);
        return;
    }
    if (attempt->refusal) {
        commit_refused_facts(attempt);
    } else {
        send(attempt);
    }
}

// The facts of a refusal are written once, however often the command is asked again.
void Commander::commit_refused_facts(const std::shared_ptr<Attempt>& attempt) {
    seams::LoadRequest look{settings_.hub, attempt->request.command_id, {}};
    world_.store.load(std::move(look), alive_.guard([this, attempt](const seams::Stored<seams::Loaded>& loaded) {
        if (!loaded.ok()) {
            on_store_failure(attempt->job, loaded.error(), false);
        } else if (loaded.value().done) {
            locks_.release(attempt->job->needs);
            hold_for_head(attempt->job, refused(attempt->job->command, *attempt->refusal), loaded.value().head.epoch,
                          loaded.value().head.seq);
        } else {
            send(attempt);
        }
    }));
}

void Commander::send(const std::shared_ptr<Attempt>& attempt) {
    world_.store.commit(attempt->request, alive_.guard([this, attempt](const seams::Stored<seams::Committed>& done) {
        on_committed(attempt, done);
    }));
}

void Commander::on_committed(const std::shared_ptr<Attempt>& attempt,
                             const seams::Stored<seams::Committed>& committed) {
    const auto& job = attempt->job;
    if (!committed.ok()) {
        on_store_failure(job, committed.error(), true);
        return;
    }
    locks_.release(job->needs);
    const auto& done = committed.value();
    Reply reply = attempt->refusal ? refused(job->command, *attempt->refusal)
                                   : accepted(job->command, attempt->receipt, done.epoch, done.first_seq);
    if (attempt->request.events.empty()) {
        hold_for_head(job, std::move(reply), done.epoch, done.head_seq);
        return;
    }
    reply.set_head_seq(done.head_seq);
    reply.set_epoch(done.epoch);
    held_.hold({std::move(reply), done.epoch, done.head_seq, attempt->last_event_id, job->deadline,
                alive_.guard([this, job](Reply answer) { finish(job, std::move(answer)); })});
    // Its event may be back already: the feed and the store are different roads.
    if (recent_.count(attempt->last_event_id) > 0) held_.event_seen(attempt->last_event_id);
    held_.release(feed_.fresh(), feed_.epoch(), feed_.journalled());
}

}  // namespace rightplace::runtime
