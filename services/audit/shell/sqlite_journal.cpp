#include "services/audit/shell/sqlite_journal.hpp"

#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "common/base/limits.hpp"

namespace rightplace::audit {
namespace {

using seams::Bytes;
using seams::Done;
using seams::JournalError;
using seams::JournalFailure;
using seams::JournalHead;
using seams::Journalled;
using sqlite::Outcome;

constexpr std::uint64_t page_bytes = 4'096;
constexpr std::uint64_t log_max_bytes = 4'000'000;  // written to SQLite's log before it is moved into the file

std::uint64_t statvfs_free(const std::string& path) {
    struct statvfs room {};
    // A place that cannot be asked is taken for full: the ring closes and the reason is logged.
    if (::statvfs(folder_of(path).c_str(), &room) != 0) return 0;
    return std::uint64_t{room.f_bavail} * room.f_frsize;
}

Failure<sqlite::Error> damaged(const char* what) {
    return {sqlite::Error{sqlite::Problem::corrupt, 0, what}};
}

}  // namespace

SqliteJournal::SqliteJournal(std::string path, std::string hub, seams::Clock& clock, JournalOptions options)
    : path_(std::move(path)), hub_(std::move(hub)), clock_(clock), options_(std::move(options)) {
    if (!options_.free_bytes) options_.free_bytes = statvfs_free;
}

Journalled<std::unique_ptr<SqliteJournal>> SqliteJournal::open(const std::string& path, const std::string& hub,
                                                               seams::Clock& clock, JournalOptions options) {
    if (::access(path.c_str(), F_OK) != 0) {
        return Failure{JournalFailure{JournalError::not_found, "no journal there; creating one is an explicit act"}};
    }
    std::unique_ptr<SqliteJournal> journal(new SqliteJournal(path, hub, clock, std::move(options)));
    auto opened = sqlite::Database::open(path, sqlite::Open::read_write);
    if (!opened) return Failure{from_sqlite(opened.error())};
    journal->database_ = std::move(opened.value());
    const auto started = journal->start();
    if (started) return journal;
    auto failure = from_sqlite(started.error());
    if (started.error().problem == sqlite::Problem::corrupt) failure.error = JournalError::corrupt;
    if (started.error().problem == sqlite::Problem::busy) failure.detail = "another process holds this journal";
    return Failure{failure};
}

Outcome<bool> SqliteJournal::start() {
    // The lock mode comes first: SQLite's log then needs no shared memory. Errors of moving the log
    // into the file must be seen (a sync that failed once may not fail twice), so we do that ourselves.
    const auto set = database_.run(std::string("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL;"
                                               "PRAGMA wal_autocheckpoint=0;") +
                                   durable_pragmas);
    if (!set) return set;
    const auto found = database_.integer("PRAGMA user_version");
    if (!found) return Failure{found.error()};
    if (found.value() != journal_schema) return damaged("not a journal of the schema that this program writes");
    const auto hub = meta_text(database_, "hub");
    if (!hub) return Failure{hub.error()};
    if (hub.value() != hub_) return damaged("it is another hub's journal");
    if (const auto loaded = load_tip(); !loaded) return loaded;

    const auto prepare = [this](sqlite::Statement& into, std::string_view sql) {
        auto made = database_.prepare(sql);
        if (made) into = std::move(made.value());
        return made.ok();
    };
    const bool prepared = prepare(insert_, "INSERT INTO events VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)") &&
                          prepare(set_meta_, "UPDATE meta SET value=?2 WHERE key=?1") &&
                          prepare(read_, "SELECT seq, bytes FROM events WHERE seq>=?1 ORDER BY seq LIMIT ?2") &&
                          prepare(read_case_,
                                  "SELECT seq, bytes FROM events WHERE case_id=?3 AND case_id<>'' AND seq>=?1 "
                                  "ORDER BY seq LIMIT ?2");
    if (!prepared) return damaged("its tables are not as they should be");
    // These few writes are what the floor keeps room for.
    // A crash while room was made leaves this table behind.
    if (const auto dropped = database_.run("DROP TABLE IF EXISTS spare"); !dropped) return dropped;
    if (const auto kept = keep_descriptors(database_); !kept) return kept;
    if (const auto touched = keep_tip(tip_); !touched) return touched;
    const auto room = look_after_space();
    if (!room && room.error().problem != sqlite::Problem::full) return room;
    return true;
}

Outcome<bool> SqliteJournal::load_tip() {
    const auto id = meta_text(database_, "journal_id");
    if (!id) return Failure{id.error()};
    const auto frontier = meta_text(database_, "frontier");
    if (!frontier) return Failure{frontier.error()};
    const auto epoch = database_.integer("SELECT value FROM meta WHERE key='epoch'");
    if (!epoch) return Failure{epoch.error()};
    // SQLite writes nothing where a row stays as it is: a touch goes on from the last one's.
    const auto touched = database_.integer("SELECT value FROM meta WHERE key='touched'");
    if (!touched) return Failure{touched.error()};
    touches_ = std::uint64_t(touched.value());
    auto last = database_.prepare("SELECT bytes FROM events ORDER BY seq DESC LIMIT 1");
    if (!last) return Failure{last.error()};
    const auto found = last.value().step();
    if (!found) return Failure{found.error()};
    if (found.value()) {
        const auto event = parse_stored(last.value().bytes(0));
        if (!event) return damaged("its last event cannot be read");
        advance(tip_.head, *event);
    }
    auto tree = Frontier::from_bytes(tip_.head.seq, frontier.value());
    if (!tree) return damaged("its hash tree is not of the size of its events");
    if (std::uint64_t(epoch.value()) != tip_.head.epoch) return damaged("its epoch is not its last event's");
    tip_.tree = std::move(*tree);
    tip_.head.journal_id = id.value();
    tip_.head.root = tip_.tree.root();
    return true;
}

bool SqliteJournal::below_floor() const {
    return options_.free_space_floor_bytes > 0 && options_.free_bytes(path_) < options_.free_space_floor_bytes;
}

// One transaction: all of `stored`, or nothing.
Journalled<SqliteJournal::Tip> SqliteJournal::write_in_transaction(const std::vector<Bytes>& stored, Kind kind) {
    auto begun = sqlite::Transaction::begin(database_);
    if (!begun) return Failure{from_sqlite(begun.error())};
    Tip tip = tip_;
    for (const auto& bytes : stored) {
        const auto event = parse_stored(bytes);
        if (!event) return Failure{JournalFailure{JournalError::corrupt, "an entry is not a stored event"}};
        if (auto fault = misfit(tip.head, hub_, *event, kind)) return Failure{std::move(*fault)};
        const std::string leaf = leaf_hash(bytes);
        if (const auto inserted = insert(*event, leaf, bytes); !inserted) return Failure{from_sqlite(inserted.error())};
        advance(tip.head, *event);
        tip.tree.add(leaf);
    }
    tip.head.root = tip.tree.root();
    if (const auto kept = keep_tip(tip); !kept) return Failure{from_sqlite(kept.error())};
    if (const auto committed = begun.value().commit(); !committed) return Failure{from_sqlite(committed.error())};
    return tip;
}

Journalled<JournalHead> SqliteJournal::write(std::uint64_t expected, const std::vector<Bytes>& stored, Kind kind) {
    if (broken_) return Failure{JournalFailure{JournalError::fatal, "an earlier write failed"}};
    if (expected != tip_.head.epoch) {
        const std::string now = std::to_string(tip_.head.epoch);
        return Failure{JournalFailure{JournalError::other_epoch, "the journal is in epoch " + now}};
    }
    if (below_floor()) return Failure{JournalFailure{JournalError::disk_full, "free space is below the floor"}};
    auto written = write_in_transaction(stored, kind);
    if (!written) {
        broken_ = written.error().error == JournalError::fatal;
        return Failure{written.error()};
    }
    tip_ = std::move(written.value());
    logged_bytes_ += 4 * page_bytes;
    for (const auto& bytes : stored) logged_bytes_ += bytes.size() + page_bytes;
    if (logged_bytes_ < log_max_bytes) return tip_.head;
    if (const auto kept = look_after_space(); !kept && kept.error().problem != sqlite::Problem::full) {
        broken_ = true;
        return Failure{JournalFailure{JournalError::fatal, from_sqlite(kept.error()).detail}};
    }
    return tip_.head;
}

Outcome<bool> SqliteJournal::insert(const Event& event, const std::string& leaf, const Bytes& stored) {
    const std::string& url = event.payload().type_url();
    insert_.bind(1, std::int64_t(event.seq())).bind(2, std::int64_t(event.epoch())).bind_text(3, event.event_id());
    insert_.bind_text(4, event.prev()).bind_text(5, url.substr(url.rfind('.') + 1)).bind_text(6, event.service());
    insert_.bind_text(7, event.aggregate_type()).bind_text(8, event.aggregate_id()).bind_text(9, event.case_id());
    insert_.bind(10, to_ms(event.recorded_at())).bind_blob(11, leaf).bind_blob(12, stored);
    return insert_.run();
}

// Always changes something, so that every transaction is a write and a sync.
Outcome<bool> SqliteJournal::keep_tip(const Tip& tip) {
    if (tip.head.epoch != tip_.head.epoch) {
        const auto epoch = set_meta_.bind_text(1, "epoch").bind(2, std::int64_t(tip.head.epoch)).run();
        if (!epoch) return epoch;
    }
    const auto frontier = set_meta_.bind_text(1, "frontier").bind_blob(2, tip.tree.bytes()).run();
    if (!frontier || tip.head.seq != tip_.head.seq) return frontier;
    return set_meta_.bind_text(1, "touched").bind(2, std::int64_t(++touches_)).run();
}

// Moves SQLite's log into the file, and keeps room inside the file: pages that were written once and
// freed are there when the disk is not. Both may fail for want of space without harm to the record.
Outcome<bool> SqliteJournal::look_after_space() {
    const auto moved = database_.integer("PRAGMA wal_checkpoint(PASSIVE)");
    if (!moved) return Failure{moved.error()};
    logged_bytes_ = 0;
    const auto free_pages = database_.integer("PRAGMA freelist_count");
    if (!free_pages) return Failure{free_pages.error()};
    if (std::uint64_t(free_pages.value()) * page_bytes >= options_.spare_bytes / 2) return true;
    if (options_.free_bytes(path_) < options_.free_space_floor_bytes + 2 * options_.spare_bytes) return true;
    const std::string size = std::to_string(options_.spare_bytes);
    // Two commits: pages freed in the transaction that made them would never be written.
    const auto made = database_.run(
        "BEGIN; CREATE TABLE spare(room BLOB) STRICT;"
        "INSERT INTO spare VALUES(zeroblob(" +
        size + ")); COMMIT;");
    if (!made) {
        [[maybe_unused]] const auto undone = database_.run("ROLLBACK");
        return made;
    }
    if (const auto written = database_.integer("PRAGMA wal_checkpoint(PASSIVE)"); !written) {
        return Failure{written.error()};
    }
    return database_.run("DROP TABLE spare");
}

Journalled<seams::Journal::Page> SqliteJournal::read_page(std::uint64_t from, std::size_t most,
                                                          const std::string& case_id) {
    Page page;
    page.next_seq = std::max<std::uint64_t>(from, 1);
    auto& query = case_id.empty() ? read_ : read_case_;
    query.bind(1, std::int64_t(page.next_seq)).bind(2, std::int64_t(most));
    if (!case_id.empty()) query.bind_text(3, case_id);
    std::size_t size = 0;
    bool whole = true;
    while (true) {
        const auto stepped = query.step();
        if (!stepped) return Failure{JournalFailure{JournalError::corrupt, from_sqlite(stepped.error()).detail}};
        if (!stepped.value()) break;
        auto bytes = query.bytes(1);
        size += bytes.size();
        whole = page.events.empty() || size <= limits::read_max_bytes;
        if (!whole) break;
        page.events.push_back(std::move(bytes));
        page.next_seq = std::uint64_t(query.integer(0)) + 1;
    }
    query.reset();
    // All that the case has was read: there is nothing of it before the head's next.
    if (whole && page.events.size() < most) page.next_seq = std::max(page.next_seq, tip_.head.seq + 1);
    return page;
}

template <typename T>
void SqliteJournal::complete(T result, Done<T> done) {
    clock_.after(0, [result = std::move(result), done = std::move(done)]() mutable { done(std::move(result)); });
}

void SqliteJournal::head(Done<Journalled<JournalHead>> done) {
    complete(Journalled<JournalHead>(tip_.head), std::move(done));
}

void SqliteJournal::append(std::uint64_t epoch, std::vector<Bytes> stored, Done<Journalled<JournalHead>> done) {
    complete(write(epoch, stored, Kind::ordinary), std::move(done));
}

void SqliteJournal::open_epoch(std::uint64_t expected, Bytes stored, Done<Journalled<JournalHead>> done) {
    complete(write(expected, {std::move(stored)}, Kind::opens_epoch), std::move(done));
}

void SqliteJournal::touch(Done<Journalled<JournalHead>> done) {
    complete(write(tip_.head.epoch, {}, Kind::ordinary), std::move(done));
}

void SqliteJournal::read(std::uint64_t from, std::size_t most, std::string case_id, Done<Journalled<Page>> done) {
    complete(read_page(from, most, case_id), std::move(done));
}

}  // namespace rightplace::audit
