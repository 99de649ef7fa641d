// Loads a stack's configuration and says everything that is wrong with it at once.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/result.hpp"
#include "common/config/config.pb.h"

namespace rightplace::config {

struct Problem {
    std::string file;
    int line = 0;  // from 1; 0: the file as a whole
    std::string sentence;
};
std::string to_text(const Problem& problem);  // "stack.textproto:12: the hub name is used twice"

// Relative paths in it are relative to the file's own directory; policy files must be there.
Result<Stack, std::vector<Problem>> load(const std::string& path);

// The socket names of a stack. audit.feed and audit.read belong to audit.
std::string endpoint(const Stack& stack, std::string_view service);        // ipc://<run_dir>/triage.cmd
std::string feed_endpoint(const Stack& stack);                             // ipc://<run_dir>/audit.feed
std::string read_endpoint(const Stack& stack);                             // ipc://<run_dir>/audit.read
std::string journal_file(const Stack& stack, std::string_view hub);        // <journal_dir>/<hub>.journal
const Hub* find_hub(const Stack& stack, std::string_view name);            // null: not served here
std::uint32_t metrics_port(const Stack& stack, std::string_view service);  // 0: none

struct Exit {
    int code = 0;
};
// `--config FILE` (required) and `--check`. Prints problems, usage or "ok" itself; with an Exit the
// main returns its code at once.
std::variant<Stack, Exit> parse_args(int argc, char** argv, std::string_view service);

}  // namespace rightplace::config
