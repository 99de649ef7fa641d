#include "services/adapters/bars/shell/adapter.hpp"

#include <algorithm>

#include "common/base/hash.hpp"
#include "common/base/limits.hpp"
#include "services/adapters/bars/domain/outcome.hpp"
#include "services/adapters/bars/domain/render_delivery.hpp"
#include "services/adapters/bars/shell/contained.hpp"

namespace rightplace::bars {

bool is_to_be_armed(const BookedCase& booked, const BreachWatch& watch) {
    if (!booked.to_watch() || booked.original.key_id().empty()) return false;
    const auto armed_for = watch.armed_for(booked.case_id);
    return armed_for ? *armed_for > booked.breach_at : !watch.knows(booked.case_id);
}

Adapter::Adapter(const config::Stack& stack, AdapterWorld world, WatchFile watch_file, sealing::Key watch_key)
    : world_(world),
      asker_(world_.clock, world_.client),
      keys_(world_.clock, world_.client, stack.hubs().empty() ? std::string() : stack.hubs(0).name()),
      refusing_(world_.random, asker_, keys_) {
    for (const auto& sender : stack.bars().senders()) {
        const bool whole = sender.url().find("$process-message") != std::string::npos;
        endpoints_[sender.service_id()] = whole ? sender.url() : sender.url() + "/$process-message";
    }
    for (const auto& hub : stack.hubs()) build_hub(hub);
    // Last: it acts at once on what its file says was left undone.
    watch_ = std::make_unique<BreachWatch>(std::move(watch_file), watch_key, watch_outside());
    door_ = std::make_unique<FrontDoor>(world_.clock, receiving_outside(), changing_outside(), reading_outside());
}

std::string Adapter::hub_of(const std::string& service_id) const {
    const auto found = hub_by_service_.find(service_id);
    return found == hub_by_service_.end() ? std::string() : found->second;
}

std::string Adapter::site_of(const std::string& service_id) const {
    const auto found = site_by_service_.find(service_id);
    return found == site_by_service_.end() ? std::string() : found->second;
}

Receiving::Outside Adapter::receiving_outside() {
    return {world_.random,
            asker_,
            keys_,
            [this](const std::string& service_id) { return hub_of(service_id); },
            [this](const std::string& service_id) { return site_of(service_id); },
            [this](const std::string& hub) { return hub_now(hub); },
            [this](const std::string& hub, const ValidationRequest& request, const std::string& number,
                   const NamedKey& key) {
                const auto& facts = request.facts;
                // A referral is not given back; without a breach time policy decides it: armed when it is queued.
                if (request.referral || !facts.has_breach_at()) return;
                arm({hub,
                     facts.site(),
                     {request.case_id, number},
                     request.reply_to,
                     to_ms(facts.breach_at()),
                     request.bundle,
                     format_of(request.exchange.content_type())},
                    key);
            },
            world_.log};
}

Changing::Outside Adapter::changing_outside() {
    return {world_.clock,
            world_.random,
            asker_,
            keys_,
            refusing_,
            [this](const std::string& hub) -> const CaseBook& { return hubs_.at(hub).book; },
            [this](const std::string& hub) {
                const auto& follower = *hubs_.at(hub).follower;
                return follower.fresh() && follower.folded() >= follower.heartbeat().head_seq();
            },
            [this](const std::string& hub) { return hub_now(hub); },
            [this](const std::string& hub, const std::string& case_id, const SharedTree& request, TimeMs breach_at,
                   const NamedKey& key) {
                const auto* booked = hubs_.at(hub).book.find(case_id);
                if (booked == nullptr || !booked->to_watch()) return;
                arm({hub,
                     booked->facts.site(),
                     {case_id, booked->case_number},
                     booked->reply_to,
                     breach_at,
                     request,
                     format_of(booked->content_type)},
                    key);
            },
            world_.log};
}

Reading::Outside Adapter::reading_outside() {
    return {world_.clock,
            world_.random,
            keys_,
            [this](const std::string& service_id) { return hub_of(service_id); },
            [this](const std::string& hub) -> const CaseBook* {
                const auto& side = hubs_.at(hub);
                const auto& follower = *side.follower;
                const bool whole = follower.fresh() && follower.folded() >= follower.heartbeat().head_seq();
                return side.live && whole ? &side.book : nullptr;
            },
            RIGHTPLACE_VERSION};
}

void Adapter::build_hub(const config::Hub& hub) {
    const auto name = hub.name();
    auto& side = hubs_[name];
    side.service_id = hub.bars_service_id();
    side.organisation_ods = hub.organisation_ods();
    hub_by_service_[hub.bars_service_id()] = name;
    for (const auto& site : hub.bars_sites()) {
        hub_by_service_[site.service_id()] = name;
        site_by_service_[site.service_id()] = site.site();
    }
    side.follower = std::make_unique<runtime::FeedFollower>(
        name, world_.feed, world_.reader, world_.clock, world_.life,
        runtime::FeedFollower::Handlers{[this, name](const Event& event, const std::string&) { on_event(name, event); },
                                        [this, name](const audit::Heartbeat&) { on_heartbeat(name); }});
    side.deliveries = std::make_unique<Deliveries>(name, side.book, delivery_outside(name));
}

Deliveries::Outside Adapter::delivery_outside(const std::string& hub) {
    return {world_.clock,
            world_.random,
            world_.partner,
            asker_,
            keys_,
            [this, hub] { return hub_now(hub); },
            [this](const std::string& service_id) { return endpoint_of(service_id) != nullptr; },
            [this, hub](const BookedCase& booked, const referral::DeliveryState& delivery, const std::string& original,
                        const std::string& text) -> std::optional<Rendered> {
                const auto rendered = contained(
                    [&] {
                        return render_delivery({booked, delivery.kind(), delivery.delivery_id(), original,
                                                service_of(hub, booked.facts.site()), text});
                    },
                    world_.log, delivery.delivery_id());
                const auto out = rendered.value_or(std::nullopt);
                if (!out) return std::nullopt;
                return Rendered{out->body, out->content_type, out->request_id};
            },
            [this, hub](const referral::DeliveryState& delivery, std::string body) {
                // By the bytes themselves, which stay; what has gone out since does not count.
                const bool update = says_update(body, format_of(delivery.content_type()));
                auto request = message(hub, delivery.reply_to(), delivery.request_id(), update, delivery.content_type(),
                                       std::move(body));
                INVARIANT(request.has_value());  // has_endpoint was asked first
                return *request;
            },
            [this, hub](const std::string& case_id) { return hubs_.at(hub).unwatched.count(case_id) > 0; },
            [this, hub](const referral::DeliveryState& delivery) {
                raise_alert(hub, "delivery-not-getting-through", delivery.delivery_id(), delivery.case_id(),
                            delivery.case_number());
            },
            world_.log};
}

BreachWatch::Outside Adapter::watch_outside() {
    return {world_.clock,
            world_.random,
            world_.partner,
            [this](const std::string& hub) { return hub_now(hub); },
            [this](const std::string& hub) {
                const auto found = hubs_.find(hub);
                return found != hubs_.end() && found->second.follower->fresh();
            },
            [this](const WatchRecord& record, std::string body) {
                return message(record.hub(), record.reply_to(), record.request_id(), false, record.content_type(),
                               std::move(body));
            },
            response_outcome,
            [this](const std::string& hub, const referral::RecordReturn& said, std::function<void(bool)> then) {
                record_return(hub, said, std::move(then));
            },
            world_.log};
}

void Adapter::start() {
    for (auto& [name, side] : hubs_) side.follower->start();
}

void Adapter::handle(http::Request request, http::Server::Respond respond) {
    door_->handle(std::move(request), std::move(respond));
}

runtime::FeedFollower* Adapter::follower(const std::string& hub) {
    const auto found = hubs_.find(hub);
    return found == hubs_.end() ? nullptr : found->second.follower.get();
}

bool Adapter::ready(std::string& why_not) const {
    for (const auto& [name, side] : hubs_) {
        if (side.live && side.follower->fresh()) continue;
        why_not = name + ": following the journal";
        return false;
    }
    if (keys_.left() == 0) {
        why_not = "no case keys: vault does not answer";
        return false;
    }
    return true;
}

TimeMs Adapter::hub_now(const std::string& hub) const {
    const auto found = hubs_.find(hub);
    const bool known = found != hubs_.end() && found->second.follower->heartbeat().hub_time_ms() > 0;
    return known ? found->second.follower->hub_now() : world_.clock.wall_ms();
}

void Adapter::on_event(const std::string& hub, const Event& event) {
    auto& side = hubs_.at(hub);
    side.book.apply(event);
    for (auto& [name, other] : hubs_) {
        if (name != hub) other.book.heard_elsewhere(event);
    }
    watch_->on_event(event);
    if (side.live) on_heartbeat(hub);
}

void Adapter::on_heartbeat(const std::string& hub) {
    auto& side = hubs_.at(hub);
    side.live = side.live || (side.follower->heartbeat().head_seq() > 0 &&
                              side.follower->folded() >= side.follower->heartbeat().head_seq());
    if (!side.live) return;
    side.deliveries->set_live(true);
    side.deliveries->look();
    rearm(hub);
    alert_missing_endpoints(hub);
}

// Cases that were journalled but whose watch is not armed, or for a later time than the journal's: a crash between the
// two, a breach time that policy decided or an escalation brought forward, an update whose answer never came back here.
void Adapter::rearm(const std::string& hub) {
    auto& side = hubs_.at(hub);
    side.book.each([&](const BookedCase& booked) {
        if (!booked.to_watch()) side.unwatched.erase(booked.case_id);
        const bool given_back_without = booked.returned && side.unwatched.count(booked.case_id) > 0;
        if (is_to_be_armed(booked, *watch_) && !given_back_without) rearm_one(hub, booked);
    });
}

void Adapter::rearm_one(const std::string& hub, const BookedCase& booked) {
    if (!hubs_.at(hub).rearming.insert(booked.case_id).second) return;
    keys_.of_case(hub, booked.case_id, booked.original.key_id(),
                  alive_.guard([this, hub, id = booked.case_id](const CaseKey& released) {
                      const auto& key = released.key;
                      auto& side = hubs_.at(hub);
                      const auto again = alive_.guard([this, hub, id] { hubs_.at(hub).rearming.erase(id); });
                      const auto* now_booked = side.book.find(id);
                      const bool wanted = now_booked != nullptr && is_to_be_armed(*now_booked, *watch_);
                      if (!wanted) return again();  // it was armed meanwhile, or need not be any more
                      if (!key) {
                          world_.clock.after(limits::delivery_backoff_first_ms, again);
                          return;
                      }
                      const auto original = sealing::open(key->key, now_booked->original, sealing::Context::original);
                      const auto format = format_of(now_booked->content_type);
                      const auto request = read_document(original.ok() ? original.value() : std::string(), format);
                      const bool armed = request.ok() && arm({hub,
                                                              now_booked->facts.site(),
                                                              {id, now_booked->case_number},
                                                              now_booked->reply_to,
                                                              now_booked->breach_at,
                                                              request.value(),
                                                              format},
                                                             *key);
                      if (!armed) {
                          world_.clock.after(limits::delivery_backoff_max_ms, again);
                          return;
                      }
                      if (now_booked->returned) watch_->return_now(id);
                      again();
                  }));
}

// A request too large for the watch's file goes back with less of itself. Without a place in the file at all it is
// given back by a delivery, which needs the ring; people are told so now, and not when the ring is down.
bool Adapter::arm(const ToArm& one, const NamedKey& key) {
    auto& side = hubs_.at(one.hub);
    const auto& id = one.own.case_id;
    const auto* booked = side.book.find(id);
    if (booked != nullptr && !booked->to_watch()) return true;  // begun or over already
    // A re-arm that comes late, with an older time, puts nothing off.
    const auto breach_at = std::min(one.breach_at, watch_->armed_for(id).value_or(one.breach_at));
    const auto dated = booked == nullptr ? breach_at : std::max(breach_at, booked->return_not_before);
    WatchRecord record;
    record.set_case_id(id);
    record.set_hub(one.hub);
    record.set_case_number(one.own.case_number);
    record.set_breach_at_ms(breach_at);
    *record.mutable_reply_to() = one.reply_to;
    record.set_request_id(breach_return_request_id(id));
    record.set_content_type(std::string(media_type(one.format)));
    for (const bool least : {false, true}) {
        const auto ours = service_of(one.hub, one.site);
        const auto body = contained(
            [&] { return render_breach_return(one.request, one.own, ours, dated, one.format, least); }, world_.log, id);
        if (!body) break;
        auto for_case = sealing::seal(key.key, key.id, sealing::Context::delivery_body, *body, world_.random);
        if (!watch_->arm(record, *body, for_case)) continue;
        side.unwatched.erase(id);
        return true;
    }
    world_.log("breach-watch-not-armed", id);
    if (!watch_->knows(id)) side.unwatched.insert(id);
    raise_alert(one.hub, "return-unwatched", id, id, one.own.case_number);
    return false;
}

std::string Adapter::service_of(const std::string& hub, const std::string& site) const {
    for (const auto& [service_id, of] : site_by_service_) {
        if (of == site && hub_of(service_id) == hub) return service_id;
    }
    return hubs_.at(hub).service_id;
}

// A case whose sender has no configured endpoint is accepted, and a person is told.
void Adapter::alert_missing_endpoints(const std::string& hub) {
    hubs_.at(hub).book.each([&](const BookedCase& booked) {
        if (booked.referral || endpoint_of(booked.reply_to.service_id()) != nullptr) return;
        raise_alert(hub, "sender-without-endpoint", booked.reply_to.service_id(), booked.case_id, booked.case_number);
    });
}

// Once for each kind and case, whoever asks again.
void Adapter::raise_alert(const std::string& hub, const std::string& kind, const std::string& subject,
                          const std::string& case_id, const std::string& case_number) {
    const auto what = kind + ":" + case_id;
    if (!hubs_.at(hub).alerting.insert(what).second) return;
    triage::RaiseAlert alert;
    alert.set_alert_id(derived_id({kind, case_id}));
    alert.set_kind(kind);
    alert.set_subject(subject);
    alert.set_case_id(case_id);
    alert.set_case_number(case_number);
    Command command;
    command.set_command_id(alert.alert_id());
    command.set_hub(hub);
    const auto* booked = hubs_.at(hub).book.find(case_id);
    if (booked != nullptr) command.set_correlation_id(booked->correlation_id);
    command.mutable_actor()->set_id("bars");
    command.mutable_actor()->set_role("system");
    command.mutable_payload()->PackFrom(alert);
    asker_.ask("triage", command, limits::command_deadline_default_ms,
               alive_.guard([this, hub, what](const Reply& reply) {
                   if (reply.status() == UNAVAILABLE || reply.status() == UNKNOWN) hubs_.at(hub).alerting.erase(what);
               }));
}

void Adapter::record_return(const std::string& hub, const referral::RecordReturn& said,
                            std::function<void(bool)> then) {
    auto record = said;
    record.set_delivery_id(derived_id({referral::DeliveryKind_Name(referral::BREACH_RETURN), said.case_id()}));
    Command command;
    command.set_command_id(derived_id({"record-return", hub, said.case_id()}));
    command.set_hub(hub);
    const auto side = hubs_.find(hub);  // the file may speak of a hub that is served here no more
    const auto* booked = side == hubs_.end() ? nullptr : side->second.book.find(said.case_id());
    if (booked != nullptr) command.set_correlation_id(booked->correlation_id);
    command.mutable_actor()->set_id("bars");
    command.mutable_actor()->set_role("system");
    command.mutable_payload()->PackFrom(record);
    asker_.ask("referral", command, limits::command_deadline_default_ms,
               alive_.guard([this, then, id = said.case_id()](const Reply& reply) {
                   if (reply.status() == REFUSED)
                       world_.log("return-not-recorded:" + RefusalCode_Name(reply.refusal().code()), id);
                   then(reply.status() == ACCEPTED || reply.status() == DUPLICATE);
               }));
}

const std::string* Adapter::endpoint_of(const std::string& service_id) const {
    const auto found = endpoints_.find(service_id);
    return found == endpoints_.end() ? nullptr : &found->second;
}

std::optional<seams::HttpRequest> Adapter::message(const std::string& hub, const intake::ReplyTo& reply_to,
                                                   const std::string& request_id, bool update,
                                                   const std::string& content_type, std::string body) const {
    const auto* url = endpoint_of(reply_to.service_id());
    if (url == nullptr) return std::nullopt;
    seams::HttpRequest request;
    request.url = *url;
    const auto side = hubs_.find(hub);  // the watch's file may speak of a hub that is served here no more
    request.headers = response_headers(reply_to, request_id, update, format_of(content_type),
                                       side == hubs_.end() ? std::string() : side->second.organisation_ods);
    request.body = std::move(body);
    request.timeout_ms = limits::delivery_timeout_ms;
    return request;
}

}  // namespace rightplace::bars
