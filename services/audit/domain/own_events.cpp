#include "services/audit/domain/own_events.hpp"

#include "messages/audit.pb.h"

namespace rightplace::audit {

std::string own_event(const OwnEvent& about, const google::protobuf::Message& payload) {
    Event event;
    event.set_event_id(about.event_id);
    event.set_hub(about.hub);
    event.set_service("audit");
    event.set_aggregate_type(journal_type);
    event.set_aggregate_id(about.hub);
    event.set_aggregate_version(about.version);
    event.mutable_actor()->set_id("audit");
    event.mutable_actor()->set_role("system");
    event.mutable_actor()->set_asserted_by("audit");
    *event.mutable_occurred_at() = to_timestamp(about.now);
    event.set_label(about.label);
    event.mutable_payload()->PackFrom(payload);
    return event.SerializeAsString();
}

std::string stamped_epoch_opened(const OwnEvent& about, const seams::JournalHead& before, std::uint64_t epoch,
                                 const std::string& why) {
    EpochOpened opened;
    opened.set_epoch(epoch);
    opened.set_reason(why);
    opened.set_based_on_seq(before.seq);
    Event trailer;
    trailer.set_seq(before.seq + 1);
    trailer.set_epoch(epoch);
    trailer.set_prev(before.event_id);
    *trailer.mutable_recorded_at() = to_timestamp(about.now);
    return own_event(about, opened) + trailer.SerializeAsString();
}

std::optional<std::string> unfit_history(const std::string& hub, const seams::JournalHead& head,
                                         const HighWaterMark& mark, const std::string& at_mark) {
    if (mark.journal_id.empty()) {
        if (head.seq == 0) return std::nullopt;
        return "vault has no mark of this hub, and journal " + head.journal_id + " already holds events up to seq " +
               std::to_string(head.seq) +
               ": vault's database is a new or an older one, and nothing says that this is the newest copy of the "
               "journal. Put vault's own database back; or, if this journal is known to be the newest: rightplace "
               "audit accept-new-journal --hub " +
               hub + " --journal-id " + head.journal_id;
    }
    if (mark.journal_id != head.journal_id) {
        return "journal " + head.journal_id + " is not the one vault knows for this hub (" + mark.journal_id +
               "). Put that one back; or, if the new one is meant: rightplace audit accept-new-journal --hub " + hub +
               " --journal-id " + head.journal_id;
    }
    if (head.seq < mark.seq || head.epoch < mark.epoch) {
        return "the journal ends at seq " + std::to_string(head.seq) + " of epoch " + std::to_string(head.epoch) +
               ", but vault has seen seq " + std::to_string(mark.seq) + " of epoch " + std::to_string(mark.epoch) +
               ": an older copy is not the record";
    }
    if (mark.seq > 0 && at_mark != mark.event_id) {
        return "the journal holds another event at seq " + std::to_string(mark.seq) + " than vault has seen";
    }
    return std::nullopt;
}

}  // namespace rightplace::audit
