#include "common/runtime/fold.hpp"

#include <google/protobuf/text_format.h>

#include <cmath>

#include "common/base/limits.hpp"
#include "common/runtime/payload.hpp"

namespace rightplace::runtime {

Fold::Fold(std::string hub, const Domain& domain)
    : hub_(std::move(hub)), domain_(domain), due_queue_(due_queue(domain.service())) {
    for (const auto type : domain.aggregate_types()) types_.emplace(type);
}

bool Fold::owns(std::string_view type) const {
    return types_.find(type) != types_.end();
}

void Fold::apply(const Event& event) {
    seq_ = event.seq();
    if (event.aggregate_type() == "policy") adopt(event);
    // A type like "reaction" is shared by name: the emitter tells whose it is.
    if (event.service() != domain_.service() || !owns(event.aggregate_type())) return;
    const AggregateId id{event.aggregate_type(), event.aggregate_id()};
    auto& aggregate = aggregates_[id];
    // What comes after an event that did not fit stands on a state that nobody knows: it is not folded on another one.
    if (!quarantined_.contains(id) && !take_in(id, aggregate, event))
        quarantined_[id] = {event.event_id(), event.seq(), aggregate.version};
    aggregate.version = event.aggregate_version();
    aggregate.case_id = event.case_id();
    aggregate.case_number = event.case_number();
    aggregate.correlation_id = event.correlation_id();
}

// False, and nothing is changed, when the event does not fit or a rule breaks on it.
bool Fold::take_in(const AggregateId& id, Aggregate& aggregate, const Event& event) {
    const auto payload = unpack(event.payload());
    if (payload == nullptr || event.aggregate_version() != aggregate.version + 1) return false;
    try {
        const DomainScope scope;
        const auto after = domain_.evolve(id.type, aggregate.state.get(), event, *payload);
        const auto entries = domain_.index(id, *after);
        keep_keys(id, aggregate.state.get(), *after);
        keep_timers(id, entries, event.aggregate_version());
        aggregate.state = after;
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

void Fold::keep_keys(const AggregateId& id, const Message* before, const Message& after) {
    const auto now = domain_.lookup_keys(id.type, after);
    const auto then = before == nullptr ? std::vector<std::string>() : domain_.lookup_keys(id.type, *before);
    if (now == then) return;
    for (const auto& key : then) {
        const auto found = by_key_.find(key);
        if (found == by_key_.end()) continue;  // a key that was said twice
        found->second.erase(id);
        if (found->second.empty()) by_key_.erase(found);
    }
    for (const auto& key : now) by_key_[key].insert(id);
}

// A timer keeps the version that it was armed at for as long as its entry stands, with the same due time.
void Fold::keep_timers(const AggregateId& id, const std::vector<IndexEntry>& entries, std::uint64_t version) {
    std::vector<Timer> now;
    for (const auto& entry : entries) {
        if (entry.queue != due_queue_) continue;
        const auto due = TimeMs(std::floor(entry.score));
        now.push_back({entry.member, due, armed_at(id, entry.member, due).value_or(version)});
    }
    if (now.empty()) {
        timers_.erase(id);
    } else {
        timers_[id] = std::move(now);
    }
}

std::optional<std::uint64_t> Fold::armed_at(const AggregateId& id, std::string_view member, TimeMs due) const {
    const auto found = timers_.find(id);
    if (found == timers_.end()) return std::nullopt;
    for (const auto& timer : found->second) {
        if (timer.member == member && timer.due == due) return timer.armed_at;
    }
    return std::nullopt;
}

void Fold::adopt(const Event& event) {
    // Read through the descriptor: common knows no service's messages.
    const auto payload = unpack(event.payload());
    if (payload == nullptr) return;
    const auto* descriptor = payload->GetDescriptor();
    const auto* text = descriptor->FindFieldByName("text");
    const auto* version = descriptor->FindFieldByName("version");
    if (text == nullptr || version == nullptr) return;
    policy::HubPolicy adopted;
    if (!google::protobuf::TextFormat::ParseFromString(payload->GetReflection()->GetString(*payload, text), &adopted)) {
        return;  // triage adopts only text that parses; a newer build's text may not
    }
    policy_ = adopted;
    has_policy_ = true;
    policy_version_ = payload->GetReflection()->GetString(*payload, version);
}

const Aggregate* Fold::find(const AggregateId& id) const {
    const auto found = aggregates_.find(id);
    return found == aggregates_.end() ? nullptr : &found->second;
}

void Fold::each(std::string_view type, const std::function<void(const AggregateId&, const Aggregate&)>& see) const {
    for (auto at = aggregates_.lower_bound({std::string(type), ""}); at != aggregates_.end() && at->first.type == type;
         ++at) {
        see(at->first, at->second);
    }
}

void Fold::each_with_key(std::string_view type, std::string_view key,
                         const std::function<void(const AggregateId&, const Aggregate&)>& see) const {
    const auto found = by_key_.find(std::string(key));
    if (found == by_key_.end()) return;
    for (const auto& id : found->second) {
        if (id.type == type) see(id, aggregates_.at(id));
    }
}

std::int64_t Fold::lease_ms() const {
    const auto seconds = has_policy_ ? policy_.claim_lease_seconds() : 0;
    return seconds > 0 ? std::int64_t{seconds} * 1'000 : limits::claim_lease_default_ms;
}

}  // namespace rightplace::runtime
