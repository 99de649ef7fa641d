// The journal of one hub in one SQLite file: the record (WAL, synchronous=FULL, exclusively locked).
// SQLite does its work inside the call, on the loop's thread, and the completion follows by
// clock.after(0): a sync costs well under a millisecond on the disks this runs on, appends are grouped
// anyway, and a second thread would buy nothing but an ordering to get wrong.
// The file's format: journal_file.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/seams.hpp"
#include "common/base/sqlite.hpp"
#include "services/audit/domain/merkle.hpp"
#include "services/audit/domain/succession.hpp"
#include "services/audit/shell/journal_file.hpp"

namespace rightplace::audit {

struct JournalOptions {
    std::uint64_t free_space_floor_bytes = 0;  // below it nothing is written: disk_full, until there is room again
    std::uint64_t spare_bytes = 4'000'000;     // room kept inside the file and its log; 0: none
    std::function<std::uint64_t(const std::string& path)> free_bytes;  // empty: statvfs
};

class SqliteJournal final : public seams::Journal {
   public:
    // Makes one durable write before it serves: a crash between a write and its sync may have left a
    // row whose commit never returned. Errors: not_found, corrupt, fatal (e.g. another process holds
    // it), disk_full (not even that write fits; below the floor it still does).
    static seams::Journalled<std::unique_ptr<SqliteJournal>> open(const std::string& path, const std::string& hub,
                                                                  seams::Clock& clock, JournalOptions options = {});

    void head(seams::Done<seams::Journalled<seams::JournalHead>>) override;
    // wrong_prev, out_of_order (also an event id that is in the record already, or another hub's
    // event), other_epoch, corrupt (not an Event): nothing of the batch is kept.
    void append(std::uint64_t epoch, std::vector<seams::Bytes> stored,
                seams::Done<seams::Journalled<seams::JournalHead>>) override;
    void open_epoch(std::uint64_t expected, seams::Bytes stored_epoch_opened,
                    seams::Done<seams::Journalled<seams::JournalHead>>) override;
    void touch(seams::Done<seams::Journalled<seams::JournalHead>>) override;
    // At most `most` events and limits::read_max_bytes. `from` 0 is read as 1.
    void read(std::uint64_t from, std::size_t most, std::string case_id, seams::Done<seams::Journalled<Page>>) override;

   private:
    struct Tip {  // what a successful transaction leaves; copied, changed, and kept only after the commit
        seams::JournalHead head;
        Frontier tree;
    };
    SqliteJournal(std::string path, std::string hub, seams::Clock& clock, JournalOptions options);
    sqlite::Outcome<bool> start();
    sqlite::Outcome<bool> load_tip();
    seams::Journalled<seams::JournalHead> write(std::uint64_t expected, const std::vector<seams::Bytes>& stored,
                                                Kind kind);
    seams::Journalled<Tip> write_in_transaction(const std::vector<seams::Bytes>& stored, Kind kind);
    sqlite::Outcome<bool> insert(const Event& event, const std::string& leaf, const seams::Bytes& stored);
    sqlite::Outcome<bool> keep_tip(const Tip& tip);
    seams::Journalled<Page> read_page(std::uint64_t from, std::size_t most, const std::string& case_id);
    sqlite::Outcome<bool> look_after_space();
    bool below_floor() const;
    template <typename T>
    void complete(T result, seams::Done<T> done);

    std::string path_;
    std::string hub_;
    seams::Clock& clock_;
    JournalOptions options_;
    sqlite::Database database_;
    sqlite::Statement insert_;
    sqlite::Statement set_meta_;
    sqlite::Statement read_;
    sqlite::Statement read_case_;
    Tip tip_;
    std::uint64_t touches_ = 0;
    std::uint64_t logged_bytes_ = 0;  // since SQLite's log was last moved into the file
    bool broken_ = false;             // after a fatal error nothing is known: every later call fails too
};

}  // namespace rightplace::audit
