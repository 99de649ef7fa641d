// What is particular to the journal in a file: creating, locking, full disks, failing disks.
#include <sys/syscall.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <cerrno>
#include <fstream>

#include "services/audit/replay.hpp"
#include "services/audit/shell/clock_file.hpp"
#include "services/audit/shell/descriptors.hpp"
#include "services/audit/shell/sqlite_journal.hpp"
#include "tests/unit/audit_fakes.hpp"

using namespace rightplace;
using namespace rightplace::test;
using audit::SqliteJournal;
using seams::JournalError;
using seams::JournalHead;
using seams::Journalled;

// SQLite's syncs come here: this program's symbol stands before the C library's.
static int failing_syncs = 0;
static int syncs = 0;
extern "C" int fdatasync(int fd) {
    ++syncs;
    if (failing_syncs > 0) {
        --failing_syncs;
        errno = EIO;
        return -1;
    }
    return int(::syscall(SYS_fdatasync, fd));
}
extern "C" int fsync(int fd) {
    return fdatasync(fd);
}
// So do its writes: this many more find room, then the disk is full. -1: there is room.
static int writes_with_room = -1;
extern "C" ssize_t pwrite64(int fd, const void* bytes, size_t count, off64_t at) {
    if (writes_with_room == 0) {
        errno = ENOSPC;
        return -1;
    }
    if (writes_with_room > 0) --writes_with_room;
    return ::syscall(SYS_pwrite64, fd, bytes, count, at);
}

namespace {

struct Fixture {
    Fixture() {
        failing_syncs = 0;
        writes_with_room = -1;
        REQUIRE(audit::create_journal(path, hub).ok());
        options.free_bytes = [this](const std::string&) { return free; };
        options.free_space_floor_bytes = 1'000'000;
    }
    void open() {
        journal.reset();
        auto opened = SqliteJournal::open(path, hub, clock, options);
        REQUIRE(opened.ok());
        journal = std::move(opened.value());
    }
    Journalled<JournalHead> append(std::vector<std::string> events) {
        return wait([&](auto done) { journal->append(1, events, done); });
    }
    Journalled<JournalHead> start() {
        open();
        return wait([&](auto done) { journal->open_epoch(0, history(1).front(), done); });
    }
    template <typename Call>
    Journalled<JournalHead> wait(Call call) {
        std::optional<Journalled<JournalHead>> result;
        call([&result](auto value) { result = value; });
        clock.advance(0);
        return *result;
    }
    ManualClock clock;
    TempFolder folder;
    std::string path = folder.file("j o?urnal%.db");  // signs that an address would read otherwise
    std::uint64_t free = 1'000'000'000;
    audit::JournalOptions options;
    std::unique_ptr<SqliteJournal> journal;
};

}  // namespace

TEST_CASE("creating is explicit and never overwrites") {
    Fixture at;
    REQUIRE_FALSE(audit::create_journal(at.path, hub).ok());
    const auto missing = SqliteJournal::open(at.folder.file("none.db"), hub, at.clock);
    REQUIRE(missing.error().error == JournalError::not_found);
    REQUIRE_FALSE(std::filesystem::exists(at.folder.file("none.db")));
    const auto other = audit::create_journal(at.folder.file("b.db"), hub);
    REQUIRE(other.ok());
    at.open();
    const auto head = at.wait([&](auto done) { at.journal->head(done); });
    REQUIRE(head.value().journal_id != other.value());
}

