// When a message is sent again, when it is given up, and when people are told. Every bound of this service stands here.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rightplace::alerts {

inline constexpr std::int64_t answer_within_ms = 10'000;
inline constexpr std::int64_t pause_first_ms = 1'000;  // doubling
inline constexpr std::int64_t pause_max_ms = 60'000;
inline constexpr int refusals_max = 5;                     // of one message; then it is given up and the next one goes
inline constexpr std::int64_t trouble_after_ms = 300'000;  // nothing gets through: people are told
inline constexpr std::size_t outbox_max_messages = 256;    // of one hub in memory; what comes after is read again
inline constexpr std::uint64_t mark_every_events = 1'000;  // while there is nothing to send
inline constexpr std::int64_t mark_every_ms = 60'000;
inline constexpr std::int64_t begin_retry_ms = 1'000;  // audit does not say where its record ends

enum class Outcome {
    delivered,
    again,   // the receiver could not, was not there, or is not reached: for ever, the same message
    refused  // it did not want this very message: a few times, then the next one
};
Outcome outcome_of(int http_status);  // 0: no answer
std::int64_t pause_ms(int attempts);  // after so many that failed, 1 at least

}  // namespace rightplace::alerts
