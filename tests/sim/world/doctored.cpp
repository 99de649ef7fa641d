#include "tests/sim/world/doctored.hpp"

#include <stdexcept>

#include "common/runtime/typed.hpp"
#include "messages/intake.pb.h"
#include "messages/triage.pb.h"

namespace rightplace::sim {

using runtime::as;

namespace {

[[noreturn]] void break_rule() {
    throw std::runtime_error("a poisoned input");
}

}  // namespace

runtime::Decided Doctored::decide(const runtime::States& states, const runtime::Message& command,
                                  const Command& envelope, const runtime::Context& context) const {
    const auto* queue = as<triage::QueueReview>(command);
    if (queue != nullptr && queue->facts().cad_number() == poison_decide) break_rule();
    return real_.decide(states, command, envelope, context);
}

std::shared_ptr<const runtime::Message> Doctored::evolve(std::string_view type, const runtime::Message* before,
                                                         const Event& event, const runtime::Message& payload) const {
    const auto* queued = as<triage::ReviewQueued>(payload);
    if (newer_ > 0 && queued != nullptr && queued->facts().cad_number() == poison_evolve) break_rule();
    return real_.evolve(type, before, event, payload);
}

std::vector<runtime::Reaction> Doctored::react(const Event& event, const runtime::Message& payload,
                                               const runtime::Context& context) const {
    const auto* opened = as<intake::CaseOpened>(payload);
    if (service() == "triage" && opened != nullptr && opened->facts().cad_number() == poison_react) break_rule();
    return real_.react(event, payload, context);
}

}  // namespace rightplace::sim
