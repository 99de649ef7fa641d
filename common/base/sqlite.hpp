// SQLite, held so that nothing leaks: a database, its statements, its errors as values. sqlite3.h is
// included in sqlite.cpp alone. Every call works at once, on the caller's thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace rightplace::sqlite {

enum class Problem {
    busy,        // another connection holds it
    full,        // no space left; the transaction is rolled back
    io,          // read, write or fsync failed: what is on disk is unknown
    corrupt,     // not a database, or damaged
    constraint,  // a UNIQUE, NOT NULL or STRICT type rule
    absent,      // cannot open the file
    other
};
struct Error {
    Problem problem = Problem::other;
    int code = 0;      // SQLite's extended result code
    std::string what;  // SQLite's sentence; never holds bound values
};
template <typename T>
using Outcome = Result<T, Error>;

// Must be destroyed before its Database. Parameters and columns are numbered as in SQLite: 1.. and 0..
class Statement {
   public:
    Statement() = default;
    Statement(Statement&&) noexcept;
    Statement& operator=(Statement&&) noexcept;
    ~Statement();

    Statement& reset();  // ready to bind and step again; ends its read
    Statement& bind(int at, std::int64_t value);
    Statement& bind_text(int at, std::string_view text);
    Statement& bind_blob(int at, std::string_view bytes);
    Outcome<bool> step();  // true: there is a row
    Outcome<bool> run();   // step once, then reset; for statements without rows

    std::int64_t integer(int column) const;
    std::string bytes(int column) const;  // text or blob; empty when NULL

   private:
    friend class Database;
    void* held_ = nullptr;
};

enum class Open { read_only, read_write, create_new };  // create_new refuses an existing file

class Database {
   public:
    Database() = default;
    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    ~Database();

    // A `read_only` database in WAL mode needs a writable folder for its index, unless its log is empty.
    static Outcome<Database> open(const std::string& path, Open how);
    Outcome<Statement> prepare(std::string_view sql);
    Outcome<bool> run(const std::string& sql);            // any number of statements, rows dropped
    Outcome<std::int64_t> integer(std::string_view sql);  // first column of the first row; 0 with none

   private:
    void* held_ = nullptr;
};

// BEGIN IMMEDIATE ... COMMIT; rolls back unless committed.
class Transaction {
   public:
    static Outcome<Transaction> begin(Database&);
    Transaction(Transaction&&) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();
    Outcome<bool> commit();  // on failure everything is undone

   private:
    explicit Transaction(Database& database) : database_(&database) {}
    Database* database_;
};

}  // namespace rightplace::sqlite
