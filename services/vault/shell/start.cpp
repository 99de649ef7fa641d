#include "services/vault/shell/start.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "common/base/metrics.hpp"

namespace rightplace::vault {
namespace {

std::string remark(const program::RealWorld& world, const VaultService& service) {
    std::string all;
    for (const auto& hub : world.stack().hubs()) {
        for (const auto& said : {service.trouble(hub.name()), service.note(hub.name())}) {
            if (!said.empty()) all += hub.name() + ": " + said + "\n";
        }
    }
    return all;
}

void show(const program::RealWorld& world, VaultService& service) {
    auto& registry = metrics::process();
    for (const auto& hub : world.stack().hubs()) {
        const metrics::Labels labels{{"hub", hub.name()}};
        registry.gauge("rightplace_keys_missing", "Keys that the record uses and vault does not have.", labels)
            .set(std::int64_t(service.keys_missing(hub.name())));
        registry.gauge("rightplace_other_journal", "1 when audit's journal is not the one that vault knows.", labels)
            .set(service.other_journal(hub.name()) ? 1 : 0);
    }
    registry.gauge("rightplace_views_waiting", "Views that wait to be recorded.").set(service.views_waiting());
    registry.gauge("rightplace_views_set_aside", "Views that the ring refused.").set(service.views_set_aside());
}

}  // namespace

bool take_new_database(int& argc, char** argv) {
    const auto kept = std::remove(argv + 1, argv + argc, std::string_view("--new-database"));
    const bool asked = kept != argv + argc;
    argc = int(kept - argv);
    return asked;
}

int make_new_database(const config::Vault& files) {
    program::SystemRandom random;
    const auto now =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
    const auto made = KeyStore::make_anew(files.database(), files.master_key_file(), random, now.count());
    if (!made.ok()) {
        std::fprintf(stderr, "vault: no database was made: %s\n", made.error().sentence.c_str());
        return 1;
    }
    std::printf(
        "made %s, empty. Start vault; an audit that runs on shows it its journal. For each hub whose audit does not\n"
        "start: rightplace audit accept-new-journal --hub H --journal-id ID, with the id that audit's log names.\n",
        files.database().c_str());
    return 0;
}

std::unique_ptr<KeyStore> open_keys_or_exit(const config::Vault& files, seams::Random& random) {
    auto keys = KeyStore::open(files.database(), files.master_key_file(), random);
    if (keys.ok()) return std::move(keys.value());
    std::fprintf(stderr, "vault cannot start: %s\n", keys.error().sentence.c_str());
    std::exit(1);
}

int run(program::RealWorld& world, runtime::ServiceRuntime& runtime, VaultService& service) {
    runtime.start();
    return world.run([&runtime](std::string& why_not) { return runtime.ready(why_not); },
                     [&] {
                         program::show_runtime(runtime);
                         show(world, service);
                     },
                     [&] { return remark(world, service); });
}

}  // namespace rightplace::vault
