// The heart of audit, one for each hub: tails the hub log into the journal, publishes what is on disk,
// beats, keeps hub time, opens epochs. Purely on the seams; everything runs on one loop.
//
// Promises: nothing is published or beaten for before it is in the journal; the journal alone says what
// happened; when the store cannot be trusted with it, a new epoch is opened from the journal and never
// the other way round. Delivery on the feed is at most once: readers notice gaps and read.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/base/alive.hpp"
#include "common/base/seams.hpp"
#include "services/audit/domain/hub_clock.hpp"
#include "services/audit/domain/marks.hpp"
#include "services/audit/domain/own_events.hpp"
#include "services/audit/shell/history.hpp"

namespace rightplace::audit {

// All must outlive the core.
struct CoreParts {
    seams::ArbiterStore& store;
    seams::Journal& journal;
    seams::FeedPublisher& feed;
    seams::Clock& clock;
    seams::Random& random;
    seams::Life& life;
};
struct CoreHooks {
    // Asks vault for its mark; nothing when vault does not answer. Completes later, once.
    std::function<void(const std::string& hub, seams::Done<std::optional<HighWaterMark>>)> high_water;
    // Makes an empty journal the one that vault knows. False: not done, or no answer. Completes later, once.
    std::function<void(const std::string& hub, const std::string& journal_id, seams::Done<bool>)> name_first_journal;
    std::function<void(const ClockMark&)> keep_clock;            // durable when it returns, if that can be had
    std::function<void(const seams::JournalHead&)> on_root;      // every limits::roots_every_ms
    std::function<void(const seams::JournalHead&)> on_appended;  // after each append, for held reads
};
struct CoreOptions {
    std::string hub;
    std::string label;                    // "demo", "synthetic" or empty
    bool shared_journal = false;          // another audit may serve it: stand by while its heartbeat is fresh
    std::string boot_id = {};             // of the machine's present boot
    std::optional<ClockMark> clock = {};  // as kept last
};

class AuditCore {
   public:
    enum class Stage { starting, looking, opening, running, standby, dead };
    AuditCore(CoreOptions options, CoreParts parts, CoreHooks hooks);
    void start();

    Stage stage() const { return stage_; }
    const seams::JournalHead& head() const { return head_; }
    TimeMs hub_now() const;                                  // 0 before the start
    std::int64_t beat_age_ms() const;                        // since the last beat that the store took; -1: none yet
    const std::string& trouble() const { return trouble_; }  // why it does not run; empty when it does

   private:
    // A completion that is dropped when the stage it belongs to is over.
    template <typename F>
    auto during(F then) {
        return alive_.guard([this, turn = turn_, then = std::move(then)](auto&&... args) {
            if (turn == turn_) then(std::forward<decltype(args)>(args)...);
        });
    }
    template <typename F>
    void later(std::int64_t ms, F then) {
        parts_.clock.after(ms, during(std::move(then)));
    }
    void enter(Stage stage);
    void trouble(const std::string& what);
    void die(const std::string& why);
    // Dies of what must not be survived. True: it is worth trying again.
    bool survives(const seams::JournalFailure& failure);

    void ask_vault();
    void judge(const HighWaterMark& mark);
    void name_journal();
    void look();
    void read_own();
    void ask_store();
    void situate(const seams::StoreSituation& at);
    void check_tail(const seams::StoreSituation& at);
    void look_again(std::int64_t ms, const std::string& why);
    void stand_by();

    void open_new(const std::string& why);
    void raise_epoch(const std::string& why);
    void wipe();
    void restore_marks();
    void send_marks(std::vector<seams::DoneRestore> marks, std::size_t from);
    void open_store();
    void opened();

    void run();
    void tail();
    void take(const std::vector<seams::LogEntry>& entries);
    bool stale(const seams::LogEntry& entry) const;
    void append(std::vector<seams::Bytes> batch);
    void append_refused(const seams::JournalFailure& failure);
    void appended(const std::vector<seams::Bytes>& batch, const seams::JournalHead& head);

    void tick();
    void start_clock();
    void observe_clocks();
    void note_step(std::int64_t ms);
    void keep_clock();
    void touch();
    void beat();
    void beat_soon();
    void beaten(const seams::Stored<seams::Head>& taken);
    void announce();
    void write_own();
    void write_checkpoint();
    void commit_own(const google::protobuf::Message& payload);
    OwnEvent next_own();

    CoreOptions options_;
    CoreParts parts_;
    CoreHooks hooks_;
    History history_;
    Stage stage_ = Stage::starting;
    std::uint64_t turn_ = 0;  // raised at each change of stage
    Alive alive_;
    std::string trouble_;

    seams::JournalHead head_;
    std::optional<HubClock> clock_;
    OwnHistory own_;
    Cursors cursors_;                  // to be restored
    std::string opening_;              // the EpochOpened in hand, as stored
    std::uint64_t store_epoch_ = 0;    // the highest that the store named
    TimeMs store_ahead_ms_ = 0;        // its clock less our boot clock, when it last answered
    bool standing_by_ = false;         // another audit won: wait until its heartbeat is gone
    std::vector<std::int64_t> steps_;  // of the wall clock, not yet asked to be recorded; milliseconds
    std::int64_t clock_kept_boot_ms_ = -clock_mark_every_ms;
    bool writing_own_ = false;  // one at a time: each names its version
    std::int64_t checkpoint_boot_ms_ = 0;
    bool beating_ = false;
    bool beat_owed_ = false;  // for what was appended
    bool announce_ = false;   // publish a heartbeat when the beat in flight is taken
    std::optional<std::int64_t> beat_boot_ms_;
    std::int64_t roots_boot_ms_ = 0;
};

}  // namespace rightplace::audit
