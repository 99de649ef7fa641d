// What may follow what in a journal: the one rule that every journal, the simulator and the
// verification share. Errors are the seam's: other_epoch, out_of_order, wrong_prev, corrupt.
#pragma once

#include <optional>
#include <string_view>

#include "common/base/seams.hpp"
#include "messages/envelope.pb.h"

namespace rightplace::audit {

// Nothing when bytes are not an Event with an id and a whole trailer.
std::optional<Event> parse_stored(std::string_view stored);

// The fault, or nothing when `event` may stand right after `head` in the journal of `hub`. An event
// belongs to the head's epoch, except that an EpochOpened raises it.
enum class Kind { ordinary, opens_epoch };
std::optional<seams::JournalFailure> misfit(const seams::JournalHead& head, std::string_view hub, const Event& event,
                                            Kind kind);
bool is_epoch_opened(const Event& event);

// Moves `head` over an event that fits. The root is the caller's.
void advance(seams::JournalHead& head, const Event& event);

}  // namespace rightplace::audit
