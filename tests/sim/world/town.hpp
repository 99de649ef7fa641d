// A whole suite in one thread and virtual time: clock, wire, Redis, journals, and every process of it,
// started, killed and started again. What befalls it, and what people ask of it, comes from outside.
#pragma once

#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "services/intake/domain/intake_domain.hpp"
#include "services/referral/domain/referral_domain.hpp"
#include "services/triage/domain/triage_domain.hpp"
#include "tests/sim/sim_journal.hpp"
#include "tests/sim/sim_redis.hpp"
#include "tests/sim/world/probe.hpp"
#include "tests/sim/world/process.hpp"

namespace rightplace::sim {

struct TownHub {
    std::string name;
    std::string letter;
    std::string bars_service_id;
    std::string policy_text;
};

struct TownOptions {
    std::uint64_t seed = 1;
    std::vector<TownHub> hubs;
    std::string label = "synthetic";
    std::vector<std::string> sender_service_ids;  // whose endpoint is the party "sender"
    std::string scratch;                          // a folder for vault's and the watch's files
    // Journals of another kind than the simulated one, or null; these cannot crash.
    std::function<std::unique_ptr<seams::Journal>(const std::string& hub, seams::Clock& clock)> journal;
};

class Town {
   public:
    explicit Town(TownOptions options);
    ~Town();

    // --- processes: "audit#1", "vault#1", "intake#1", "intake#2", "triage#1", "referral#1", "bars#1"
    // A started one is kept: whenever it dies it is started again.
    void start(const std::string& party, std::uint32_t newer_fold = 0);
    void start_all();
    void mend(const std::string& party) { mended_.insert(party); }  // from its next start on nothing is poison to it
    void stop(const std::string& party);                            // for good
    void crash(const std::string& party, std::int64_t down_ms);     // and started again
    void lose_power(std::int64_t down_ms);                          // all and Redis; up again each within so long
    void dies(const std::string& party, const std::string& why);    // by its own hand; the supervisor starts it again
    Process* find(const std::string& party);                        // null when it is not alive
    std::vector<std::string> wanted() const;
    bool asleep(const std::string& service) const { return !wanted_.contains(service + "#1"); }  // for a long time
    bool ready(std::string* why = nullptr);

    // --- time
    void at(std::int64_t in_ms, std::function<void()> then);  // on the agenda: time is never skipped past it
    void pass(
        std::int64_t ms, const std::function<bool()>& done = [] { return false; });
    std::int64_t now() const { return clock.boot_ms(); }
    void healed() { healed_ms_ = now(), delivered_at_seq_.clear(); }  // what was held up gets the time it needs
    bool has_healed() const { return healed_ms_ >= 0; }

    // --- what befalls it
    SimRedis& redis() { return *redises_.back(); }
    void break_connection(const std::string& party);
    // `left_behind` follows only after so long.
    void move_redis(std::shared_ptr<SimRedis> to, std::int64_t others_follow_within_ms,
                    const std::string& left_behind = {}, std::int64_t left_behind_ms = 0);
    void resume_redis();  // its connections are heard in any order
    std::shared_ptr<SimRedis> replica_of_redis() { return redis().replica(redis_clock_); }
    SimJournal& journal(const std::string& hub) { return *journals_.at(hub); }
    SimJournal* simulated_journal(const std::string& hub) {  // null: it is a real one
        return journals_.contains(hub) ? journals_.at(hub).get() : nullptr;
    }
    // `then` comes once, with the next such call of that party; empty: of any.
    void lie_in_wait(Call call, const std::string& party, std::function<void()> then);
    ClockFault& clock_fault(const std::string& party) { return clock_faults_[party]; }

    const TownOptions options;
    SimClock clock;
    SimRandom random;
    Wire wire;
    Network network;
    std::function<void(const std::string& line)> trace = [](const std::string&) {};
    std::function<bool()> people_wait = [] { return false; };  // somebody waits for an answer: no skipping

    const runtime::Domain& domain(const std::string& service) const;
    const runtime::Domain& domain_of(const std::string& party) const;  // as that process has it
    std::vector<runtime::HubSettings> hub_settings() const;

   private:
    friend class Process;
    friend class AuditProcess;
    friend class VaultProcess;
    friend class BarsProcess;
    Crossing crossing(Process& process, Call call);
    void called(Call call, const std::string& party);
    seams::Journal& record(const std::string& hub);
    void audit_gone();
    std::unique_ptr<Process> make(const std::string& party);
    bool quiet();
    std::string busy();
    bool settled(const std::string& hub);
    bool nothing_to_deliver(const std::string& hub);
    bool is_stuck(const std::string& hub, const std::string& service, const std::string& member);
    std::int64_t next_moment();
    void skip(std::int64_t ms);

    intake::IntakeDomain intake_;
    triage::TriageDomain triage_;
    referral::ReferralDomain referral_;
    ProbeDomain probe_;
    std::map<std::string, std::uint32_t> newer_folds_;                  // by party
    std::set<std::string> mended_;                                      // parties
    std::map<std::string, std::unique_ptr<runtime::Domain>> upgraded_;  // by party
    std::map<std::string, ClockFault> clock_faults_;
    std::map<std::pair<std::string, std::string>, std::optional<audit::ClockMark>> clocks_kept_;  // by audit and hub
    ProcessClock redis_clock_;
    std::vector<std::shared_ptr<SimRedis>> redises_;             // the last is the one in service
    std::map<std::string, std::shared_ptr<SimRedis>> store_of_;  // by party, while the move is under way
    std::map<std::string, std::unique_ptr<SimJournal>> journals_;
    std::map<std::string, std::unique_ptr<seams::Journal>> real_journals_;
    std::set<std::string> wanted_;
    std::map<std::string, std::unique_ptr<Process>> processes_;
    struct Ambush {
        Call call;
        std::string party;
        std::function<void()> then;
    };
    std::vector<Ambush> ambushes_;
    std::multimap<std::int64_t, std::function<void()>> agenda_;
    std::string last_busy_;
    std::int64_t healed_ms_ = std::numeric_limits<std::int64_t>::min() / 2;
    std::map<std::string, std::uint64_t> delivered_at_seq_;  // by hub: nothing was left to deliver there
};

}  // namespace rightplace::sim
