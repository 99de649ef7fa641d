// referral: its rules on the common runtime. This file only wires parts together.
#include "common/config/load.hpp"
#include "common/program/real_world.hpp"
#include "services/referral/domain/referral_domain.hpp"

int main(int argc, char** argv) {
    using namespace rightplace;
    const auto parsed = config::parse_args(argc, argv, "referral");
    if (const auto* leave = std::get_if<config::Exit>(&parsed)) return leave->code;
    const auto& stack = std::get<config::Stack>(parsed);

    const referral::ReferralDomain domain;
    auto world = program::RealWorld::build_or_exit(stack, "referral");
    runtime::ServiceRuntime runtime(world->hubs(), domain, world->world(), RIGHTPLACE_VERSION);
    return program::run_service(*world, runtime);
}
