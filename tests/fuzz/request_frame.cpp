// Whatever arrives on a command socket: opened, named, and looked at by a domain's needs() without a crash.
#include <cstddef>
#include <cstdint>
#include <string>

#include "common/runtime/payload.hpp"
#include "services/intake/domain/intake_domain.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rightplace;
    Request request;
    if (!request.ParseFromString(std::string(reinterpret_cast<const char*>(data), size))) return 0;
    const auto payload = runtime::unpack(request.command().payload());
    if (payload == nullptr) return 0;
    const intake::IntakeDomain domain;
    bool taken = false;
    for (const auto name : domain.commands()) taken = taken || name == payload->GetDescriptor()->full_name();
    if (!taken) return 0;
    runtime::Context context;
    context.now = 1'795'000'000'000;
    context.hub = "paddock-wood";
    domain.needs(*payload, context);
    return 0;
}
