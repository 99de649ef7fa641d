#include "common/store/wire.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

namespace rightplace::store::wire {
namespace {

using namespace seams;
using nlohmann::json;

// Bytes go as msgpack `str`: Redis's cmsgpack refuses `bin`.
std::string bytes(const json& value) {
    const auto packed = json::to_msgpack(value);
    return {packed.begin(), packed.end()};
}

json of(const AggregateId& aggregate) {
    return {{"type", aggregate.type}, {"id", aggregate.id}};
}

json of(const Lease& lease) {
    return {
        {"type", lease.aggregate.type}, {"id", lease.aggregate.id}, {"token", lease.token}, {"expires", lease.expires}};
}

json of(const Record& record) {
    json index = json::array();
    for (const auto& entry : record.index) index.push_back(json::array({entry.queue, entry.member, entry.score}));
    return {{"type", record.aggregate.type}, {"id", record.aggregate.id}, {"version", record.version},
            {"fold", record.fold},           {"state", record.state},     {"index", std::move(index)}};
}

json of(const Guard& guard) {
    static constexpr std::array kinds{"version", "absent", "equals"};
    return {{"kind", kinds.at(static_cast<std::size_t>(guard.kind))},
            {"type", guard.aggregate.type},
            {"id", guard.aggregate.id},
            {"version", guard.version},
            {"state", guard.state},
            {"owner", guard.owner}};
}

json of(const LeaseChange& change) {
    static constexpr std::array kinds{"none", "set", "clear"};
    json value = of(change.lease);
    value["kind"] = kinds.at(static_cast<std::size_t>(change.kind));
    return value;
}

json of(const CursorRestore& cursor) {
    return {{"service", cursor.service}, {"source", cursor.source_hub}, {"seq", cursor.seq}};
}

template <typename T>
json all(const std::vector<T>& values) {
    json list = json::array();
    for (const auto& value : values) list.push_back(of(value));
    return list;
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
auto parsed(const std::string& answer, Read read) -> Stored<decltype(read(json()))> {
    try {
        const json outer = json::from_msgpack(answer);
        if (outer.at(0) != "ok")
            return Failure{StoreFailure{error_of(outer.at(0).get<std::string>()), outer.at(1).get<std::string>()}};
        return read(outer.at(1));
    } catch (const json::exception&) {
        return Failure{StoreFailure{StoreError::unknown, "unreadable answer"}};
    }
}

Head head_of(const json& value) {
    Head head;
    head.epoch = value.at("epoch").get<std::uint64_t>();
    head.seq = value.at("seq").get<std::uint64_t>();
    head.prev = value.at("prev").get<std::string>();
    head.journalled = value.at("journalled").get<std::uint64_t>();
    head.hub_now = value.at("now").get<TimeMs>();
    head.store_now = value.at("store_now").get<TimeMs>();
    head.open = value.at("open").get<bool>();
    head.why_closed = value.at("why").get<std::string>();
    return head;
}

Record record_of(const AggregateId& aggregate, const json& value) {
    Record record{aggregate,
                  value.at(0).get<std::uint64_t>(),
                  value.at(1).get<std::uint32_t>(),
                  value.at(2).get<std::string>(),
                  {}};
    for (const auto& entry : value.at(3))
        record.index.push_back(
            {entry.at(0).get<std::string>(), entry.at(1).get<std::string>(), entry.at(2).get<double>()});
    return record;
}

}  // namespace

std::string pack(const LoadRequest& request) {
    return bytes({{"command_id", request.command_id}, {"aggregates", all(request.aggregates)}});
}

std::string pack(const CommitRequest& request) {
    return bytes({{"service", request.service},
                  {"fold", request.fold},
                  {"epoch", request.epoch},
                  {"seen_seq", request.seen_seq},
                  {"deadline", request.deadline},
                  {"command_id", request.command_id},
                  {"receipt", request.receipt},
                  {"guards", all(request.guards)},
                  {"sets", all(request.sets)},
                  {"events", json(request.events)},
                  {"event_ids", json(request.event_ids)},
                  {"lease", of(request.lease)}});
}

std::string pack(const RestoreRequest& request) {
    return bytes({{"service", request.service},
                  {"epoch", request.epoch},
                  {"records", all(request.records)},
                  {"leases", all(request.leases)},
                  {"lease_ms", request.lease_ms}});
}

std::string pack(const OpenRequest& request) {
    return bytes(
        {{"epoch", request.epoch}, {"seq", request.seq}, {"prev", request.prev}, {"hub_now", request.hub_now}});
}

std::string pack_ready(const std::string& service, std::uint64_t epoch, std::uint32_t fold) {
    return bytes({{"service", service}, {"epoch", epoch}, {"fold", fold}});
}

std::string pack_renew(std::uint64_t epoch, const Lease& lease) {
    json value = of(lease);
    value["epoch"] = epoch;
    return bytes(value);
}

std::string pack_expired(const std::string& aggregate_type) {
    return bytes({{"type", aggregate_type}});
}

std::string pack_due(const std::string& queue, std::size_t most) {
    return bytes({{"queue", queue}, {"most", most}});
}

std::string pack_cursor(const std::string& service, const std::string& source_hub, std::uint64_t seq) {
    return bytes(of(CursorRestore{service, source_hub, seq}));
}

std::string pack_wipe(const std::string& cursor) {
    return bytes({{"cursor", cursor}});
}

std::string pack_marks(const std::vector<DoneRestore>& marks, const std::vector<CursorRestore>& cursors) {
    json list = json::array();
    for (const auto& each : marks)
        list.push_back({{"id", each.command_id},
                        {"epoch", each.mark.epoch},
                        {"seq", each.mark.first_seq},
                        {"receipt", each.mark.receipt}});
    return bytes({{"marks", std::move(list)}, {"cursors", all(cursors)}});
}

std::string pack_beat(std::uint64_t epoch, std::uint64_t journalled, TimeMs hub_now, TimeMs store_by) {
    return bytes({{"epoch", epoch}, {"journalled", journalled}, {"hub_now", hub_now}, {"store_by", store_by}});
}

std::string pack_nothing() {
    return bytes(json::object());
}

Stored<bool> parse_bool(const std::string& answer) {
    return parsed(answer, [](const json& value) { return value.get<bool>(); });
}

Stored<std::string> parse_text(const std::string& answer) {
    return parsed(answer, [](const json& value) { return value.get<std::string>(); });
}

Stored<std::uint64_t> parse_count(const std::string& answer) {
    return parsed(answer, [](const json& value) { return value.get<std::uint64_t>(); });
}

Stored<Loaded> parse_loaded(const std::string& answer, const std::vector<AggregateId>& asked) {
    return parsed(answer, [&](const json& value) {
        Loaded loaded;
        loaded.head = head_of(value.at("head"));
        if (value.contains("done")) {
            const json& mark = value["done"];
            loaded.done = DoneMark{mark.at(0).get<std::uint64_t>(), mark.at(1).get<std::uint64_t>(),
                                   mark.at(2).get<std::string>()};
        }
        for (std::size_t i = 0; i < asked.size(); ++i) {
            loaded.records.push_back(record_of(asked[i], value.at("records").at(i)));
            const json& lease = value.at("leases").at(i);
            loaded.leases.emplace_back();
            if (lease.is_array())
                loaded.leases.back() = Lease{asked[i], lease.at(0).get<std::string>(), lease.at(1).get<TimeMs>()};
        }
        return loaded;
    });
}

Stored<Committed> parse_committed(const std::string& answer) {
    return parsed(answer, [](const json& value) {
        return Committed{value.at(0).get<std::uint64_t>(), value.at(1).get<std::uint64_t>(),
                         value.at(2).get<std::uint64_t>(), value.at(3).get<TimeMs>()};
    });
}

Stored<Head> parse_head(const std::string& answer) {
    return parsed(answer, head_of);
}

Stored<StoreSituation> parse_situation(const std::string& answer) {
    return parsed(answer, [](const json& value) {
        return StoreSituation{head_of(value.at("head")), value.at("process_epoch").get<std::uint64_t>(),
                              value.at("process_seq").get<std::uint64_t>(), value.at("log_first").get<std::uint64_t>()};
    });
}

Stored<std::vector<Lease>> parse_leases(const std::string& answer, const std::string& aggregate_type) {
    return parsed(answer, [&](const json& value) {
        std::vector<Lease> leases;
        for (const auto& each : value)
            leases.push_back({{aggregate_type, each.at(0).get<std::string>()},
                              each.at(1).get<std::string>(),
                              each.at(2).get<TimeMs>()});
        return leases;
    });
}

Stored<std::vector<Due>> parse_due(const std::string& answer) {
    return parsed(answer, [](const json& value) {
        std::vector<Due> due;
        for (const auto& each : value) due.push_back({each.at(0).get<std::string>(), each.at(1).get<TimeMs>()});
        return due;
    });
}

Stored<std::vector<CursorRestore>> parse_cursors(const std::string& answer) {
    return parsed(answer, [](const json& value) {
        std::vector<CursorRestore> cursors;
        for (const auto& each : value)
            cursors.push_back(
                {each.at(0).get<std::string>(), each.at(1).get<std::string>(), each.at(2).get<std::uint64_t>()});
        return cursors;
    });
}

}  // namespace rightplace::store::wire
