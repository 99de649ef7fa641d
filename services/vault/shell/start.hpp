// What vault's main needs once: its database, a lost one's replacement, and what it shows of itself.
#pragma once

#include <memory>

#include "common/config/config.pb.h"
#include "common/program/real_world.hpp"
#include "services/vault/shell/vault_service.hpp"

namespace rightplace::vault {

// `--new-database` among the arguments: takes it out, for the rest are every program's.
bool take_new_database(int& argc, char** argv);
// Makes an empty database in place of a lost one, says so, and gives the program's exit code.
int make_new_database(const config::Vault& files);
// Prints one sentence and ends the program when it cannot.
std::unique_ptr<KeyStore> open_keys_or_exit(const config::Vault& files, seams::Random& random);
int run(program::RealWorld& world, runtime::ServiceRuntime& runtime, VaultService& service);

}  // namespace rightplace::vault
