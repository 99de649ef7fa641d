// A service that exists only in the simulator: it counts. Real rules are harmless when they run twice;
// these are not, so a reaction or a timer that is lost or doubled shows as a wrong count.
//
// For each CaseOpened it writes one StringValue (the cause's event id) to its tally, and arms a timer
// that writes one more ("timer:<cause event id>") `probe_timer_ms` later. People may count, too:
// "count:<counter>" is written to that counter, which is shared, and "counted:<its event id>:<time>" follows,
// at once or, when it ends with "slowly", `probe_slow_ms` later. "arm:<tally>:<due>" arms that tally's timer for a
// moment of hub time, and "keep:<tally>" changes nothing in it.
#pragma once

#include "common/runtime/domain.hpp"

namespace rightplace::sim {

inline constexpr std::int64_t probe_timer_ms = 10 * 60'000;
inline constexpr std::int64_t probe_slow_ms = 12'000;
inline constexpr std::string_view slowly_suffix = "slowly";
inline constexpr std::string_view probe_aggregate = "tally";
inline constexpr std::string_view arm_prefix = "arm:";
inline constexpr std::string_view keep_prefix = "keep:";
inline constexpr std::string_view count_prefix = "count:";
inline constexpr std::string_view counted_prefix = "counted:";

class ProbeDomain final : public runtime::Domain {
   public:
    std::string_view service() const override { return "probe"; }
    std::uint32_t fold() const override { return 1; }
    std::vector<std::string_view> aggregate_types() const override { return {probe_aggregate}; }
    std::shared_ptr<runtime::Message> empty_state(std::string_view) const override;
    std::vector<std::string_view> commands() const override { return {"google.protobuf.StringValue"}; }
    bool may(std::string_view key_role, std::string_view) const override {
        return key_role == service() || key_role == "cli";
    }
    std::vector<runtime::AggregateId> needs(const runtime::Message& command, const runtime::Context&) const override;
    runtime::Decided decide(const runtime::States&, const runtime::Message& command, const Command& envelope,
                            const runtime::Context&) const override;
    std::shared_ptr<const runtime::Message> evolve(std::string_view type, const runtime::Message* before, const Event&,
                                                   const runtime::Message& payload) const override;
    std::vector<runtime::IndexEntry> index(const runtime::AggregateId&, const runtime::Message& state) const override;
    std::vector<runtime::Reaction> react(const Event&, const runtime::Message& payload,
                                         const runtime::Context&) const override;
    std::shared_ptr<const runtime::Message> on_timer(const runtime::AggregateId&, std::string_view kind,
                                                     TimeMs due) const override;
    std::optional<std::string> live_claim(std::string_view, const runtime::Message&) const override {
        return std::nullopt;
    }
    std::shared_ptr<const runtime::Message> on_lease_lapsed(const runtime::AggregateId&,
                                                            std::string_view) const override {
        return nullptr;
    }
    bool closed(std::string_view, const runtime::Message&) const override { return false; }
    std::vector<runtime::Reaction> on_ready(const runtime::Context&) const override { return {}; }
    runtime::Answered query(const runtime::Query&, const runtime::Context&) const override;
};

}  // namespace rightplace::sim
