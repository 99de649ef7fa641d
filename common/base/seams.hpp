// The seams: everything a service's runtime asks of the world. Each is submit-and-complete: a call
// returns at once and the completion runs later on the same loop (never inside the call). Nothing
// here blocks, sleeps, starts a thread, or touches a socket, file or clock except behind these.
// Production builds the real ones in one file per program; the simulator builds its own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "common/base/time.hpp"

namespace rightplace::seams {

using Bytes = std::string;
template <typename T>
using Done = std::function<void(T)>;

// --- time, chance, life -------------------------------------------------------------------------

class Clock {
   public:
    virtual ~Clock() = default;
    virtual std::int64_t boot_ms() const = 0;  // monotonic, counts through suspend
    virtual TimeMs wall_ms() const = 0;        // may jump
    virtual void after(std::int64_t ms, std::function<void()> then) = 0;
};

class Random {
   public:
    virtual ~Random() = default;
    virtual Bytes bytes(std::size_t count) = 0;
};

class Life {
   public:
    virtual ~Life() = default;
    virtual void die(const std::string& why) = 0;  // an error that must not be survived, e.g. a failed fsync
};

// --- store: the hub's arbiter -------------------------------------------------------------------

struct AggregateId {
    std::string type;
    std::string id;
    auto operator<=>(const AggregateId&) const = default;
};

enum class StoreError {
    unavailable,  // certainly not done: refused before writing, or never sent
    unknown,      // sent, no answer
    conflict,     // a guard failed: load again
    not_ready,    // the guard's owner has not refolded in this epoch
    other_epoch,  // the caller's epoch is not the store's
    behind,       // the head is behind what the caller has seen
    deadline_passed,
    tail_full,     // too much is unjournalled
    closed,        // no open epoch, or the heartbeat is missing, of another epoch or too old
    fold_too_new,  // a record was written by a higher fold: stand down
    invalid        // the request breaks a bound
};
struct StoreFailure {
    StoreError error;
    std::string detail;
};
template <typename T>
using Stored = Result<T, StoreFailure>;

struct Head {
    std::uint64_t epoch = 0;
    std::uint64_t seq = 0;
    std::string prev;  // event id at seq
    std::uint64_t journalled = 0;
    TimeMs hub_now = 0;    // audit's clock, interpolated by at most 2 s
    TimeMs store_now = 0;  // the store's own clock
    bool open = false;
    std::string why_closed;
};

struct IndexEntry {
    std::string queue;  // {hub}:q:<queue>
    std::string member;
    double score = 0;
    auto operator<=>(const IndexEntry&) const = default;
};

struct Record {
    AggregateId aggregate;
    std::uint64_t version = 0;  // count of its events; 0 = none
    std::uint32_t fold = 0;
    Bytes state;  // empty with version > 0: a tombstone
    std::vector<IndexEntry> index;
};

struct Lease {
    AggregateId aggregate;
    std::string token;
    TimeMs expires = 0;  // hub time; volatile, outside the fold
};

// Outcome of a command done before. The receipt's seqs are first_seq, first_seq + 1, ...
struct DoneMark {
    std::uint64_t epoch = 0;
    std::uint64_t first_seq = 0;
    Bytes receipt;  // a Receipt without seqs
};

struct LoadRequest {
    std::string hub;
    std::string command_id;  // empty: no look-up
    std::vector<AggregateId> aggregates;
};
struct Loaded {
    Head head;
    std::optional<DoneMark> done;
    std::vector<Record> records;               // as asked, same order
    std::vector<std::optional<Lease>> leases;  // as asked, same order
};

struct Guard {
    enum class Kind { version, absent, equals };
    Kind kind = Kind::version;
    AggregateId aggregate;
    std::uint64_t version = 0;  // with Kind::version
    Bytes state;                // with Kind::equals
    std::string owner;          // service; refused until it is ready in this epoch
};

struct LeaseChange {
    enum class Kind { none, set, clear };
    Kind kind = Kind::none;
    Lease lease;
};

struct CommitRequest {
    std::string hub;
    std::string service;
    std::uint32_t fold = 0;
    std::uint64_t epoch = 0;
    std::uint64_t seen_seq = 0;  // highest seq the caller has seen on the feed
    TimeMs deadline = 0;         // hub time
    std::string command_id;
    Bytes receipt;  // becomes the done mark when there are events
    std::vector<Guard> guards;
    std::vector<Record> sets;
    std::vector<Bytes> events;  // serialised Events without trailer
    std::vector<std::string> event_ids;
    LeaseChange lease;
};
struct Committed {
    std::uint64_t epoch = 0;
    std::uint64_t first_seq = 0;  // of the events; with none: the head seq
    std::uint64_t head_seq = 0;
    TimeMs recorded = 0;
};

struct RestoreRequest {  // goes up in (version, fold) only
    std::string hub;
    std::string service;
    std::uint64_t epoch = 0;
    std::vector<Record> records;
    std::vector<Lease> leases;  // live claims: each gets a fresh lease
    std::int64_t lease_ms = 0;
};

struct Due {
    std::string member;
    TimeMs due = 0;
};

class Store {
   public:
    virtual ~Store() = default;
    // What services may do.
    virtual void load(LoadRequest, Done<Stored<Loaded>>) = 0;
    virtual void commit(CommitRequest, Done<Stored<Committed>>) = 0;
    virtual void restore(RestoreRequest, Done<Stored<bool>>) = 0;
    // Marks the service ready in this epoch with this fold; refused when the epoch is over.
    virtual void mark_ready(std::string hub, std::string service, std::uint64_t epoch, std::uint32_t fold,
                            Done<Stored<bool>>) = 0;
    virtual void is_ready(std::string hub, std::string service, std::uint64_t epoch, std::uint32_t fold,
                          Done<Stored<bool>>) = 0;
    virtual void renew_lease(std::string hub, std::uint64_t epoch, Lease, Done<Stored<bool>>) = 0;
    virtual void expired_leases(std::string hub, std::string aggregate_type, Done<Stored<std::vector<Lease>>>) = 0;
    virtual void due(std::string hub, std::string queue, std::size_t most, Done<Stored<std::vector<Due>>>) = 0;
    virtual void save_cursor(std::string hub, std::string service, std::string source_hub, std::uint64_t seq,
                             Done<Stored<bool>>) = 0;
    virtual void read_cursor(std::string hub, std::string service, std::string source_hub,
                             Done<Stored<std::uint64_t>>) = 0;
};

// What only audit may do.
struct LogEntry {
    std::uint64_t seq = 0;
    Bytes stored;  // the event with its trailer
};
struct OpenRequest {
    std::string hub;
    std::uint64_t epoch = 0;
    std::uint64_t seq = 0;
    std::string prev;
    TimeMs hub_now = 0;
};
struct DoneRestore {
    std::string command_id;
    DoneMark mark;
};
struct CursorRestore {
    std::string service;
    std::string source_hub;
    std::uint64_t seq = 0;
};
struct StoreSituation {
    Head head;
    std::uint64_t process_epoch = 0;  // what this very process has open; 0 = closed
    std::uint64_t process_seq = 0;
    std::uint64_t log_first = 0;  // first seq still in the stream; 0 = empty
};
class ArbiterStore : public Store {
   public:
    virtual void load_library(Done<Stored<bool>>) = 0;  // closes every hub
    virtual void situation(std::string hub, Done<Stored<StoreSituation>>) = 0;
    virtual void close_and_wipe(std::string hub, Done<Stored<bool>>) = 0;
    virtual void restore_marks(std::string hub, std::vector<DoneRestore>, std::vector<CursorRestore>,
                               Done<Stored<bool>>) = 0;      // only while closed
    virtual void open(OpenRequest, Done<Stored<bool>>) = 0;  // epoch must be higher than any this store knows
    // Leaves the heartbeat key; only after a successful journal write. Trims what is journalled. Taken up to
    // `store_by` on the store's clock, else `deadline_passed`: from a store that stood still it would pass an
    // old hub time for the present one.
    virtual void beat(std::string hub, std::uint64_t epoch, std::uint64_t journalled, TimeMs hub_now, TimeMs store_by,
                      Done<Stored<Head>>) = 0;
    // Completes when there is something past `after`, or after wait_ms with nothing.
    virtual void tail(std::string hub, std::uint64_t after, std::size_t most, std::int64_t wait_ms,
                      Done<Stored<std::vector<LogEntry>>>) = 0;
    virtual void cursors(std::string hub, Done<Stored<std::vector<CursorRestore>>>) = 0;
};

// --- journal: the record (audit only) -----------------------------------------------------------

struct JournalHead {
    std::string journal_id;
    std::uint64_t epoch = 0;
    std::uint64_t seq = 0;
    std::string event_id;  // of seq
    TimeMs last_recorded = 0;
    Bytes root;  // RFC 6962 root over 1..seq
};
enum class JournalError { fatal, out_of_order, other_epoch, wrong_prev, disk_full, corrupt, not_found };
struct JournalFailure {
    JournalError error;
    std::string detail;
};
template <typename T>
using Journalled = Result<T, JournalFailure>;

class Journal {
   public:
    virtual ~Journal() = default;
    virtual void head(Done<Journalled<JournalHead>>) = 0;
    // One transaction: epoch is current, seqs are next, each prev fits. Completes when it is on disk.
    virtual void append(std::uint64_t epoch, std::vector<Bytes> stored, Done<Journalled<JournalHead>>) = 0;
    // Raises the epoch from the one expected and appends its EpochOpened event, in one transaction:
    // exactly one of several callers wins.
    virtual void open_epoch(std::uint64_t expected, Bytes stored_epoch_opened, Done<Journalled<JournalHead>>) = 0;
    virtual void touch(Done<Journalled<JournalHead>>) = 0;  // one durable write, for the heartbeat
    struct Page {
        std::vector<Bytes> events;
        std::uint64_t next_seq = 0;
    };
    virtual void read(std::uint64_t from, std::size_t most, std::string case_id, Done<Journalled<Page>>) = 0;
};

// --- feed and reads -----------------------------------------------------------------------------

struct FeedMessage {
    std::string hub;
    bool heartbeat = false;
    Bytes bytes;                          // stored event, or an audit.Heartbeat
    std::vector<std::string> first_to{};  // roles: whose event it is, and who asked for it
};
class FeedPublisher {
   public:
    virtual ~FeedPublisher() = default;
    virtual void publish(const FeedMessage&) = 0;  // may drop; nothing depends on it
    // Sends what is still held back from those who need not have it first. Before whatever may take long.
    virtual void send_held() {}
};
class FeedSubscriber {
   public:
    virtual ~FeedSubscriber() = default;
    virtual void subscribe(std::string hub, std::function<void(const FeedMessage&)>) = 0;
};
enum class TransportError { unreachable, timed_out, refused_key };
class JournalReader {  // audit's read socket, from a client's side
   public:
    virtual ~JournalReader() = default;
    // `read` is a serialised audit.Read, the answer a serialised audit.ReadReply.
    virtual void read(Bytes read, std::int64_t timeout_ms, Done<Result<Bytes, TransportError>>) = 0;
};

// --- commands -----------------------------------------------------------------------------------

struct Peer {
    std::string key_role;  // what the transport's allow-list says of the key
};
class CommandServer {
   public:
    virtual ~CommandServer() = default;
    // `request` is a serialised Request; the handler answers once, any time later, with a Response.
    using Answer = std::function<void(Bytes)>;
    virtual void serve(std::function<void(const Peer&, Bytes request, Answer)>) = 0;
};
class CommandClient {
   public:
    virtual ~CommandClient() = default;
    // Sends a serialised Request to a service. No retry here.
    virtual void ask(std::string service, Bytes request, std::int64_t timeout_ms,
                     Done<Result<Bytes, TransportError>>) = 0;
};

// --- HTTP towards partners ----------------------------------------------------------------------

struct HttpRequest {
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    Bytes body;
    std::int64_t timeout_ms = 0;
};
struct HttpAnswer {
    int status = 0;  // 0: no answer
    bool certainly_not_sent = false;
    std::string content_type;
    std::vector<std::pair<std::string, std::string>> headers;
    Bytes body;
};
class HttpPartner {
   public:
    virtual ~HttpPartner() = default;
    virtual void post(HttpRequest, Done<HttpAnswer>) = 0;
};

}  // namespace rightplace::seams
