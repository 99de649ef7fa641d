// What receiving a message needs of intake: the envelope of its commands, and the record of a refusal.
#pragma once

#include <memory>

#include "common/base/alive.hpp"
#include "common/bus/asker.hpp"
#include "services/adapters/bars/shell/key_ring.hpp"
#include "services/adapters/bars/shell/visit.hpp"

namespace rightplace::bars {

// When a message that was accepted before under this very request id is known as such (BaRS application 4, order of
// checks): its content is judged before that, what stands against it in the case only after.
enum class Judged { content, state };

// Refusals on their way to the journal at once; more are 429 until some are answered, as what is refused must not hold
// up what is accepted.
inline constexpr std::size_t refusals_at_once_max = 16;

class Refusing {
   public:
    Refusing(seams::Random& random, bus::Asker& asker, KeyRing& keys) : random_(random), asker_(asker), keys_(keys) {}

    // A refused message is journalled too, so that the same message gets the same answer for ever. While the ring is
    // closed that cannot be promised: 503, and the sender tries again.
    void refuse(const VisitPtr& visit, const Problems& problems, Judged judged = Judged::content);
    // To be decided in what is left of the visit's time.
    Command command_for(const Visit& visit, const std::string& journey_id, const google::protobuf::Message& payload);
    // Who asked, as its headers say, sealed under the case's key.
    void add_requester(const Visit& visit, const NamedKey& key, intake::Exchange& exchange);

   private:
    std::size_t underway() const { return std::size_t(underway_.use_count()) - 1; }

    std::shared_ptr<const int> underway_ = std::make_shared<int>();  // shared by each that is under way
    seams::Random& random_;
    bus::Asker& asker_;
    KeyRing& keys_;
    Alive alive_;
};

}  // namespace rightplace::bars
