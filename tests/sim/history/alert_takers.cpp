// Whoever looks at what needs a person. Alerts: some are taken soon, some at the very moment when they go up, some not
// at that level. And whoever runs again what is parked.
#include <algorithm>

#include "common/base/hash.hpp"
#include "common/base/time.hpp"
#include "messages/referral.pb.h"
#include "messages/runtime.pb.h"
#include "tests/sim/history/people.hpp"

namespace rightplace::sim {
namespace {

constexpr std::int64_t around_ms = 400;  // before and after it goes up

}  // namespace

// What they do goes by the event's id and not by the town's chance: then a seed's other chances stay what they were.
void People::look_at_alert(const Event& event) {
    triage::AlertRaised raised;
    triage::AlertEscalated escalated;
    const bool is_new = event.payload().UnpackTo(&raised);
    if (!is_new && !event.payload().UnpackTo(&escalated)) return;
    if (!alerts_seen_.insert(event.event_id()).second) return;
    const auto chance = sha256(event.event_id());
    const auto drawn = [&](std::size_t i, std::int64_t below) {
        return std::int64_t(static_cast<unsigned char>(chance[i])) * below / 256;
    };
    const auto next = to_ms(is_new ? raised.escalates_at() : escalated.escalates_at());
    const auto stands_ms = next - to_ms(event.recorded_at());
    const auto mood = drawn(0, 3);
    if (mood == 0) return;
    const auto wait = mood == 1 ? drawn(1, stands_ms) : stands_ms - around_ms + drawn(1, 2 * around_ms);
    triage::TakeAlert take;
    take.set_alert_id(event.aggregate_id());
    Command command;
    command.set_command_id("take-" + event.event_id());
    command.set_hub(event.hub());
    command.mutable_actor()->set_id("duty-lead");
    command.mutable_actor()->set_role("paramedic-practitioner");
    command.mutable_payload()->PackFrom(take);
    town_.at(std::max<std::int64_t>(1, wait), [this, command] {
        if (town_.has_healed()) return;  // all is to come to rest
        ask("console-duty-lead", "clinician", "triage", command, [](const Reply&) {});
    });
}

// An answer that its sender does not take: half are sent again, or settled by hand, by whoever looks at them.
void People::look_at_delivery(const Event& event) {
    referral::DeliverySettled settled;
    const bool quarantined = event.payload().UnpackTo(&settled) && settled.status() == referral::QUARANTINED;
    if (!quarantined || !alerts_seen_.insert(event.event_id()).second) return;
    constexpr std::int64_t looked_at_within_ms = 10 * 60'000;
    const auto chance = sha256(event.event_id());
    const auto mood = static_cast<unsigned char>(chance[0]) % 4;
    if (mood < 2) return;
    referral::ReleaseDelivery release;
    release.set_delivery_id(event.aggregate_id());
    referral::SettleDeliveryByHand settle;
    settle.set_delivery_id(event.aggregate_id());
    settle.set_how(referral::TOLD_BY_TELEPHONE);
    Command command;
    command.set_command_id("by-hand-" + event.event_id());
    command.set_hub(event.hub());
    command.mutable_actor()->set_id("duty-lead");
    command.mutable_actor()->set_role("paramedic-practitioner");
    if (mood == 2) command.mutable_payload()->PackFrom(release);
    if (mood == 3) command.mutable_payload()->PackFrom(settle);
    const auto wait = 1 + static_cast<unsigned char>(chance[1]) * looked_at_within_ms / 256;
    town_.at(wait, [this, command] {
        if (town_.has_healed()) return;  // all is to come to rest
        ask("console-duty-lead", "cli", "referral", command, [](const Reply&) {});
    });
}

// Half of what is parked is run again within some minutes, whether or not anything was mended.
void People::look_at_parked(const Event& event) {
    if (!event.payload().Is<runtime::ReactionParked>() || !alerts_seen_.insert(event.event_id()).second) return;
    constexpr std::int64_t looked_at_within_ms = 10 * 60'000;
    const auto chance = sha256(event.event_id());
    if (static_cast<unsigned char>(chance[0]) % 2 == 0) return;
    runtime::UnparkReaction unpark;
    unpark.set_reaction_id(event.aggregate_id());
    Command command;
    command.set_command_id("unpark-" + event.event_id());
    command.set_hub(event.hub());
    command.mutable_actor()->set_id("duty-lead");
    command.mutable_actor()->set_role("paramedic-practitioner");
    command.mutable_payload()->PackFrom(unpark);
    const auto wait = 1 + static_cast<unsigned char>(chance[1]) * looked_at_within_ms / 256;
    town_.at(wait, [this, command, service = event.service()] {
        if (town_.has_healed()) return;  // all is to come to rest
        ask("console-duty-lead", "cli", service, command, [](const Reply&) {});
    });
}

}  // namespace rightplace::sim
