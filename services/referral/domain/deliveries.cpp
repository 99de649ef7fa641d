// Deliveries: requested, started (journalled before bytes leave), settled. One winner per attempt;
// every attempt sends the same bytes under the same outside request id.
#include <algorithm>

#include "common/base/hash.hpp"
#include "common/base/limits.hpp"
#include "common/clinical/deliveries.hpp"
#include "services/referral/domain/rules.hpp"

namespace rightplace::referral {
namespace {

using runtime::new_event;
using runtime::refuse;

bool in_order(DeliveryKind kind) {
    return kind == INTERIM_RESPONSE || kind == FULL_RESPONSE;  // a rejection or a return never waits
}

bool waits_for_earlier(const DeliveryState& delivery) {
    return delivery.kind() == FULL_RESPONSE && !clinical::has_own_lane(delivery.kind(), delivery.emergency());
}

// A full response, unless it was withdrawn before it left.
bool overtakes_interims(const DeliveryState& delivery) {
    return delivery.kind() == FULL_RESPONSE && delivery.status() != SUPERSEDED;
}

Failure<Refused> no_delivery() {
    return refuse(NOT_FOUND, "There is no such delivery.", "delivery_id");
}

NewEvent superseded(const DeliveryState& interim, const std::string& by_delivery_id) {
    DeliverySuperseded event;
    event.set_by_delivery_id(by_delivery_id);
    say_what_people_were_told(event, interim);
    return delivery_event(interim, event);
}

// The other ordered deliveries of the case that were loaded for this decision.
std::vector<const DeliveryState*> others(const States& states, const std::string& case_id,
                                         const std::string& delivery_id, const Context& context) {
    std::vector<const DeliveryState*> found;
    for (const AggregateId& key : ordered_of_case(case_id, context)) {
        if (key.id == delivery_id || !states.loaded(key)) continue;
        if (const auto* state = states.get<DeliveryState>(key)) found.push_back(state);
    }
    return found;
}

// Nothing when this delivery may go now, as far as the order within its case says.
std::optional<Failure<Refused>> against_order(const States& states, const DeliveryState& delivery,
                                              const Context& context) {
    if (!in_order(delivery.kind())) return std::nullopt;
    if (context.view == nullptr || context.view->find(delivery_key(delivery.delivery_id())) == nullptr) {
        return refuse(CONTENTION, "The case's other deliveries are not known yet; ask again.", "delivery_id");
    }
    for (const DeliveryState* other : others(states, delivery.case_id(), delivery.delivery_id(), context)) {
        if (waits_for_earlier(delivery) && other->status() == STARTED) {
            return refuse(WRONG_STATE, "An earlier response of this case is on its way.", "delivery_id");
        }
        if (delivery.kind() == INTERIM_RESPONSE && overtakes_interims(*other) && unsent(delivery)) {
            auto overtaken = refuse(WRONG_STATE, "The full response has overtaken this interim.", "delivery_id");
            overtaken.error.events.push_back(superseded(delivery, other->delivery_id()));
            return overtaken;
        }
    }
    return std::nullopt;
}

// An emergency has left since: a destination that has it refuses an older interim, and needs none.
bool is_overtaken(const States& states, const DeliveryState& interim, const Context& context) {
    const auto all = others(states, interim.case_id(), interim.delivery_id(), context);
    return std::any_of(all.begin(), all.end(), [](const DeliveryState* other) {
        return other->emergency() && overtakes_interims(*other) && other->attempts() > 0;
    });
}

// A destination may ask for more patience than our own rhythm has, but never for more than its longest wait: somebody
// waits for the message.
std::int64_t backoff_ms(std::uint32_t attempt, std::int64_t retry_after_ms) {
    std::int64_t wait = limits::delivery_backoff_first_ms;
    for (std::uint32_t i = 1; i < attempt && wait < limits::delivery_backoff_max_ms; ++i) wait *= 2;
    return std::min(std::max(wait, retry_after_ms), limits::delivery_backoff_max_ms);
}

std::vector<AggregateId> with_others_of_case(const std::string& delivery_id, const Context& context) {
    std::vector<AggregateId> needed{delivery_key(delivery_id)};
    const auto* held = context.view ? context.view->find(needed.front()) : nullptr;
    if (!held || !held->state) return needed;
    const auto& delivery = static_cast<const DeliveryState&>(*held->state);
    if (!in_order(delivery.kind())) return needed;
    for (AggregateId& key : ordered_of_case(delivery.case_id(), context)) {
        if (key != needed.front()) needed.push_back(std::move(key));
    }
    return needed;
}

}  // namespace

AggregateId delivery_key(const std::string& delivery_id) {
    return {delivery_type, delivery_id};
}

bool unsent(const DeliveryState& delivery) {
    return delivery.status() == REQUESTED || delivery.status() == WAITING;
}

bool ended(const DeliveryState& delivery) {
    return delivery.status() == DELIVERED || delivery.status() == SUPERSEDED || delivery.status() == SETTLED_BY_HAND;
}

NewEvent delivery_event(const DeliveryState& delivery, const Message& payload) {
    std::shared_ptr<Message> copy(payload.New());
    copy->CopyFrom(payload);
    return {delivery_key(delivery.delivery_id()), copy, delivery.case_id(), delivery.case_number()};
}

std::vector<AggregateId> ordered_of_case(const std::string& case_id, const Context& context) {
    // At most half of a commit's guards: a case has an interim or two, and a full response for each time it was
    // decided.
    constexpr std::size_t most = limits::commit_max_guards / 2;
    std::vector<AggregateId> found;
    if (context.view == nullptr) return found;
    context.view->each(delivery_type, [&](const AggregateId& id, const runtime::Aggregate& aggregate) {
        if (!aggregate.state || found.size() >= most) return;
        const auto& state = static_cast<const DeliveryState&>(*aggregate.state);
        const bool matters = state.kind() == FULL_RESPONSE || !ended(state);
        if (state.case_id() == case_id && in_order(state.kind()) && matters) found.push_back(id);
    });
    return found;
}

std::vector<AggregateId> request_delivery_needs(const RequestDelivery& command, const Context& context) {
    std::vector<AggregateId> needed{delivery_key(command.delivery_id())};
    if (!in_order(command.kind())) return needed;
    for (AggregateId& key : ordered_of_case(command.case_id(), context)) {
        if (key != needed.front()) needed.push_back(std::move(key));
    }
    return needed;
}

Decided request_delivery(const States& states, const RequestDelivery& command, const Context& context) {
    if (command.delivery_id().empty()) return refuse(INVALID, "The delivery needs its id.", "delivery_id");
    if (command.case_id().empty()) return refuse(INVALID, "The delivery needs its case.", "case_id");
    if (command.kind() == DELIVERY_KIND_UNSPECIFIED || !DeliveryKind_IsValid(command.kind())) {
        return refuse(INVALID, "There is no such kind of delivery.", "kind");
    }
    if (command.reply_to().protocol().empty()) {
        return refuse(INVALID, "There is nobody to answer.", "reply_to.protocol");
    }
    const AggregateId key = delivery_key(command.delivery_id());
    if (states.at(key).version > 0) return runtime::nothing();  // the breach watch may have recorded it first
    DeliveryRequested requested;
    requested.set_kind(command.kind());
    *requested.mutable_reply_to() = command.reply_to();
    requested.set_about_event_id(command.cause_event_id());
    requested.set_emergency(command.emergency());
    watch_confirmation(requested, context.now);
    std::vector<NewEvent> all{new_event(key, requested, command.case_id(), command.case_number())};
    if (!in_order(command.kind())) return runtime::events(std::move(all));
    for (const DeliveryState* other : others(states, command.case_id(), command.delivery_id(), context)) {
        if (command.kind() == FULL_RESPONSE && other->kind() == INTERIM_RESPONSE && unsent(*other)) {
            all.push_back(superseded(*other, command.delivery_id()));
        }
        if (command.kind() == INTERIM_RESPONSE && overtakes_interims(*other) && all.size() == 1) {
            DeliverySuperseded late;
            late.set_by_delivery_id(other->delivery_id());
            all.push_back(new_event(key, late, command.case_id(), command.case_number()));
        }
    }
    return runtime::events(std::move(all));
}

std::vector<AggregateId> start_delivery_needs(const StartDelivery& command, const Context& context) {
    return with_others_of_case(command.delivery_id(), context);
}

std::vector<AggregateId> settle_delivery_needs(const SettleDelivery& command, const Context& context) {
    return with_others_of_case(command.delivery_id(), context);
}

Decided start_delivery(const States& states, const StartDelivery& command, const Context& context) {
    const auto* delivery = states.get<DeliveryState>(delivery_key(command.delivery_id()));
    if (!delivery) return no_delivery();
    // STARTED too: the sender of that attempt is gone and its outcome unknown. The same bytes go again.
    if (!unsent(*delivery) && delivery->status() != STARTED) {
        return refuse(WRONG_STATE, "The delivery is " + DeliveryStatus_Name(delivery->status()) + ".", "delivery_id");
    }
    if (delivery->withdrawn()) {
        auto withdrawn = refuse(WRONG_STATE, "What it tells of was taken back.", "delivery_id");
        withdrawn.error.events.push_back(superseded(*delivery, {}));
        return withdrawn;
    }
    if (command.attempt() != delivery->attempts() + 1) {
        return refuse(WRONG_STATE, "The next attempt is number " + std::to_string(delivery->attempts() + 1) + ".",
                      "attempt");
    }
    if (auto against = against_order(states, *delivery, context)) return *against;
    DeliveryStarted started;
    started.set_attempt(command.attempt());
    if (command.attempt() > 1) {
        started.set_request_id(delivery->request_id());  // the bytes stand in the first DeliveryStarted
        started.set_content_type(delivery->content_type());
        return runtime::events({delivery_event(*delivery, started)});
    }
    const bool derived = !delivery->request_id().empty();  // a return: the breach watch uses the same one
    started.set_request_id(derived ? delivery->request_id() : command.request_id());
    if (!is_uuid(started.request_id())) return refuse(INVALID, "The request id must be a UUID.", "request_id");
    if (command.body().ciphertext().empty()) return refuse(INVALID, "The body is missing or not sealed.", "body");
    if (command.content_type().empty()) return refuse(INVALID, "The content type is missing.", "content_type");
    *started.mutable_body() = command.body();
    started.set_content_type(command.content_type());
    return runtime::events({delivery_event(*delivery, started)});
}

void follow_up(DeliverySettled& settled, std::uint32_t attempt, TimeMs now, std::int64_t retry_after_ms) {
    if (settled.outcome() == OK) {
        settled.set_status(DELIVERED);
    } else if (settled.outcome() == REFUSED_FOR_GOOD) {
        settled.set_status(QUARANTINED);
    } else {
        // BaRS makes the same request id safe to send again, so an unknown outcome is tried again too.
        settled.set_status(WAITING);
        *settled.mutable_next_attempt_at() = to_timestamp(now + backoff_ms(attempt, retry_after_ms));
    }
}

Decided settle_delivery(const States& states, const SettleDelivery& command, const Context& context) {
    const auto* delivery = states.get<DeliveryState>(delivery_key(command.delivery_id()));
    if (!delivery) return no_delivery();
    if (command.outcome() == SETTLE_OUTCOME_UNSPECIFIED || !SettleOutcome_IsValid(command.outcome())) {
        return refuse(INVALID, "The outcome is missing.", "outcome");
    }
    const bool was_made = command.attempt() >= 1 && command.attempt() <= delivery->attempts();
    if (!was_made) return refuse(WRONG_STATE, "That attempt was not started.", "attempt");
    if (delivery->status() == DELIVERED) return runtime::nothing();
    // An earlier attempt that got through after all ends the matter; otherwise only the last one counts.
    const bool last = command.attempt() == delivery->attempts() && delivery->status() == STARTED;
    if (!last && command.outcome() != OK) {
        return refuse(WRONG_STATE, "A later attempt was made or the attempt is settled.", "attempt");
    }
    DeliverySettled settled;
    settled.set_attempt(command.attempt());
    settled.set_outcome(command.outcome());
    settled.set_http_status(command.http_status());
    settled.set_detail(command.detail());
    follow_up(settled, command.attempt(), context.now, command.retry_after_ms());
    const bool overtaken = delivery->kind() == INTERIM_RESPONSE && is_overtaken(states, *delivery, context);
    if ((delivery->withdrawn() || overtaken) && settled.status() != DELIVERED) {
        settled.set_status(SUPERSEDED);
        settled.clear_next_attempt_at();
    }
    settled.set_watched(delivery->has_confirm_by());
    if (settled.status() != WAITING) say_what_people_were_told(settled, *delivery);
    return runtime::events({delivery_event(*delivery, settled)});
}

}  // namespace rightplace::referral
