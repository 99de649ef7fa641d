#include "common/store/library.hpp"

#include <utility>
#include <vector>

#include "common/base/hash.hpp"
#include "common/base/limits.hpp"

namespace rightplace::store {

extern const char* const hub_lua;  // generated, see CMakeLists.txt

namespace {

std::string bounds() {
    const std::vector<std::pair<const char*, std::uint64_t>> values{
        {"commit_max_events", limits::commit_max_events},
        {"commit_max_guards", limits::commit_max_guards},
        {"done_keep_ms", std::uint64_t{limits::done_keep_ms}},
        {"due_max", limits::due_max},
        {"event_max_bytes", limits::event_max_bytes},
        {"heartbeat_max_age_ms", std::uint64_t{limits::heartbeat_max_age_ms}},
        {"index_max_entries", limits::index_max_entries},
        {"load_max_aggregates", limits::load_max_aggregates},
        {"log_keep_events", limits::log_keep_events},
        {"marks_per_beat", limits::marks_per_beat},
        {"name_max_bytes", limits::name_max_bytes},
        {"restore_max_marks", limits::restore_max_marks},
        {"restore_max_records", limits::restore_max_records},
        {"tail_max_events", limits::tail_max_events},
        {"wipe_step_keys", limits::wipe_step_keys},
    };
    std::string text = "local limits = {";
    for (const auto& [name, value] : values) text += std::string(name) + "=" + std::to_string(value) + ",";
    return text + "} ";
}

}  // namespace

const std::string& library_digest() {
    static const std::string digest = to_hex(sha256(bounds() + hub_lua));
    return digest;
}

const std::string& library_text() {
    static const std::string text =
        "#!lua name=rightplace_hub\n" + bounds() + "local digest = '" + library_digest() + "'\n" + hub_lua;
    return text;
}

}  // namespace rightplace::store
