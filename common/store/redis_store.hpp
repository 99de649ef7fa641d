// The hub's arbiter in Redis: seams::ArbiterStore over the function library (hub.lua). All calls of one
// store are pipelined on one connection; each hub's tail waits on a connection of its own.
//
// Failures that the functions do not name themselves:
//   unavailable  not connected, not let in, refused by Redis before the function ran, too much in flight
//   unknown      the connection was lost with the call in flight, or no reply within store_call_timeout_ms
//   closed       the library is not loaded; for `situation`, also: another one than this program's is
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/seams.hpp"
#include "common/bus/loop.hpp"

namespace rightplace::store {

struct RedisAddress {
    std::string socket;  // unix socket path
    std::string user;    // ACL user; empty: the default user, no AUTH
    std::string password;
};

class Connection;

class RedisStore final : public seams::ArbiterStore {
   public:
    RedisStore(bus::Loop& loop, RedisAddress address);
    ~RedisStore() override;  // calls in flight are dropped without completion

    // True when the library loaded in Redis is the very one this program was built with.
    void check_library(seams::Done<seams::Stored<bool>> done);

    void load(seams::LoadRequest, seams::Done<seams::Stored<seams::Loaded>>) override;
    void commit(seams::CommitRequest, seams::Done<seams::Stored<seams::Committed>>) override;
    void restore(seams::RestoreRequest, seams::Done<seams::Stored<bool>>) override;
    void mark_ready(std::string hub, std::string service, std::uint64_t epoch, std::uint32_t fold,
                    seams::Done<seams::Stored<bool>>) override;
    void is_ready(std::string hub, std::string service, std::uint64_t epoch, std::uint32_t fold,
                  seams::Done<seams::Stored<bool>>) override;
    // False: nobody holds that lease under that token. A renewal never shortens.
    void renew_lease(std::string hub, std::uint64_t epoch, seams::Lease, seams::Done<seams::Stored<bool>>) override;
    void expired_leases(std::string hub, std::string aggregate_type,
                        seams::Done<seams::Stored<std::vector<seams::Lease>>>) override;
    void due(std::string hub, std::string queue, std::size_t most,
             seams::Done<seams::Stored<std::vector<seams::Due>>>) override;
    void save_cursor(std::string hub, std::string service, std::string source_hub, std::uint64_t seq,
                     seams::Done<seams::Stored<bool>>) override;
    void read_cursor(std::string hub, std::string service, std::string source_hub,
                     seams::Done<seams::Stored<std::uint64_t>>) override;

    void load_library(seams::Done<seams::Stored<bool>>) override;
    void situation(std::string hub, seams::Done<seams::Stored<seams::StoreSituation>>) override;
    void close_and_wipe(std::string hub, seams::Done<seams::Stored<bool>>) override;
    void restore_marks(std::string hub, std::vector<seams::DoneRestore>, std::vector<seams::CursorRestore>,
                       seams::Done<seams::Stored<bool>>) override;
    // `other_epoch` when not higher than any epoch known, `invalid` when the hub is not closed and wiped.
    void open(seams::OpenRequest, seams::Done<seams::Stored<bool>>) override;
    void beat(std::string hub, std::uint64_t epoch, std::uint64_t journalled, TimeMs hub_now, TimeMs store_by,
              seams::Done<seams::Stored<seams::Head>>) override;
    void tail(std::string hub, std::uint64_t after, std::size_t most, std::int64_t wait_ms,
              seams::Done<seams::Stored<std::vector<seams::LogEntry>>>) override;
    void cursors(std::string hub, seams::Done<seams::Stored<std::vector<seams::CursorRestore>>>) override;

   private:
    template <typename T, typename Parse>
    void function(const char* name, const std::string& hub, std::string argument, Parse parse,
                  seams::Done<seams::Stored<T>> done);
    void wipe_from(std::string hub, std::string cursor, seams::Done<seams::Stored<bool>> done);

    bus::Loop& loop_;
    RedisAddress address_;
    std::unique_ptr<Connection> calls_;
    std::map<std::string, std::unique_ptr<Connection>> tails_;  // by hub
};

std::unique_ptr<seams::ArbiterStore> make_redis_store(bus::Loop& loop, const RedisAddress& address);

}  // namespace rightplace::store
