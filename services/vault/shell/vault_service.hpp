// vault's queries, and what vault learns from the feed. No socket is here: the program's runtime
// hands in queries, stored events and heartbeats. SQLite works inside the call (see key_store.hpp);
// every answer runs later on the loop.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/base/alive.hpp"
#include "common/base/seams.hpp"
#include "common/runtime/domain.hpp"
#include "messages/audit.pb.h"
#include "services/vault/shell/key_store.hpp"

namespace rightplace::vault {

enum class ViewOutcome {
    recorded,     // accepted, or a duplicate of one that was
    unavailable,  // certainly not recorded; a refusal with INTERNAL or CONTENTION counts as this
    unknown,      // may have been recorded: the same command id is asked again later
    refused       // will never be recorded
};
// Sends RecordView as a command with that id and actor; completes once, later, within the command's deadline.
using RecordViewFn = std::function<void(const SpooledView&, std::function<void(ViewOutcome)>)>;

struct Asker {
    std::string key_role;  // what the transport vouches for
    Actor actor;
    std::string hub;
};

class VaultService {
   public:
    VaultService(KeyStore& store, seams::Clock& clock, seams::Life& life, std::vector<std::string> hubs,
                 RecordViewFn record_view);

    // AllocateKeys, ReleaseKey, MatchTokens, GetHighWater, AcceptJournal; UNKNOWN_COMMAND for any other.
    using Answer = std::function<void(runtime::Answered)>;
    void answer(const Asker& asker, const runtime::Message& query, Answer done);

    // Every stored event of the hub's feed, from its first one after each start, in order.
    void observe(const Event& event);
    void observe_heartbeat(const audit::Heartbeat& beat);
    // All that the hub's journal held has been observed. Until each hub says so no key is allocated:
    // the journal may use ids that an older copy of this database does not know of.
    void caught_up(const std::string& hub);
    // The hub's ring is open: records what was spooled, one at a time, oldest first.
    void drain(const std::string& hub);
    void flush();  // makes durable what the feed taught; also at a clean stop

    // For metrics and `status`.
    std::int64_t views_waiting();
    std::int64_t views_set_aside();
    std::size_t keys_missing(const std::string& hub) const;  // used in its journal, unknown here: lost
    bool other_journal(const std::string& hub) const;        // the feed is of another journal than the marked one
    std::string trouble(const std::string& hub) const;       // what a person must see to; empty: nothing
    std::string note(const std::string& hub) const;          // what is lost, and somebody knew it

   private:
    struct Mark {
        HighWater high;
        bool follows = false;  // the last heartbeat was of the marked journal
        bool other = false;
        bool changed = false;
        std::int64_t heard_boot_ms = -1;  // the marked journal's last heartbeat; -1: none yet
    };
    struct Request {
        Asker asker;
        ReleaseKey ask;
        FoundKey found;
        Answer done;
    };
    runtime::Answered allocate(const Asker& asker, const AllocateKeys& ask);
    runtime::Answered tokens(const Asker& asker, const MatchTokens& ask);
    runtime::Answered high_water(const Asker& asker, const GetHighWater& ask);
    runtime::Answered accept(const Asker& asker, const AcceptJournal& ask);
    runtime::Answered name_first(Mark& mark, const AcceptJournal& ask);
    std::string lost_keys(const std::string& hub) const;
    void release(const Asker& asker, const ReleaseKey& ask, Answer done);
    Result<FoundKey, Refusal> find_key(const Asker& asker, const ReleaseKey& ask);
    void view_recorded(const Request& request, const SpooledView& view, ViewOutcome outcome);

    void use_key(const std::string& key_id, const CaseName& owner, const std::string& by);
    void raise(Mark& mark, std::uint64_t epoch, std::uint64_t seq, const std::string& event_id);
    void learned(std::size_t things);
    void drain_next(const std::string& hub);
    void later(Answer done, runtime::Answered answered);
    Refusal refusal_of(const KeyStoreFailure& failure);

    KeyStore& store_;
    seams::Clock& clock_;
    seams::Life& life_;
    std::set<std::string> behind_;  // hubs whose journal has not been read yet
    RecordViewFn record_view_;
    std::map<std::string, Mark> marks_;
    std::map<std::string, CaseName> bindings_;    // not yet durable
    std::map<std::string, std::string> missing_;  // key id -> hub whose journal uses it
    bool made_anew_ = false;                      // the database took a lost one's place
    std::set<std::string> draining_;
    std::set<std::string> drained_;  // hubs with nothing spooled
    std::size_t unflushed_ = 0;
    bool flush_armed_ = false;
    Alive alive_;
};

}  // namespace rightplace::vault
