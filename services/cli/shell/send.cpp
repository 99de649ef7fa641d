#include <fstream>
#include <iostream>
#include <iterator>

#include "common/base/limits.hpp"
#include "services/cli/shell/commands.hpp"

namespace rightplace::cli {
namespace {

OrWhy<std::string> read_all(const std::string& file) {
    std::ifstream opened;
    if (file != "-") opened.open(file, std::ios::binary);
    std::istream& in = file == "-" ? std::cin : opened;
    if (!in) return Failure{"cannot read " + file + "; give a file, or - for standard input"};
    std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (text.size() > limits::message_max_bytes) return Failure{file + " is too large for one command"};
    return text;
}

using Problems = std::vector<std::string>;

Result<Prepared, Problems> one(OrWhy<Prepared> read) {
    if (!read) return Failure{Problems{read.error()}};
    return std::move(read.value());
}

}  // namespace

int run_send(Session& session, const SendOptions& options) {
    const bool contact = !options.contact.empty();
    auto defaults = defaults_for(session, options.hub, options.id);
    if (!options.occurred_at.empty()) {
        const auto at = parse_instant(options.occurred_at);
        if (!at) return fail(session, Exit::usage, "--occurred-at takes an instant such as 2026-11-26T03:04:05Z");
        defaults.occurred_at = *at;
    }
    const auto text = read_all(contact ? options.contact : options.file);
    if (!text) return fail(session, Exit::usage, text.error());
    const auto prepared =
        contact ? read_contact(options.asker, text.value(), defaults) : one(read_command(text.value(), defaults));
    if (!prepared) {
        for (const auto& problem : prepared.error()) fail(session, Exit::usage, problem);
        return Exit::usage;
    }
    const auto reply = seal_and_ask(session, prepared.value());
    if (!reply) return fail(session, Exit::unavailable, reply.error());
    session.out << to_json(reply.value()) << std::endl;
    return exit_for(reply.value().status());
}

}  // namespace rightplace::cli
