// One hub's state in the simulated store, and the rules of its functions, in plain C++. Written from the
// contract (seams.hpp and the comments in redis_store.hpp), not from hub.lua: tests/unit/store_suite.cpp
// holds the two against each other.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/seams.hpp"

namespace rightplace::sim {

// What a Redis process has open for a hub: not part of its data.
struct OpenedHere {
    std::uint64_t epoch = 0;  // 0: closed
    std::uint64_t seq = 0;
    std::uint64_t highest = 0;
    bool wiped = false;  // and not yet opened
};

struct HubHead {
    std::uint64_t epoch = 0;
    std::uint64_t seq = 0;
    std::string prev;
    std::uint64_t journalled = 0;
    TimeMs opened = 0;
    TimeMs lease_floor = 0;
    std::int64_t lease_longest = 0;
};

struct HubBeat {
    std::uint64_t epoch = 0;
    TimeMs hub_ms = 0;
    TimeMs at_ms = 0;  // by the store's own clock
};

struct HubMark {
    seams::DoneMark mark;
    TimeMs at = 0;  // 0: restored, ages from the opening
};

// The data: what FLUSHALL removes and a replica may be behind with.
struct HubData {
    bool wiped = false;  // and not yet opened
    std::optional<HubHead> head;
    std::optional<HubBeat> beat;
    std::map<std::uint64_t, seams::Bytes> log;
    std::map<std::string, HubMark> marks;
    std::map<std::string, std::map<std::string, std::uint64_t>> cursors;
    std::map<seams::AggregateId, seams::Record> records;
    std::map<std::string, std::map<std::string, double>> queues;
    std::map<seams::AggregateId, seams::Lease> leases;
    std::map<std::string, std::pair<std::uint64_t, std::uint32_t>> ready;  // service -> epoch, fold
};

// Both together, at one moment of the store's own clock.
class SimHub {
   public:
    SimHub(std::string name, HubData& data, OpenedHere& here, TimeMs store_ms);

    seams::Stored<seams::Loaded> load(const seams::LoadRequest&) const;
    seams::Stored<seams::Committed> commit(const seams::CommitRequest&);
    seams::Stored<bool> restore(const seams::RestoreRequest&);
    seams::Stored<bool> mark_ready(const std::string& service, std::uint64_t epoch, std::uint32_t fold);
    seams::Stored<bool> is_ready(const std::string& service, std::uint64_t epoch, std::uint32_t fold) const;
    seams::Stored<bool> renew(std::uint64_t epoch, const seams::Lease&);
    seams::Stored<std::vector<seams::Lease>> expired(const std::string& aggregate_type) const;
    seams::Stored<std::vector<seams::Due>> due(const std::string& queue, std::size_t most) const;
    seams::Stored<bool> save_cursor(const seams::CursorRestore&);
    seams::Stored<std::uint64_t> read_cursor(const std::string& service, const std::string& source_hub) const;

    seams::Stored<seams::StoreSituation> situation() const;
    seams::Stored<bool> wipe();
    seams::Stored<bool> restore_marks(const std::vector<seams::DoneRestore>&, const std::vector<seams::CursorRestore>&);
    seams::Stored<bool> open(const seams::OpenRequest&);
    seams::Stored<seams::Head> beat(std::uint64_t epoch, std::uint64_t journalled, TimeMs hub_now, TimeMs store_by);
    seams::Stored<std::vector<seams::CursorRestore>> cursors() const;

   private:
    using Refusal = std::optional<seams::StoreFailure>;

    bool opened() const;
    std::optional<TimeMs> now() const;
    Refusal closed() const;
    Refusal not_wiped() const;
    void raise(const seams::CursorRestore&);
    Refusal not_now(const seams::CommitRequest&, TimeMs now) const;
    Refusal guards_hold(const seams::CommitRequest&) const;
    seams::Head head() const;
    seams::Record record(const seams::AggregateId&) const;
    std::optional<seams::Lease> lease(const seams::AggregateId&) const;
    std::optional<std::uint32_t> ready_fold(const std::string& service) const;
    void put(const seams::Record&);
    void put(const seams::Lease&, TimeMs now);
    void append(const seams::CommitRequest&, TimeMs now);
    void forget_marks(TimeMs hub_now);

    std::string name_;
    HubData& data_;
    OpenedHere& here_;
    TimeMs store_ms_;
};

}  // namespace rightplace::sim
