#include "common/store/wire.hpp"

#include <array>
#include <map>
#include <utility>

#include "common/store/msgpack.hpp"

namespace rightplace::store::wire {
namespace {

using namespace seams;
using msgpack::Document;
using msgpack::Unreadable;
using msgpack::Value;
using msgpack::Writer;

// Each writes one value.
void put(Writer& to, const AggregateId& aggregate) {
    to.map(2).entry("type", aggregate.type).entry("id", aggregate.id);
}

void put_parts(Writer& to, const Lease& lease) {
    to.entry("type", lease.aggregate.type).entry("id", lease.aggregate.id);
    to.entry("token", lease.token).entry("expires", lease.expires);
}

void put(Writer& to, const Lease& lease) {
    put_parts(to.map(4), lease);
}

void put(Writer& to, const Record& record) {
    to.map(6).entry("type", record.aggregate.type).entry("id", record.aggregate.id).entry("version", record.version);
    to.entry("fold", record.fold).entry("state", record.state).put("index").list(record.index.size());
    for (const auto& entry : record.index) to.list(3).put(entry.queue).put(entry.member).put(entry.score);
}

void put(Writer& to, const Guard& guard) {
    static constexpr std::array kinds{"version", "absent", "equals"};
    to.map(6).entry("kind", kinds.at(static_cast<std::size_t>(guard.kind))).entry("type", guard.aggregate.type);
    to.entry("id", guard.aggregate.id).entry("version", guard.version);
    to.entry("state", guard.state).entry("owner", guard.owner);
}

void put(Writer& to, const LeaseChange& change) {
    static constexpr std::array kinds{"none", "set", "clear"};
    put_parts(to.map(5), change.lease);
    to.entry("kind", kinds.at(static_cast<std::size_t>(change.kind)));
}

void put(Writer& to, const CursorRestore& cursor) {
    to.map(3).entry("service", cursor.service).entry("source", cursor.source_hub).entry("seq", cursor.seq);
}

void put(Writer& to, const DoneRestore& mark) {
    to.map(4).entry("id", mark.command_id).entry("epoch", mark.mark.epoch).entry("seq", mark.mark.first_seq);
    to.entry("receipt", mark.mark.receipt);
}

void put(Writer& to, const std::string& bytes) {
    to.put(bytes);
}

template <typename T>
void put_all(Writer& to, const char* key, const std::vector<T>& values) {
    to.put(key).list(values.size());
    for (const auto& value : values) put(to, value);
}

StoreError error_of(const std::string& code) {
    static const std::map<std::string, StoreError> codes{{"conflict", StoreError::conflict},
                                                         {"not_ready", StoreError::not_ready},
                                                         {"other_epoch", StoreError::other_epoch},
                                                         {"behind", StoreError::behind},
                                                         {"deadline_passed", StoreError::deadline_passed},
                                                         {"tail_full", StoreError::tail_full},
                                                         {"closed", StoreError::closed},
                                                         {"fold_too_new", StoreError::fold_too_new},
                                                         {"invalid", StoreError::invalid}};
    const auto found = codes.find(code);
    return found == codes.end() ? StoreError::unknown : found->second;
}

template <typename Read>
auto parsed(const std::string& answer, Read read) -> Stored<decltype(read(std::declval<Value>()))> {
    try {
        const Document document(answer);
        const Value code = document.value().at(0);
        const Value value = document.value().at(1);
        if (code.text() != "ok") return Failure{StoreFailure{error_of(code.text()), value.text()}};
        return read(value);
    } catch (const Unreadable&) {
        return Failure{StoreFailure{StoreError::unknown, "unreadable answer"}};
    }
}

Head head_of(const Value& value) {
    Head head;
    head.epoch = value.at("epoch").count();
    head.seq = value.at("seq").count();
    head.prev = value.at("prev").text();
    head.journalled = value.at("journalled").count();
    head.hub_now = value.at("now").integer();
    head.store_now = value.at("store_now").integer();
    head.open = value.at("open").flag();
    head.why_closed = value.at("why").text();
    return head;
}

template <typename Each>
void for_each(const Value& list, Each each) {
    for (std::size_t i = 0; i < list.size(); ++i) each(list.at(i));
}

Record record_of(const AggregateId& aggregate, const Value& value) {
    Record record{aggregate, value.at(0).count(), std::uint32_t(value.at(1).count()), value.at(2).text(), {}};
    for_each(value.at(3), [&](const Value& entry) {
        record.index.push_back({entry.at(0).text(), entry.at(1).text(), entry.at(2).number()});
    });
    return record;
}

}  // namespace

std::string pack(const LoadRequest& request) {
    Writer to;
    to.map(2).entry("command_id", request.command_id);
    put_all(to, "aggregates", request.aggregates);
    return to.take();
}

std::string pack(const CommitRequest& request) {
    Writer to;
    to.map(12).entry("service", request.service).entry("fold", request.fold).entry("epoch", request.epoch);
    to.entry("seen_seq", request.seen_seq).entry("deadline", request.deadline);
    to.entry("command_id", request.command_id).entry("receipt", request.receipt);
    put_all(to, "guards", request.guards);
    put_all(to, "sets", request.sets);
    put_all(to, "events", request.events);
    put_all(to, "event_ids", request.event_ids);
    put(to.put("lease"), request.lease);
    return to.take();
}

std::string pack(const RestoreRequest& request) {
    Writer to;
    to.map(5).entry("service", request.service).entry("epoch", request.epoch).entry("lease_ms", request.lease_ms);
    put_all(to, "records", request.records);
    put_all(to, "leases", request.leases);
    return to.take();
}

std::string pack(const OpenRequest& request) {
    Writer to;
    to.map(4).entry("epoch", request.epoch).entry("seq", request.seq).entry("prev", request.prev);
    return to.entry("hub_now", request.hub_now).take();
}

std::string pack_ready(const std::string& service, std::uint64_t epoch, std::uint32_t fold) {
    return Writer().map(3).entry("service", service).entry("epoch", epoch).entry("fold", fold).take();
}

std::string pack_renew(std::uint64_t epoch, const Lease& lease) {
    Writer to;
    put_parts(to.map(5), lease);
    return to.entry("epoch", epoch).take();
}

std::string pack_expired(const std::string& aggregate_type) {
    return Writer().map(1).entry("type", aggregate_type).take();
}

std::string pack_due(const std::string& queue, std::size_t most) {
    return Writer().map(2).entry("queue", queue).entry("most", std::uint64_t{most}).take();
}

std::string pack_cursor(const std::string& service, const std::string& source_hub, std::uint64_t seq) {
    Writer to;
    put(to, CursorRestore{service, source_hub, seq});
    return to.take();
}

std::string pack_wipe(const std::string& cursor) {
    return Writer().map(1).entry("cursor", cursor).take();
}

std::string pack_marks(const std::vector<DoneRestore>& marks, const std::vector<CursorRestore>& cursors) {
    Writer to;
    to.map(2);
    put_all(to, "marks", marks);
    put_all(to, "cursors", cursors);
    return to.take();
}

std::string pack_beat(std::uint64_t epoch, std::uint64_t journalled, TimeMs hub_now, TimeMs store_by) {
    Writer to;
    to.map(4).entry("epoch", epoch).entry("journalled", journalled).entry("hub_now", hub_now);
    return to.entry("store_by", store_by).take();
}

std::string pack_nothing() {
    return Writer().map(0).take();
}

Stored<bool> parse_bool(const std::string& answer) {
    return parsed(answer, [](const Value& value) { return value.flag(); });
}

Stored<std::string> parse_text(const std::string& answer) {
    return parsed(answer, [](const Value& value) { return value.text(); });
}

Stored<std::uint64_t> parse_count(const std::string& answer) {
    return parsed(answer, [](const Value& value) { return value.count(); });
}

Stored<Loaded> parse_loaded(const std::string& answer, const std::vector<AggregateId>& asked) {
    return parsed(answer, [&](const Value& value) {
        Loaded loaded;
        loaded.head = head_of(value.at("head"));
        if (value.has("done")) {
            const Value mark = value.at("done");
            loaded.done = DoneMark{mark.at(0).count(), mark.at(1).count(), mark.at(2).text()};
        }
        const Value records = value.at("records");
        const Value leases = value.at("leases");
        for (std::size_t i = 0; i < asked.size(); ++i) {
            loaded.records.push_back(record_of(asked[i], records.at(i)));
            const Value lease = leases.at(i);
            loaded.leases.emplace_back();
            if (lease.is_list()) loaded.leases.back() = Lease{asked[i], lease.at(0).text(), lease.at(1).integer()};
        }
        return loaded;
    });
}

Stored<Committed> parse_committed(const std::string& answer) {
    return parsed(answer, [](const Value& value) {
        return Committed{value.at(0).count(), value.at(1).count(), value.at(2).count(), value.at(3).integer()};
    });
}

Stored<Head> parse_head(const std::string& answer) {
    return parsed(answer, head_of);
}

Stored<StoreSituation> parse_situation(const std::string& answer) {
    return parsed(answer, [](const Value& value) {
        return StoreSituation{head_of(value.at("head")), value.at("process_epoch").count(),
                              value.at("process_seq").count(), value.at("log_first").count()};
    });
}

Stored<std::vector<Lease>> parse_leases(const std::string& answer, const std::string& aggregate_type) {
    return parsed(answer, [&](const Value& value) {
        std::vector<Lease> leases;
        for_each(value, [&](const Value& each) {
            leases.push_back({{aggregate_type, each.at(0).text()}, each.at(1).text(), each.at(2).integer()});
        });
        return leases;
    });
}

Stored<std::vector<Due>> parse_due(const std::string& answer) {
    return parsed(answer, [](const Value& value) {
        std::vector<Due> due;
        for_each(value, [&](const Value& each) { due.push_back({each.at(0).text(), each.at(1).integer()}); });
        return due;
    });
}

Stored<std::vector<CursorRestore>> parse_cursors(const std::string& answer) {
    return parsed(answer, [](const Value& value) {
        std::vector<CursorRestore> cursors;
        for_each(value, [&](const Value& each) {
            cursors.push_back({each.at(0).text(), each.at(1).text(), each.at(2).count()});
        });
        return cursors;
    });
}

}  // namespace rightplace::store::wire
