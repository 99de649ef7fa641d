#include "tests/sim/sim_journal.hpp"

#include <algorithm>
#include <utility>

#include "common/base/limits.hpp"

namespace rightplace::sim {

using audit::Kind;
using seams::Bytes;
using seams::JournalError;
using seams::JournalFailure;
using seams::JournalHead;
using seams::Journalled;

SimJournal::SimJournal(seams::Clock& clock, std::string hub, std::string journal_id, std::int64_t sync_ms)
    : clock_(clock), hub_(std::move(hub)), journal_id_(std::move(journal_id)), sync_ms_(sync_ms) {
    rebuild(0);
}

void SimJournal::rebuild(std::size_t keep) {
    events_.resize(keep);
    head_ = {};
    tree_ = {};
    ids_.clear();
    case_ids_.clear();
    for (const auto& bytes : events_) {
        const auto event = audit::parse_stored(bytes);
        audit::advance(head_, *event);
        ids_.insert(event->event_id());
        case_ids_.push_back(event->case_id());
        tree_.add(audit::leaf_hash(bytes));
    }
    head_.journal_id = journal_id_;
    head_.root = tree_.root();
    synced_ = std::min(synced_, keep);
    busy_until_ = 0;
}

void SimJournal::crash(std::size_t kept_unsynced) {
    life_ = std::make_shared<int>(0);
    std::size_t kept = synced_;
    for (const auto end : writes_) {
        if (end <= synced_ + kept_unsynced) kept = std::max(kept, end);
    }
    rebuild(kept);
    std::erase_if(writes_, [kept](std::size_t end) { return end > kept; });
}

Journalled<JournalHead> SimJournal::apply(std::uint64_t expected, const std::vector<Bytes>& stored, Kind kind) {
    if (!failures_.empty()) {
        const JournalError error = failures_.front();
        failures_.erase(failures_.begin());
        return Failure{JournalFailure{error, "made to fail"}};
    }
    if (expected != head_.epoch) return Failure{JournalFailure{JournalError::other_epoch, "another epoch"}};
    if (full_) return Failure{JournalFailure{JournalError::disk_full, "below the floor"}};
    JournalHead head = head_;
    auto tree = tree_;
    std::set<std::string> ids;
    std::vector<std::string> case_ids;
    for (const auto& bytes : stored) {
        const auto event = audit::parse_stored(bytes);
        if (!event) return Failure{JournalFailure{JournalError::corrupt, "an entry is not a stored event"}};
        if (auto fault = audit::misfit(head, hub_, *event, kind)) return Failure{std::move(*fault)};
        if (ids_.contains(event->event_id()) || !ids.insert(event->event_id()).second) {
            return Failure{JournalFailure{JournalError::out_of_order, "the event is in the record already"}};
        }
        audit::advance(head, *event);
        tree.add(audit::leaf_hash(bytes));
        case_ids.push_back(event->case_id());
    }
    ids_.merge(ids);
    case_ids_.insert(case_ids_.end(), case_ids.begin(), case_ids.end());
    events_.insert(events_.end(), stored.begin(), stored.end());
    tree_ = std::move(tree);
    head_ = std::move(head);
    head_.root = tree_.root();
    return head_;
}

void SimJournal::in_turn(std::function<void()> then) {
    busy_until_ = std::max(busy_until_, clock_.boot_ms());
    clock_.after(busy_until_ - clock_.boot_ms(), [alive = std::weak_ptr<int>(life_), then = std::move(then)] {
        if (!alive.expired()) then();
    });
}

void SimJournal::write(std::uint64_t expected, std::vector<Bytes> stored, Kind kind, HeadDone done) {
    auto result = apply(expected, stored, kind);
    const std::size_t upto = events_.size();
    if (result) writes_.insert(upto);
    if (result) busy_until_ = std::max(busy_until_, clock_.boot_ms()) + sync_ms_;
    in_turn([this, upto, result, done = std::move(done)] {
        if (result) synced_ = std::max(synced_, upto);
        done(result);
    });
}

void SimJournal::append(std::uint64_t epoch, std::vector<Bytes> stored, HeadDone done) {
    write(epoch, std::move(stored), Kind::ordinary, std::move(done));
}

void SimJournal::open_epoch(std::uint64_t expected, Bytes stored, HeadDone done) {
    write(expected, {std::move(stored)}, Kind::opens_epoch, std::move(done));
}

void SimJournal::touch(HeadDone done) {
    write(head_.epoch, {}, Kind::ordinary, std::move(done));
}

void SimJournal::head(HeadDone done) {
    in_turn([this, done = std::move(done)] { done(head_); });
}

SimJournal::Page SimJournal::page_from(std::uint64_t from, std::size_t most, const std::string& case_id) const {
    Page page;
    page.next_seq = std::max<std::uint64_t>(from, 1);
    std::size_t size = 0;
    bool whole = true;
    for (std::size_t at = page.next_seq - 1; at < events_.size() && page.events.size() < most; ++at) {
        if (!case_id.empty() && case_ids_[at] != case_id) continue;
        size += events_[at].size();
        whole = page.events.empty() || size <= limits::read_max_bytes;
        if (!whole) break;
        page.events.push_back(events_[at]);
        page.next_seq = at + 2;  // seqs count from 1
    }
    if (whole && page.events.size() < most) page.next_seq = std::max(page.next_seq, head_.seq + 1);
    return page;
}

void SimJournal::read(std::uint64_t from, std::size_t most, std::string case_id, seams::Done<Journalled<Page>> done) {
    in_turn([this, from, most, case_id = std::move(case_id), done = std::move(done)] {
        done(page_from(from, most, case_id));
    });
}

}  // namespace rightplace::sim
