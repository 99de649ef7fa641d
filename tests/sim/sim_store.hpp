// The hub's arbiter without Redis: a client of a SimRedis, on any Clock. Completions run by clock.after(0).
// Several may share one SimRedis; what one leaves in flight when it goes is done, and nobody is told.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/base/alive.hpp"
#include "common/base/seams.hpp"
#include "tests/sim/sim_redis.hpp"

namespace rightplace::sim {

class SimStore final : public seams::ArbiterStore {
   public:
    SimStore(seams::Clock& clock, std::shared_ptr<SimRedis> redis) : clock_(clock), redis_(std::move(redis)) {}

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
    void beat(std::string hub, std::uint64_t epoch, std::uint64_t journalled, TimeMs hub_now,
              seams::Done<seams::Stored<seams::Head>>) override;
    void tail(std::string hub, std::uint64_t after, std::size_t most, std::int64_t wait_ms,
              seams::Done<seams::Stored<std::vector<seams::LogEntry>>>) override;
    void cursors(std::string hub, seams::Done<seams::Stored<std::vector<seams::CursorRestore>>>) override;

   private:
    enum class Mode { reads, writes };
    template <typename T, typename Rule>
    void ask(Mode mode, std::string hub, Rule rule, seams::Done<seams::Stored<T>> done);
    template <typename T>
    void submit(std::function<seams::Stored<T>()> work, seams::Done<seams::Stored<T>> done);

    seams::Clock& clock_;
    std::shared_ptr<SimRedis> redis_;
    Alive alive_;
};

}  // namespace rightplace::sim
