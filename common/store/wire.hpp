// What goes to the function library and comes back: msgpack, see hub.lua.
#pragma once

#include <string>
#include <vector>

#include "common/base/seams.hpp"

namespace rightplace::store::wire {

std::string pack(const seams::LoadRequest&);
std::string pack(const seams::CommitRequest&);
std::string pack(const seams::RestoreRequest&);
std::string pack(const seams::OpenRequest&);
std::string pack_ready(const std::string& service, std::uint64_t epoch, std::uint32_t fold);
std::string pack_renew(std::uint64_t epoch, const seams::Lease&);
std::string pack_expired(const std::string& aggregate_type);
std::string pack_due(const std::string& queue, std::size_t most);
std::string pack_cursor(const std::string& service, const std::string& source_hub, std::uint64_t seq);
std::string pack_wipe(const std::string& cursor);
std::string pack_marks(const std::vector<seams::DoneRestore>&, const std::vector<seams::CursorRestore>&);
std::string pack_beat(std::uint64_t epoch, std::uint64_t journalled, TimeMs hub_now, TimeMs store_by);
std::string pack_nothing();

// Each gives the value, or the failure that the function answered. An answer that cannot be read is
// `unknown`: something was done, but not by this library.
seams::Stored<bool> parse_bool(const std::string&);
seams::Stored<std::string> parse_text(const std::string&);
seams::Stored<std::uint64_t> parse_count(const std::string&);
seams::Stored<seams::Loaded> parse_loaded(const std::string& answer, const std::vector<seams::AggregateId>& asked);
seams::Stored<seams::Committed> parse_committed(const std::string&);
seams::Stored<seams::Head> parse_head(const std::string&);
seams::Stored<seams::StoreSituation> parse_situation(const std::string&);
seams::Stored<std::vector<seams::Lease>> parse_leases(const std::string& answer, const std::string& aggregate_type);
seams::Stored<std::vector<seams::Due>> parse_due(const std::string&);
seams::Stored<std::vector<seams::CursorRestore>> parse_cursors(const std::string&);

}  // namespace rightplace::store::wire
