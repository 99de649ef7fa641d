// Ties vault's queries and its knowledge of the feed to the common runtime.
#pragma once

#include "common/runtime/service_runtime.hpp"
#include "services/vault/shell/vault_service.hpp"

namespace rightplace::vault {

// RecordView as a command of vault to itself; the actor is the person who looked.
RecordViewFn record_view_through(seams::Clock& clock,
                                 std::function<runtime::HubRuntime*(const std::string& hub)> hub_of);
void wire(VaultService& service, runtime::ServiceRuntime& runtime, const std::vector<runtime::HubSettings>& hubs);

}  // namespace rightplace::vault
