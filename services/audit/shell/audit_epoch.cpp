// Opening an epoch. The journal decides first who opens it; only the winner touches the store. A crash
// at any step leaves a store whose epoch is not the journal's, and the next look opens another.
#include <algorithm>
#include <utility>

#include "common/base/hash.hpp"
#include "common/base/limits.hpp"
#include "common/log/log.hpp"
#include "services/audit/domain/succession.hpp"
#include "services/audit/shell/audit_core.hpp"

namespace rightplace::audit {

using seams::JournalError;
using seams::JournalHead;
using seams::Journalled;
using seams::Stored;

OwnEvent AuditCore::next_own() {
    return {options_.hub, options_.label, to_hex(parts_.random.bytes(16)), own_.version + 1, hub_now()};
}

void AuditCore::open_new(const std::string& why) {
    enter(Stage::opening);
    trouble("opening an epoch: " + why);
    parts_.store.cursors(options_.hub, during([this, why](const Stored<std::vector<seams::CursorRestore>>& known) {
                             cursors_ = own_.cursors;
                             // A store of another epoch may be of another past; its cursors are worth nothing.
                             const bool trusted = known.ok() && store_epoch_ == head_.epoch;
                             for (const auto& each : trusted ? known.value() : std::vector<seams::CursorRestore>{}) {
                                 const bool ours = each.source_hub == options_.hub;
                                 raise(cursors_, each.service, each.source_hub,
                                       ours ? std::min(each.seq, head_.seq) : each.seq);
                             }
                             raise_epoch(why);
                         }));
}

void AuditCore::raise_epoch(const std::string& why) {
    const std::uint64_t epoch = std::max(head_.epoch, store_epoch_) + 1;
    opening_ = stamped_epoch_opened(next_own(), head_, epoch, why);
    parts_.feed.send_held();
    parts_.journal.open_epoch(head_.epoch, opening_, during([this, why](const Journalled<JournalHead>& raised) {
                                  if (!raised) {
                                      const auto error = raised.error().error;
                                      const bool lost = error == JournalError::other_epoch ||
                                                        error == JournalError::out_of_order ||
                                                        error == JournalError::wrong_prev;
                                      if (lost) return stand_by();
                                      if (survives(raised.error()))
                                          look_again(limits::audit_retry_ms, "journal: " + raised.error().detail);
                                      return;
                                  }
                                  head_ = raised.value();
                                  own_.note(*parse_stored(opening_));
                                  log::event(log::Level::warn, "epoch-raised",
                                             {{"hub", options_.hub},
                                              {"reason", why},
                                              {"epoch", std::to_string(head_.epoch)},
                                              {"seq", std::to_string(head_.seq)}});
                                  wipe();
                              }));
}

void AuditCore::wipe() {
    parts_.store.close_and_wipe(options_.hub, during([this](const Stored<bool>& wiped) {
                                    if (!wiped)
                                        return look_again(limits::audit_retry_ms, "the store could not be wiped");
                                    restore_marks();
                                }));
}

void AuditCore::restore_marks() {
    const std::uint64_t lowest = lowest_cursor(cursors_, options_.hub, head_.seq + 1);
    history_.marks(head_, hub_now() - limits::done_keep_ms, lowest,
                   during([this](Journalled<std::vector<seams::DoneRestore>> marks) {
                       if (!marks) return void(survives(marks.error()));
                       send_marks(std::move(marks.value()), 0);
                   }));
}

void AuditCore::send_marks(std::vector<seams::DoneRestore> marks, std::size_t from) {
    std::vector<seams::CursorRestore> cursors;
    if (from == 0) {
        for (const auto& [of, seq] : cursors_) cursors.push_back({of.first, of.second, seq});
    }
    const std::size_t to = std::min(marks.size(), from + limits::restore_max_marks);
    std::vector<seams::DoneRestore> some(marks.begin() + std::ptrdiff_t(from), marks.begin() + std::ptrdiff_t(to));
    parts_.store.restore_marks(options_.hub, std::move(some), std::move(cursors),
                               during([this, marks = std::move(marks), to](const Stored<bool>& restored) {
                                   if (!restored)
                                       return look_again(limits::audit_retry_ms,
                                                         "the store did not take what was done before");
                                   if (to < marks.size()) return send_marks(marks, to);
                                   open_store();
                               }));
}

void AuditCore::open_store() {
    parts_.store.open({options_.hub, head_.epoch, head_.seq, head_.event_id, hub_now()},
                      during([this](const Stored<bool>& opened_here) {
                          if (!opened_here)
                              return look_again(limits::audit_retry_ms, "the store did not open the epoch");
                          opened();
                      }));
}

void AuditCore::opened() {
    parts_.feed.publish({options_.hub, false, opening_});
    if (hooks_.on_appended) hooks_.on_appended(head_);
    log::event(log::Level::info, "epoch-opened", {{"hub", options_.hub}, {"epoch", std::to_string(head_.epoch)}});
    run();
}

}  // namespace rightplace::audit
