#include "services/adapters/bars/domain/watch_rules.hpp"

#include <algorithm>

#include "common/base/limits.hpp"
#include "messages/referral.pb.h"
#include "messages/triage.pb.h"

namespace rightplace::bars {

WatchSignal watch_signal(const Event& event) {
    const auto& payload = event.payload();
    if (payload.Is<triage::ConsultationStarted>() || payload.Is<triage::ReviewDecided>() ||
        payload.Is<triage::ReviewRejected>() || payload.Is<triage::ReviewCancelled>()) {
        return WatchSignal::disarm;
    }
    triage::ReviewBreached breached;
    if (payload.UnpackTo(&breached)) return breached.returned() ? WatchSignal::return_now : WatchSignal::disarm;
    if (payload.Is<triage::ReviewReturned>()) return WatchSignal::return_now;
    referral::DeliverySettled settled;
    if (payload.UnpackTo(&settled) && settled.before_journal()) return WatchSignal::recorded;
    return WatchSignal::none;
}

bool watch_is_due(TimeMs breach_at, TimeMs now, bool feed_is_live) {
    return now >= breach_at + (feed_is_live ? watch_grace_ms : 0);
}

std::int64_t return_pause_ms(std::uint32_t attempts) {
    const auto doublings = std::min<std::uint32_t>(attempts, 16);
    return std::min(limits::delivery_backoff_first_ms << doublings, limits::delivery_backoff_max_ms);
}

}  // namespace rightplace::bars
