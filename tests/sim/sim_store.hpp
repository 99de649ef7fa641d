// The hub's arbiter without Redis: a client of a SimRedis, on any Clock. Completions never run inside the
// call. Several may share one SimRedis; what one leaves in flight when it goes is done, and nobody is told.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/alive.hpp"
#include "common/base/seams.hpp"
#include "tests/sim/call.hpp"
#include "tests/sim/sim_redis.hpp"

namespace rightplace::sim {

// How one call fares on its way. The default is a good connection.
struct Crossing {
    bool sent = true;     // false: there is no connection, and the caller knows at once
    bool arrives = true;  // false: lost on the way there
    bool returns = true;  // false: done, and nobody is told
    std::int64_t there_ms = 0;
    std::int64_t back_ms = 0;
};

class SimStore final : public seams::ArbiterStore {
   public:
    using Way = std::function<Crossing(Call)>;  // asked at each call
    SimStore(
        seams::Clock& clock, std::shared_ptr<SimRedis> redis, Way way = [](Call) { return Crossing{}; })
        : clock_(clock), redis_(std::move(redis)), way_(std::move(way)) {}
    // The connection breaks: what has not arrived never will, and what has is not answered. Or it is made
    // to another server.
    void break_off();
    void turn_to(std::shared_ptr<SimRedis> redis);
    bool writing() const { return connection_->writes > 0; }  // something that writes is under way

    void load(seams::LoadRequest, seams::Done<seams::Stored<seams::Loaded>>) override;
    void commit(seams::CommitRequest, seams::Done<seams::Stored<seams::Committed>>) override;
    void restore(seams::RestoreRequest, seams::Done<seams::Stored<bool>>) override;
    void mark_ready(std::string hub, std::string service, std::uint64_t epoch, std::uint32_t fold,
                    seams::Done<seams::Stored<bool>>) override;
    void is_ready(std::string hub, std::string service, std::uint64_t epoch, std::uint32_t fold,
                  seams::Done<seams::Stored<bool>>) override;
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
    void open(seams::OpenRequest, seams::Done<seams::Stored<bool>>) override;
    void beat(std::string hub, std::uint64_t epoch, std::uint64_t journalled, TimeMs hub_now, TimeMs store_by,
              seams::Done<seams::Stored<seams::Head>>) override;
    void tail(std::string hub, std::uint64_t after, std::size_t most, std::int64_t wait_ms,
              seams::Done<seams::Stored<std::vector<seams::LogEntry>>>) override;
    void cursors(std::string hub, seams::Done<seams::Stored<std::vector<seams::CursorRestore>>>) override;

   private:
    enum class Mode { reads, writes };
    template <typename T, typename Rule>
    void ask(Mode mode, std::string hub, Rule rule, seams::Done<seams::Stored<T>> done, Call call = Call::other);
    template <typename T>
    using Tell = std::function<void(seams::Stored<T>)>;
    template <typename T>
    void submit(Mode mode, std::function<seams::Stored<T>()> work, seams::Done<seams::Stored<T>> done,
                Call call = Call::other);
    template <typename T>
    void cross(Mode mode, std::function<void(Tell<T>)> start, seams::Done<seams::Stored<T>> done,
               Call call = Call::other);

    seams::Clock& clock_;
    std::shared_ptr<SimRedis> redis_;
    Way way_;
    // One connection: calls and answers keep their order, and all are lost with it.
    struct Connection {
        bool broken = false;
        std::int64_t there_at = 0;
        std::int64_t back_at = 0;
        std::uint64_t next = 0;
        std::size_t writes = 0;
        std::map<std::uint64_t, std::function<void()>> under_way;  // how to tell each that it is lost
    };
    std::shared_ptr<Connection> connection_ = std::make_shared<Connection>();
    Alive alive_;
};

}  // namespace rightplace::sim
