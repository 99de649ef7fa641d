#include "services/adapters/bars/shell/deliveries.hpp"

#include <algorithm>

#include "common/base/hash.hpp"
#include "common/base/limits.hpp"
#include "common/clinical/deliveries.hpp"
#include "services/adapters/bars/domain/outcome.hpp"

namespace rightplace::bars {
namespace {

bool has_own_lane(const referral::DeliveryState& delivery) {
    return clinical::has_own_lane(delivery.kind(), delivery.emergency());
}

}  // namespace

Deliveries::Deliveries(std::string hub, const CaseBook& book, Outside outside)
    : hub_(std::move(hub)), book_(book), outside_(std::move(outside)) {
    tick();
}

void Deliveries::set_live(bool live) {
    live_ = live;
}

void Deliveries::tick() {
    outside_.clock.after(limits::timer_scan_ms, alive_.guard([this] {
        look();
        tick();
    }));
}

// What has a lane of its own begins first, whatever else waits. The rest begins up to a bound for each destination, so
// that one that is slow, or has very many waiting, holds up nobody but itself.
void Deliveries::look() {
    if (!live_) return;
    std::map<std::string, std::size_t> busy;  // by destination
    for (const auto& id : under_way_) {
        const auto found = book_.deliveries().find(id);
        if (found == book_.deliveries().end() || resting_.count(id) > 0 || has_own_lane(found->second)) continue;
        ++busy[found->second.reply_to().service_id()];
    }
    for (const auto& id : due()) {
        const auto& delivery = book_.deliveries().at(id);
        const bool free = has_own_lane(delivery);
        if (!free && ++busy[delivery.reply_to().service_id()] > limits::deliveries_at_once_max) continue;
        begin(delivery);
    }
}

std::vector<std::string> Deliveries::due() const {
    const auto now = outside_.hub_now();
    std::vector<std::string> due;
    for (const auto& [id, delivery] : book_.deliveries()) {
        if (delivery.status() == referral::QUARANTINED || delivery.reply_to().protocol() != "bars") continue;
        // A return is the watch's, unless it had no room; or a person had it sent again: then the watch is long over.
        const bool of_watch = !delivery.released() && !outside_.unwatched(delivery.case_id());
        if (delivery.kind() == referral::BREACH_RETURN && of_watch) continue;
        if (is_taken_back(delivery) && delivery.status() != referral::STARTED)
            continue;  // its withdrawal is on its way
        if (under_way_.count(id) > 0 || !outside_.has_endpoint(delivery.reply_to().service_id())) continue;
        const bool waits = delivery.status() == referral::WAITING && to_ms(delivery.next_attempt_at()) > now;
        const auto posted = posted_.find(id);
        const bool settled_here =
            delivery.status() == referral::STARTED && posted != posted_.end() && posted->second >= delivery.attempts();
        if (!waits && !settled_here) due.push_back(id);
    }
    std::stable_partition(due.begin(), due.end(),
                          [this](const auto& id) { return has_own_lane(book_.deliveries().at(id)); });
    return due;
}

void Deliveries::done(const std::string& delivery_id) {
    under_way_.erase(delivery_id);
    resting_.erase(delivery_id);
}

void Deliveries::begin(const referral::DeliveryState& delivery) {
    under_way_.insert(delivery.delivery_id());
    if (delivery.status() == referral::STARTED && delivery.withdrawn()) {
        settle(delivery, {});  // whatever became of the attempt: not once more
        return;
    }
    if (delivery.status() == referral::STARTED) {
        post(delivery);  // the bytes the journal holds, under the request id it holds
        return;
    }
    if (delivery.attempts() > 0) {
        referral::StartDelivery again;
        again.set_delivery_id(delivery.delivery_id());
        again.set_attempt(delivery.attempts() + 1);
        again.set_request_id(delivery.request_id());
        *again.mutable_body() = delivery.body();
        again.set_content_type(delivery.content_type());
        const auto what = "start:" + std::to_string(again.attempt());
        ask_until_decided(command_for(delivery, what, again), delivery.delivery_id());
        return;
    }
    const auto* booked = book_.find(delivery.case_id());
    if (booked == nullptr || booked->original.key_id().empty()) {
        outside_.log("delivery-without-original", delivery.delivery_id());
        outside_.alert(delivery);
        give_up_for(delivery.delivery_id(), limits::delivery_backoff_max_ms);
        return;
    }
    with_key(delivery, booked->original.key_id(), [this, delivery](const NamedKey& key) { render(delivery, key); });
}

// It tells of an outcome that stands no more.
bool Deliveries::is_taken_back(const referral::DeliveryState& delivery) const {
    const bool tells = delivery.kind() == referral::FULL_RESPONSE || delivery.kind() == referral::REJECTING_RESPONSE;
    const auto* booked = book_.find(delivery.case_id());
    return tells && booked != nullptr && booked->outcome_event_id != delivery.about_event_id();
}

void Deliveries::give_up_for(const std::string& delivery_id, std::int64_t ms) {
    resting_.insert(delivery_id);
    outside_.clock.after(ms, alive_.guard([this, delivery_id] { done(delivery_id); }));
}

void Deliveries::with_key(const referral::DeliveryState& delivery, const std::string& key_id,
                          std::function<void(const NamedKey&)> then) {
    const auto got = [this, delivery, then](const CaseKey& released) {
        if (released.key) {
            then(*released.key);
            return;
        }
        wait_for_key(delivery);
    };
    outside_.keys.of_case(hub_, delivery.case_id(), key_id, alive_.guard(got));
}

// Never in silence: after a while people are told that the sender still waits.
void Deliveries::wait_for_key(const referral::DeliveryState& delivery) {
    const auto& id = delivery.delivery_id();
    outside_.log("delivery-waits-for-vault", id);
    const auto now = outside_.clock.boot_ms();
    const auto since = keyless_since_.try_emplace(id, now).first->second;
    if (now - since >= limits::delivery_key_wait_ms) outside_.alert(delivery);
    give_up_for(id, limits::delivery_backoff_first_ms);
}

// The clinician's text may be sealed under another key of the case than the request.
void Deliveries::render(const referral::DeliveryState& delivery, const NamedKey& key) {
    const auto* booked = book_.find(delivery.case_id());
    const bool rejects = delivery.kind() == referral::REJECTING_RESPONSE;
    const auto sealed =
        booked == nullptr ? Sealed() : (rejects ? booked->rejected.text() : booked->decided.rationale());
    if (sealed.ciphertext().empty() || delivery.kind() == referral::INTERIM_RESPONSE) {
        start(delivery, key, "");
        return;
    }
    outside_.keys.of_case(hub_, delivery.case_id(), sealed.key_id(),
                          alive_.guard([this, delivery, key, sealed](const CaseKey& released) {
                              with_text(delivery, key, sealed, released);
                          }));
}

// The decision goes out without its text rather than not at all: once vault has refused the text's key
// for a while (at first it may not have seen the case), or the text does not open.
void Deliveries::with_text(const referral::DeliveryState& delivery, const NamedKey& key, const Sealed& sealed,
                           const CaseKey& released) {
    const auto& id = delivery.delivery_id();
    if (released.key) {
        const auto text = sealing::open(released.key->key, sealed, sealing::Context::rationale);
        if (!text.ok()) outside_.log("clinician-text-does-not-open", id);
        return start(delivery, key, text.ok() ? text.value() : std::string());
    }
    const auto now = outside_.clock.boot_ms();
    const auto since = keyless_since_.try_emplace(id, now).first->second;
    const auto patience = delivery.emergency() ? limits::emergency_text_wait_ms : limits::delivery_key_wait_ms;
    if ((released.refused || delivery.emergency()) && now - since >= patience) {
        outside_.log("clinician-text-not-released", id);
        return start(delivery, key, {});
    }
    wait_for_key(delivery);
}

void Deliveries::start(const referral::DeliveryState& delivery, const NamedKey& key, const std::string& text) {
    const auto* booked = book_.find(delivery.case_id());
    const auto original = booked == nullptr
                              ? Result<std::string, sealing::OpenError>(Failure{sealing::OpenError::malformed})
                              : sealing::open(key.key, booked->original, sealing::Context::original);
    const auto rendered =
        original.ok() ? outside_.render(*booked, delivery, original.value(), text) : std::optional<Rendered>();
    if (!rendered) {
        outside_.log("delivery-cannot-be-rendered", delivery.delivery_id());
        outside_.alert(delivery);
        give_up_for(delivery.delivery_id(), limits::delivery_backoff_max_ms);
        return;
    }
    keyless_since_.erase(delivery.delivery_id());
    referral::StartDelivery first;
    first.set_delivery_id(delivery.delivery_id());
    first.set_attempt(1);
    first.set_request_id(rendered->request_id);
    first.set_content_type(rendered->content_type);
    *first.mutable_body() =
        sealing::seal(key.key, key.id, sealing::Context::delivery_body, rendered->body, outside_.random);
    ask_until_decided(command_for(delivery, "start:1", first), delivery.delivery_id());
}

// UNAVAILABLE and UNKNOWN are asked again under the same id; then the feed tells what is due next.
void Deliveries::ask_until_decided(Command command, const std::string& delivery_id) {
    outside_.asker.ask("referral", command, limits::command_deadline_default_ms,
                       alive_.guard([this, command, delivery_id](const Reply& reply) {
                           if (reply.status() == UNAVAILABLE || reply.status() == UNKNOWN) {
                               const auto booked = book_.deliveries().find(delivery_id);
                               const bool starts = command.payload().Is<referral::StartDelivery>();
                               if (starts && booked != book_.deliveries().end() && is_taken_back(booked->second)) {
                                   return done(delivery_id);
                               }
                               outside_.clock.after(limits::delivery_backoff_first_ms,
                                                    alive_.guard([this, command, delivery_id] {
                                                        ask_until_decided(command, delivery_id);
                                                    }));
                               return;
                           }
                           if (reply.status() == REFUSED) return refused(delivery_id, reply.refusal().code());
                           refusals_.erase(delivery_id);
                           done(delivery_id);
                           look();
                       }));
}

// Once or twice the feed was a moment behind; again and again nothing gets through, and people are told.
void Deliveries::refused(const std::string& delivery_id, RefusalCode code) {
    outside_.log("delivery-command-refused:" + RefusalCode_Name(code), delivery_id);
    const auto found = book_.deliveries().find(delivery_id);
    if (found == book_.deliveries().end()) {
        refusals_.erase(delivery_id);
    } else if (++refusals_[delivery_id] >= limits::delivery_attempts_before_alert) {
        outside_.alert(found->second);
    }
    give_up_for(delivery_id, limits::delivery_backoff_first_ms);
}

void Deliveries::post(const referral::DeliveryState& delivery) {
    outside_.keys.of_case(
        hub_, delivery.case_id(), delivery.body().key_id(), alive_.guard([this, delivery](const CaseKey& released) {
            const auto& key = released.key;
            auto body = key ? sealing::open(key->key, delivery.body(), sealing::Context::delivery_body)
                            : Result<std::string, sealing::OpenError>(Failure{sealing::OpenError::malformed});
            if (!body.ok()) {
                wait_for_key(delivery);
                return;
            }
            keyless_since_.erase(delivery.delivery_id());
            outside_.partner.post(
                outside_.request(delivery, std::move(body.value())),
                alive_.guard([this, delivery](const seams::HttpAnswer& answer) { settle(delivery, answer); }));
        }));
}

void Deliveries::settle(const referral::DeliveryState& delivery, const seams::HttpAnswer& answer) {
    posted_[delivery.delivery_id()] = delivery.attempts();
    referral::SettleDelivery settled;
    settled.set_delivery_id(delivery.delivery_id());
    settled.set_attempt(delivery.attempts());
    settled.set_outcome(response_outcome(answer));
    settled.set_http_status(std::uint32_t(answer.status));
    settled.set_retry_after_ms(std::uint32_t(retry_after_ms(answer, outside_.hub_now())));
    outside_.log("posted:" + referral::SettleOutcome_Name(settled.outcome()), delivery.delivery_id());
    ask_until_decided(command_for(delivery, "settle:" + std::to_string(delivery.attempts()), settled),
                      delivery.delivery_id());
}

Command Deliveries::command_for(const referral::DeliveryState& delivery, const std::string& what,
                                const google::protobuf::Message& payload) const {
    Command command;
    command.set_command_id(derived_id({"bars", hub_, delivery.delivery_id(), what}));
    command.set_hub(hub_);
    command.set_deadline_ms(limits::command_deadline_default_ms);
    command.set_correlation_id(delivery.correlation_id());
    command.mutable_actor()->set_id("bars");
    command.mutable_actor()->set_role("system");
    command.mutable_payload()->PackFrom(payload);
    return command;
}

}  // namespace rightplace::bars
