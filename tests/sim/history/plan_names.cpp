// What a plan's parts are called in a trace.
#include <map>

#include "tests/sim/history/plan.hpp"

namespace rightplace::sim {

namespace {

// In no order; a deed without a name is "?".
const std::map<Deed, const char*> deeds{
    {Deed::claim, "claim"},
    {Deed::take_over, "take over"},
    {Deed::renew, "renew"},
    {Deed::release, "release"},
    {Deed::start, "start consultation"},
    {Deed::decide, "decide"},
    {Deed::decide_and_refer, "decide and refer"},
    {Deed::reject, "reject"},
    {Deed::contact, "contact attempt"},
    {Deed::note, "note"},
    {Deed::escalate, "escalate"},
    {Deed::downgrade, "downgrade"},
    {Deed::ask_opinion, "ask a second opinion"},
    {Deed::give_opinion, "give a second opinion"},
    {Deed::promise_call, "promise a welfare call"},
    {Deed::reach, "reach the patient"},
    {Deed::sign_on, "sign on"},
    {Deed::sign_off, "sign off"},
    {Deed::hand_over, "hand over"},
    {Deed::withdraw, "withdraw a hand-over"},
    {Deed::acknowledge, "acknowledge a hand-over"},
    {Deed::transfer, "offer to the other hub"},
    {Deed::withdraw_transfer, "withdraw a transfer"},
    {Deed::accept_transfer, "accept a transfer"},
    {Deed::decline_transfer, "decline a transfer"},
    {Deed::reveal, "reveal"},
    {Deed::read_queue, "read the queue"},
    {Deed::undo, "undo"},
    {Deed::reopen, "reopen"},
    {Deed::scale_2, "use SpO2 scale 2"},
    {Deed::close, "close"},
    {Deed::read_next, "read what is next"},
    {Deed::read_pathways, "read the pathways"},
    {Deed::adopt_policy, "adopt a policy"},
};

}  // namespace

const char* name(Deed deed) {
    const auto found = deeds.find(deed);
    return found == deeds.end() ? "?" : found->second;
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
        case Arrives::falls:
            return "BaRS validation request, a fall";
        case Arrives::community:
            return "BaRS validation request, community";
        case Arrives::referral_999:
            return "BaRS referral from 999";
        case Arrives::gp:
            return "GP contact";
        case Arrives::nhs_111:
            return "NHS 111 contact";
        case Arrives::community_nurse:
            return "community nurse contact";
    }
    return "?";
}

bool by_bars(Arrives kind) {
    return kind == Arrives::validation || kind == Arrives::unreadable || kind == Arrives::falls ||
           kind == Arrives::community || kind == Arrives::referral_999;
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
