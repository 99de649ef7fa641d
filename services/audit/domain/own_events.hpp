// The events that audit itself writes, all on aggregate ("journal", hub); and what it judges a journal by.
// They answer no command: their command id is empty.
#pragma once

#include <google/protobuf/message.h>

#include <optional>
#include <string>

#include "common/base/seams.hpp"
#include "messages/envelope.pb.h"

namespace rightplace::audit {

inline constexpr const char* journal_type = "journal";

// Closed vocabulary of EpochOpened.reason.
namespace reason {
inline constexpr const char* first_start = "first-start";
inline constexpr const char* store_lost = "store-lost";
inline constexpr const char* store_behind = "store-behind";
inline constexpr const char* stale_tail = "stale-tail";
inline constexpr const char* library_loaded = "library-loaded";
}  // namespace reason

struct OwnEvent {
    std::string hub;
    std::string label;  // "demo", "synthetic" or empty
    std::string event_id;
    std::uint64_t version = 0;  // of the journal aggregate, this event included
    TimeMs now = 0;             // hub time
};
// An Event without trailer, serialised.
std::string own_event(const OwnEvent& about, const google::protobuf::Message& payload);
// With the trailer, stamped as the store's commit function stamps others: the fields above 1000, appended.
std::string stamped_epoch_opened(const OwnEvent& about, const seams::JournalHead& before, std::uint64_t epoch,
                                 const std::string& why);

// vault's highest-seen mark of this hub's journal. An empty id: it has none; only an empty journal fits that.
struct HighWaterMark {
    std::string journal_id;
    std::uint64_t epoch = 0;
    std::uint64_t seq = 0;
    std::string event_id;
};
// Why this journal must not be taken for the hub's history, or nothing. `at_mark` is the journal's event
// id at the mark's seq, empty when it has none.
std::optional<std::string> unfit_history(const std::string& hub, const seams::JournalHead& head,
                                         const HighWaterMark& mark, const std::string& at_mark);

}  // namespace rightplace::audit
