// intake: its rules on the common runtime. This file only wires parts together.
#include "common/config/load.hpp"
#include "common/program/real_world.hpp"
#include "services/intake/domain/intake_domain.hpp"

int main(int argc, char** argv) {
    using namespace rightplace;
    const auto parsed = config::parse_args(argc, argv, "intake");
    if (const auto* leave = std::get_if<config::Exit>(&parsed)) return leave->code;
    const auto& stack = std::get<config::Stack>(parsed);

    const intake::IntakeDomain domain;
    auto world = program::RealWorld::build_or_exit(stack, "intake");
    runtime::ServiceRuntime runtime(world->hubs(), domain, world->world(), RIGHTPLACE_VERSION);
    return program::run_service(*world, runtime);
}
