// Messages to senders: driven by the delivery aggregates on the feed. DeliveryStarted is journalled
// with the rendered, sealed bytes before any byte leaves; what is posted is what the journal holds, so
// a retry is byte-identical across restarts. Breach returns are the breach watch's.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/alive.hpp"
#include "common/bus/asker.hpp"
#include "services/adapters/bars/domain/case_book.hpp"
#include "services/adapters/bars/shell/key_ring.hpp"

namespace rightplace::bars {

struct Rendered {
    std::string body;
    std::string content_type;
    std::string request_id;
};

class Deliveries {
   public:
    struct Outside {
        seams::Clock& clock;
        seams::Random& random;
        seams::HttpPartner& partner;
        bus::Asker& asker;
        KeyRing& keys;
        std::function<TimeMs()> hub_now;
        std::function<bool(const std::string& service_id)> has_endpoint;
        // Pure rendering (domain/render_delivery.hpp) from the request as it came and the clinician's text.
        std::function<std::optional<Rendered>(const BookedCase&, const referral::DeliveryState&,
                                              const std::string& original, const std::string& text)>
            render;
        std::function<seams::HttpRequest(const referral::DeliveryState&, std::string body)> request;
        std::function<bool(const std::string& case_id)> unwatched;  // the breach watch has no room for it
        std::function<void(const referral::DeliveryState&)> alert;  // it is not getting through
        std::function<void(const std::string& what, const std::string& delivery_id)> log;
    };
    Deliveries(std::string hub, const CaseBook& book, Outside outside);

    void look();               // after events and heartbeats; begins whatever is due
    void set_live(bool live);  // the feed is caught up: what is STARTED without us is an orphan

   private:
    void begin(const referral::DeliveryState& delivery);
    void render(const referral::DeliveryState& delivery, const NamedKey& key);
    void with_text(const referral::DeliveryState& delivery, const NamedKey& key, const Sealed& sealed,
                   const CaseKey& released);
    void start(const referral::DeliveryState& delivery, const NamedKey& key, const std::string& text);
    void post(const referral::DeliveryState& delivery);
    void settle(const referral::DeliveryState& delivery, const seams::HttpAnswer& answer);
    void ask_until_decided(Command command, const std::string& delivery_id);
    bool is_taken_back(const referral::DeliveryState& delivery) const;
    void done(const std::string& delivery_id);
    void refused(const std::string& delivery_id, RefusalCode code);
    void with_key(const referral::DeliveryState& delivery, const std::string& key_id,
                  std::function<void(const NamedKey&)> then);
    void wait_for_key(const referral::DeliveryState& delivery);
    void give_up_for(const std::string& delivery_id, std::int64_t ms);
    std::vector<std::string> due() const;
    Command command_for(const referral::DeliveryState& delivery, const std::string& what,
                        const google::protobuf::Message& payload) const;
    void tick();

    std::string hub_;
    const CaseBook& book_;
    Outside outside_;
    bool live_ = false;
    std::set<std::string> under_way_;                    // delivery ids with a command or post under way
    std::set<std::string> resting_;                      // of those, the ones that only wait to be looked at again
    std::map<std::string, std::int64_t> keyless_since_;  // delivery id -> boot time at which vault first gave no key
    std::map<std::string, std::uint32_t> posted_;        // delivery id -> attempt that this process has settled
    std::map<std::string, std::uint32_t> refusals_;      // delivery id -> how often referral refused what we asked
    Alive alive_;
};

}  // namespace rightplace::bars
