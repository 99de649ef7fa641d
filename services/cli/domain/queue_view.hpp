// The queue as a clinician reads it at 3 a.m.: what is latest first, what is dangerous first.
#pragma once

#include <string>

#include "common/base/time.hpp"
#include "messages/envelope.pb.h"
#include "messages/triage.pb.h"
#include "services/cli/domain/words.hpp"

namespace rightplace::cli {

struct Freshness {
    std::uint64_t as_of_seq = 0;
    std::uint64_t age_ms = 0;  // since the service's last feed heartbeat
};
bool is_stale(const Freshness& freshness);  // older than a closed ring allows: limits::heartbeat_max_age_ms

// "as of seq 812, 0.4 s ago", and a loud warning under it when the view is stale.
std::string freshness_lines(const Freshness& freshness, const Style& style);

// `now` is hub time as near as this machine knows it, Unix milliseconds.
std::string render_queue(const std::string& hub, const triage::QueueReply& queue, const Freshness& freshness,
                         TimeMs now, const Style& style);

// JSON of a view of `hub`, with what says how old it is.
std::string with_freshness(const std::string& json, const std::string& hub, const Freshness& freshness);

// What this person should take next, why, and the command that takes it.
std::string render_next(const triage::NextReply& next, const Freshness& freshness, TimeMs now, const Style& style);

// Scene safety first, then safeguarding, then the rest as they came.
std::string flags_in_order(const intake::CaseFacts& facts);
// "14 min left", "3 min OVER"
std::string time_left(TimeMs breach_at, TimeMs now);

}  // namespace rightplace::cli
