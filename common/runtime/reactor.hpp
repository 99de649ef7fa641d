// Reactions: what a service does about events, its own and others'. At least once, with command ids
// derived from (service, rule, cause event id, key), so that repeats are harmless. The cursor is a
// low-water mark: every cause at or below it is finished. It is saved lazily and may be behind.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "common/runtime/commander.hpp"
#include "messages/runtime.pb.h"

namespace rightplace::runtime {

inline constexpr const char* whole_event_rule = "react";  // of what is parked because the rules broke on its event

class Reactor {
   public:
    // `feed` is of `source`: the hub itself, or another whose events it reacts to in its own hub.
    Reactor(const HubSettings& settings, const Domain& domain, const World& world, Commander& commander,
            const FeedFollower& feed, std::string source);

    void on_event(const Event& event, const std::string& stored);
    void start(std::uint64_t cursor);  // the ring is open and this service ready: go on from here
    void stop();                       // not ready: nothing new is begun
    std::uint64_t cursor() const;
    std::size_t parked() const { return parked_.size(); }
    bool is_parked(const std::string& reaction_id) const { return parked_.contains(reaction_id); }

    // A command nobody asked for: a reaction, a timer, a lapse. Retried until it is decided; a refusal
    // becomes an event, a rule that breaks is parked as one.
    struct Task {
        std::string rule;
        std::string key;
        std::string command_id;
        std::string cause_event_id;
        std::uint64_t cause_seq = 0;
        std::shared_ptr<const Message> payload;
        std::string correlation_id;
        std::string cause_hub = {};  // empty: this one
        std::optional<TimeMs> occurred_at = {};
    };
    void run(Task task, std::function<void()> finished);
    void run_on_ready();

   private:
    bool at_home() const { return source_ == settings_.hub; }
    bool has_room() const;
    bool may_begin() const;
    std::vector<Reaction> reactions_to(const Event& event, const Message& payload) const;
    void pump();
    void begin_recent();
    void begin(const Event& event);
    // An un-parked reaction on its way: what was asked, by which event, and where that stands.
    struct Again {
        ReactionUnparked unparked;
        std::string event_id;
        std::uint64_t seq = 0;
    };
    void unpark(const Event& event);
    void read_cause(const Again& again);
    void run_again(const Again& again, const Event& cause);
    void finished(std::uint64_t seq);
    void fetch();
    void on_page(const Result<std::string, seams::TransportError>& page);
    void attempt(const std::shared_ptr<Task>& task, int tries, std::function<void()> finished);
    static ParkReaction parking(const Task& task, const std::string& reason);
    static RefuseReaction refusal(const Task& task, RefusalCode code, const std::string& sentence);
    std::string outcome_id(const Task& task) const;
    void settle(const std::shared_ptr<Task>& task, const std::string& command_id, const Message& payload,
                std::function<void()> finished);
    void save_cursor();

    HubSettings settings_;
    const Domain& domain_;
    World world_;
    Commander& commander_;
    const FeedFollower& feed_;
    std::string source_;
    std::deque<std::string> recent_;                  // stored events, the last of them at feed_.folded()
    std::uint64_t recent_last_ = 0;                   // seq of recent_.back()
    std::uint64_t position_ = 0;                      // highest seq begun
    std::map<std::uint64_t, std::size_t> under_way_;  // cause seq -> commands outstanding
    std::set<std::string> parked_;
    bool running_ = false;
    bool pumping_ = false;
    bool fetching_ = false;
    std::uint64_t saved_ = 0;
    Alive alive_;
};

}  // namespace rightplace::runtime
