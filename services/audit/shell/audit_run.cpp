// An open epoch at work: tail, append, publish; touch, beat, announce; audit's own events.
#include <algorithm>
#include <utility>

#include "common/base/limits.hpp"
#include "common/log/log.hpp"
#include "services/audit/domain/succession.hpp"
#include "services/audit/shell/audit_core.hpp"

namespace rightplace::audit {

using seams::JournalError;
using seams::JournalHead;
using seams::Journalled;
using seams::LogEntry;
using seams::Stored;

namespace {

// Whoever acts by what it has heard when all else is silent must not wait for a disk that stands still: its breach
// watch would give back what has been decided. Everybody else who reacts needs the same disk.
constexpr const char* fail_safe_role = "bars";

// A commit is written whole, or a crash between two writes would leave half of it in the record: the last one of a full
// batch, which may go on, waits for the next. A commit is far smaller than a batch.
void leave_cut_commit(std::vector<seams::Bytes>& batch) {
    static_assert(limits::commit_max_events < limits::journal_batch_max_events);
    const auto command_of = [](const seams::Bytes& bytes) {
        const auto event = parse_stored(bytes);
        return event ? event->command_id() : std::string();
    };
    const auto last = command_of(batch.back());
    auto whole = batch.size();
    while (whole > 0 && command_of(batch[whole - 1]) == last) --whole;
    if (whole > 0) batch.resize(whole);
}

}  // namespace

void AuditCore::run() {
    enter(Stage::running);
    announce_ = true;
    beat_owed_ = false;
    touch();
    tail();
}

void AuditCore::tail() {
    parts_.store.tail(options_.hub, head_.seq, limits::journal_batch_max_events, limits::tail_wait_ms,
                      during([this](const Stored<std::vector<LogEntry>>& entries) {
                          if (!entries) return look_again(limits::audit_retry_ms, "the store: no answer");
                          take(entries.value());
                      }));
}

bool AuditCore::stale(const LogEntry& entry) const {
    const auto event = parse_stored(entry.stored);
    return event && hub_now() - to_ms(event->recorded_at()) > limits::stale_tail_ms;
}

void AuditCore::take(const std::vector<LogEntry>& entries) {
    std::vector<seams::Bytes> batch;
    for (const auto& entry : entries) {
        if (entry.seq <= head_.seq) continue;
        // Unjournalled for so long, it was never acknowledged and its sender has given up or asked again.
        if (stale(entry)) return open_new(reason::stale_tail);
        batch.push_back(entry.stored);
    }
    if (batch.empty()) return tail();
    if (entries.size() >= limits::journal_batch_max_events) leave_cut_commit(batch);
    append(std::move(batch));
}

void AuditCore::append(std::vector<seams::Bytes> batch) {
    parts_.journal.append(head_.epoch, batch, during([this, batch](const Journalled<JournalHead>& done) {
                              if (!done) return append_refused(done.error());
                              appended(batch, done.value());
                          }));
}

void AuditCore::append_refused(const seams::JournalFailure& failure) {
    switch (failure.error) {
        case JournalError::disk_full:
            beat_owed_ = false;
            trouble("journal: " + failure.detail);
            return later(limits::audit_retry_ms, [this] { tail(); });
        case JournalError::other_epoch:
            return stand_by();
        case JournalError::out_of_order:
        case JournalError::wrong_prev:
        case JournalError::corrupt:
            log::event(log::Level::warn, "entry-refused", {{"hub", options_.hub}, {"reason", failure.detail}});
            return open_new(reason::store_behind);
        case JournalError::fatal:
        case JournalError::not_found:
            survives(failure);
            return;
    }
}

void AuditCore::appended(const std::vector<seams::Bytes>& batch, const JournalHead& head) {
    head_ = head;
    for (const auto& bytes : batch) {
        const auto event = parse_stored(bytes);
        INVARIANT(event.has_value());  // the journal took it
        own_.note(*event);
        if (event->aggregate_type() == journal_type) writing_own_ = false;
        parts_.feed.publish(
            {options_.hub, false, bytes, {event->service(), event->actor().asserted_by(), fail_safe_role}});
    }
    if (hooks_.on_appended) hooks_.on_appended(head_);
    beat_soon();
    tail();
}

void AuditCore::tick() {
    parts_.clock.after(limits::heartbeat_every_ms, alive_.guard([this] {
        if (stage_ != Stage::dead) tick();
    }));
    parts_.feed.send_held();  // a root and the clock's mark are written with a sync of their own
    observe_clocks();
    if (hooks_.on_root && parts_.clock.boot_ms() - roots_boot_ms_ >= limits::roots_every_ms) {
        roots_boot_ms_ = parts_.clock.boot_ms();
        hooks_.on_root(head_);
    }
    if (stage_ != Stage::running) return;
    announce_ = true;
    touch();
    write_own();
}

void AuditCore::start_clock() {
    const auto boot_ms = parts_.clock.boot_ms();
    const auto wall_ms = parts_.clock.wall_ms();
    const auto& mark = options_.clock;
    if (mark) steps_ = mark->steps;
    if (mark && HubClock::continues(*mark, options_.boot_id, boot_ms)) {
        clock_.emplace(*mark, boot_ms, head_.last_recorded);
        return;
    }
    clock_.emplace(wall_ms, boot_ms, head_.last_recorded);
    const auto leap = unbelievable(wall_ms, std::max(head_.last_recorded, mark ? mark->hub_ms : 0));
    if (leap) note_step(*leap);
}

void AuditCore::observe_clocks() {
    const auto boot_ms = parts_.clock.boot_ms();
    const auto step = clock_->observe(parts_.clock.wall_ms(), boot_ms);
    if (step) note_step(*step);
    if (step || boot_ms - clock_kept_boot_ms_ >= clock_mark_every_ms) keep_clock();
}

void AuditCore::note_step(std::int64_t ms) {
    log::event(log::Level::error, "clock-stepped", {{"hub", options_.hub}, {"ms", std::to_string(ms)}});
    if (steps_.size() < limits::clock_steps_kept) steps_.push_back(ms);
}

void AuditCore::keep_clock() {
    clock_kept_boot_ms_ = parts_.clock.boot_ms();
    hooks_.keep_clock({options_.boot_id, clock_kept_boot_ms_, hub_now(), clock_->wall_offset(), steps_});
}

void AuditCore::touch() {
    parts_.feed.send_held();
    parts_.journal.touch(during([this](const Journalled<JournalHead>& touched) {
        if (touched) return touched.value().epoch == head_.epoch ? beat() : stand_by();
        beat_owed_ = false;
        if (survives(touched.error())) trouble("journal: " + touched.error().detail);
    }));
}

// Only ever called after a journal write that succeeded.
void AuditCore::beat() {
    if (beating_) return;
    beating_ = true;
    const TimeMs store_by = store_ahead_ms_ + parts_.clock.boot_ms() + limits::beat_on_the_way_ms;
    parts_.store.beat(options_.hub, head_.epoch, head_.seq, hub_now(), std::max<TimeMs>(store_by, 0),
                      during([this](const Stored<seams::Head>& taken) {
                          beating_ = false;
                          beaten(taken);
                      }));
}

// The store wants to know of appends for the bound on its tail and to trim its log: neither is in a hurry.
void AuditCore::beat_soon() {
    if (std::exchange(beat_owed_, true)) return;
    later(limits::beat_after_append_ms, [this] {
        if (std::exchange(beat_owed_, false)) beat();
    });
}

void AuditCore::beaten(const Stored<seams::Head>& taken) {
    if (!taken) return look_again(limits::audit_look_ms, "the store took no heartbeat");
    const seams::Head& at = taken.value();
    if (at.epoch != head_.epoch || at.seq < head_.seq) return look_again(0, "the store is behind the journal");
    store_ahead_ms_ = at.store_now - parts_.clock.boot_ms();
    trouble({});
    beat_boot_ms_ = parts_.clock.boot_ms();
    if (std::exchange(announce_, false)) announce();
}

void AuditCore::announce() {
    Heartbeat heartbeat;
    heartbeat.set_hub(options_.hub);
    heartbeat.set_epoch(head_.epoch);
    heartbeat.set_head_seq(head_.seq);
    heartbeat.set_head_event_id(head_.event_id);
    heartbeat.set_hub_time_ms(hub_now());
    heartbeat.set_journal_id(head_.journal_id);
    parts_.feed.publish({options_.hub, true, heartbeat.SerializeAsString()});
}

void AuditCore::write_own() {
    if (writing_own_) return;
    if (!steps_.empty()) {
        ClockStepped stepped;
        stepped.set_step_ms(steps_.front());
        return commit_own(stepped);
    }
    const std::uint64_t since = head_.seq - own_.checkpoint_seq;
    const bool due = parts_.clock.boot_ms() - checkpoint_boot_ms_ >= limits::checkpoint_every_ms;
    if (since >= limits::checkpoint_every_events || (due && since > 0)) write_checkpoint();
}

void AuditCore::write_checkpoint() {
    writing_own_ = true;
    checkpoint_boot_ms_ = parts_.clock.boot_ms();
    parts_.store.cursors(options_.hub, during([this](const Stored<std::vector<seams::CursorRestore>>& cursors) {
                             writing_own_ = false;
                             if (!cursors) return;  // the next one will have them
                             JournalCheckpoint checkpoint;
                             checkpoint.set_seq(head_.seq);
                             checkpoint.set_root(head_.root);
                             Cursors all = own_.cursors;
                             for (const auto& each : cursors.value())
                                 raise(all, each.service, each.source_hub, each.seq);
                             for (const auto& [of, seq] : all) {
                                 auto& mark = *checkpoint.add_cursors();
                                 mark.set_service(of.first);
                                 mark.set_source_hub(of.second);
                                 mark.set_seq(seq);
                             }
                             commit_own(checkpoint);
                         }));
}

// Until it comes back through the log (or the stage is over) no other is asked for.
void AuditCore::commit_own(const google::protobuf::Message& payload) {
    const bool is_step = payload.GetDescriptor() == ClockStepped::descriptor();
    writing_own_ = true;
    const OwnEvent about = next_own();
    seams::CommitRequest request;
    request.hub = options_.hub;
    request.service = "audit";
    request.epoch = head_.epoch;
    request.seen_seq = head_.seq;
    request.deadline = about.now + limits::command_deadline_default_ms;
    request.events = {own_event(about, payload)};
    request.event_ids = {about.event_id};
    parts_.store.commit(std::move(request), during([this, is_step](const Stored<seams::Committed>& committed) {
                            // An unknown outcome may yet come through the log: then the version that it names is taken.
                            if (!committed && committed.error().error != seams::StoreError::unknown)
                                writing_own_ = false;
                            if (!committed) return;
                            if (!is_step) return;
                            steps_.erase(steps_.begin());
                            keep_clock();
                        }));
}

}  // namespace rightplace::audit
