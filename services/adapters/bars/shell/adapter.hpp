// The BaRS adapter on all its hubs: front door, deliveries and breach watch, fed by the hubs' feeds.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "common/bus/asker.hpp"
#include "common/config/config.pb.h"
#include "common/runtime/feed_follower.hpp"
#include "messages/runtime.pb.h"
#include "services/adapters/bars/domain/answers.hpp"
#include "services/adapters/bars/shell/breach_watch.hpp"
#include "services/adapters/bars/shell/deliveries.hpp"
#include "services/adapters/bars/shell/front_door.hpp"

namespace rightplace::bars {

struct AdapterWorld {
    seams::Clock& clock;
    seams::Random& random;
    seams::Life& life;
    seams::FeedSubscriber& feed;
    seams::JournalReader& reader;
    seams::CommandClient& client;
    seams::HttpPartner& partner;
    std::function<void(const std::string& what, const std::string& id)> log;
};

// Whether the watch does not hold what the book knows by now: the case, or its earlier breach time.
bool is_to_be_armed(const BookedCase& booked, const BreachWatch& watch);

class Adapter {
   public:
    Adapter(const config::Stack& stack, AdapterWorld world, WatchFile watch_file, sealing::Key watch_key);
    void start();
    void handle(http::Request request, http::Server::Respond respond);

    bool ready(std::string& why_not) const;
    runtime::StatusReply status() const;
    seams::Bytes answer_status(const Request& request) const;  // a Response: status, or a refusal of anything else
    const BreachWatch& watch() const { return *watch_; }
    std::size_t keys_left() const { return keys_.left(); }
    runtime::FeedFollower* follower(const std::string& hub);

   private:
    struct HubSide {
        std::string service_id;
        std::string organisation_ods;
        CaseBook book;
        std::unique_ptr<runtime::FeedFollower> follower;
        std::unique_ptr<Deliveries> deliveries;
        bool live = false;
        std::set<std::string> alerting;   // kind:case of alerts that are being raised or were
        std::set<std::string> rearming;   // case ids being armed again after a restart
        std::set<std::string> unwatched;  // case ids that the watch had no room for
    };

    void build_hub(const config::Hub& hub);
    std::string hub_of(const std::string& service_id) const;   // empty: no hub of ours
    std::string site_of(const std::string& service_id) const;  // empty: the hub's own service
    Receiving::Outside receiving_outside();
    Changing::Outside changing_outside();
    Reading::Outside reading_outside();
    Deliveries::Outside delivery_outside(const std::string& hub);
    BreachWatch::Outside watch_outside();
    void on_event(const std::string& hub, const Event& event);
    void on_heartbeat(const std::string& hub);
    void rearm(const std::string& hub);
    void rearm_one(const std::string& hub, const BookedCase& booked);
    void alert_missing_endpoints(const std::string& hub);
    void raise_alert(const std::string& hub, const std::string& kind, const std::string& subject,
                     const std::string& case_id, const std::string& case_number);
    struct ToArm {
        std::string hub, site;
        OwnCase own;
        intake::ReplyTo reply_to;
        TimeMs breach_at = 0;
        SharedTree request;
        Format format = Format::json;
    };
    bool arm(const ToArm& one, const NamedKey& key);
    std::string service_of(const std::string& hub, const std::string& site) const;  // ours, that was asked
    void record_return(const std::string& hub, const referral::RecordReturn& said, std::function<void(bool)> then);
    const std::string* endpoint_of(const std::string& service_id) const;
    std::optional<seams::HttpRequest> message(const std::string& hub, const intake::ReplyTo& reply_to,
                                              const std::string& request_id, bool update,
                                              const std::string& content_type, std::string body) const;
    TimeMs hub_now(const std::string& hub) const;

    AdapterWorld world_;
    std::map<std::string, std::string> endpoints_;  // sender's service id -> $process-message URL
    std::map<std::string, std::string> hub_by_service_, site_by_service_;
    bus::Asker asker_;
    KeyRing keys_;
    Refusing refusing_;
    std::map<std::string, HubSide> hubs_;
    std::unique_ptr<BreachWatch> watch_;
    std::unique_ptr<FrontDoor> door_;
    Alive alive_;
};

}  // namespace rightplace::bars
