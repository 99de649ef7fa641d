// The judge: sees every question, every answer, every message of the feed and every read, and trusts
// none of them. Knows the record only by its bytes (record_model.hpp).
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/base/seams.hpp"
#include "messages/envelope.pb.h"
#include "tests/sim/judge/findings.hpp"
#include "tests/sim/judge/record_model.hpp"
#include "tests/sim/judge/returns.hpp"

namespace rightplace::sim {

// How the judge looks at a record: what is on disk, and what has been written at all.
struct RecordEyes {
    std::function<const std::vector<seams::Bytes>&()> written;
    std::function<std::size_t()> synced;
};

class Judge {
   public:
    explicit Judge(std::map<std::string, RecordEyes> records) : records_(std::move(records)) {}

    void published(const seams::FeedMessage& message);
    void read(const std::string& hub, const seams::Bytes& reply);
    // One attempt at a command, and what came back of it. No answer is no news.
    void asked(const Command& command);
    // The store took it, at this very moment.
    void committed(const std::string& command_id);
    void answered(const Command& command, const Reply& reply);
    void query_refused(const std::string& what, const Refusal& refusal);
    // A BaRS message and its answer; `case_id` is what it opens when it is accepted.
    void bars_answered(const std::string& hub, const std::string& request_id, const std::string& case_id, int status,
                       const std::string& body);
    void sender_got(const std::string& request_id, const std::string& body);
    void gave_up(const std::string& what);  // asked again and again, and never decided
    void line_logged(std::string_view line) { no_identity("a log line", line); }

    void at_rest(const std::map<std::string, std::int64_t>& hub_now, const RecordModel::Calm& calm);
    void no_identity(const std::string& where, std::string_view text);

    Findings findings;
    Returns returns;
    std::map<std::string, std::vector<triage::ReviewState>> queues;  // by hub, as the store has them at rest
    std::map<std::string, Opening> openings;                         // by hub
    // True time, when the hubs' clocks and the roads are good enough to judge deadlines by it.
    std::function<std::int64_t()> good_clock;
    std::function<std::int64_t()> now = [] { return 0; };  // true time, though the clocks be bad
    int copies_most = 1;                                   // of a message that the wire may carry twice

   private:
    // What a record holds, looked up rather than searched; what is on disk never changes.
    struct Index {
        std::size_t upto = 0;
        std::set<std::string> commands;
        std::set<std::string> cases;
    };
    const Index& index(const std::string& hub) const;
    void in_good_time(const Event& event);
    void heartbeat(const seams::FeedMessage& message);
    void on_disk(const std::string& hub, const seams::Bytes& stored, const char* how);
    void heard(const std::string& hub, std::uint64_t seq);
    void not_from_the_past(const Command& command, const Reply& reply);
    void acknowledged(const Command& command, const Reply& reply);
    bool in_record(const std::string& hub, const std::string& event_id, std::uint64_t seq) const;
    bool has_command(const std::string& hub, const std::string& command_id) const;
    bool has_case(const std::string& hub, const std::string& case_id) const;

    struct Known {
        std::uint64_t head_at_least = 0;  // what others had been told well before it was asked
        std::int64_t decided_by = 0;      // true time of the latest deadline among the attempts
        int in_doubt = 0;                 // attempts without a certain answer
        std::string receipt;              // of the first acknowledgement
        std::string hub;
        bool refused_for_good = false;
    };
    // How far a hub's record was vouched for in an answer, and when.
    struct Vouched {
        std::int64_t at = 0;
        std::uint64_t head = 0;
    };
    std::map<std::string, RecordEyes> records_;
    std::map<std::string, std::vector<Vouched>> vouched_;
    std::map<std::pair<std::string, std::uint64_t>, seams::Bytes> seen_;  // hub, seq -> event, as first seen
    std::map<std::string, std::uint64_t> heard_;                          // hub -> seq, of which `returns` knows
    std::map<std::string, Known> commands_;
    std::map<std::string, std::pair<int, std::string>> exchanges_;  // request id -> first certain answer
    std::map<std::string, std::string> posts_;                      // our request id -> body
    mutable std::map<std::string, Index> indexes_;
};

}  // namespace rightplace::sim
