#include "services/audit/domain/succession.hpp"

#include <string>

namespace rightplace::audit {
namespace {

using seams::JournalError;
using seams::JournalFailure;

JournalFailure fault(JournalError error, std::uint64_t seq, const std::string& what) {
    return {error, "seq " + std::to_string(seq) + ": " + what};
}

}  // namespace

std::optional<Event> parse_stored(std::string_view stored) {
    Event event;
    if (!event.ParseFromArray(stored.data(), int(stored.size()))) return std::nullopt;
    const bool whole = !event.event_id().empty() && event.seq() > 0 && event.epoch() > 0 && event.has_recorded_at();
    if (!whole) return std::nullopt;
    return event;
}

bool is_epoch_opened(const Event& event) {
    return event.payload().type_url() == "type.googleapis.com/rightplace.audit.EpochOpened";
}

std::optional<JournalFailure> misfit(const seams::JournalHead& head, std::string_view hub, const Event& event,
                                     Kind kind) {
    const std::uint64_t seq = event.seq();
    if (event.hub() != hub) return fault(JournalError::out_of_order, seq, "belongs to another hub");
    if (kind == Kind::ordinary && event.epoch() != head.epoch) {
        return fault(JournalError::other_epoch, seq,
                     "is of epoch " + std::to_string(event.epoch()) + ", not " + std::to_string(head.epoch));
    }
    if (kind == Kind::opens_epoch && (event.epoch() <= head.epoch || !is_epoch_opened(event))) {
        return fault(JournalError::other_epoch, seq, "does not raise epoch " + std::to_string(head.epoch));
    }
    if (seq != head.seq + 1) {
        return fault(JournalError::out_of_order, seq, "does not follow seq " + std::to_string(head.seq));
    }
    if (event.prev() != head.event_id) {
        return fault(JournalError::wrong_prev, seq, "names another event before it");
    }
    return std::nullopt;
}

void advance(seams::JournalHead& head, const Event& event) {
    head.epoch = event.epoch();
    head.seq = event.seq();
    head.event_id = event.event_id();
    head.last_recorded = to_ms(event.recorded_at());
}

}  // namespace rightplace::audit
