// What is to happen in one simulated history, drawn from a seed and then fixed: who asks for what and
// when, and what befalls whom. Shrinking takes parts of a plan away; everything that a plan does not
// say is drawn while it runs, from the same seed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "messages/triage.pb.h"
#include "tests/sim/call.hpp"
#include "tests/sim/world/wire.hpp"

namespace rightplace::sim {

enum class Deed {
    claim,
    take_over,
    renew,
    release,
    start,
    decide,
    decide_and_refer,
    reject,
    contact,
    note,
    escalate,
    downgrade,
    ask_opinion,
    give_opinion,
    promise_call,
    reach,  // the patient
    sign_on,
    sign_off,
    hand_over,  // to another of the case's workers
    withdraw,
    acknowledge,
    transfer,  // to the other hub
    withdraw_transfer,
    accept_transfer,  // at the hub that it is offered to
    decline_transfer,
    reveal,
    read_queue,
    undo,     // what one has decided or rejected
    reopen,   // what anybody has
    scale_2,  // of NEWS2, for a patient on too much oxygen
    close,
    read_next,
    read_pathways,
    adopt_policy  // the same rules in another text
};
const char* name(Deed deed);

constexpr std::int64_t promised_call_minutes = 5;  // within so long, by Deed::promise_call

struct Step {
    std::int64_t wait_ms = 0;  // after the one before
    Deed deed = Deed::claim;
    triage::Pathway pathway = triage::PATHWAY_UNSPECIFIED;  // of a decision; unspecified: the deed's usual one
    bool against_advice = false;  // of a decision: for the pathway even where the policy does not offer it
};

// One person at one console, on one case.
struct Worker {
    std::string name;
    std::vector<Step> steps;
    std::string role = "paramedic-practitioner";
    std::string skill = {};  // besides the role, signed on with
};

enum class Arrives {
    validation,          // BaRS, through the adapter
    validation_command,  // the same, by a command of its own
    crew,                // a crew on scene
    unreadable,          // BaRS, to be refused
    falls,               // BaRS validation of use case a4t2
    community,           // the same, a4t3
    referral_999,        // BaRS, handed over to us: a3t1
    gp,                  // by command, as the three below
    nhs_111,
    community_nurse
};
const char* name(Arrives kind);
bool by_bars(Arrives kind);

struct Arrival {
    std::size_t number = 0;  // names its ids; kept when others are taken away
    std::int64_t at_ms = 0;
    std::size_t hub = 0;
    Arrives kind = Arrives::validation;
    std::int64_t breach_in_ms = 0;       // from then; before 0: it arrives breached; 0: policy decides
    std::size_t journey = 0;             // another arrival's number when it is a repeat
    std::string poison;                  // its CAD number, or empty
    bool endpoint = true;                // the sender has one
    std::vector<std::int64_t> again_ms;  // posted or sent again, the very same, after so long
    std::int64_t cancel_ms = -1;
    std::int64_t update_ms = -1;
    std::string original_plan = "convey-to-ed";  // of a crew
    bool unwell = false;                         // what a crew has measured speaks against most pathways
    bool somebody = false;  // of a crew: a whole made-up person, sealed; else bytes that nobody opens
    std::vector<Worker> workers;
};

enum class Trouble {
    crash,            // a process dies, and is started again `for_ms` later
    crash_at_effect,  // the same, between two effects
    asleep,           // a process is away for a long time
    redis_dies,       // and comes back empty
    redis_flushed,
    redis_pauses,
    redis_fails_over,  // to a replica that lacks the last writes; clients follow one by one
    redis_splits,      // it fails over, and a process is left behind: with the old one, and cut off from audit
    redis_breaks,      // a process's connection to it
    partition,         // between two parties
    road_slow,         // between two parties: all takes `amount` ms longer
    disk_full,
    disk_fails,
    clock_steps,  // of one machine, or Redis's
    doubled,      // a second instance of a service, for a while
    upgraded,     // a second instance of a later version, for good
    power_fails,  // all processes and Redis at once
    sender_fails  // the sender's endpoint answers badly, or not at all
};
constexpr int troubles = int(Trouble::sender_fails) + 1;
const char* name(Trouble kind);

struct Misfortune {
    std::int64_t at_ms = 0;
    Trouble kind = Trouble::crash;
    std::string party = {};
    std::string other = {};
    std::int64_t for_ms = 0;
    std::int64_t amount = 0;
    Call upon = Call::other;    // another: from at_ms on it lies in wait for such a call
    std::string by = {};        // of this party; empty: of any
    std::int64_t delay_ms = 0;  // after that call
};

// Many people at once, who count (world/probe.hpp): so that something is under way when troubles come.
struct Rush {
    std::int64_t at_ms = 0;
    std::size_t number = 0;  // names its ids
    std::size_t hub = 0;
    std::int64_t count = 0;
    std::int64_t within_ms = 0;
    std::int64_t attempt_most_ms = 2'000;  // how long they wait for an answer, at most
};

// A hub whose policy says that somebody must be there for a case.
struct Attended {
    bool in_force = false;
    std::int64_t closes_ms = 0;  // every day from the minute of then on
    std::int64_t closed_ms = 0;  // for so long; 0: it never closes
    bool skilled = false;        // and not any clinician will do for a 999 call or a crew
};

struct Plan {
    std::uint64_t seed = 0;
    std::int64_t length_ms = 0;  // then all troubles end, and all must come to rest
    std::vector<Trouble> allowed;
    Weather weather;
    std::int64_t weather_ms = 0;  // how long it lasts
    std::int64_t drift_ppm_max = 0;
    std::vector<Arrival> arrivals;
    std::vector<Rush> rushes;
    std::vector<Misfortune> misfortunes;
    std::vector<Attended> attended;  // by hub; none: nobody must be anywhere
};

Plan draw_plan(std::uint64_t seed);

// The hubs of every history.
inline const std::vector<std::string> plan_hubs{"paddock-wood", "ashford"};

}  // namespace rightplace::sim
