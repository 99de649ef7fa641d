// What was written on the command line, as values.
#pragma once

#include <string>
#include <variant>

#include "services/cli/shell/audit_commands.hpp"
#include "services/cli/shell/commands.hpp"
#include "services/cli/shell/stats.hpp"

namespace rightplace::cli {

struct Globals {
    std::string state;
    std::string as;
    std::string role;
    std::string ods;
    std::string key_role = "cli";
    std::int64_t timeout_ms = 0;
};

struct Arguments {
    Globals globals;
    std::string command;  // "send", "audit replay", or a verb
    SendOptions send;
    QueueOptions queue;
    CaseOptions one_case;
    MessageOptions message;
    WatchOptions watch;
    bool status_json = false;
    VerbOptions verb;
    ReferralOptions referral;
    ShiftOptions shift;
    HubActOptions hub_act;
    PolicyOptions policy;
    AcceptOptions accept;
    CreateOptions create;
    ReplayOptions replay;
    VerifyOptions verify;
    StatsOptions stats;
};

struct Stop {
    int code = 0;
};
// Prints help and mistakes itself; then there is only a code to leave with.
std::variant<Arguments, Stop> parse_arguments(int argc, const char* const* argv);

}  // namespace rightplace::cli
