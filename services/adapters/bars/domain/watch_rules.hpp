// When the breach watch acts. Pure: time and what is known come in as values.
// The fail-safe of a 999 validation is the ambulance service's own dispatch (BaRS Application 4): at
// breach the case goes back with a rejecting response (Encounter cancelled, RRNA), unless a clinician
// has begun, ended or the sender cancelled it.
#pragma once

#include "common/base/time.hpp"
#include "messages/envelope.pb.h"

namespace rightplace::bars {

// What an event on the feed means for a watched case.
enum class WatchSignal {
    none,
    disarm,      // consultation started, decided, rejected, cancelled: the normal way answers
    return_now,  // ReviewBreached with returned = true, ReviewReturned
    recorded     // the return is in the journal
};
WatchSignal watch_signal(const Event& event);

// How long after breach the watch still waits to hear of it from the feed before it acts by itself.
// It must act even if nobody else can; it need not race a healthy triage.
inline constexpr std::int64_t watch_grace_ms = 1'000;
bool watch_is_due(TimeMs breach_at, TimeMs now, bool feed_is_live);

// Pause before the next try at returning: doubles from the first, bounded.
std::int64_t return_pause_ms(std::uint32_t attempts);

}  // namespace rightplace::bars
