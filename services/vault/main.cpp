// vault: keys, match tokens and who looked, on the common runtime. This file only wires parts together.
#include <cstdio>

#include "common/config/load.hpp"
#include "common/program/real_world.hpp"
#include "services/vault/domain/vault.hpp"
#include "services/vault/shell/wiring.hpp"

int main(int argc, char** argv) {
    using namespace rightplace;
    const auto parsed = config::parse_args(argc, argv, "vault");
    if (const auto* leave = std::get_if<config::Exit>(&parsed)) return leave->code;
    const auto& stack = std::get<config::Stack>(parsed);

    auto world = program::RealWorld::build_or_exit(stack, "vault");
    auto keys = vault::KeyStore::open(stack.vault().database(), stack.vault().master_key_file(), world->random());
    if (!keys.ok()) {
        std::fprintf(stderr, "vault cannot start: %s\n", keys.error().sentence.c_str());
        return 1;
    }
    const vault::VaultDomain domain;
    runtime::ServiceRuntime runtime(world->hubs(), domain, world->world(), RIGHTPLACE_VERSION);
    std::vector<std::string> names;
    for (const auto& hub : world->hubs()) names.push_back(hub.hub);
    const auto record_view =
        vault::record_view_through(world->loop(), [&runtime](const std::string& hub) { return runtime.hub(hub); });
    vault::VaultService service(*keys.value(), world->loop(), world->life(), names, record_view);
    vault::wire(service, runtime, world->hubs());
    const int left = program::run_service(*world, runtime);
    service.flush();
    return left;
}