TEST_CASE("a journal is one hub's, held by one process, and a real one") {
    Fixture at;
    REQUIRE(SqliteJournal::open(at.path, "ashford", at.clock).error().error == JournalError::corrupt);
    at.open();
    const auto second = SqliteJournal::open(at.path, hub, at.clock);
    REQUIRE(second.error().error == JournalError::fatal);
    REQUIRE(second.error().detail == "another process holds this journal");
    std::ofstream(at.folder.file("noise.db")) << std::string(10'000, 'x');
    REQUIRE(SqliteJournal::open(at.folder.file("noise.db"), hub, at.clock).error().error == JournalError::corrupt);
    std::ofstream(at.folder.file("empty.db"));
    REQUIRE(SqliteJournal::open(at.folder.file("empty.db"), hub, at.clock).error().error == JournalError::corrupt);
}

TEST_CASE("every append, touch and opening is synced before it completes") {
    Fixture at;
    const int before_open = syncs;
    at.open();
    REQUIRE(syncs > before_open);  // the durable write
    REQUIRE(at.start().ok());
    const int before_append = syncs;
    REQUIRE(at.append(history(5, 2)).ok());
    REQUIRE(syncs == before_append + 1);  // one for all of them
    const int before_touch = syncs;
    REQUIRE(at.wait([&](auto done) { at.journal->touch(done); }).ok());
    REQUIRE(syncs == before_touch + 1);
}

TEST_CASE("each opening writes what was not there before, so that its write is one") {
    Fixture fixture;
    std::int64_t before = 0;
    for (int i = 0; i < 3; ++i) {
        fixture.open();
        fixture.journal.reset();
        auto database = sqlite::Database::open(fixture.path, sqlite::Open::read_only);
        REQUIRE(database.ok());
        const auto touched = database.value().integer("SELECT value FROM meta WHERE key='touched'").value();
        CHECK(touched > before);
        before = touched;
    }
}

TEST_CASE("a sync that fails is fatal, and stays so") {
    Fixture at;
    REQUIRE(at.start().ok());
    failing_syncs = 1;
    const auto failed = at.append(history(2, 2));
    REQUIRE_FALSE(failed.ok());
    REQUIRE(failed.error().error == JournalError::fatal);
    REQUIRE(at.append(history(2, 2)).error().error == JournalError::fatal);
    REQUIRE(at.wait([&](auto done) { at.journal->touch(done); }).error().error == JournalError::fatal);
    failing_syncs = 1'000;
    at.journal.reset();
    const auto opened = SqliteJournal::open(at.path, hub, at.clock, at.options);
    REQUIRE(opened.error().error == JournalError::fatal);  // the durable write before serving
    failing_syncs = 0;
}

TEST_CASE("below the floor nothing is written, and with room it goes on by itself") {
    Fixture at;
    REQUIRE(at.start().ok());
    at.free = 999'999;
    REQUIRE(at.append(history(2, 2)).error().error == JournalError::disk_full);
    REQUIRE(at.wait([&](auto done) { at.journal->touch(done); }).error().error == JournalError::disk_full);
    const auto head = at.wait([&](auto done) { at.journal->head(done); });
    REQUIRE(head.value().seq == 1);
    at.free = 1'000'000;
    REQUIRE(at.append(history(2, 2)).ok());
    at.free = 0;
    at.open();  // reads are served even then
    REQUIRE(at.wait([&](auto done) { at.journal->head(done); }).value().seq == 2);
}

TEST_CASE("SQLite itself finds the disk full, at any of its writes: nothing is lost, and it goes on by itself") {
    // Of one append (some hundred kB, so that it spills), of a touch, and of moving the log into the file.
    const int room = GENERATE(0, 1, 2, 3, 7, 20, 100);
    INFO("writes with room: " << room);
    Fixture at;
    REQUIRE(at.start().ok());
    REQUIRE(at.append(history(50, 2)).ok());
    writes_with_room = room;
    std::uint64_t acknowledged = 50;
    std::optional<JournalError> refused;
    for (std::uint64_t from = 51; from <= 4'000 && !refused; from += 50) {
        const auto appended = at.append(history(from + 49, from));
        if (appended.ok()) acknowledged = appended.value().seq;
        if (!appended.ok()) refused = appended.error().error;
    }
    REQUIRE(refused == JournalError::disk_full);
    CHECK(at.wait([&](auto done) { at.journal->touch(done); }).error().error == JournalError::disk_full);
    CHECK(at.wait([&](auto done) { at.journal->head(done); }).value().seq == acknowledged);
    writes_with_room = -1;
    REQUIRE(at.wait([&](auto done) { at.journal->touch(done); }).ok());  // no restart was needed
    REQUIRE(at.append(history(acknowledged + 50, acknowledged + 1)).value().seq == acknowledged + 50);
    at.journal.reset();
    const auto verified = audit::verify_journal(at.path);
    REQUIRE(verified.ok());
    CHECK(verified.value().sound());
    CHECK(verified.value().seq == acknowledged + 50);
}

TEST_CASE("the file keeps spare room, and the descriptors that explain it") {
    Fixture at;
    at.options.spare_bytes = 2'000'000;
    REQUIRE(at.start().ok());
    at.journal.reset();
    REQUIRE(std::filesystem::file_size(at.path) > 2'000'000);
    auto database = sqlite::Database::open(at.path, sqlite::Open::read_only);
    REQUIRE(database.ok());
    REQUIRE(database.value().integer("PRAGMA freelist_count").value() * 4096 > 1'900'000);
    auto kept = database.value().prepare("SELECT file_descriptor_set FROM descriptors");
    REQUIRE(kept.value().step().value());
    REQUIRE(kept.value().bytes(0) == audit::descriptor_set());
}

TEST_CASE("descriptors of another build are added, not replaced") {
    Fixture at;
    {
        auto database = sqlite::Database::open(at.path, sqlite::Open::read_write);
        REQUIRE(database.value().run("UPDATE descriptors SET sha256='older', file_descriptor_set=x'00'").ok());
    }
    at.open();
    at.journal.reset();
    auto database = sqlite::Database::open(at.path, sqlite::Open::read_only);
    REQUIRE(database.value().integer("SELECT count(*) FROM descriptors").value() == 2);
}

TEST_CASE("many events move SQLite's log into the file") {
    Fixture at;
    REQUIRE(at.start().ok());
    REQUIRE(at.append(history(2'000, 2)).ok());
    REQUIRE(at.append(history(2'001, 2'001)).ok());
    REQUIRE(std::filesystem::file_size(at.path + "-wal") < 30'000'000);
    at.open();
    REQUIRE(at.wait([&](auto done) { at.journal->head(done); }).value().seq == 2'001);
}

TEST_CASE("a clock mark is kept in a file, a shorter one leaves nothing of a longer one, and a failed sync is told") {
    TempFolder folder;
    const auto file = audit::clock_file_of(folder.file("a.journal"));
    CHECK_FALSE(audit::read_clock(file));
    const audit::ClockMark longer{"boot-1", 15'000, start_ms, start_ms - 15'000, {3'600'000, -3'600'000}};
    REQUIRE(audit::keep_clock(file, longer));
    CHECK(audit::read_clock(file) == longer);
    const audit::ClockMark shorter{"b", 1, 2, 3, {}};
    REQUIRE(audit::keep_clock(file, shorter));
    CHECK(audit::read_clock(file) == shorter);
    failing_syncs = 1;
    CHECK_FALSE(audit::keep_clock(file, longer));
    CHECK_FALSE(audit::keep_clock(folder.file("no/such/folder"), longer));
    CHECK(audit::boot_id() == audit::boot_id());
    CHECK(audit::boot_id().size() == 36);
}
