#include "services/audit/shell/journal_file.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "common/base/hash.hpp"
#include "services/audit/shell/descriptors.hpp"

namespace rightplace::audit {
namespace {

using seams::JournalError;
using seams::JournalFailure;
using seams::Journalled;
using sqlite::Outcome;

// The leaf stands before the bytes, so that reading leaves alone skips the pages of long events.
constexpr const char* schema = R"(
CREATE TABLE meta(key TEXT PRIMARY KEY NOT NULL, value ANY NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE events(
    seq INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, event_id TEXT NOT NULL UNIQUE, prev TEXT NOT NULL,
    name TEXT NOT NULL, service TEXT NOT NULL, aggregate_type TEXT NOT NULL, aggregate_id TEXT NOT NULL,
    case_id TEXT NOT NULL, recorded_ms INTEGER NOT NULL, leaf BLOB NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE INDEX events_by_case ON events(case_id, seq) WHERE case_id <> '';
CREATE TABLE descriptors(sha256 TEXT PRIMARY KEY NOT NULL, file_descriptor_set BLOB NOT NULL) STRICT;
)";

bool sync_folder(const std::string& path) {
    const int fd = ::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return false;
    const bool synced = ::fsync(fd) == 0;
    ::close(fd);
    return synced;
}

std::string random_id() {
    std::array<char, 16> bytes{};
    INVARIANT(::getrandom(bytes.data(), bytes.size(), 0) == ssize_t(bytes.size()));
    return to_hex({bytes.data(), bytes.size()});
}

Outcome<bool> fill_new(sqlite::Database& database, const std::string& hub, const std::string& id) {
    for (const std::string& sql :
         {std::string("PRAGMA journal_mode=WAL;") + durable_pragmas,
          "BEGIN;" + std::string(schema) + "PRAGMA user_version=" + std::to_string(journal_schema)}) {
        if (const auto ran = database.run(sql); !ran) return ran;
    }
    auto set = database.prepare("INSERT INTO meta VALUES(?1, ?2)");
    if (!set) return Failure{set.error()};
    auto& meta = set.value();
    for (const auto& [key, value] : {std::pair{"journal_id", id}, {"hub", hub}}) {
        if (const auto ran = meta.bind_text(1, key).bind_text(2, value).run(); !ran) return ran;
    }
    for (const char* key : {"epoch", "touched"}) {
        if (const auto ran = meta.bind_text(1, key).bind(2, 0).run(); !ran) return ran;
    }
    if (const auto ran = meta.bind_text(1, "frontier").bind_blob(2, {}).run(); !ran) return ran;
    if (const auto ran = keep_descriptors(database); !ran) return ran;
    return database.run("COMMIT");
}

}  // namespace

JournalFailure from_sqlite(const sqlite::Error& error) {
    const std::string what = error.what + " (sqlite " + std::to_string(error.code) + ")";
    if (error.problem == sqlite::Problem::full) return {JournalError::disk_full, what};
    if (error.problem == sqlite::Problem::constraint) {
        return {JournalError::out_of_order, "an event of this id or seq is in the record already"};
    }
    return {JournalError::fatal, what};
}

std::string folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

Outcome<bool> keep_descriptors(sqlite::Database& database) {
    auto insert = database.prepare("INSERT OR IGNORE INTO descriptors VALUES(?1, ?2)");
    if (!insert) return Failure{insert.error()};
    return insert.value().bind_text(1, to_hex(sha256(descriptor_set()))).bind_blob(2, descriptor_set()).run();
}

Outcome<std::string> meta_text(sqlite::Database& database, std::string_view key) {
    auto get = database.prepare("SELECT value FROM meta WHERE key=?1");
    if (!get) return Failure{get.error()};
    const auto stepped = get.value().bind_text(1, key).step();
    if (!stepped) return Failure{stepped.error()};
    if (!stepped.value()) return Failure{sqlite::Error{sqlite::Problem::corrupt, 0, "a meta row is missing"}};
    return get.value().bytes(0);
}

Journalled<std::string> create_journal(const std::string& path, const std::string& hub) {
    if (::access(path.c_str(), F_OK) == 0) return Failure{JournalFailure{JournalError::corrupt, "it exists already"}};
    // Made aside and linked into place whole: a crash half-way leaves no file of the journal's name.
    const std::string aside = path + ".creating";
    ::unlink(aside.c_str());
    ::unlink((aside + "-wal").c_str());
    const std::string id = random_id();
    {
        auto database = sqlite::Database::open(aside, sqlite::Open::create_new);
        if (!database) return Failure{JournalFailure{JournalError::not_found, database.error().what}};
        if (const auto filled = fill_new(database.value(), hub, id); !filled) {
            return Failure{from_sqlite(filled.error())};
        }
    }
    const bool linked = ::link(aside.c_str(), path.c_str()) == 0;
    ::unlink(aside.c_str());
    if (!linked) return Failure{JournalFailure{JournalError::corrupt, "it exists already"}};
    if (!sync_folder(path)) return Failure{JournalFailure{JournalError::fatal, "cannot sync the folder"}};
    return id;
}

}  // namespace rightplace::audit
