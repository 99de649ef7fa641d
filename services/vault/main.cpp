// vault: keys, match tokens and who looked, on the common runtime. This file only wires parts together.
#include "common/config/load.hpp"
#include "common/program/real_world.hpp"
#include "services/vault/domain/vault.hpp"
#include "services/vault/shell/start.hpp"
#include "services/vault/shell/wiring.hpp"

int main(int argc, char** argv) {
    using namespace rightplace;
    const bool new_database = vault::take_new_database(argc, argv);
    const auto parsed = config::parse_args(argc, argv, "vault");
    if (const auto* leave = std::get_if<config::Exit>(&parsed)) return leave->code;
    const auto& stack = std::get<config::Stack>(parsed);
    if (new_database) return vault::make_new_database(stack.vault());

    auto world = program::RealWorld::build_or_exit(stack, "vault");
    const auto keys = vault::open_keys_or_exit(stack.vault(), world->random());
    const vault::VaultDomain domain;
    runtime::ServiceRuntime runtime(world->hubs(), domain, world->world(), RIGHTPLACE_VERSION);
    std::vector<std::string> names;
    for (const auto& hub : world->hubs()) names.push_back(hub.hub);
    const auto record_view =
        vault::record_view_through(world->loop(), [&runtime](const std::string& hub) { return runtime.hub(hub); });
    vault::VaultService service(*keys, world->loop(), world->life(), names, record_view);
    vault::wire(service, runtime, world->hubs());
    const int left = vault::run(*world, runtime, service);
    service.flush();
    return left;
}
