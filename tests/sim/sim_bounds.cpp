#include "tests/sim/sim_bounds.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "common/base/limits.hpp"

namespace rightplace::sim {

using namespace seams;

namespace {

constexpr std::uint64_t max_exact = std::uint64_t{1} << 53;  // Redis's Lua counts in doubles

bool lower_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_aggregate(const AggregateId& aggregate) {
    static const std::set<std::string> reserved{"q", "done", "cursor"};
    return is_word(aggregate.type) && !reserved.contains(aggregate.type) && is_name(aggregate.id);
}

bool is_entry(const IndexEntry& entry) {
    return is_name(entry.queue) && is_name(entry.member) && std::isfinite(entry.score);
}

bool is_record(const Record& record) {
    return is_aggregate(record.aggregate) && record.version > 0 && is_count(record.version) &&
           record.state.size() <= limits::event_max_bytes && record.index.size() <= limits::index_max_entries &&
           std::ranges::all_of(record.index, is_entry);
}

bool are_records(const std::vector<Record>& records, std::size_t most) {
    std::set<AggregateId> seen;
    return records.size() <= most && std::ranges::all_of(records, [&](const Record& each) {
               return is_record(each) && seen.insert(each.aggregate).second;
           });
}

bool is_guard(const Guard& guard) {
    return is_aggregate(guard.aggregate) && is_count(guard.version) && guard.state.size() <= limits::event_max_bytes &&
           guard.owner.size() <= limits::name_max_bytes;
}

bool is_change(const LeaseChange& change) {
    if (change.kind == LeaseChange::Kind::set) return is_lease(change.lease);
    if (change.kind == LeaseChange::Kind::clear)
        return is_aggregate(change.lease.aggregate) && change.lease.token.size() <= limits::name_max_bytes;
    return true;
}

bool are_events(const CommitRequest& request) {
    return request.events.size() <= limits::commit_max_events && request.events.size() == request.event_ids.size() &&
           std::ranges::all_of(
               request.events,
               [](const Bytes& each) { return !each.empty() && each.size() <= limits::event_max_bytes; }) &&
           std::ranges::all_of(request.event_ids, [](const auto& each) { return is_name(each); });
}

}  // namespace

bool is_count(std::uint64_t value) {
    return value <= max_exact;
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= limits::name_max_bytes;
}

bool is_word(std::string_view text) {
    return is_name(text) && text[0] >= 'a' && text[0] <= 'z' &&
           std::ranges::all_of(text, [](char c) { return lower_or_digit(c) || c == '_' || c == '-'; });
}

bool is_hub(std::string_view text) {
    return !text.empty() && text.size() + 3 <= limits::name_max_bytes && text[0] != '-' &&  // as "{hub}:"
           std::ranges::all_of(text, [](char c) { return lower_or_digit(c) || c == '-'; });
}

bool is_lease(const Lease& lease) {
    return is_aggregate(lease.aggregate) && is_name(lease.token) && lease.expires >= 0;
}

bool is_cursor(const CursorRestore& cursor) {
    return is_word(cursor.service) && is_name(cursor.source_hub) && is_count(cursor.seq);
}

Broken broken_bound(const LoadRequest& request) {
    if (request.command_id.size() > limits::name_max_bytes) return "command id";
    if (request.aggregates.size() > limits::load_max_aggregates) return "aggregates";
    if (!std::ranges::all_of(request.aggregates, is_aggregate)) return "aggregate";
    return std::nullopt;
}

Broken broken_bound(const CommitRequest& request) {
    if (!is_word(request.service)) return "service";
    if (!is_count(request.epoch) || !is_count(request.seen_seq) || request.deadline < 0) return "number";
    if (request.command_id.size() > limits::name_max_bytes) return "command id";
    if (request.receipt.size() > limits::event_max_bytes) return "receipt";
    if (request.guards.size() > limits::commit_max_guards) return "guards";
    if (!std::ranges::all_of(request.guards, is_guard)) return "guard";
    if (!are_events(request)) return "events";
    if (!are_records(request.sets, limits::commit_max_guards)) return "record";
    if (!is_change(request.lease)) return "lease";
    return std::nullopt;
}

Broken broken_bound(const RestoreRequest& request) {
    if (!is_word(request.service)) return "service";
    if (!is_count(request.epoch) || request.lease_ms < 0) return "number";
    if (!are_records(request.records, limits::restore_max_records)) return "record";
    if (request.leases.size() > limits::restore_max_records) return "leases";
    if (!std::ranges::all_of(request.leases, is_lease)) return "lease";
    return std::nullopt;
}

Broken broken_bound(const std::vector<DoneRestore>& marks, const std::vector<CursorRestore>& cursors) {
    const auto is_mark = [](const DoneRestore& each) {
        return is_name(each.command_id) && is_count(each.mark.epoch) && is_count(each.mark.first_seq) &&
               each.mark.receipt.size() <= limits::event_max_bytes;
    };
    if (marks.size() > limits::restore_max_marks || !std::ranges::all_of(marks, is_mark)) return "marks";
    if (cursors.size() > limits::restore_max_marks || !std::ranges::all_of(cursors, is_cursor)) return "cursors";
    return std::nullopt;
}

}  // namespace rightplace::sim
