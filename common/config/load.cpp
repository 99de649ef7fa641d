#include "common/config/load.hpp"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "common/config/check.hpp"

namespace rightplace::config {
namespace {

namespace fs = std::filesystem;
using google::protobuf::TextFormat;

class Collector : public google::protobuf::io::ErrorCollector {
   public:
    Collector(std::string file, std::vector<Problem>& problems) : file_(std::move(file)), problems_(problems) {}
    void AddError(int line, google::protobuf::io::ColumnNumber, const std::string& message) override {
        problems_.push_back({file_, line + 1, message});
    }

   private:
    std::string file_;
    std::vector<Problem>& problems_;
};

void make_absolute(std::string& path, const fs::path& base) {
    if (!path.empty()) path = (base / path).lexically_normal().string();
}

void make_paths_absolute(Stack& stack, const fs::path& base) {
    for (auto* path : {stack.mutable_state_dir(), stack.mutable_run_dir(), stack.mutable_keys_dir()}) {
        make_absolute(*path, base);
    }
    for (auto& hub : *stack.mutable_hubs()) make_absolute(*hub.mutable_policy_file(), base);
    if (stack.has_redis()) {
        make_absolute(*stack.mutable_redis()->mutable_socket(), base);
        make_absolute(*stack.mutable_redis()->mutable_users_dir(), base);
    }
    if (stack.has_audit()) {
        make_absolute(*stack.mutable_audit()->mutable_journal_dir(), base);
        make_absolute(*stack.mutable_audit()->mutable_roots_dir(), base);
    }
    if (stack.has_vault()) {
        make_absolute(*stack.mutable_vault()->mutable_database(), base);
        make_absolute(*stack.mutable_vault()->mutable_master_key_file(), base);
    }
    if (stack.has_bars()) make_absolute(*stack.mutable_bars()->mutable_watch_dir(), base);
    if (!stack.has_alerts()) return;
    make_absolute(*stack.mutable_alerts()->mutable_state_dir(), base);
    for (auto& webhook : *stack.mutable_alerts()->mutable_webhooks())
        make_absolute(*webhook.mutable_secret_file(), base);
}

int usage(std::string_view service, const std::string& wrong) {
    if (!wrong.empty()) std::cerr << service << ": " << wrong << '\n';
    std::cerr << "usage: " << service << " --config FILE [--check]\n"
              << "  --config FILE  the stack's configuration (textproto of rightplace.config.Stack)\n"
              << "  --check        only say whether it is sound\n";
    return wrong.empty() ? 0 : 1;
}

}  // namespace

std::string to_text(const Problem& problem) {
    return problem.file + ':' + (problem.line > 0 ? std::to_string(problem.line) + ": " : " ") + problem.sentence;
}

Result<Stack, std::vector<Problem>> load(const std::string& path) {
    std::vector<Problem> problems;
    std::error_code error;
    std::ifstream in(path);
    if (!in || fs::is_directory(path, error)) {
        return Failure{std::vector<Problem>{{path, 0, "the file cannot be read"}}};
    }
    std::ostringstream text;
    text << in.rdbuf();
    const std::string bytes = text.str();

    Stack stack;
    Collector collector(path, problems);
    TextFormat::ParseInfoTree lines;
    TextFormat::Parser parser;
    parser.RecordErrorsTo(&collector);
    parser.WriteLocationsTo(&lines);
    google::protobuf::io::ArrayInputStream stream(bytes.data(), static_cast<int>(bytes.size()));
    // Checked even when it does not parse: what was read of it may hold more problems.
    const bool parsed = parser.Parse(&stream, &stack);
    make_paths_absolute(stack, fs::absolute(path).parent_path());
    check(stack, lines, path, parsed, problems);
    std::stable_sort(problems.begin(), problems.end(),
                     [](const Problem& a, const Problem& b) { return a.line < b.line; });
    if (!problems.empty()) return Failure{std::move(problems)};
    return stack;
}

std::string endpoint(const Stack& stack, std::string_view service) {
    return "ipc://" + stack.run_dir() + '/' + std::string(service) + ".cmd";
}

std::string feed_endpoint(const Stack& stack) {
    return "ipc://" + stack.run_dir() + "/audit.feed";
}

std::string journal_file(const Stack& stack, std::string_view hub) {
    return stack.audit().journal_dir() + "/" + std::string(hub) + ".journal";
}

std::string read_endpoint(const Stack& stack) {
    return "ipc://" + stack.run_dir() + "/audit.read";
}

const Hub* find_hub(const Stack& stack, std::string_view name) {
    for (const auto& hub : stack.hubs()) {
        if (hub.name() == name) return &hub;
    }
    return nullptr;
}

std::uint32_t metrics_port(const Stack& stack, std::string_view service) {
    for (const auto& metrics : stack.metrics()) {
        if (metrics.service() == service) return metrics.port();
    }
    return 0;
}

std::variant<Stack, Exit> parse_args(int argc, char** argv, std::string_view service) {
    std::string file;
    bool check_only = false;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (argument == "--help") return Exit{usage(service, "")};
        if (argument == "--check") {
            check_only = true;
        } else if (argument == "--config" && i + 1 < argc) {
            file = argv[++i];
        } else {
            return Exit{usage(service, "cannot use argument " + std::string(argument))};
        }
    }
    if (file.empty()) return Exit{usage(service, "--config is missing")};
    auto stack = load(file);
    if (!stack) {
        for (const auto& problem : stack.error()) std::cerr << to_text(problem) << '\n';
        return Exit{1};
    }
    if (check_only) {
        std::cout << "ok\n";
        return Exit{0};
    }
    return std::move(stack.value());
}

}  // namespace rightplace::config
