// A hub's policy as a file: checked, compared, adopted.
#include <fstream>
#include <ostream>
#include <sstream>

#include "common/clinical/hub_policy.hpp"
#include "services/cli/domain/policy_view.hpp"
#include "services/cli/shell/commands.hpp"

namespace rightplace::cli {
namespace {

struct PolicyFile {
    std::string text;
    policy::HubPolicy policy;
};

OrWhy<PolicyFile> read_policy(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) return Failure{path + ": cannot be read"};
    auto parsed = clinical::parse_policy(text.str());
    if (parsed) return PolicyFile{text.str(), std::move(parsed.value())};
    std::string problems;
    for (const auto& problem : parsed.error()) {
        problems += (problems.empty() ? "" : "\n") + path +
                    (problem.line > 0 ? ":" + std::to_string(problem.line) : "") + ": " + problem.what;
    }
    return Failure{problems};
}

}  // namespace

int run_policy_check(const PolicyOptions& options, std::ostream& out, std::ostream& err) {
    const auto file = read_policy(options.file);
    if (!file) {
        err << file.error() << std::endl;
        return Exit::usage;
    }
    const auto& policy = file.value().policy;
    out << "A policy of " << policy.name() << ", version " << clinical::policy_version(file.value().text) << ": "
        << policy.breach_size() << " breach rules, " << policy.example_size() << " examples, all as they say."
        << std::endl;
    return Exit::ok;
}

int run_policy_diff(const PolicyOptions& options, std::ostream& out, std::ostream& err) {
    const auto before = read_policy(options.other);
    const auto after = read_policy(options.file);
    for (const auto* file : {&before, &after}) {
        if (!*file) err << file->error() << std::endl;
    }
    if (!before || !after) return Exit::usage;
    const auto changes = policy_changes(before.value().policy, after.value().policy);
    for (const auto& change : changes) out << change << "\n";
    if (changes.empty()) out << "No rule differs.\n";
    out << std::flush;
    return Exit::ok;
}

int run_policy_adopt(Session& session, const PolicyOptions& options) {
    const auto file = read_policy(options.file);
    if (!file) return fail(session, Exit::usage, file.error());
    triage::AdoptPolicy adopt;
    adopt.set_text(file.value().text);
    const auto reply = seal_and_ask(session, prepare(adopt, defaults_for(session, options.hub, options.id)));
    if (!reply) return fail(session, Exit::unavailable, reply.error());
    session.out << (options.json ? to_json(reply.value()) : reply_words(reply.value())) << std::endl;
    const bool in_force = exit_for(reply.value().status()) == Exit::ok && !options.json;
    if (in_force) {
        session.out << "In force at " << options.hub << ": version " << clinical::policy_version(file.value().text)
                    << ". Reviews queued before keep the breach time that they were given." << std::endl;
    }
    return exit_for(reply.value().status());
}

}  // namespace rightplace::cli
