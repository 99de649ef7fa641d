// What `rightplace bars` runs: one message file explained, offline.
#include <CLI/CLI.hpp>
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>

#include "common/base/limits.hpp"
#include "services/adapters/bars/domain/explain.hpp"

namespace {

using namespace rightplace;

constexpr int accepted = 0, refused = 1, unreadable = 2;

struct Asked {
    std::string file;
    std::vector<std::string> headers;
    std::string query;
    bool json = false;
    bool identity = false;
};

// One byte more than the front door takes is enough to see that it is too long.
std::optional<std::string> bytes_of(const std::string& file) {
    std::ifstream opened;
    if (file != "-") opened.open(file, std::ios::binary);
    std::istream& in = file == "-" ? std::cin : opened;
    std::string bytes(limits::http_body_max_bytes + 1, '\0');
    in.read(bytes.data(), std::streamsize(bytes.size()));
    bytes.resize(std::size_t(in.gcount()));
    const bool read = in.eof() || bytes.size() > limits::http_body_max_bytes;
    return read && !in.bad() ? std::optional(bytes) : std::nullopt;
}

int explain(const Asked& asked) {
    bars::Explaining how;
    for (const auto& header : asked.headers) {
        const auto colon = header.find(':');
        if (colon == std::string::npos || colon == 0) {
            std::cerr << "rightplace bars explain: --header takes 'Name: value'\n";
            return unreadable;
        }
        const auto value = header.find_first_not_of(" \t", colon + 1);
        how.headers.emplace_back(header.substr(0, colon), value == std::string::npos ? "" : header.substr(value));
    }
    const auto body = bytes_of(asked.file);
    if (!body) {
        std::cerr << "rightplace bars explain: cannot read " << asked.file << "\n";
        return unreadable;
    }
    how.query = asked.query;
    how.identity = asked.identity;
    how.now = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
                  .count();
    const auto explanation = bars::explain(*body, how);
    if (asked.json) {
        std::cout << explanation.dump(1, ' ', false, bars::Tree::error_handler_t::replace) << "\n";
    } else {
        std::cout << bars::explanation_in_words(explanation);
    }
    return bars::would_be_accepted(explanation) ? accepted : refused;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"BaRS messages, looked at without a stack.", "rightplace bars"};
    app.require_subcommand(1);
    Asked asked;
    auto* sub = app.add_subcommand("explain", "what the hub would understand of a message, warn of, and answer");
    sub->add_option("FILE", asked.file, "FHIR JSON or XML; -: standard input")->required();
    sub->add_option("--header", asked.headers, "'Name: value', as often as needed; 'Name:' for one that is not sent")
        ->allow_extra_args(false);
    sub->add_option("--query", asked.query, "query string of the request, e.g. _format=xml");
    sub->add_flag("--json", asked.json, "JSON");
    sub->add_flag("--identity", asked.identity, "names, numbers, places and free text too");
    app.footer("Exit codes: 0 would be accepted, 1 would be refused, 2 cannot be read as a file, or wrong usage.");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& mistake) {
        return app.exit(mistake) == 0 ? accepted : unreadable;
    }
    return explain(asked);
}
