#include "common/runtime/fold.hpp"

#include <google/protobuf/text_format.h>

#include <utility>

#include "common/base/limits.hpp"
#include "common/runtime/payload.hpp"

namespace rightplace::runtime {

Fold::Fold(std::string hub, const Domain& domain) : hub_(std::move(hub)), domain_(domain) {
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
    const auto payload = unpack(event.payload());
    if (payload == nullptr || event.aggregate_version() != aggregate.version + 1) {
        quarantined_.insert(id);
        aggregate.version = event.aggregate_version();
        return;
    }
    aggregate.version = event.aggregate_version();
    aggregate.case_id = event.case_id();
    aggregate.case_number = event.case_number();
    aggregate.correlation_id = event.correlation_id();
    try {
        const DomainScope scope;
        const auto before =
            std::exchange(aggregate.state, domain_.evolve(id.type, aggregate.state.get(), event, *payload));
        keep_keys(id, before.get(), *aggregate.state);
    } catch (const std::exception&) {
        quarantined_.insert(id);
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
