// A service's own fold of one hub's feed: the states of its aggregates and the policy in force,
// journalled by construction. Queries, reactions and refolds read it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "common/runtime/domain.hpp"

namespace rightplace::runtime {

// An aggregate of which an event did not fit, or whose evolve threw on one. It stays as it was before that event.
struct Quarantined {
    std::string event_id;  // the event's
    std::uint64_t seq = 0;
    std::uint64_t good_version = 0;  // up to which the state was folded; 0: there is none
};

class Fold final : public View {
   public:
    Fold(std::string hub, const Domain& domain);

    void apply(const Event& event);

    const Aggregate* find(const AggregateId& id) const override;
    void each(std::string_view type,
              const std::function<void(const AggregateId&, const Aggregate&)>& see) const override;
    void each_with_key(std::string_view type, std::string_view key,
                       const std::function<void(const AggregateId&, const Aggregate&)>& see) const override;
    std::uint64_t seq() const override { return seq_; }

    const policy::HubPolicy* policy() const { return has_policy_ ? &policy_ : nullptr; }
    const std::string& policy_version() const { return policy_version_; }
    const std::map<AggregateId, Aggregate>& all() const { return aggregates_; }
    // Commands on these are refused.
    const std::map<AggregateId, Quarantined>& quarantined() const { return quarantined_; }
    // The version since which the index entry of this timer has stood without a break; nothing when it does not stand.
    std::optional<std::uint64_t> armed_at(const AggregateId& id, std::string_view member, TimeMs due) const;
    bool owns(std::string_view type) const;
    std::int64_t lease_ms() const;  // claim lease under the policy in force

   private:
    struct Timer {
        std::string member;
        TimeMs due;
        std::uint64_t armed_at;
    };
    void adopt(const Event& event);
    bool take_in(const AggregateId& id, Aggregate& aggregate, const Event& event);
    void keep_keys(const AggregateId& id, const Message* before, const Message& after);
    void keep_timers(const AggregateId& id, const std::vector<IndexEntry>& entries, std::uint64_t version);

    std::string hub_;
    const Domain& domain_;
    std::set<std::string, std::less<>> types_;
    std::map<AggregateId, Aggregate> aggregates_;
    std::unordered_map<std::string, std::set<AggregateId>> by_key_;
    std::map<AggregateId, Quarantined> quarantined_;
    std::map<AggregateId, std::vector<Timer>> timers_;  // of those that have any
    std::string due_queue_;
    policy::HubPolicy policy_;
    bool has_policy_ = false;
    std::string policy_version_;
    std::uint64_t seq_ = 0;
};

}  // namespace rightplace::runtime
