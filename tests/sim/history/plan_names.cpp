// What a plan's parts are called in a trace.
#include "tests/sim/history/plan.hpp"

namespace rightplace::sim {

const char* name(Deed deed) {
    switch (deed) {
        case Deed::claim:
            return "claim";
        case Deed::take_over:
            return "take over";
        case Deed::renew:
            return "renew";
        case Deed::release:
            return "release";
        case Deed::start:
            return "start consultation";
        case Deed::decide:
            return "decide";
        case Deed::decide_and_refer:
            return "decide and refer";
        case Deed::reject:
            return "reject";
        case Deed::contact:
            return "contact attempt";
        case Deed::note:
            return "note";
        case Deed::escalate:
            return "escalate";
        case Deed::downgrade:
            return "downgrade";
        case Deed::ask_opinion:
            return "ask a second opinion";
        case Deed::give_opinion:
            return "give a second opinion";
        case Deed::promise_call:
            return "promise a welfare call";
        case Deed::reach:
            return "reach the patient";
        case Deed::sign_on:
            return "sign on";
        case Deed::sign_off:
            return "sign off";
        case Deed::hand_over:
            return "hand over";
        case Deed::withdraw:
            return "withdraw a hand-over";
        case Deed::acknowledge:
            return "acknowledge a hand-over";
        case Deed::transfer:
            return "offer to the other hub";
        case Deed::withdraw_transfer:
            return "withdraw a transfer";
        case Deed::accept_transfer:
            return "accept a transfer";
        case Deed::decline_transfer:
            return "decline a transfer";
        case Deed::reveal:
            return "reveal";
        case Deed::read_queue:
            return "read the queue";
        case Deed::undo:
            return "undo";
        case Deed::reopen:
            return "reopen";
        case Deed::scale_2:
            return "use SpO2 scale 2";
        case Deed::close:
            return "close";
        case Deed::read_next:
            return "read what is next";
        case Deed::read_pathways:
            return "read the pathways";
        case Deed::adopt_policy:
            return "adopt a policy";
    }
    return "?";
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
