// triage: its rules on the common runtime. This file only wires parts together.
#include "common/config/load.hpp"
#include "common/program/files.hpp"
#include "common/program/real_world.hpp"
#include "services/triage/domain/triage_domain.hpp"
#include "services/triage/shell/sheet_writer.hpp"

int main(int argc, char** argv) {
    using namespace rightplace;
    const auto parsed = config::parse_args(argc, argv, "triage");
    if (const auto* leave = std::get_if<config::Exit>(&parsed)) return leave->code;
    const auto& stack = std::get<config::Stack>(parsed);

    std::map<std::string, std::string> shipped_policies;
    for (const auto& hub : stack.hubs()) shipped_policies[hub.name()] = program::read_text(hub.policy_file());
    const triage::TriageDomain domain(std::move(shipped_policies));
    auto world = program::RealWorld::build_or_exit(stack, "triage");
    runtime::ServiceRuntime runtime(world->hubs(), domain, world->world(), RIGHTPLACE_VERSION);
    const triage::SheetWriter sheets(world->loop(), runtime, world->hubs(), stack.state_dir() + "/downtime");
    return program::run_service(*world, runtime);
}
