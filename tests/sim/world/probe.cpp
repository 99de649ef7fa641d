#include "tests/sim/world/probe.hpp"

#include <google/protobuf/wrappers.pb.h>

#include "common/runtime/typed.hpp"
#include "messages/intake.pb.h"

namespace rightplace::sim {

using google::protobuf::Int64Value;
using google::protobuf::StringValue;
using runtime::as;

namespace {

constexpr std::string_view timer_prefix = "timer:";

// One tally for each cause, so that none stands in another's way, and one for each counter, where many
// meet. Its state is when its timer is due; 0: no timer, or done.
runtime::AggregateId tally_of(const std::string& text) {
    for (const auto prefix : {timer_prefix, arm_prefix, keep_prefix}) {
        if (!text.starts_with(prefix)) continue;
        const auto id = text.substr(prefix.size());
        return {std::string(probe_aggregate), id.substr(0, id.find(':'))};
    }
    return {std::string(probe_aggregate), text};
}

bool arms_timer(const std::string& text) {
    return !text.starts_with(timer_prefix) && !text.starts_with(count_prefix) && !text.starts_with(counted_prefix);
}

}  // namespace

std::shared_ptr<runtime::Message> ProbeDomain::empty_state(std::string_view) const {
    return std::make_shared<Int64Value>();
}

std::vector<runtime::AggregateId> ProbeDomain::needs(const runtime::Message& command, const runtime::Context&) const {
    return {tally_of(runtime::must_be<StringValue>(command).value())};
}

runtime::Decided ProbeDomain::decide(const runtime::States&, const runtime::Message& command, const Command&,
                                     const runtime::Context& context) const {
    const auto& text = runtime::must_be<StringValue>(command);
    if (text.value().starts_with(counted_prefix)) {
        const auto after = text.value().rfind(':') + 1;
        if (context.now < std::stoll(text.value().substr(after))) return runtime::refuse(CONTENTION, "Not yet.");
    }
    return runtime::events({runtime::new_event(tally_of(text.value()), text, {}, {})});
}

std::shared_ptr<const runtime::Message> ProbeDomain::evolve(std::string_view, const runtime::Message* before,
                                                            const Event& event, const runtime::Message& payload) const {
    auto due = std::make_shared<Int64Value>();
    const auto& text = runtime::must_be<StringValue>(payload).value();
    if (text.starts_with(keep_prefix)) {
        if (before != nullptr) *due = runtime::must_be<Int64Value>(*before);
    } else if (text.starts_with(arm_prefix)) {
        due->set_value(std::stoll(text.substr(text.rfind(':') + 1)));
    } else if (arms_timer(text)) {
        due->set_value(to_ms(event.occurred_at()) + probe_timer_ms);
    }
    return due;
}

std::vector<runtime::IndexEntry> ProbeDomain::index(const runtime::AggregateId& id,
                                                    const runtime::Message& state) const {
    const auto due = runtime::must_be<Int64Value>(state).value();
    if (due == 0) return {};
    return {{runtime::due_queue(service()), runtime::timer_member(id, "tick"), double(due)}};
}

std::vector<runtime::Reaction> ProbeDomain::react(const Event& event, const runtime::Message& payload,
                                                  const runtime::Context&) const {
    const auto* said = as<StringValue>(payload);
    const bool counts = said != nullptr && said->value().starts_with(count_prefix);
    if (!counts && as<intake::CaseOpened>(payload) == nullptr) return {};
    StringValue tally;
    tally.set_value(event.event_id());
    if (counts) {
        const auto slowly = said->value().ends_with(slowly_suffix) ? probe_slow_ms : 0;
        tally.set_value(std::string(counted_prefix) + event.event_id() + ":" +
                        std::to_string(to_ms(event.occurred_at()) + slowly));
    }
    return {runtime::reaction("tally", event.event_id(), tally)};
}

std::shared_ptr<const runtime::Message> ProbeDomain::on_timer(const runtime::AggregateId& id, std::string_view,
                                                              TimeMs) const {
    auto tally = std::make_shared<StringValue>();
    tally->set_value(std::string(timer_prefix) + id.id);
    return tally;
}

runtime::Answered ProbeDomain::query(const runtime::Query&, const runtime::Context&) const {
    Refusal refusal;
    refusal.set_code(UNKNOWN_COMMAND);
    return Failure{refusal};
}

}  // namespace rightplace::sim
