#include "common/store/redis_store.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "common/base/limits.hpp"
#include "common/store/connection.hpp"
#include "common/store/library.hpp"
#include "common/store/wire.hpp"

namespace rightplace::store {
namespace {

using namespace seams;

std::string key(const std::string& hub, const char* rest) {
    return "{" + hub + "}:" + rest;
}

// Redis's own refusals. Those listed come before a function has run; of any other we cannot tell.
StoreFailure refusal(const std::string& text) {
    if (text.find("Function not found") != std::string::npos) return {StoreError::closed, "library not loaded"};
    for (const char* code : {"OOM", "LOADING", "BUSY", "NOPERM", "NOAUTH", "WRONGPASS", "READONLY", "MASTERDOWN",
                             "MISCONF", "NOREPLICAS", "CLUSTERDOWN", "MOVED"})
        if (text.rfind(std::string(code) + " ", 0) == 0) return {StoreError::unavailable, code};
    return {StoreError::unknown, "refused by the server"};
}

Stored<Reply> settled(Called outcome) {
    if (outcome.ok() && outcome.value().kind == Reply::Kind::error) return Failure{refusal(outcome.value().text)};
    return outcome;
}

// XREAD: nothing, or [[key, [[id, [field, bytes]], ...]]].
Stored<std::vector<LogEntry>> entries(const Reply& reply) {
    std::vector<LogEntry> found;
    if (reply.kind == Reply::Kind::nothing) return found;
    const Failure unreadable{StoreFailure{StoreError::unknown, "unreadable log"}};
    if (reply.items.size() != 1 || reply.items[0].items.size() != 2) return unreadable;
    for (const auto& entry : reply.items[0].items[1].items) {
        if (entry.items.size() != 2 || entry.items[1].items.size() != 2) return unreadable;
        found.push_back({std::strtoull(entry.items[0].text.c_str(), nullptr, 10), entry.items[1].items[1].text});
    }
    return found;
}

}  // namespace

RedisStore::RedisStore(bus::Loop& loop, RedisAddress address)
    : loop_(loop), address_(std::move(address)), calls_(std::make_unique<Connection>(loop_, address_)) {}

RedisStore::~RedisStore() = default;

template <typename T, typename Parse>
void RedisStore::function(const char* name, const std::string& hub, std::string argument, Parse parse,
                          Done<Stored<T>> done) {
    calls_->call({"FCALL", std::string("hub_1_") + name, "1", key(hub, "head"), std::move(argument)},
                 limits::store_call_timeout_ms, [parse = std::move(parse), done = std::move(done)](Called outcome) {
                     const auto reply = settled(std::move(outcome));
                     done(reply.ok() ? parse(reply.value().text) : Stored<T>(Failure{reply.error()}));
                 });
}

void RedisStore::check_library(Done<Stored<bool>> done) {
    calls_->call({"FCALL", "hub_1_version", "0"}, limits::store_call_timeout_ms,
                 [done = std::move(done)](Called outcome) {
                     const auto reply = settled(std::move(outcome));
                     if (!reply.ok()) return done(Failure{reply.error()});
                     done(reply.value().text == library_digest());
                 });
}

void RedisStore::load(LoadRequest request, Done<Stored<Loaded>> done) {
    auto argument = wire::pack(request);
    const auto parse = [asked = request.aggregates](const std::string& answer) {
        return wire::parse_loaded(answer, asked);
    };
    function<Loaded>("load", request.hub, std::move(argument), parse, std::move(done));
}

void RedisStore::commit(CommitRequest request, Done<Stored<Committed>> done) {
    function<Committed>("commit", request.hub, wire::pack(request), wire::parse_committed, std::move(done));
}

void RedisStore::restore(RestoreRequest request, Done<Stored<bool>> done) {
    function<bool>("restore", request.hub, wire::pack(request), wire::parse_bool, std::move(done));
}

void RedisStore::mark_ready(std::string hub, std::string service, std::uint64_t epoch, std::uint32_t fold,
                            Done<Stored<bool>> done) {
    function<bool>("ready", hub, wire::pack_ready(service, epoch, fold), wire::parse_bool, std::move(done));
}

void RedisStore::is_ready(std::string hub, std::string service, std::uint64_t epoch, std::uint32_t fold,
                          Done<Stored<bool>> done) {
    function<bool>("is_ready", hub, wire::pack_ready(service, epoch, fold), wire::parse_bool, std::move(done));
}

void RedisStore::renew_lease(std::string hub, std::uint64_t epoch, Lease lease, Done<Stored<bool>> done) {
    function<bool>("renew", hub, wire::pack_renew(epoch, lease), wire::parse_bool, std::move(done));
}

void RedisStore::expired_leases(std::string hub, std::string aggregate_type, Done<Stored<std::vector<Lease>>> done) {
    const auto parse = [aggregate_type](const std::string& answer) {
        return wire::parse_leases(answer, aggregate_type);
    };
    function<std::vector<Lease>>("expired", hub, wire::pack_expired(aggregate_type), parse, std::move(done));
}

void RedisStore::due(std::string hub, std::string queue, std::size_t most, Done<Stored<std::vector<Due>>> done) {
    function<std::vector<Due>>("due", hub, wire::pack_due(queue, most), wire::parse_due, std::move(done));
}

void RedisStore::save_cursor(std::string hub, std::string service, std::string source_hub, std::uint64_t seq,
                             Done<Stored<bool>> done) {
    function<bool>("cursor_save", hub, wire::pack_cursor(service, source_hub, seq), wire::parse_bool, std::move(done));
}

void RedisStore::read_cursor(std::string hub, std::string service, std::string source_hub,
                             Done<Stored<std::uint64_t>> done) {
    function<std::uint64_t>("cursor_read", hub, wire::pack_cursor(service, source_hub, 0), wire::parse_count,
                            std::move(done));
}

void RedisStore::load_library(Done<Stored<bool>> done) {
    calls_->call({"FUNCTION", "LOAD", "REPLACE", library_text()}, limits::store_call_timeout_ms,
                 [done = std::move(done)](Called outcome) {
                     const auto reply = settled(std::move(outcome));
                     if (!reply.ok()) return done(Failure{reply.error()});
                     done(true);
                 });
}

// What another library says about a hub is worth nothing, however alike it looks: asked of its version first.
void RedisStore::situation(std::string hub, Done<Stored<StoreSituation>> done) {
    // Runs only while the store lives: its connection drops what is in flight.
    check_library([this, hub = std::move(hub), done = std::move(done)](const Stored<bool>& ours) {
        if (!ours.ok()) return done(Failure{ours.error()});
        if (!ours.value()) return done(Failure{StoreFailure{StoreError::closed, "another library is loaded"}});
        function<StoreSituation>("situation", hub, wire::pack_nothing(), wire::parse_situation, done);
    });
}

void RedisStore::close_and_wipe(std::string hub, Done<Stored<bool>> done) {
    wipe_from(std::move(hub), "0", std::move(done));
}

void RedisStore::wipe_from(std::string hub, std::string cursor, Done<Stored<bool>> done) {
    // Runs only while the store lives: its connection drops what is in flight.
    Done<Stored<std::string>> step = [this, hub, done = std::move(done)](Stored<std::string> next) {
        if (!next.ok()) return done(Failure{next.error()});
        if (next.value() == "0") return done(true);
        wipe_from(hub, next.value(), done);
    };
    function<std::string>("wipe", hub, wire::pack_wipe(cursor), wire::parse_text, std::move(step));
}

void RedisStore::restore_marks(std::string hub, std::vector<DoneRestore> marks, std::vector<CursorRestore> cursors,
                               Done<Stored<bool>> done) {
    function<bool>("restore_marks", hub, wire::pack_marks(marks, cursors), wire::parse_bool, std::move(done));
}

void RedisStore::open(OpenRequest request, Done<Stored<bool>> done) {
    function<bool>("open", request.hub, wire::pack(request), wire::parse_bool, std::move(done));
}

void RedisStore::beat(std::string hub, std::uint64_t epoch, std::uint64_t journalled, TimeMs hub_now, TimeMs store_by,
                      Done<Stored<Head>> done) {
    function<Head>("beat", hub, wire::pack_beat(epoch, journalled, hub_now, store_by), wire::parse_head,
                   std::move(done));
}

void RedisStore::tail(std::string hub, std::uint64_t after, std::size_t most, std::int64_t wait_ms,
                      Done<Stored<std::vector<LogEntry>>> done) {
    auto& connection = tails_[hub];
    if (!connection) connection = std::make_unique<Connection>(loop_, address_);
    most = std::clamp<std::size_t>(most, 1, limits::tail_max_entries);
    std::vector<std::string> command{"XREAD", "COUNT", std::to_string(most)};
    if (wait_ms > 0) command.insert(command.end(), {"BLOCK", std::to_string(wait_ms)});  // BLOCK 0 is for ever
    command.insert(command.end(), {"STREAMS", key(hub, "log"), std::to_string(after) + "-0"});
    connection->call(
        std::move(command), std::max<std::int64_t>(wait_ms, 0) + limits::store_call_timeout_ms,
        [done = std::move(done)](Called outcome) {
            const auto reply = settled(std::move(outcome));
            done(reply.ok() ? entries(reply.value()) : Stored<std::vector<LogEntry>>(Failure{reply.error()}));
        });
}

void RedisStore::cursors(std::string hub, Done<Stored<std::vector<CursorRestore>>> done) {
    function<std::vector<CursorRestore>>("cursors", hub, wire::pack_nothing(), wire::parse_cursors, std::move(done));
}

std::unique_ptr<ArbiterStore> make_redis_store(bus::Loop& loop, const RedisAddress& address) {
    return std::make_unique<RedisStore>(loop, address);
}

}  // namespace rightplace::store
