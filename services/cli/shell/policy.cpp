// A hub's policy as a file: checked, compared, adopted.
#include <filesystem>
#include <fstream>
#include <optional>
#include <ostream>
#include <sstream>

#include "common/clinical/hub_policy.hpp"
#include "services/cli/domain/alert_policy_view.hpp"
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

OrWhy<triage::PolicyState> in_force(Session& session, const std::string& hub) {
    const auto reply = query_for<triage::PolicyReply>(session.wire, "triage", hub, session.actor, triage::GetPolicy(),
                                                      session.timeout_ms);
    if (!reply) return Failure{reply.error()};
    if (reply.value().value.state().version().empty()) return Failure{"no policy is adopted at " + hub + " yet"};
    return reply.value().value.state();
}

// What our closed hours come to, given the policy of the hub that stands in.
std::string warning(const policy::HubPolicy& ours, const policy::HubPolicy& other) {
    const auto said = closed_hours_warning(ours, other);
    return said.empty() ? "" : said + "\n";
}

// Beside the file, as in compose/hubs: its own folder for each hub. Nothing: nobody stands in, or it is not there.
std::optional<policy::HubPolicy> stands_in_beside(const std::string& path, const policy::HubPolicy& ours) {
    const auto& name = ours.attendance().offer_to_hub();
    if (name.empty()) return std::nullopt;
    const auto folder = std::filesystem::absolute(path).parent_path().parent_path();
    auto other = read_policy((folder / name / "policy.textproto").string());
    if (!other || other.value().policy.name() != name) return std::nullopt;
    return std::move(other.value().policy);
}

// In force at the hub that stands in. Nothing: nobody stands in, or it does not answer.
std::optional<policy::HubPolicy> stands_in_at(Session& session, const policy::HubPolicy& ours) {
    const auto& name = ours.attendance().offer_to_hub();
    if (name.empty()) return std::nullopt;
    const auto state = in_force(session, name);
    if (!state) return std::nullopt;
    auto parsed = clinical::parse_policy(state.value().text());
    if (!parsed) return std::nullopt;
    return std::move(parsed.value());
}

void tell(std::ostream& out, const std::vector<std::string>& changes) {
    for (const auto& change : changes) out << change << "\n";
    out << (changes.empty() ? "No rule differs.\n" : "") << std::flush;
}

}  // namespace

int run_policy_check(const PolicyOptions& options, std::ostream& out, std::ostream& err) {
    const auto file = read_policy(options.file);
    if (!file) {
        err << file.error() << std::endl;
        return Exit::usage;
    }
    const auto& policy = file.value().policy;
    const auto examples = policy.example_size() + policy.attendance().example_size() + policy.pathway_example_size() +
                          policy.alert_example_size() + policy.priority_example_size() + policy.referral_example_size();
    out << "A policy of " << policy.name() << ", version " << clinical::policy_version(file.value().text) << ": "
        << policy.breach_size() << " breach rules, " << policy.pathway_size() << " pathway rules, "
        << policy.priority_size() << " priority rules, " << examples << " examples, all as they say.\n";
    for (const auto& rule : alert_rules_in_force_words(policy)) out << "Alerts nobody takes: " << rule << "\n";
    if (const auto other = stands_in_beside(options.file, policy)) out << warning(policy, *other);
    out << std::flush;
    return Exit::ok;
}

int run_policy_diff(const PolicyOptions& options, std::ostream& out, std::ostream& err) {
    if (options.files.size() != 2) {
        err << "against what? Name OLD and NEW, or --hub H and NEW for what is in force there" << std::endl;
        return Exit::usage;
    }
    const auto before = read_policy(options.files[0]);
    const auto after = read_policy(options.files[1]);
    for (const auto* file : {&before, &after}) {
        if (!*file) err << file->error() << std::endl;
    }
    if (!before || !after) return Exit::usage;
    tell(out, policy_changes(before.value().policy, after.value().policy));
    const auto other = stands_in_beside(options.files[1], after.value().policy);
    if (other) out << warning(after.value().policy, *other) << std::flush;
    return Exit::ok;
}

int run_policy_diff_in_force(Session& session, const PolicyOptions& options) {
    if (options.files.size() != 1) return fail(session, Exit::usage, "with --hub one file is named: NEW");
    const auto after = read_policy(options.files[0]);
    if (!after) return fail(session, Exit::usage, after.error());
    const auto before = in_force(session, options.hub);
    if (!before) return fail(session, Exit::unavailable, before.error());
    const auto parsed = clinical::parse_policy(before.value().text());
    if (!parsed) return fail(session, Exit::usage, "this program cannot read the policy in force at " + options.hub);
    tell(session.out, policy_changes(parsed.value(), after.value().policy));
    const auto other = stands_in_at(session, after.value().policy);
    if (other) session.out << warning(after.value().policy, *other) << std::flush;
    return Exit::ok;
}

int run_policy_show(Session& session, const PolicyOptions& options) {
    const auto state = in_force(session, options.hub);
    if (!state) return fail(session, Exit::unavailable, state.error());
    session.out << "# in force at " << options.hub << ": version " << state.value().version() << "\n"
                << state.value().text() << std::flush;
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
    if (reply.value().status() == ACCEPTED && !options.json) {
        session.out << "In force at " << options.hub << ": version " << clinical::policy_version(file.value().text)
                    << ". Reviews queued before keep the breach time that they were given." << std::endl;
        const auto other = stands_in_at(session, file.value().policy);
        if (other) session.out << warning(file.value().policy, *other) << std::flush;
    }
    return exit_for(reply.value().status());
}

}  // namespace rightplace::cli
