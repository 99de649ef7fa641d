// Times are values. Hub time is Unix milliseconds; machines speak UTC, people Europe/London.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rightplace {

using TimeMs = std::int64_t;  // Unix milliseconds

google::protobuf::Timestamp to_timestamp(TimeMs ms);
TimeMs to_ms(const google::protobuf::Timestamp& at);

// FHIR instant or dateTime with offset, up to 9 decimals. Nothing when it is not one.
std::optional<TimeMs> parse_instant(std::string_view text);
std::string format_utc(TimeMs ms);     // 2026-11-26T03:04:05.678Z
std::string format_london(TimeMs ms);  // 26 Nov 03:04:05
std::string london_day(TimeMs ms);     // 20261126

// What a clock in London shows.
struct LondonClock {
    int weekday = 0;  // 0 is Monday
    int minute = 0;   // of the day
};
LondonClock london_clock(TimeMs ms);

}  // namespace rightplace
