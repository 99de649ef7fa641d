#include "common/log/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <mutex>

#include "common/base/invariant.hpp"
#include "common/base/limits.hpp"
#include "common/base/metrics.hpp"
#include "common/base/time.hpp"

namespace rightplace::log {
namespace {

// Ids, positions, outcomes, counts, durations and places of our own. Nothing a person wrote.
constexpr std::array<std::string_view, 46> keys{
    "address", "aggregate_id", "aggregate_type", "attempt",  "bytes",      "case_id",    "case_number", "cause",
    "code",    "command_id",   "count",          "detail",   "endpoint",   "epoch",      "error",       "event_id",
    "exit",    "expected",     "file",           "fold",     "free_bytes", "head_seq",   "hub",         "journal_id",
    "key_id",  "kind",         "label",          "last_seq", "limit",      "line",       "ms",          "outcome",
    "peer",    "pid",          "policy",         "port",     "reason",     "request_id", "role",        "rule",
    "seq",     "service",      "signal",         "status",   "type",       "version"};
static_assert(std::ranges::is_sorted(keys));

struct Logger {
    std::string service;
    bool strict = false;
    std::unique_ptr<spdlog::logger> out;
};

Logger& logger() {
    static Logger one;
    return one;
}

class CallSink final : public spdlog::sinks::base_sink<std::mutex> {
   public:
    explicit CallSink(std::function<void(std::string_view)> call) : call_(std::move(call)) {}

   private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        call_({message.payload.data(), message.payload.size()});
    }
    void flush_() override {}

    std::function<void(std::string_view)> call_;
};

constexpr std::array<std::string_view, 5> level_names{"trace", "debug", "info", "warn", "error"};
constexpr std::array levels{spdlog::level::trace, spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                            spdlog::level::err};

// Anything but printable ASCII is escaped byte by byte: the line is JSON whatever the bytes were.
void append_string(std::string& line, std::string_view value) {
    constexpr std::string_view digits = "0123456789abcdef";
    line += '"';
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            line += '\\';
            line += c;
        } else if (byte < 0x20 || byte >= 0x7f) {
            line += "\\u00";
            line += digits[byte >> 4];
            line += digits[byte & 15];
        } else {
            line += c;
        }
    }
    line += '"';
}

void append_field(std::string& line, std::string_view key, std::string_view value) {
    line += line.size() > 1 ? "," : "";
    append_string(line, key);
    line += ':';
    append_string(line, value.substr(0, limits::log_value_max_bytes));
    if (value.size() > limits::log_value_max_bytes) line.insert(line.size() - 1, "...");
}

void start_with(std::string_view service, Level least, bool strict, spdlog::sink_ptr sink) {
    auto& one = logger();
    one.service = service;
    one.strict = strict;
    one.out = std::make_unique<spdlog::logger>(one.service, std::move(sink));
    one.out->set_pattern("%v");
    one.out->set_level(levels[static_cast<std::size_t>(least)]);
    one.out->flush_on(spdlog::level::trace);
}

}  // namespace

Level level_of(std::string_view name) {
    const auto found = std::ranges::find(level_names, name);
    return found == level_names.end() ? Level::info : static_cast<Level>(found - level_names.begin());
}

bool may_log(std::string_view key) {
    return std::ranges::binary_search(keys, key);
}

void start(std::string_view service, Level least) {
    start_with(service, least, false, std::make_shared<spdlog::sinks::stderr_sink_mt>());
}

void start_strict(std::string_view service, Level least, std::function<void(std::string_view line)> sink) {
    start_with(service, least, true, std::make_shared<CallSink>(std::move(sink)));
}

void event(Level level, std::string_view what, const Fields& fields) {
    auto& one = logger();
    const auto rank = static_cast<std::size_t>(level);
    if (one.out == nullptr || !one.out->should_log(levels[rank])) return;
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    std::string line = "{";
    append_field(line, "at", format_utc(std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count()));
    append_field(line, "service", one.service);
    append_field(line, "level", level_names[rank]);
    append_field(line, "what", what);
    for (const auto& [key, value] : fields) {
        if (may_log(key)) {
            append_field(line, key, value);
            continue;
        }
        INVARIANT(!one.strict);
        static auto& dropped = metrics::process().counter("rightplace_log_fields_dropped_total",
                                                          "Log fields dropped because their key is not allowed");
        dropped.add();
    }
    line += '}';
    one.out->log(levels[rank], spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace rightplace::log
