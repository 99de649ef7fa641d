// A journal in memory that can crash, fill up and fail. A write is applied when it is asked for, synced
// `sync_ms` later, and only then completed; what is asked after it is answered after it. A crash loses
// what was not synced, or a part of it: a file may hold rows whose commit never returned, and they stay
// unsynced until the next write is.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/base/seams.hpp"
#include "services/audit/domain/merkle.hpp"
#include "services/audit/domain/succession.hpp"

namespace rightplace::sim {

class SimJournal final : public seams::Journal {
   public:
    using HeadDone = seams::Done<seams::Journalled<seams::JournalHead>>;

    SimJournal(seams::Clock& clock, std::string hub, std::string journal_id, std::int64_t sync_ms = 0);

    void head(HeadDone) override;
    void append(std::uint64_t epoch, std::vector<seams::Bytes> stored, HeadDone) override;
    void open_epoch(std::uint64_t expected, seams::Bytes stored_epoch_opened, HeadDone) override;
    void touch(HeadDone) override;
    void read(std::uint64_t from, std::size_t most, std::string case_id, seams::Done<seams::Journalled<Page>>) override;

    // The process dies: nothing outstanding completes. Up to `kept_unsynced` events survive beyond the synced ones:
    // whole writes only, for each is a transaction.
    void crash(std::size_t kept_unsynced = 0);
    void fail_next(seams::JournalError error) { failures_.push_back(error); }  // one write each, in order
    void set_full(bool full) { full_ = full; }                                 // every write until there is room
    const std::vector<seams::Bytes>& events() const { return events_; }
    std::size_t synced() const { return synced_; }

   private:
    void write(std::uint64_t expected, std::vector<seams::Bytes> stored, audit::Kind kind, HeadDone done);
    seams::Journalled<seams::JournalHead> apply(std::uint64_t expected, const std::vector<seams::Bytes>& stored,
                                                audit::Kind kind);
    void rebuild(std::size_t keep);
    void in_turn(std::function<void()> then);
    Page page_from(std::uint64_t from, std::size_t most, const std::string& case_id) const;

    seams::Clock& clock_;
    std::string hub_;
    std::string journal_id_;
    std::int64_t sync_ms_;
    std::vector<seams::Bytes> events_;
    std::size_t synced_ = 0;
    std::set<std::size_t> writes_;  // how many events there were after each write
    std::int64_t busy_until_ = 0;   // boot time at which all that was asked so far is done
    std::set<std::string> ids_;
    std::vector<std::string> case_ids_;  // of events_
    seams::JournalHead head_;
    audit::Frontier tree_;
    std::vector<seams::JournalError> failures_;
    bool full_ = false;
    std::shared_ptr<int> life_ = std::make_shared<int>(0);  // replaced by a crash: older completions are dropped
};

}  // namespace rightplace::sim
