#include "common/base/time.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace rightplace {
namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr TimeMs ms_per_second = 1000;
constexpr TimeMs ms_per_hour = 3'600'000;
constexpr TimeMs ms_per_day = 86'400'000;

struct Civil {
    year_month_day date;
    int hour, minute, second, milli;
};

TimeMs floor_div(TimeMs value, TimeMs by) {
    const TimeMs quotient = value / by;
    return value % by < 0 ? quotient - 1 : quotient;
}

Civil civil(TimeMs ms) {
    const TimeMs whole_days = floor_div(ms, ms_per_day);
    const TimeMs rest = ms - whole_days * ms_per_day;
    return {year_month_day{sys_days{days{whole_days}}}, int(rest / ms_per_hour), int(rest / 60'000 % 60),
            int(rest / ms_per_second % 60), int(rest % ms_per_second)};
}

// British Summer Time: from the last Sunday of March 01:00 UTC to the last Sunday of October 01:00 UTC.
TimeMs last_sunday_at_one(int of_year, unsigned of_month) {
    const sys_days last{year{of_year} / month{of_month} / std::chrono::last};
    const auto back = std::chrono::weekday{last} - std::chrono::Sunday;
    return (last - back).time_since_epoch().count() * ms_per_day + ms_per_hour;
}

TimeMs london(TimeMs ms) {
    const int in_year = int(civil(ms).date.year());
    const bool summer = ms >= last_sunday_at_one(in_year, 3) && ms < last_sunday_at_one(in_year, 10);
    return summer ? ms + ms_per_hour : ms;
}

std::optional<int> digits(std::string_view text, std::size_t from, std::size_t count) {
    if (from + count > text.size()) return std::nullopt;
    int value = 0;
    for (const char c : text.substr(from, count)) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return value;
}

std::optional<TimeMs> parse_offset(std::string_view zone) {
    if (zone == "Z") return 0;
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') return std::nullopt;
    const auto hours = digits(zone, 1, 2);
    const auto minutes = digits(zone, 4, 2);
    if (!hours || !minutes || *hours > 14 || *minutes > 59) return std::nullopt;
    const TimeMs size = *hours * ms_per_hour + *minutes * 60'000;
    return zone[0] == '+' ? size : -size;
}

}  // namespace

google::protobuf::Timestamp to_timestamp(TimeMs ms) {
    google::protobuf::Timestamp at;
    const TimeMs seconds = floor_div(ms, ms_per_second);
    at.set_seconds(seconds);
    at.set_nanos(std::int32_t(ms - seconds * ms_per_second) * 1'000'000);
    return at;
}

TimeMs to_ms(const google::protobuf::Timestamp& at) {
    return at.seconds() * ms_per_second + at.nanos() / 1'000'000;
}

std::optional<TimeMs> parse_instant(std::string_view text) {
    constexpr std::string_view shape = "0000-00-00T00:00:00";
    if (text.size() <= shape.size()) return std::nullopt;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] != '0' && shape[i] != text[i]) return std::nullopt;
    }
    const auto y = digits(text, 0, 4), mo = digits(text, 5, 2), d = digits(text, 8, 2);
    const auto h = digits(text, 11, 2), mi = digits(text, 14, 2), s = digits(text, 17, 2);
    if (!y || !mo || !d || !h || !mi || !s || *h > 23 || *mi > 59 || *s > 60) return std::nullopt;
    const year_month_day date{year{*y}, month{unsigned(*mo)}, day{unsigned(*d)}};
    if (!date.ok()) return std::nullopt;
    std::string_view rest = text.substr(shape.size());
    TimeMs millis = 0;
    if (rest.front() == '.') {
        rest.remove_prefix(1);
        TimeMs weight = 100;
        std::size_t count = 0;
        while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
            millis += (rest.front() - '0') * weight;
            weight /= 10;
            rest.remove_prefix(1);
            ++count;
        }
        if (count == 0 || count > 9) return std::nullopt;
    }
    const auto offset = parse_offset(rest);
    if (!offset) return std::nullopt;
    const TimeMs day_ms = sys_days{date}.time_since_epoch().count() * ms_per_day;
    return day_ms + *h * ms_per_hour + *mi * 60'000 + *s * ms_per_second + millis - *offset;
}

std::string format_utc(TimeMs ms) {
    const Civil at = civil(ms);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", int(at.date.year()),
                  unsigned(at.date.month()), unsigned(at.date.day()), at.hour, at.minute, at.second, at.milli);
    return text.data();
}

std::string format_london(TimeMs ms) {
    static constexpr std::array names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const Civil at = civil(london(ms));
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%02u %s %02d:%02d:%02d", unsigned(at.date.day()),
                  names[unsigned(at.date.month()) - 1], at.hour, at.minute, at.second);
    return text.data();
}

LondonClock london_clock(TimeMs ms) {
    const Civil at = civil(london(ms));
    const std::chrono::weekday day{sys_days{at.date}};
    return {int(day.iso_encoding()) - 1, at.hour * 60 + at.minute};
}

std::string london_day(TimeMs ms) {
    const Civil at = civil(london(ms));
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%04d%02u%02u", int(at.date.year()), unsigned(at.date.month()),
                  unsigned(at.date.day()));
    return text.data();
}

}  // namespace rightplace
