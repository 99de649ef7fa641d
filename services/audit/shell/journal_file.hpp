// The journal's file: one SQLite database for one hub, schema 1 (PRAGMA user_version).
//   meta         journal_id, hub, epoch, frontier (the hash tree's peaks), touched
//   events       one row for each event: what is searched for, its RFC 6962 leaf hash, its bytes as stored
//   descriptors  each FileDescriptorSet that it was written under: it can be read without this source
// Times are Unix milliseconds of hub time. `bytes` is the record; every other column is derived from it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/seams.hpp"
#include "common/base/sqlite.hpp"

namespace rightplace::audit {

inline constexpr std::int64_t journal_schema = 1;
inline constexpr const char* durable_pragmas = "PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF;";

// Creates an empty journal with a random id (32 hex digits) and gives that id. Never done as a side
// effect of opening: a missing file is an error there (not_found), an existing one is refused here (corrupt).
seams::Journalled<std::string> create_journal(const std::string& path, const std::string& hub);

seams::JournalFailure from_sqlite(const sqlite::Error& error);
std::string folder_of(const std::string& path);
sqlite::Outcome<bool> keep_descriptors(sqlite::Database& database);
sqlite::Outcome<std::string> meta_text(sqlite::Database& database, std::string_view key);

}  // namespace rightplace::audit
