#include "common/base/sqlite.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

namespace rightplace::sqlite {
namespace {

sqlite3* db(void* held) {
    return static_cast<sqlite3*>(held);
}

sqlite3_stmt* stmt(void* held) {
    return static_cast<sqlite3_stmt*>(held);
}

Problem problem_of(int code) {
    switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return Problem::busy;
        case SQLITE_FULL:
            return Problem::full;
        case SQLITE_IOERR:
            return Problem::io;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return Problem::corrupt;
        case SQLITE_CONSTRAINT:
            return Problem::constraint;
        case SQLITE_CANTOPEN:
            return Problem::absent;
        default:
            return Problem::other;
    }
}

Failure<Error> failed(sqlite3* held) {
    const int code = sqlite3_extended_errcode(held);
    // The constraint sentences name tables and columns only; still, keep to the code's own sentence.
    return {Error{problem_of(code), code, sqlite3_errstr(code)}};
}

// With an empty or missing log nobody can be writing behind our back and no index is needed: such a
// file can be read from a read-only medium.
std::string uri_of(const std::string& path) {
    std::string uri = "file:";
    static constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : path) {
        const auto value = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
                           c == '.' || c == '-' || c == '_';
        if (plain) {
            uri += c;
        } else {
            uri += {'%', digits[value >> 4], digits[value & 15]};
        }
    }
    struct stat log {};
    const bool log_is_empty = ::stat((path + "-wal").c_str(), &log) != 0 || log.st_size == 0;
    const std::string folder = path.find('/') == std::string::npos ? "." : path.substr(0, path.rfind('/') + 1);
    return log_is_empty && ::access(folder.c_str(), W_OK) != 0 ? uri + "?immutable=1" : uri;
}

}  // namespace

Statement::Statement(Statement&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
    std::swap(held_, other.held_);
    return *this;
}

Statement::~Statement() {
    sqlite3_finalize(stmt(held_));
}

Statement& Statement::reset() {
    sqlite3_reset(stmt(held_));
    return *this;
}

Statement& Statement::bind(int at, std::int64_t value) {
    INVARIANT(sqlite3_bind_int64(stmt(held_), at, value) == SQLITE_OK);
    return *this;
}

Statement& Statement::bind_text(int at, std::string_view text) {
    // An empty view may have no address, and SQLite would take that for NULL.
    const char* begin = text.empty() ? "" : text.data();
    INVARIANT(sqlite3_bind_text64(stmt(held_), at, begin, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8) == SQLITE_OK);
    return *this;
}

Statement& Statement::bind_blob(int at, std::string_view bytes) {
    const char* begin = bytes.empty() ? "" : bytes.data();
    INVARIANT(sqlite3_bind_blob64(stmt(held_), at, begin, bytes.size(), SQLITE_TRANSIENT) == SQLITE_OK);
    return *this;
}

Outcome<bool> Statement::step() {
    const int code = sqlite3_step(stmt(held_));
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    const auto failure = failed(sqlite3_db_handle(stmt(held_)));
    sqlite3_reset(stmt(held_));
    return failure;
}

Outcome<bool> Statement::run() {
    auto stepped = step();
    sqlite3_reset(stmt(held_));
    return stepped;
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(stmt(held_), column);
}

std::string Statement::bytes(int column) const {
    const void* begin = sqlite3_column_blob(stmt(held_), column);
    const int size = sqlite3_column_bytes(stmt(held_), column);
    return begin == nullptr ? std::string{} : std::string(static_cast<const char*>(begin), std::size_t(size));
}

Database::Database(Database&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}

Database& Database::operator=(Database&& other) noexcept {
    std::swap(held_, other.held_);
    return *this;
}

Database::~Database() {
    INVARIANT(sqlite3_close(db(held_)) == SQLITE_OK);  // else a statement outlived it
}

Outcome<Database> Database::open(const std::string& path, Open how) {
    if (how == Open::create_new) {
        const int fd = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
        if (fd < 0) return Failure{Error{Problem::absent, SQLITE_CANTOPEN, "cannot create, or it exists already"}};
        ::close(fd);
    }
    const bool reading = how == Open::read_only;
    Database opened;
    sqlite3* made = nullptr;
    const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                      (reading ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI : SQLITE_OPEN_READWRITE);
    const int code = sqlite3_open_v2((reading ? uri_of(path) : path).c_str(), &made, flags, nullptr);
    opened.held_ = made;
    if (code != SQLITE_OK) return Failure{Error{problem_of(code), code, sqlite3_errstr(code)}};
    return opened;
}

Outcome<Statement> Database::prepare(std::string_view sql) {
    sqlite3_stmt* made = nullptr;
    const int code =
        sqlite3_prepare_v3(db(held_), sql.data(), int(sql.size()), SQLITE_PREPARE_PERSISTENT, &made, nullptr);
    if (code != SQLITE_OK) return failed(db(held_));
    Statement statement;
    statement.held_ = made;
    return statement;
}

Outcome<bool> Database::run(const std::string& sql) {
    if (sqlite3_exec(db(held_), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return failed(db(held_));
    return true;
}

Outcome<std::int64_t> Database::integer(std::string_view sql) {
    auto statement = prepare(sql);
    if (!statement) return Failure{statement.error()};
    const auto stepped = statement.value().step();
    if (!stepped) return Failure{stepped.error()};
    return stepped.value() ? statement.value().integer(0) : 0;
}

Outcome<Transaction> Transaction::begin(Database& database) {
    const auto begun = database.run("BEGIN IMMEDIATE");
    if (!begun) return Failure{begun.error()};
    return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
    // After some errors SQLite has rolled back by itself, and this one answers that there is nothing to do.
    if (database_ != nullptr) [[maybe_unused]]
        const auto undone = database_->run("ROLLBACK");
}

Outcome<bool> Transaction::commit() {
    auto committed = database_->run("COMMIT");
    if (committed) database_ = nullptr;
    return committed;
}

}  // namespace rightplace::sqlite
