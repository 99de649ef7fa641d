// What belongs to the hub as a whole: policy, who is on shift.
#include <algorithm>

#include "common/base/limits.hpp"
#include "common/clinical/hub_policy.hpp"
#include "common/clinical/streams.hpp"
#include "services/triage/domain/rules.hpp"

namespace rightplace::triage {

using runtime::new_event;
using runtime::refuse;

Decided adopt_policy(const Asked& asked, const AdoptPolicy& command) {
    const auto policy = clinical::parse_policy(command.text());
    if (!policy) {
        const clinical::PolicyProblem& first = policy.error().front();
        return refuse(INVALID,
                      "Line " + std::to_string(first.line) + ": " + first.what + " (" +
                          std::to_string(policy.error().size()) + " in all).",
                      "text");
    }
    const std::string& hub = asked.context.hub;
    if (policy.value().name() != hub) return refuse(INVALID, "This is another hub's policy.", "text.name");
    // A first policy is taken all the same, as on a stack of one hub: without it there would be no rules at all.
    const auto& others = asked.context.other_hubs;
    const std::string& stands_in = policy.value().attendance().offer_to_hub();
    const bool unknown = !stands_in.empty() && std::find(others.begin(), others.end(), stands_in) == others.end();
    if (unknown && asked.context.policy != nullptr) {
        return refuse(INVALID, "attendance: there is no such other hub: " + stands_in + ".",
                      "text.attendance.offer_to_hub");
    }
    const std::string version = clinical::policy_version(command.text());
    const AggregateId key{policy_type, hub};
    const auto* in_force = asked.states.get<PolicyState>(key);
    if (in_force && in_force->version() == version) return runtime::nothing();
    PolicyAdopted adopted;
    adopted.set_text(command.text());
    adopted.set_version(version);
    return runtime::events({new_event(key, adopted, {}, {})});
}

const SignedOn* on_shift(const RosterState* roster, const std::string& staff_id) {
    if (!roster) return nullptr;
    for (const SignedOn& entry : roster->on_shift()) {
        if (entry.staff().id() == staff_id) return &entry;
    }
    return nullptr;
}

Decided sign_on(const Asked& asked, const SignOn& command) {
    if (command.staff_id().empty()) return refuse(INVALID, "Who signs on is missing.", "staff_id");
    if (auto against = against_future(asked)) return *against;
    const auto* policy = asked.context.policy;
    // Misspelt, or of another hub: they are here all the same, and the event says what was not known.
    const bool known =
        policy == nullptr || command.skill().empty() || clinical::is_staff_skill(*policy, command.skill());
    const AggregateId key{roster_type, asked.context.hub};
    const SignedOn* there = on_shift(asked.states.get<RosterState>(key), command.staff_id());
    SignedOn signed_on;
    Actor* staff = signed_on.mutable_staff();
    const bool by_themselves = asked.envelope.actor().id() == command.staff_id();
    if (by_themselves) *staff = asked.envelope.actor();
    if (!by_themselves && there) *staff = there->staff();  // a colleague knows less of them
    staff->set_id(command.staff_id());
    if (known) {
        signed_on.set_skill(command.skill());
    } else {
        signed_on.set_skill_not_known(command.skill());
    }
    *signed_on.mutable_until() = to_timestamp(occurred_at(asked) + clinical::shift_max_ms(policy));
    const bool lately = there && asked.context.now - to_ms(there->since()) < limits::sign_on_again_ms;
    const bool same = there && there->skill() == signed_on.skill() && there->staff().role() == staff->role() &&
                      there->skill_not_known() == signed_on.skill_not_known();
    if (lately && same) return runtime::nothing();
    return runtime::events({new_event(key, signed_on, {}, {})});
}

Decided sign_off(const Asked& asked, const SignOff& command) {
    const AggregateId key{roster_type, asked.context.hub};
    const SignedOn* there = on_shift(asked.states.get<RosterState>(key), command.staff_id());
    if (!there) return runtime::nothing();
    SignedOff signed_off;
    *signed_off.mutable_staff() = there->staff();
    return runtime::events({new_event(key, signed_off, {}, {})});
}

namespace {

// Of somebody who signed on before that was recorded: as it was then, for ever.
constexpr TimeMs shift_of_old_events_ms = 16LL * 3'600'000;

TimeMs shift_end(const SignedOn& on) {
    return on.has_until() ? to_ms(on.until()) : to_ms(on.since()) + shift_of_old_events_ms;
}

}  // namespace

std::optional<TimeMs> first_shift_end(const RosterState& roster) {
    std::optional<TimeMs> first;
    for (const SignedOn& each : roster.on_shift()) {
        const TimeMs end = shift_end(each);
        first = std::min(first.value_or(end), end);
    }
    return first;
}

Decided end_shifts(const Asked& asked) {
    const AggregateId key{roster_type, asked.context.hub};
    const auto* roster = asked.states.get<RosterState>(key);
    if (!roster) return runtime::nothing();
    std::vector<NewEvent> all;
    for (const SignedOn& each : roster->on_shift()) {
        const bool over = shift_end(each) <= asked.context.now;
        if (!over || all.size() == limits::commit_max_events) continue;  // the timer comes for the rest
        SignedOff off;
        *off.mutable_staff() = each.staff();
        off.set_why("shift-over");
        all.push_back(new_event(key, off, {}, {}));
    }
    return runtime::events(std::move(all));
}

}  // namespace rightplace::triage
