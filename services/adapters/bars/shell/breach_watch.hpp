// The breach watch: gives a 999 validation back to its sender at breach, with Redis, audit, triage
// and vault all down if need be. Its knowledge is its own file (watch_file.hpp) and, while the feed
// lives, the feed. A return is spooled durably before bytes leave and journalled when the ring opens.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "common/base/alive.hpp"
#include "common/base/seal.hpp"
#include "common/base/seams.hpp"
#include "messages/referral.pb.h"
#include "services/adapters/bars/domain/watch_rules.hpp"
#include "services/adapters/bars/shell/watch.pb.h"
#include "services/adapters/bars/shell/watch_file.hpp"

namespace rightplace::bars {

class BreachWatch {
   public:
    struct Outside {
        seams::Clock& clock;
        seams::Random& random;
        seams::HttpPartner& partner;
        // Hub time as far as it is known, and whether the feed lives.
        std::function<TimeMs(const std::string& hub)> hub_now;
        std::function<bool(const std::string& hub)> feed_live;
        // The message to post; nothing when the sender has no endpoint.
        std::function<std::optional<seams::HttpRequest>(const WatchRecord&, std::string body)> request;
        // What an answer means; see response_outcome in domain/.
        std::function<referral::SettleOutcome(const seams::HttpAnswer&)> judge;
        std::function<void(const std::string& hub, const referral::RecordReturn&, std::function<void(bool)>)> record;
        std::function<void(const std::string& what, const std::string& case_id)> log;
    };
    BreachWatch(WatchFile file, sealing::Key key, Outside outside);

    // Durable when it returns true: only then may the case be answered as accepted. `record` without
    // bodies and state. What is armed already is armed anew, with these, but never for a later time than it was; what
    // is going back goes on.
    bool arm(WatchRecord record, const std::string& body, const Sealed& body_for_case);
    bool knows(const std::string& case_id) const { return watched_.count(case_id) > 0; }
    std::optional<TimeMs> armed_for(const std::string& case_id) const;  // none: not watched, or going back already
    void on_event(const Event& event);
    void return_now(const std::string& case_id);
    std::size_t armed() const { return watched_.size(); }
    std::size_t free_slots() const { return free_.size(); }
    std::size_t torn_at_start() const { return torn_; }

   private:
    struct Watched {
        std::size_t slot = 0;
        WatchRecord record;
        bool busy = false;  // a post or a record command is under way
    };
    void tick();
    void act(const std::string& case_id);
    void post(const std::string& case_id);
    void on_answer(const std::string& case_id, const seams::HttpAnswer& answer);
    void journal(const std::string& case_id);
    void later(const std::string& case_id, std::int64_t ms);
    bool keep(Watched& watched);
    void forget(const std::string& case_id);

    WatchFile file_;
    sealing::Key key_;
    Outside outside_;
    std::map<std::string, Watched> watched_;  // by case id
    std::vector<std::size_t> free_;
    std::size_t torn_;
    Alive alive_;
};

}  // namespace rightplace::bars
