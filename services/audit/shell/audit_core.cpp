// Starting, and judging what the store is worth. Opening an epoch: audit_epoch.cpp. Running: audit_run.cpp.
#include "services/audit/shell/audit_core.hpp"

#include <algorithm>
#include <utility>

#include "common/base/limits.hpp"
#include "common/log/log.hpp"
#include "services/audit/domain/succession.hpp"

namespace rightplace::audit {

using seams::JournalError;
using seams::JournalHead;
using seams::Journalled;
using seams::Stored;
using seams::StoreError;
using seams::StoreSituation;

AuditCore::AuditCore(CoreOptions options, CoreParts parts, CoreHooks hooks)
    : options_(std::move(options)),
      parts_(parts),
      hooks_(std::move(hooks)),
      history_(parts.journal),
      standing_by_(options_.shared_journal) {}

TimeMs AuditCore::hub_now() const {
    return clock_ ? clock_->now(parts_.clock.boot_ms()) : 0;
}

std::int64_t AuditCore::beat_age_ms() const {
    return beat_boot_ms_ ? parts_.clock.boot_ms() - *beat_boot_ms_ : -1;
}

void AuditCore::enter(Stage stage) {
    INVARIANT(stage_ != Stage::dead);
    stage_ = stage;
    ++turn_;
    beating_ = false;
    announce_ = false;
    writing_own_ = false;
}

void AuditCore::trouble(const std::string& what) {
    if (what != trouble_ && !what.empty()) {
        log::event(log::Level::warn, "ring-closed", {{"hub", options_.hub}, {"reason", what}});
    }
    trouble_ = what;
}

void AuditCore::die(const std::string& why) {
    enter(Stage::dead);
    trouble_ = why;
    log::event(log::Level::error, "audit-stops", {{"hub", options_.hub}, {"reason", why}});
    parts_.life.die("audit of hub " + options_.hub + ": " + why);
}

bool AuditCore::survives(const seams::JournalFailure& failure) {
    if (failure.error == JournalError::disk_full) return true;
    die("the journal failed: " + failure.detail);
    return false;
}

void AuditCore::start() {
    parts_.journal.touch(during([this](const Journalled<JournalHead>& touched) {
        if (!touched) {
            if (!survives(touched.error())) return;
            trouble("journal: " + touched.error().detail);
            return later(limits::audit_retry_ms, [this] { start(); });
        }
        head_ = touched.value();
        start_clock();
        observe_clocks();
        checkpoint_boot_ms_ = parts_.clock.boot_ms();
        tick();
        ask_vault();
    }));
}

void AuditCore::ask_vault() {
    hooks_.high_water(options_.hub, during([this](const std::optional<HighWaterMark>& mark) {
                          if (mark) return judge(*mark);
                          trouble("vault does not say how far the record went");
                          later(limits::audit_retry_ms, [this] { ask_vault(); });
                      }));
}

void AuditCore::judge(const HighWaterMark& mark) {
    history_.event_id_at(mark.seq, during([this, mark](const Journalled<std::string>& at_mark) {
                             if (!at_mark) return void(survives(at_mark.error()));
                             const auto unfit = unfit_history(options_.hub, head_, mark, at_mark.value());
                             if (unfit) return die(*unfit);
                             if (mark.journal_id.empty()) return name_journal();
                             look();
                         }));
}

// Before the first event: a journal that holds anything is one that vault knows, so an empty mark is a loss.
void AuditCore::name_journal() {
    INVARIANT(head_.seq == 0);
    hooks_.name_first_journal(options_.hub, head_.journal_id, during([this](bool named) {
                                  if (named) return look();
                                  trouble("vault does not take note of the new journal");
                                  later(limits::audit_retry_ms, [this] { ask_vault(); });
                              }));
}

void AuditCore::look_again(std::int64_t ms, const std::string& why) {
    enter(Stage::looking);
    trouble(why);
    later(ms, [this] { look(); });
}

void AuditCore::stand_by() {
    standing_by_ = true;
    enter(Stage::standby);
    trouble("another audit holds the hub");
    later(limits::heartbeat_max_age_ms, [this] { look(); });
}

void AuditCore::look() {
    enter(Stage::looking);
    parts_.journal.head(during([this](const Journalled<JournalHead>& head) {
        if (!head) return void(survives(head.error()));
        const bool grown = head.value().seq != head_.seq;
        head_ = head.value();
        if (grown && hooks_.on_appended) hooks_.on_appended(head_);
        read_own();
    }));
}

void AuditCore::read_own() {
    if (own_.upto == head_.seq) return ask_store();
    history_.own(head_, during([this](const Journalled<OwnHistory>& own) {
                     if (!own) return void(survives(own.error()));
                     own_ = own.value();
                     ask_store();
                 }));
}

void AuditCore::ask_store() {
    parts_.store.situation(
        options_.hub, during([this](const Stored<StoreSituation>& at) {
            if (at) return situate(at.value());
            if (at.error().error != StoreError::closed)
                return look_again(limits::audit_retry_ms, "the store: no answer");
            // It has no library, or another version's. Loading ours closes every hub, so that
            // each goes through an epoch of its own before anything is committed by it.
            log::event(log::Level::warn, "library-loaded", {{"hub", options_.hub}, {"reason", at.error().detail}});
            parts_.store.load_library(during([this](const Stored<bool>& loaded) {
                if (loaded) return look_again(0, "the store had no function library of ours");
                look_again(limits::audit_retry_ms, "the store did not take the function library");
            }));
        }));
}

void AuditCore::situate(const StoreSituation& at) {
    store_epoch_ = std::max(at.head.epoch, at.process_epoch);
    store_ahead_ms_ = at.head.store_now - parts_.clock.boot_ms();
    if (standing_by_ && at.head.open && at.head.epoch == head_.epoch) return stand_by();
    standing_by_ = false;
    const bool same_epoch = head_.epoch > 0 && at.head.epoch == head_.epoch && at.process_epoch == head_.epoch;
    if (same_epoch && at.process_seq == at.head.seq && at.head.seq >= head_.seq) return check_tail(at);
    if (head_.epoch == 0) return open_new(reason::first_start);
    if (at.head.epoch == 0) return open_new(reason::store_lost);
    if (at.process_epoch == 0) return open_new(reason::library_loaded);
    open_new(reason::store_behind);
}

// The same epoch goes on when the log still holds all that the journal lacks.
void AuditCore::check_tail(const StoreSituation& at) {
    if (at.head.seq == head_.seq) {
        return at.head.prev == head_.event_id ? run() : open_new(reason::store_behind);
    }
    if (at.log_first == 0 || at.log_first > head_.seq + 1) return open_new(reason::store_behind);
    parts_.store.tail(options_.hub, head_.seq, limits::journal_batch_max_events, 0,
                      during([this](const Stored<std::vector<seams::LogEntry>>& tail) {
                          if (!tail) return look_again(limits::audit_retry_ms, "the store: no answer");
                          JournalHead at_entry = head_;
                          for (const auto& entry : tail.value()) {
                              const auto event = parse_stored(entry.stored);
                              if (!event || misfit(at_entry, options_.hub, *event, Kind::ordinary))
                                  return open_new(reason::store_behind);
                              if (stale(entry)) return open_new(reason::stale_tail);
                              advance(at_entry, *event);
                          }
                          if (tail.value().empty()) return open_new(reason::store_behind);
                          run();
                      }));
}

}  // namespace rightplace::audit
