#include "services/cli/shell/program.hpp"

#include <poll.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <iostream>

#include "common/base/seal.hpp"
#include "common/config/load.hpp"
#include "services/cli/shell/arguments.hpp"
#include "services/cli/shell/bus_wire.hpp"
#include "services/cli/shell/find_stack.hpp"

namespace rightplace::cli {
namespace {

volatile std::sig_atomic_t interrupted = 0;

void on_signal(int) {
    interrupted = 1;
}

// A reader that went away (`| head`) is seen by reader_gone, not felt as a signal. Only `watch` runs
// until it is stopped; for the rest Ctrl-C ends the program at once, as everywhere.
void catch_signals(bool runs_on) {
    std::signal(SIGPIPE, SIG_IGN);
    if (!runs_on) return;
    struct sigaction action {};
    action.sa_handler = on_signal;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

bool reader_gone() {
    pollfd output{STDOUT_FILENO, 0, 0};
    return !std::cout.good() || (poll(&output, 1, 0) > 0 && (output.revents & (POLLERR | POLLNVAL)) != 0);
}

std::string login_name() {
    const auto* entry = getpwuid(getuid());
    return entry == nullptr ? "uid-" + std::to_string(getuid()) : entry->pw_name;
}

std::string first_ods(const config::Stack& stack, const std::string& hub) {
    for (const auto& one : stack.hubs()) {
        if (hub.empty() || one.name() == hub) return one.organisation_ods();
    }
    return {};
}

std::string hub_named(const Arguments& arguments) {
    if (arguments.command == "send") return arguments.send.hub;
    if (arguments.command == "queue") return arguments.queue.hub;
    if (arguments.command == "case") return arguments.one_case.hub;
    if (arguments.command == "message") return arguments.message.hub;
    if (arguments.command == "watch") return arguments.watch.hub;
    if (arguments.command == "audit replay") return arguments.replay.hub;
    if (arguments.command == "audit verify") return arguments.verify.hub;
    if (arguments.command == "audit accept-new-journal") return arguments.accept.hub;
    if (arguments.command == "stats") return arguments.stats.hub;
    if (arguments.command == "referral") return arguments.referral.hub;
    if (!arguments.shift.verb.empty()) return arguments.shift.hub;
    if (arguments.command.rfind("policy", 0) == 0) return arguments.policy.hub;
    if (!arguments.hub_act.hub.empty()) return arguments.hub_act.hub;
    return arguments.verb.hub;
}

Actor actor_of(const Globals& globals, const config::Stack& stack, const std::string& hub) {
    Actor actor;
    actor.set_id(globals.as.empty() ? login_name() : globals.as);
    actor.set_role(globals.role.empty() ? "operator" : globals.role);
    actor.set_organisation_ods(globals.ods.empty() ? first_ods(stack, hub) : globals.ods);
    return actor;
}

int dispatch(Session& session, const Arguments& arguments) {
    const auto& command = arguments.command;
    if (command == "status") return run_status(session, arguments.status_json);
    if (command == "send") return run_send(session, arguments.send);
    if (command == "queue") return run_queue(session, arguments.queue);
    if (command == "case") return run_case(session, arguments.one_case);
    if (command == "message") return run_message(session, arguments.message);
    if (command == "watch") return run_watch(session, arguments.watch);
    if (command == "audit replay") return run_replay(session, arguments.replay);
    if (command == "audit verify") return run_verify(session, arguments.verify);
    if (command == "stats") return run_stats(session, arguments.stats);
    if (command == "policy show") return run_policy_show(session, arguments.policy);
    if (command == "policy diff") return run_policy_diff_in_force(session, arguments.policy);
    if (command == "policy adopt") return run_policy_adopt(session, arguments.policy);
    if (command == "audit accept-new-journal") return run_accept_journal(session, arguments.accept);
    if (!arguments.shift.verb.empty()) return run_shift(session, arguments.shift);
    if (command == "referral") return run_referral(session, arguments.referral);
    if (command == "pathways") return run_pathways(session, arguments.verb);
    if (command == "unpark") return run_unpark(session, arguments.hub_act);
    if (command.rfind("alerts", 0) == 0) return run_alerts(session, arguments.hub_act);
    if (command.rfind("deliveries", 0) == 0) return run_deliveries(session, arguments.hub_act);
    if (command == "transfer" || command == "accept-transfer" || command == "decline-transfer") {
        return run_transfer(session, arguments.verb);
    }
    return run_verb(session, arguments.verb);
}

OrWhy<config::Stack> load_stack(const Globals& globals) {
    const auto file = find_stack(these_places(globals.state));
    if (!file) return Failure{file.error()};
    auto stack = config::load(file.value());
    if (stack) return std::move(stack.value());
    std::string problems = "the stack's configuration is wrong:";
    for (const auto& problem : stack.error()) problems += "\n  " + config::to_text(problem);
    return Failure{problems};
}

int run_with_stack(const Arguments& arguments, bool terminal) {
    const auto stack = load_stack(arguments.globals);
    if (!stack) {
        std::cerr << stack.error() << std::endl;
        return Exit::usage;
    }
    const auto hub = hub_named(arguments);
    if (!hub.empty() && config::find_hub(stack.value(), hub) == nullptr) {
        std::cerr << "this stack has no hub " << hub << "; it has";
        for (const auto& one : stack.value().hubs()) std::cerr << " " << one.name();
        std::cerr << std::endl;
        return Exit::usage;
    }
    const auto wire = BusWire::open(stack.value(), arguments.globals.key_role);
    if (!wire) {
        std::cerr << wire.error() << std::endl;
        return Exit::unavailable;
    }
    sealing::SystemRandom random;
    Session session{stack.value(),
                    *wire.value(),
                    random,
                    [] {
                        const auto now = std::chrono::system_clock::now().time_since_epoch();
                        return TimeMs(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
                    },
                    [] { return interrupted != 0 || reader_gone(); },
                    std::cout,
                    std::cerr,
                    Style{terminal},
                    actor_of(arguments.globals, stack.value(), hub),
                    arguments.globals.timeout_ms};
    return dispatch(session, arguments);
}

// What stands on the code of a service is a program of its own, beside this one.
int run_beside(const std::string& program, char** argv) {
    std::error_code unknown;
    const auto beside = std::filesystem::read_symlink("/proc/self/exe", unknown).parent_path() / program;
    execv(beside.c_str(), argv);
    std::cerr << "rightplace: " << beside.string() << " does not run (" << std::strerror(errno)
              << "); build it: cmake --build build/release --target " << program << "\n";
    return Exit::usage;
}

}  // namespace

int run_program(int argc, char** argv) {
    if (argc > 1 && std::string_view(argv[1]) == "simulate") return run_beside("simulate", argv + 1);
    if (argc > 1 && std::string_view(argv[1]) == "bars") return run_beside("bars_explain", argv + 1);
    const auto parsed = parse_arguments(argc, argv);
    if (const auto* stop = std::get_if<Stop>(&parsed)) return stop->code;
    const auto& arguments = std::get<Arguments>(parsed);
    catch_signals(arguments.command == "watch");
    const bool terminal = isatty(STDOUT_FILENO) != 0;
    if (arguments.command == "policy check") return run_policy_check(arguments.policy, std::cout, std::cerr);
    if (arguments.command == "policy diff" && arguments.policy.hub.empty()) {
        return run_policy_diff(arguments.policy, std::cout, std::cerr);
    }
    if (arguments.command == "audit create") return run_create(arguments.create, std::cout, std::cerr);
    if (arguments.command == "audit replay" && !arguments.replay.journal.empty()) {
        return run_replay_file(arguments.replay, std::cout, std::cerr);
    }
    if (arguments.command == "audit verify" && !arguments.verify.journal.empty()) {
        return run_verify_file(arguments.verify, std::cout, std::cerr);
    }
    if (arguments.command == "stats" && !arguments.stats.journal.empty()) {
        return run_stats_file(arguments.stats, std::cout, std::cerr, Style{terminal});
    }
    return run_with_stack(arguments, terminal);
}

}  // namespace rightplace::cli
