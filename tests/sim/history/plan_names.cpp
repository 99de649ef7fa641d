// What a plan's parts are called in a trace.
#include <cstddef>
#include <iterator>

#include "tests/sim/history/plan.hpp"

namespace rightplace::sim {

namespace {

constexpr const char* deeds[] = {  // in the order of the enum
    "claim",
    "take over",
    "renew",
    "release",
    "start consultation",
    "decide",
    "decide and refer",
    "reject",
    "contact attempt",
    "note",
    "escalate",
    "downgrade",
    "ask a second opinion",
    "give a second opinion",
    "promise a welfare call",
    "reach the patient",
    "sign on",
    "sign off",
    "hand over",
    "withdraw a hand-over",
    "acknowledge a hand-over",
    "offer to the other hub",
    "withdraw a transfer",
    "accept a transfer",
    "decline a transfer",
    "reveal",
    "read the queue",
    "undo",
    "reopen",
    "use SpO2 scale 2",
    "close",
    "read what is next",
    "read the pathways",
    "adopt a policy"};
static_assert(std::size(deeds) == std::size_t(Deed::adopt_policy) + 1);

}  // namespace

const char* name(Deed deed) {
    return deeds[std::size_t(deed)];
}

const char* name(Arrives kind) {
    switch (kind) {
        case Arrives::validation:
            return "BaRS validation request";
        case Arrives::validation_command:
            return "validation by command";
        case Arrives::crew:
            return "crew contact";
        case Arrives::unreadable:
            return "BaRS message to be refused";
    }
    return "?";
}

const char* name(Trouble kind) {
    switch (kind) {
        case Trouble::crash:
            return "crash";
        case Trouble::crash_at_effect:
            return "crash between effects";
        case Trouble::asleep:
            return "asleep";
        case Trouble::redis_dies:
            return "redis dies";
        case Trouble::redis_flushed:
            return "redis flushed";
        case Trouble::redis_pauses:
            return "redis pauses";
        case Trouble::redis_fails_over:
            return "redis fails over";
        case Trouble::redis_splits:
            return "redis fails over, one is left behind";
        case Trouble::redis_breaks:
            return "redis connection breaks";
        case Trouble::road_slow:
            return "slow road";
        case Trouble::partition:
            return "partition";
        case Trouble::disk_full:
            return "disk full";
        case Trouble::disk_fails:
            return "disk fails";
        case Trouble::clock_steps:
            return "clock steps";
        case Trouble::doubled:
            return "doubled";
        case Trouble::upgraded:
            return "upgraded";
        case Trouble::power_fails:
            return "power fails";
        case Trouble::sender_fails:
            return "sender fails";
    }
    return "?";
}

}  // namespace rightplace::sim
