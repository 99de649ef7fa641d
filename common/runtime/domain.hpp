// The core of a service: pure functions over protobuf messages. No clock, socket, store or log.
// The runtime does everything else once: load, commit, retry, dedupe, held answers, reactions,
// timers, refold.
#pragma once

#include <google/protobuf/message.h>

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "common/base/seams.hpp"
#include "common/base/time.hpp"
#include "messages/envelope.pb.h"
#include "messages/policy.pb.h"

namespace rightplace::runtime {

using google::protobuf::Message;
using seams::AggregateId;
using seams::IndexEntry;

struct Aggregate {
    std::uint64_t version = 0;             // 0: never heard of
    std::shared_ptr<const Message> state;  // null with version 0
    std::string case_id;                   // from its last event
    std::string case_number;
    std::string correlation_id;
};

// The service's own fold of the feed: journalled by construction, possibly a little behind the store.
class View {
   public:
    virtual ~View() = default;
    virtual const Aggregate* find(const AggregateId&) const = 0;
    virtual void each(std::string_view type,
                      const std::function<void(const AggregateId&, const Aggregate&)>&) const = 0;
    // Those of which Domain::lookup_keys says `key`, in the order of their ids.
    virtual void each_with_key(std::string_view type, std::string_view key,
                               const std::function<void(const AggregateId&, const Aggregate&)>&) const = 0;
    virtual std::uint64_t seq() const = 0;
};

struct Context {
    TimeMs now = 0;  // hub time; stands still during one decision
    std::string hub;
    const policy::HubPolicy* policy = nullptr;  // null until one is adopted
    std::string policy_version;
    const View* view = nullptr;
    std::string case_letter;  // of the hub, for speakable numbers
    std::span<const std::string> other_hubs;
};

// What was loaded for one decision.
class States {
   public:
    void put(AggregateId id, Aggregate aggregate, TimeMs lease_expires, std::string lease_token);
    const Aggregate& at(const AggregateId&) const;  // INVARIANT: it was in needs()
    template <typename T>
    const T* get(const AggregateId& id) const {  // null when there is none
        return static_cast<const T*>(at(id).state.get());
    }
    TimeMs lease_expires(const AggregateId&) const;                           // 0: no lease
    bool loaded(const AggregateId& id) const { return held_.count(id) > 0; }  // for ids found through the view

   private:
    struct Held {
        Aggregate aggregate;
        TimeMs lease_expires;
        std::string lease_token;
    };
    std::map<AggregateId, Held> held_;
};

struct NewEvent {
    AggregateId aggregate;
    std::shared_ptr<const Message> payload;
    std::string case_id;
    std::string case_number;
};

struct Decision {
    std::vector<NewEvent> events;
    // A lease on the aggregate: set with token "" means the id of the (single) event of that aggregate.
    seams::LeaseChange::Kind lease = seams::LeaseChange::Kind::none;
    AggregateId leased;
    std::string lease_token;
    std::int64_t lease_ms = 0;
    bool renews = false;  // no events: only the lease moves
};
// A refusal may still leave a fact (the text of a stale decision, kept as a note): `events` are
// committed and the command is answered REFUSED.
struct Refused {
    Refusal refusal;
    std::vector<NewEvent> events;
};
using Decided = Result<Decision, Refused>;

inline Failure<Refused> refuse(RefusalCode code, std::string sentence, std::string field = {}) {
    Refusal refusal;
    refusal.set_code(code);
    refusal.set_sentence(std::move(sentence));
    refusal.set_field(std::move(field));
    return {Refused{std::move(refusal), {}}};
}

// A command that an event causes. Its id is derived from (service, rule, cause event id, key).
struct Reaction {
    std::string rule;
    std::string key;
    std::shared_ptr<const Message> payload;
    std::optional<TimeMs> occurred_at = {};  // of what it records, when that happened before
};

struct Query {
    const Message* payload;
    const Actor* actor;
    std::uint64_t as_of_seq;
};
using Answered = Result<std::shared_ptr<const Message>, Refusal>;

class Domain {
   public:
    virtual ~Domain() = default;
    virtual std::string_view service() const = 0;
    virtual std::uint32_t fold() const = 0;  // raise it when evolve or index changes
    virtual std::vector<std::string_view> aggregate_types() const = 0;
    virtual std::shared_ptr<Message> empty_state(std::string_view aggregate_type) const = 0;
    // Full names of the command messages it takes, e.g. "rightplace.triage.ClaimReview".
    virtual std::vector<std::string_view> commands() const = 0;
    virtual bool may(std::string_view key_role, std::string_view command) const = 0;

    virtual std::vector<AggregateId> needs(const Message& command, const Context&) const = 0;
    virtual Decided decide(const States&, const Message& command, const Command& envelope, const Context&) const = 0;
    // `before` is null for the first event. Cannot refuse. Never reads the trailer.
    virtual std::shared_ptr<const Message> evolve(std::string_view aggregate_type, const Message* before, const Event&,
                                                  const Message& payload) const = 0;
    virtual std::vector<IndexEntry> index(const AggregateId&, const Message& state) const = 0;
    // What View::each_with_key finds an aggregate by. In the fold's memory only: nothing to refold.
    virtual std::vector<std::string> lookup_keys(std::string_view, const Message&) const { return {}; }
    virtual std::vector<Reaction> react(const Event&, const Message& payload, const Context&) const = 0;
    // What it does in its own hub about an event that its like at another hub emitted; only if it follows them. One
    // cause after the other, in their order.
    virtual bool follows_other_hubs() const { return false; }
    virtual std::vector<Reaction> react_to_other_hub(const Event&, const Message&, const Context&) const { return {}; }
    // A timer is an index entry in queue due_queue(service), member timer_member(aggregate, kind).
    virtual std::shared_ptr<const Message> on_timer(const AggregateId&, std::string_view kind, TimeMs due) const = 0;
    // The live claim in a state, if any: its token and lease length under the policy.
    virtual std::optional<std::string> live_claim(std::string_view aggregate_type, const Message& state) const = 0;
    virtual std::shared_ptr<const Message> on_lease_lapsed(const AggregateId&, std::string_view token) const = 0;
    virtual bool closed(std::string_view aggregate_type, const Message& state) const = 0;
    // Events the domain issues by itself once the hub is ready (e.g. the first policy); usually none.
    virtual std::vector<Reaction> on_ready(const Context&) const = 0;
    virtual Answered query(const Query&, const Context&) const = 0;
};

std::string due_queue(std::string_view service);                      // "due.triage"
std::string timer_member(const AggregateId&, std::string_view kind);  // "review|<id>|breach"
// The parts of a timer member; nothing when it is not one.
struct TimerName {
    AggregateId aggregate;
    std::string kind;
};
std::optional<TimerName> parse_timer_member(std::string_view member);

}  // namespace rightplace::runtime
