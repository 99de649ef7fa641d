// The half of vault's service that follows the feed: marks, whose key is whose, the spool.
#include <algorithm>

#include "common/base/limits.hpp"
#include "common/log/log.hpp"
#include "messages/intake.pb.h"
#include "messages/transfer.pb.h"
#include "services/vault/domain/roles.hpp"
#include "services/vault/shell/vault_service.hpp"

namespace rightplace::vault {
namespace {

template <typename T>
bool take_text(const google::protobuf::Any& payload, std::optional<Sealed>& text) {
    T event;
    if (!payload.Is<T>() || !payload.UnpackTo(&event)) return false;
    text = event.text();
    return true;
}

// What a person wrote, when the event is one of these.
template <typename... Events>
std::optional<Sealed> text_of(const google::protobuf::Any& payload) {
    std::optional<Sealed> text;
    static_cast<void>((take_text<Events>(payload, text) || ...));
    return text;
}

}  // namespace

void VaultService::observe(const Event& event) {
    const CaseName owner{event.hub(), event.case_id()};
    const auto& by = event.actor().asserted_by();
    const auto& payload = event.payload();
    if (intake::CaseOpened opened; payload.Is<intake::CaseOpened>() && payload.UnpackTo(&opened)) {
        use_key(opened.facts().key_id(), owner, by);
        use_key(opened.person().key_id(), owner, by);
    } else if (intake::CaseUpdated updated; payload.Is<intake::CaseUpdated>() && payload.UnpackTo(&updated)) {
        use_key(updated.facts().key_id(), owner, by);
        use_key(updated.person().key_id(), owner, by);
    } else if (intake::ExchangeAnswered told; payload.Is<intake::ExchangeAnswered>() && payload.UnpackTo(&told)) {
        // A message of no case is its own: a person must be able to read it, and its view has a name of its own.
        const CaseName its = owner.case_id.empty() ? CaseName{event.hub(), event.aggregate_id()} : owner;
        use_key(told.exchange().original().key_id(), its, by);
        use_key(told.exchange().answer().key_id(), its, by);
    } else if (triage::ReviewDecided decided; payload.Is<triage::ReviewDecided>() && payload.UnpackTo(&decided)) {
        use_key(decided.rationale().key_id(), owner, by);
    } else if (const auto text =
                   text_of<triage::NoteAdded, triage::ReviewRejected, triage::ReviewTakenOver, triage::ReviewDowngraded,
                           triage::SecondOpinionAsked, triage::SecondOpinionGiven, triage::HandoverOffered,
                           triage::TransferOffered, triage::ReviewReopened, intake::CancellationAsked>(payload)) {
        use_key(text->key_id(), owner, by);
    }
    const auto mark = marks_.find(event.hub());
    if (mark != marks_.end() && mark->second.follows) {
        raise(mark->second, event.epoch(), event.seq(), event.event_id());
    }
}

// A key becomes a case's by the word of those that it was given to: a text that names another's key
// must not take it away from the case that it is meant for.
void VaultService::use_key(const std::string& key_id, const CaseName& owner, const std::string& by) {
    if (!key_number(key_id) || bindings_.contains(key_id) || missing_.contains(key_id)) return;
    const auto skipped = store_.skip_past(key_id);
    if (!skipped) {
        refusal_of(skipped.error());
        return;
    }
    const auto known = store_.use_of(key_id);
    if (!known) {
        refusal_of(known.error());
        return;
    }
    if (!known.value()) {
        missing_.emplace(key_id, owner.hub);
    } else if (known.value()->allocated_to == by && known.value()->owner.case_id.empty() && !owner.case_id.empty()) {
        bindings_.emplace(key_id, owner);
        learned(1);
    }
}

void VaultService::observe_heartbeat(const audit::Heartbeat& beat) {
    const auto found = marks_.find(beat.hub());
    if (found == marks_.end() || beat.journal_id().empty()) return;
    Mark& mark = found->second;
    const bool first = mark.high.journal_id().empty();
    // Another journal does not take the mark over by being there: that is what the mark is for.
    mark.follows = first || mark.high.journal_id() == beat.journal_id();
    mark.other = !mark.follows;
    if (!mark.follows) return;
    mark.heard_boot_ms = clock_.boot_ms();
    mark.high.set_journal_id(beat.journal_id());
    raise(mark, beat.epoch(), beat.head_seq(), beat.head_event_id());
    if (!first) return;
    mark.changed = true;
    flush();
}

namespace {

runtime::Answered refuse_journal(RefusalCode code, const std::string& sentence, const char* field = "") {
    Refusal refusal;
    refusal.set_code(code);
    refusal.set_sentence(sentence);
    refusal.set_field(field);
    return Failure{std::move(refusal)};
}

}  // namespace

// audit names an empty journal before it writes the first event into it: from then on the mark is never empty for a
// journal that holds anything, whoever dies when.
runtime::Answered VaultService::name_first(Mark& mark, const AcceptJournal& ask) {
    const bool known = mark.high.journal_id() == ask.journal_id();
    if (!known && !mark.high.journal_id().empty()) {
        return refuse_journal(FORBIDDEN, "vault knows another journal of this hub: only a person accepts a new one.");
    }
    auto reply = std::make_shared<AcceptJournalReply>();
    *reply->mutable_before() = mark.high;
    HighWater named = mark.high;
    named.set_journal_id(ask.journal_id());
    if (!known) {
        if (const auto kept = store_.note({named}, {}); !kept) return Failure{refusal_of(kept.error())};
        mark.high = named;
        log::event(log::Level::info, "journal-named", {{"hub", ask.hub()}, {"journal_id", ask.journal_id()}});
    }
    *reply->mutable_now() = mark.high;
    return std::shared_ptr<const runtime::Message>(std::move(reply));
}

// A journal takes the mark's place only when a named person says so, and never while the marked one is alive: then the
// wrong id was named, and audit would be shut out at its next start.
runtime::Answered VaultService::accept(const Asker& asker, const AcceptJournal& ask) {
    const bool first_only = may_name_first_journal(asker.key_role);
    if (!first_only && !may_accept_journal(asker.key_role)) {
        return refuse_journal(FORBIDDEN, "This program's key may not accept a journal.", "");
    }
    const auto found = marks_.find(ask.hub());
    if (found == marks_.end()) return refuse_journal(UNKNOWN_HUB, "vault does not serve this hub.", "hub");
    if (asker.actor.id().empty())
        return refuse_journal(INVALID, "Accepting a journal names the person who does.", "actor.id");
    if (ask.journal_id().empty())
        return refuse_journal(INVALID, "Name the journal; audit's log has its id.", "journal_id");
    Mark& mark = found->second;
    if (first_only) return name_first(mark, ask);
    if (mark.high.journal_id() == ask.journal_id()) {
        return refuse_journal(WRONG_STATE, "The mark is of this very journal. An older copy of it is never taken.",
                              "journal_id");
    }
    const bool alive = mark.heard_boot_ms >= 0 && clock_.boot_ms() - mark.heard_boot_ms <= limits::heartbeat_max_age_ms;
    if (alive) {
        return refuse_journal(WRONG_STATE,
                              "The marked journal is in use. Stop audit and put the new journal in its place first.",
                              "journal_id");
    }
    const AcceptedJournal accepted{ask.hub(), ask.journal_id(), mark.high, asker.actor, clock_.wall_ms()};
    if (const auto kept = store_.accept_journal(accepted); !kept) return Failure{refusal_of(kept.error())};
    auto reply = std::make_shared<AcceptJournalReply>();
    *reply->mutable_before() = mark.high;
    mark = {};
    mark.high.set_hub(ask.hub());
    mark.high.set_journal_id(ask.journal_id());
    *reply->mutable_now() = mark.high;
    log::event(log::Level::warn, "journal-accepted", {{"hub", ask.hub()}, {"journal_id", ask.journal_id()}});
    return std::shared_ptr<const runtime::Message>(std::move(reply));
}

bool VaultService::other_journal(const std::string& hub) const {
    const auto mark = marks_.find(hub);
    return mark != marks_.end() && mark->second.other;
}

std::size_t VaultService::keys_missing(const std::string& hub) const {
    return std::size_t(
        std::count_if(missing_.begin(), missing_.end(), [&](const auto& it) { return it.second == hub; }));
}

std::string VaultService::lost_keys(const std::string& hub) const {
    const auto lost = keys_missing(hub);
    if (lost == 0) return "";
    return "the record uses " + std::to_string(lost) + (lost == 1 ? " key" : " keys") +
           " that vault's database does not have; what is sealed with them cannot be read";
}

std::string VaultService::trouble(const std::string& hub) const {
    if (other_journal(hub)) return "audit's journal is not the one that vault knows; services/vault says what to do";
    const auto lost = made_anew_ ? "" : lost_keys(hub);
    return lost.empty() ? lost : lost + ". The database is older than the journal: put a newer backup in its place";
}

std::string VaultService::note(const std::string& hub) const {
    const auto lost = made_anew_ ? lost_keys(hub) : "";
    return lost.empty() ? lost : lost + ": the database was made anew";
}

void VaultService::raise(Mark& mark, std::uint64_t epoch, std::uint64_t seq, const std::string& event_id) {
    if (seq <= mark.high.seq()) return;
    const bool new_epoch = epoch > mark.high.epoch();
    mark.high.set_epoch(epoch);
    mark.high.set_seq(seq);
    mark.high.set_event_id(event_id);
    mark.changed = true;
    if (new_epoch) return flush();
    learned(1);
}

// Durable after so many things or so much time, whichever comes first.
void VaultService::learned(std::size_t things) {
    unflushed_ += things;
    if (unflushed_ >= limits::vault_note_every_events) return flush();
    if (flush_armed_) return;
    flush_armed_ = true;
    clock_.after(limits::vault_note_every_ms, alive_.guard([this] {
        flush_armed_ = false;
        flush();
    }));
}

void VaultService::flush() {
    std::vector<HighWater> marks;
    for (const auto& [hub, mark] : marks_) {
        if (mark.changed) marks.push_back(mark.high);
    }
    std::vector<Binding> bindings;
    for (const auto& [key_id, owner] : bindings_) bindings.push_back({key_id, owner});
    unflushed_ = 0;
    if (marks.empty() && bindings.empty()) return;
    if (const auto noted = store_.note(marks, bindings); !noted) {
        refusal_of(noted.error());
        return learned(1);  // no space: it stays in memory and is tried again
    }
    for (auto& [hub, mark] : marks_) mark.changed = false;
    bindings_.clear();
}

void VaultService::caught_up(const std::string& hub) {
    behind_.erase(hub);
}

void VaultService::drain(const std::string& hub) {
    if (drained_.contains(hub)) return;
    if (draining_.insert(hub).second) drain_next(hub);
}

void VaultService::drain_next(const std::string& hub) {
    const auto next = store_.oldest_spooled(hub);
    if (!next) refusal_of(next.error());
    if (!next || !next.value()) {
        if (next) drained_.insert(hub);
        draining_.erase(hub);
        return;
    }
    const std::string command_id = next.value()->command_id;
    record_view_(*next.value(), alive_.guard([this, hub, command_id](ViewOutcome outcome) {
        const bool final = outcome == ViewOutcome::recorded || outcome == ViewOutcome::refused;
        if (final) {
            const auto gone = outcome == ViewOutcome::recorded ? store_.unspool(command_id)
                                                               : store_.set_aside(command_id, clock_.wall_ms());
            if (gone) return drain_next(hub);
            refusal_of(gone.error());
        }
        draining_.erase(hub);  // the next opening of the ring tries again
    }));
}

std::int64_t VaultService::views_waiting() {
    const auto count = store_.spooled_count(false);
    return count ? count.value() : 0;
}

std::int64_t VaultService::views_set_aside() {
    const auto count = store_.spooled_count(true);
    return count ? count.value() : 0;
}

}  // namespace rightplace::vault
