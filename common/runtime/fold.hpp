// A service's own fold of one hub's feed: the states of its aggregates and the policy in force,
// journalled by construction. Queries, reactions and refolds read it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>

#include "common/runtime/domain.hpp"

namespace rightplace::runtime {

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
    // Aggregates whose events did not fit or whose evolve threw; commands on them are refused.
    const std::set<AggregateId>& quarantined() const { return quarantined_; }
    bool owns(std::string_view type) const;
    std::int64_t lease_ms() const;  // claim lease under the policy in force

   private:
    void adopt(const Event& event);
    void keep_keys(const AggregateId& id, const Message* before, const Message& after);

    std::string hub_;
    const Domain& domain_;
    std::set<std::string, std::less<>> types_;
    std::map<AggregateId, Aggregate> aggregates_;
    std::unordered_map<std::string, std::set<AggregateId>> by_key_;
    std::set<AggregateId> quarantined_;
    policy::HubPolicy policy_;
    bool has_policy_ = false;
    std::string policy_version_;
    std::uint64_t seq_ = 0;
};

}  // namespace rightplace::runtime
