#include "tests/sim/world/doctored.hpp"

#include <google/protobuf/wrappers.pb.h>

#include <stdexcept>

#include "common/runtime/typed.hpp"
#include "messages/intake.pb.h"
#include "messages/triage.pb.h"
#include "messages/triage_state.pb.h"

namespace rightplace::sim {

using google::protobuf::StringValue;
using runtime::as;

namespace {

[[noreturn]] void break_rule() {
    throw std::runtime_error("a poisoned input");
}

bool written_to_probe(const runtime::Message& message, std::string_view poison) {
    const auto* said = as<StringValue>(message);
    return said != nullptr && said->value().ends_with(poison);
}

}  // namespace

runtime::Decided Doctored::decide(const runtime::States& states, const runtime::Message& command,
                                  const Command& envelope, const runtime::Context& context) const {
    const auto* queue = as<triage::QueueReview>(command);
    if (!mended_ && queue != nullptr && queue->facts().cad_number() == poison_decide) break_rule();
    INVARIANT(mended_ || !written_to_probe(command, poison_decide));
    return real_.decide(states, command, envelope, context);
}

std::shared_ptr<const runtime::Message> Doctored::evolve(std::string_view type, const runtime::Message* before,
                                                         const Event& event, const runtime::Message& payload) const {
    const auto* queued = as<triage::ReviewQueued>(payload);
    const bool breaks = newer_ > 0 && !mended_;
    if (breaks && queued != nullptr && queued->facts().cad_number() == poison_evolve) break_rule();
    if (breaks && written_to_probe(payload, poison_evolve)) break_rule();
    if (breaks && type == "review" && before != nullptr) {
        const auto& review = runtime::must_be<triage::ReviewState>(*before);
        if (review.facts().cad_number() == poison_later) break_rule();
    }
    return real_.evolve(type, before, event, payload);
}

std::vector<runtime::Reaction> Doctored::react(const Event& event, const runtime::Message& payload,
                                               const runtime::Context& context) const {
    const auto* opened = as<intake::CaseOpened>(payload);
    if (!mended_ && service() == "triage" && opened != nullptr && opened->facts().cad_number() == poison_react)
        break_rule();
    return real_.react(event, payload, context);
}

}  // namespace rightplace::sim
