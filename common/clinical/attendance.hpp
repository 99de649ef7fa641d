// Whether people are there for a case: opening hours, by London's clock, and who may take it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/time.hpp"
#include "messages/intake.pb.h"
#include "messages/policy.pb.h"

namespace rightplace::clinical {

inline constexpr int opening_hours_max = 50;                           // entries of one policy
inline constexpr TimeMs hours_looked_ahead_ms = 8LL * 24 * 3'600'000;  // a week repeats itself

std::optional<int> minute_of_day(std::string_view clock);            // "08:00"
std::optional<LondonClock> week_minute(std::string_view day_clock);  // "Mon 07:59"
std::optional<int> weekday(std::string_view name);                   // "Mon" is 0
std::string origin_code(intake::Origin origin);                      // "crew-on-scene"
std::optional<intake::Origin> origin_from_code(std::string_view code);

using AllHours = google::protobuf::RepeatedPtrField<policy::OpeningHours>;
// A site's own, or those of every site without any.
std::vector<const policy::OpeningHours*> hours_of(const AllHours& hours, const std::string& site);
bool is_open(const AllHours& hours, const std::string& site, LondonClock at);  // without hours: round the clock
bool is_open(const policy::Attendance& attendance, const std::string& site, LondonClock at);
std::vector<std::string> sites(const policy::Attendance& attendance);  // that have hours; "" is every other
// The next whole minute after `now` at which a site opens or closes; nothing: none ever does.
std::optional<TimeMs> next_change(const policy::Attendance& attendance, TimeMs now);
std::optional<TimeMs> opens_at(const policy::Attendance& attendance, const std::string& site, TimeMs now);
// When neither hub is open for what comes to ours, in words: "every day 18:00 to 08:00"; empty: one of them always is.
std::string both_closed_words(const policy::Attendance& ours, const policy::Attendance& other, const std::string& site);

// The roles and skills of which any one will do; empty: any clinician. `stream`: that the case belongs to.
std::vector<std::string> roles_needed(const policy::Attendance& attendance, const intake::CaseFacts& facts,
                                      const std::string& stream = {});

}  // namespace rightplace::clinical
