// Those who ask: clinicians at consoles, crews, the ambulance service's system, receiving trusts. They
// ask again under the same id until they are answered, and do by turns what the plan gives them.
#pragma once

#include <memory>
#include <string>

#include "messages/intake.pb.h"
#include "messages/referral.pb.h"
#include "messages/triage.pb.h"
#include "messages/vault.pb.h"
#include "tests/sim/history/plan.hpp"
#include "tests/sim/judge/judge.hpp"
#include "tests/sim/world/town.hpp"

namespace rightplace::sim {

class People {
   public:
    People(Town& town, Judge& judge);
    void expect(const Arrival& arrival);  // puts it on the town's agenda
    void expect(const Rush& rush);

    enum class Patience { until_decided, while_remembered, once };
    // Asks a service until it is decided; `then` gets the final reply, or UNKNOWN when patience is over.
    void ask(const std::string& party, const std::string& key_role, const std::string& service, Command command,
             std::function<void(const Reply&)> then, std::int64_t attempt_ms = usual_attempt_ms,
             Patience patience = Patience::until_decided);
    std::size_t waiting() const { return waiting_; }
    std::size_t answers() const { return answers_; }
    std::function<void(const vault::CaseKey&)> key_used = [](const vault::CaseKey&) {};  // for a made-up person
    enum class Endpoint { well, fails, silent };
    Endpoint sender_endpoint = Endpoint::well;

   private:
    static constexpr std::int64_t usual_attempt_ms = 2'000;
    struct Asking {
        std::string party;
        std::string service;
        Command command;
        std::int64_t attempt_ms = 0;
        Patience patience = Patience::until_decided;
        std::int64_t until = 0;
        int tries = 0;
        std::unique_ptr<Network::Client> client;
        std::function<void(const Reply&)> then;
    };
    struct Posting {
        Arrival arrival;
        std::string body;
        std::string request_id;
        std::int64_t until = 0;
        int tries = 0;
        bool changes = false;  // an update or a cancellation of one that was answered before
    };
    struct Shift {  // one worker on one case
        Arrival arrival;
        Worker worker;
        std::size_t at = 0;
        std::string token;
    };
    // They ask again soon at first, and then less and less often.
    static constexpr int slowest_after_tries = 20;
    void attempt(const std::shared_ptr<Asking>& asking);
    void arrive(const Arrival& arrival);
    void open_by_command(const Arrival& arrival);
    void post(const std::shared_ptr<Posting>& posting);
    void posted(const std::shared_ptr<Posting>& posting, const seams::HttpAnswer& answer);
    void change_later(const Posting& posting);  // by message, once, as the plan says
    void post_change(const Posting& posting, const std::string& what, std::int64_t after_ms);
    void work(const std::shared_ptr<Shift>& shift);
    void act(const std::shared_ptr<Shift>& shift, const Step& step);
    void look(const std::shared_ptr<Shift>& shift, Deed deed, const std::string& case_id);
    void read_all(const std::string& hub, const std::string& case_id, const std::string& name);
    std::unique_ptr<google::protobuf::Message> same_rules(const std::string& hub, const std::string& id) const;
    void query(const std::string& hub, const std::string& service, const google::protobuf::Message& payload,
               const std::string& actor);
    void look_at_feed(const seams::FeedMessage& message);
    Command command_for(const Arrival& arrival, const google::protobuf::Message& payload, const std::string& id,
                        const std::string& actor) const;
    const std::string& hub_that_has(const Arrival& arrival) const;
    intake::CaseFacts facts_of(const Arrival& arrival) const;
    void open_for_somebody(const Arrival& arrival);
    void open_with(const Arrival& arrival, const Sealed& person);
    const std::string& hub_of(const Arrival& arrival) const { return plan_hubs[arrival.hub]; }

    Town& town_;
    Judge& judge_;
    std::size_t waiting_ = 0;
    std::size_t answers_ = 0;
    std::map<std::size_t, std::string> case_ids_;  // by arrival
    std::map<std::size_t, std::string> key_ids_;
    std::set<std::size_t> changed_;     // arrivals whose changes are on the agenda
    std::vector<vault::CaseKey> keys_;  // got from vault, and not used yet
    // What people know of transfers, from the feed: by case.
    struct Whereabouts {
        std::string hub;       // that has it; empty: where it was opened
        std::string offer_id;  // of the last offer
        std::string offered_to;
    };
    std::map<std::string, Whereabouts> whereabouts_;
    void look_at_transfer(const Event& event);
    void look_at_alert(const Event& event);
    void look_at_referral(const Event& event, const referral::ReferralRequested& requested);
    void look_at_delivery(const Event& event);
    void look_at_parked(const Event& event);
    std::set<std::string> alerts_seen_;  // event ids
    void ask_for_transfer(const std::shared_ptr<Shift>& shift, Deed deed, const std::string& id);
    Command transfer_command(const std::shared_ptr<Shift>& shift, Deed deed, const std::string& id);
    std::set<std::string> referrals_;  // those that the receiving trusts have seen
    std::unique_ptr<Network::Door> sender_;
};

}  // namespace rightplace::sim
