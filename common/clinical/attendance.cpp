#include "common/clinical/attendance.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>

namespace rightplace::clinical {
namespace {

constexpr std::array<std::string_view, 7> days{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr TimeMs minute_ms = 60'000;

bool same_site(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](unsigned char one, unsigned char other) { return std::tolower(one) == std::tolower(other); });
}

bool on_day(const policy::OpeningHours& hours, int weekday) {
    const auto& named = hours.day();
    return named.empty() || std::find(named.begin(), named.end(), days[std::size_t(weekday)]) != named.end();
}

bool covers(const policy::OpeningHours& hours, LondonClock at) {
    const int opens = minute_of_day(hours.opens()).value_or(0);
    const int closes = minute_of_day(hours.closes()).value_or(0);
    if (opens < closes) return on_day(hours, at.weekday) && at.minute >= opens && at.minute < closes;
    if (opens == closes) return on_day(hours, at.weekday);
    const int yesterday = (at.weekday + 6) % 7;
    return (on_day(hours, at.weekday) && at.minute >= opens) || (on_day(hours, yesterday) && at.minute < closes);
}

std::vector<bool> all_open(const policy::Attendance& attendance, const std::vector<std::string>& of, TimeMs at) {
    std::vector<bool> open;
    const auto clock = london_clock(at);
    for (const auto& site : of) open.push_back(is_open(attendance, site, clock));
    return open;
}

}  // namespace

std::optional<int> minute_of_day(std::string_view clock) {
    if (clock.size() != 5 || clock[2] != ':') return std::nullopt;
    const auto two = [&](std::size_t from) {
        int value = -1;
        const auto* begin = clock.data() + from;
        const auto read = std::from_chars(begin, begin + 2, value);
        return read.ptr == begin + 2 ? value : -1;
    };
    const int hour = two(0), minute = two(3);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return std::nullopt;
    return hour * 60 + minute;
}

std::optional<int> weekday(std::string_view name) {
    const auto found = std::find(days.begin(), days.end(), name);
    if (found == days.end()) return std::nullopt;
    return int(found - days.begin());
}

std::optional<LondonClock> week_minute(std::string_view day_clock) {
    if (day_clock.size() != 9 || day_clock[3] != ' ') return std::nullopt;
    const auto day = weekday(day_clock.substr(0, 3));
    const auto minute = minute_of_day(day_clock.substr(4));
    if (!day || !minute) return std::nullopt;
    return LondonClock{*day, *minute};
}

std::string origin_code(intake::Origin origin) {
    std::string code = intake::Origin_Name(origin);
    for (char& sign : code) sign = sign == '_' ? '-' : char(std::tolower(static_cast<unsigned char>(sign)));
    return code;
}

std::optional<intake::Origin> origin_from_code(std::string_view code) {
    for (int each = intake::Origin_MIN + 1; each <= intake::Origin_MAX; ++each) {
        if (intake::Origin_IsValid(each) && origin_code(intake::Origin(each)) == code) return intake::Origin(each);
    }
    return std::nullopt;
}

std::vector<const policy::OpeningHours*> hours_of(const AllHours& hours, const std::string& site) {
    std::vector<const policy::OpeningHours*> own, general;
    for (const auto& each : hours) {
        if (same_site(each.site(), site)) own.push_back(&each);
        if (each.site().empty()) general.push_back(&each);
    }
    return own.empty() ? general : own;
}

bool is_open(const AllHours& hours, const std::string& site, LondonClock at) {
    const auto kept = hours_of(hours, site);
    return kept.empty() || std::any_of(kept.begin(), kept.end(), [&](const auto* each) { return covers(*each, at); });
}

bool is_open(const policy::Attendance& attendance, const std::string& site, LondonClock at) {
    return is_open(attendance.hours(), site, at);
}

std::vector<std::string> sites(const policy::Attendance& attendance) {
    std::set<std::string> all;
    for (const auto& hours : attendance.hours()) all.insert(hours.site());
    return {all.begin(), all.end()};
}

std::optional<TimeMs> next_change(const policy::Attendance& attendance, TimeMs now) {
    const auto of = sites(attendance);
    if (of.empty()) return std::nullopt;
    const auto before = all_open(attendance, of, now);
    for (TimeMs at = now - now % minute_ms + minute_ms; at <= now + hours_looked_ahead_ms; at += minute_ms) {
        if (all_open(attendance, of, at) != before) return at;
    }
    return std::nullopt;
}

std::optional<TimeMs> opens_at(const policy::Attendance& attendance, const std::string& site, TimeMs now) {
    for (TimeMs at = now - now % minute_ms + minute_ms; at <= now + hours_looked_ahead_ms; at += minute_ms) {
        if (is_open(attendance, site, london_clock(at))) return at;
    }
    return std::nullopt;
}

std::string both_closed_words(const policy::Attendance& ours, const policy::Attendance& other,
                              const std::string& site) {
    constexpr int day = 24 * 60, week = 7 * day;
    const auto shut = [&](int minute) {
        const LondonClock at{minute / day % 7, minute % day};
        return !is_open(ours, site, at) && !is_open(other, site, at);
    };
    std::map<std::string, std::vector<int>> spans;  // "18:00 to 08:00" and the days on which it begins
    const auto clock = [](int minute) {
        const int of_day = minute % day;
        const auto two = [](int number) { return (number < 10 ? "0" : "") + std::to_string(number); };
        return two(of_day / 60) + ":" + two(of_day % 60);
    };
    bool ever_open = false;
    for (int begins = 0; begins < week; ++begins) {
        ever_open = ever_open || !shut(begins);
        if (!shut(begins) || shut((begins + week - 1) % week)) continue;
        int ends = begins;
        while (shut(ends % week)) ++ends;
        spans[clock(begins) + " to " + clock(ends) + (ends - begins > day ? " some days later" : "")].push_back(begins /
                                                                                                                day);
    }
    if (!ever_open) return "at any hour";
    std::string out;
    for (const auto& [hours, on] : spans) {
        std::string which;
        for (const int each : on) which += (which.empty() ? "" : " ") + std::string(days[std::size_t(each)]);
        out += (out.empty() ? "" : "; ") + (on.size() == 7 ? "every day" : which) + " " + hours;
    }
    return out;
}

std::vector<std::string> roles_needed(const policy::Attendance& attendance, const intake::CaseFacts& facts,
                                      const std::string& stream) {
    for (const auto& rule : attendance.skill()) {
        const bool of_origin = rule.origin().empty() || origin_from_code(rule.origin()) == facts.origin();
        const bool of_age = rule.age_below() == 0 || (facts.age_known() && facts.age_years() < rule.age_below());
        const auto& streams = rule.stream();
        const bool of_stream = streams.empty() || std::find(streams.begin(), streams.end(), stream) != streams.end();
        if (!of_origin || !of_age || !of_stream) continue;
        std::vector<std::string> any{rule.role().begin(), rule.role().end()};
        any.insert(any.end(), rule.staff_skill().begin(), rule.staff_skill().end());
        return any;
    }
    return {};
}

}  // namespace rightplace::clinical
