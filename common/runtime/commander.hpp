// One command's way through one hub: load, decide, commit, and an answer that is held until the
// journal has it. Everything is submit-and-complete; many commands are under way at once.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <unordered_set>

#include "common/base/alive.hpp"
#include "common/base/seams.hpp"
#include "common/runtime/domain.hpp"
#include "common/runtime/feed_follower.hpp"
#include "common/runtime/fold.hpp"
#include "common/runtime/held_answers.hpp"
#include "common/runtime/locks.hpp"

namespace rightplace::runtime {

struct HubSettings {
    std::string hub;
    std::string label;  // on every event; empty on a live hub
    std::string case_letter;
    std::vector<std::string> other_hubs = {};
};

struct World {  // what a service's runtime is given; one file per program builds it
    seams::Clock& clock;
    seams::Random& random;
    seams::Life& life;
    seams::Store& store;
    seams::FeedSubscriber& feed;
    seams::JournalReader& reader;
    seams::CommandServer& server;
};

class Commander {
   public:
    Commander(const HubSettings& settings, const Domain& domain, const World& world, const FeedFollower& feed,
              const Fold& fold);

    // `key_role` is what the transport vouches for. The answer comes once, later.
    void submit(const Command& command, const std::string& key_role, std::function<void(Reply)> answer);
    void on_event(const Event& event);  // after the fold has it
    void on_heartbeat();
    void set_ready(bool ready, std::string why);

    const HeldAnswers& held() const { return held_; }
    std::size_t in_flight() const { return in_flight_; }
    Context context(TimeMs now) const;

   private:
    struct Job {
        Command command;
        std::string key_role;
        std::shared_ptr<const Message> payload;
        std::vector<AggregateId> needs;
        std::int64_t deadline = 0;  // boot ms
        int attempts = 0;
        bool broken = false;      // the rule for what it needs broke on it
        std::uint64_t epoch = 0;  // of the head it was last read at; before any, of the feed
        std::uint64_t seq = 0;
        bool answered = false;
        std::function<void(Reply)> answer;
    };
    using JobPtr = std::shared_ptr<Job>;
    // What one attempt wants to write, kept until the store has answered.
    struct Attempt {
        JobPtr job;
        seams::CommitRequest request;
        Receipt receipt;
        std::optional<Refusal> refusal;  // a refusal that leaves a fact
        std::string last_event_id;
    };

    std::optional<Reply> turn_away(Job& job) const;
    void find_needs(Job& job) const;
    std::optional<Reply> cannot_judge(const Job& job) const;
    void load(const JobPtr& job);
    void on_loaded(const JobPtr& job, const seams::Stored<seams::Loaded>& loaded);
    std::optional<States> states_of(const Job& job, const seams::Loaded& loaded) const;
    void decide(const JobPtr& job, const seams::Loaded& loaded);
    void commit(const JobPtr& job, const seams::Loaded& loaded, const States& states, const Decision& decision,
                std::optional<Refusal> refusal);
    void build_events(Attempt& attempt, const seams::Loaded& loaded, const States& states, const Decision& decision);
    void commit_refused_facts(const std::shared_ptr<Attempt>& attempt);
    void send(const std::shared_ptr<Attempt>& attempt);
    void on_committed(const std::shared_ptr<Attempt>& attempt, const seams::Stored<seams::Committed>& committed);
    void on_store_failure(const JobPtr& job, const seams::StoreFailure& failure, bool commit_sent);
    void again(const JobPtr& job, const std::string& why);
    void hold_for_head(const JobPtr& job, Reply reply, std::uint64_t epoch, std::uint64_t seq);
    void finish(const JobPtr& job, Reply reply);

    HubSettings settings_;
    const Domain& domain_;
    World world_;
    const FeedFollower& feed_;
    const Fold& fold_;
    Locks locks_;
    HeldAnswers held_;
    std::deque<std::string> recent_order_;  // ids of the last folded events, for commits whose answer comes late
    std::unordered_set<std::string> recent_;
    std::set<std::string, std::less<>> commands_;
    bool ready_ = false;
    std::string why_not_ready_ = "starting";
    std::size_t in_flight_ = 0;
    Alive alive_;
};

}  // namespace rightplace::runtime
