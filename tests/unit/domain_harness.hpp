// Runs a domain without any runtime: decide, then evolve, over commands. Keeps states, leases and
// index entries as the store would, and is the view as well.
#pragma once

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

#include "common/runtime/typed.hpp"

namespace rightplace::test {

struct Recorded {
    Event event;
    std::shared_ptr<const runtime::Message> payload;
};

struct Outcome {
    std::optional<Refusal> refusal;
    std::vector<Recorded> events;

    RefusalCode code() const { return refusal ? refusal->code() : REFUSAL_CODE_UNSPECIFIED; }
    std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (const Recorded& recorded : events) all.push_back(recorded.payload->GetDescriptor()->name());
        return all;
    }
};

class Harness : public runtime::View {
   public:
    explicit Harness(const runtime::Domain& domain) : domain_(domain) {}

    TimeMs now = 1'790'000'000'000;
    std::string hub = "ashford";
    std::vector<std::string> other_hubs;
    const policy::HubPolicy* policy = nullptr;
    std::optional<TimeMs> occurred_at;  // of the next command only
    std::vector<Recorded> log;

    runtime::Context context() const {
        runtime::Context made;
        made.now = now;
        made.hub = hub;
        made.other_hubs = other_hubs;
        made.policy = policy;
        made.view = this;
        made.case_letter = "A";
        return made;
    }

    // `cause`: the event that it is a reaction to.
    Outcome run(const runtime::Message& command, const std::string& actor = "", const std::string& role = "",
                const std::string& cause = {}) {
        Command envelope;
        envelope.set_cause_event_id(cause);
        envelope.mutable_actor()->set_id(actor);
        envelope.mutable_actor()->set_role(role);
        if (occurred_at) *envelope.mutable_occurred_at() = to_timestamp(*occurred_at);
        const TimeMs happened = occurred_at.value_or(now);
        occurred_at.reset();
        runtime::States states;
        for (const auto& id : domain_.needs(command, context())) {
            const auto held = held_.find(id);
            states.put(id, held == held_.end() ? runtime::Aggregate{} : held->second, lease_of(id), {});
        }
        const auto decided = domain_.decide(states, command, envelope, context());
        Outcome outcome;
        if (!decided) outcome.refusal = decided.error().refusal;
        const auto& events = decided ? decided.value().events : decided.error().events;
        for (const auto& event : events) outcome.events.push_back(record(event, envelope, happened));
        if (decided) move_lease(decided.value(), outcome);
        return outcome;
    }

    // What the domain does about an event: its reactions, run as commands.
    std::vector<Outcome> react(const Recorded& recorded) {
        std::vector<Outcome> outcomes;
        for (const auto& reaction : domain_.react(recorded.event, *recorded.payload, context())) {
            occurred_at = reaction.occurred_at;
            outcomes.push_back(run(*reaction.payload, "", "system", recorded.event.event_id()));
        }
        return outcomes;
    }
    // What it does here about an event of another hub.
    std::vector<Outcome> react_to_other(const Recorded& recorded) {
        std::vector<Outcome> outcomes;
        for (const auto& reaction : domain_.react_to_other_hub(recorded.event, *recorded.payload, context())) {
            occurred_at = reaction.occurred_at;
            outcomes.push_back(run(*reaction.payload, "", "system", recorded.event.event_id()));
        }
        return outcomes;
    }

    template <typename T>
    const T& state(const std::string& type, const std::string& id) const {
        const auto held = held_.find({type, id});
        INVARIANT(held != held_.end());
        return static_cast<const T&>(*held->second.state);
    }
    std::vector<runtime::IndexEntry> index(const std::string& type, const std::string& id) const {
        const runtime::AggregateId key{type, id};
        return domain_.index(key, *held_.at(key).state);
    }
    TimeMs lease_of(const runtime::AggregateId& id) const {
        const auto lease = leases_.find(id);
        return lease == leases_.end() ? 0 : lease->second;
    }

    const runtime::Aggregate* find(const runtime::AggregateId& id) const override {
        const auto held = held_.find(id);
        return held == held_.end() ? nullptr : &held->second;
    }
    void each(std::string_view type,
              const std::function<void(const runtime::AggregateId&, const runtime::Aggregate&)>& then) const override {
        for (const auto& [id, aggregate] : held_) {
            if (id.type == type) then(id, aggregate);
        }
    }
    // The slow way, for the fold's quick one to agree with.
    void each_with_key(
        std::string_view type, std::string_view key,
        const std::function<void(const runtime::AggregateId&, const runtime::Aggregate&)>& then) const override {
        each(type, [&](const runtime::AggregateId& id, const runtime::Aggregate& aggregate) {
            const auto keys = domain_.lookup_keys(type, *aggregate.state);
            if (std::find(keys.begin(), keys.end(), key) != keys.end()) then(id, aggregate);
        });
    }
    std::uint64_t seq() const override { return log.size(); }

   private:
    Recorded record(const runtime::NewEvent& made, const Command& envelope, TimeMs happened) {
        auto& held = held_[made.aggregate];
        Recorded recorded{{}, made.payload};
        Event& event = recorded.event;
        event.set_hub(hub);
        event.set_seq(log.size() + 1);
        event.set_event_id(hub + "-event-" + std::to_string(log.size() + 1));
        event.set_aggregate_type(made.aggregate.type);
        event.set_aggregate_id(made.aggregate.id);
        event.set_aggregate_version(held.version + 1);
        event.set_case_id(made.case_id);
        event.set_case_number(made.case_number);
        *event.mutable_actor() = envelope.actor();
        *event.mutable_occurred_at() = to_timestamp(happened);
        *event.mutable_recorded_at() = to_timestamp(now);
        const auto once = domain_.evolve(made.aggregate.type, held.state.get(), event, *made.payload);
        const auto again = domain_.evolve(made.aggregate.type, held.state.get(), event, *made.payload);
        INVARIANT(once->SerializeAsString() == again->SerializeAsString());
        held.state = once;
        held.version += 1;
        log.push_back(recorded);
        return recorded;
    }

    void move_lease(const runtime::Decision& decision, const Outcome& outcome) {
        if (decision.lease == seams::LeaseChange::Kind::clear) leases_.erase(decision.leased);
        if (decision.lease == seams::LeaseChange::Kind::set) leases_[decision.leased] = now + decision.lease_ms;
        INVARIANT(!decision.renews || outcome.events.empty());
    }

    const runtime::Domain& domain_;
    std::map<runtime::AggregateId, runtime::Aggregate> held_;
    std::map<runtime::AggregateId, TimeMs> leases_;
};

inline Sealed sealed(const std::string& text, const std::string& key_id = "key-1") {
    Sealed made;
    made.set_key_id(key_id);
    made.set_nonce(std::string(24, 'n'));
    made.set_ciphertext(text);
    return made;
}

}  // namespace rightplace::test
