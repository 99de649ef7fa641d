// Replay, verify and create on a journal file, without a running stack.
#include <ostream>

#include "services/audit/replay.hpp"
#include "services/cli/shell/audit_commands.hpp"
#include "services/cli/shell/telling.hpp"

namespace rightplace::cli {
namespace {

int explain(std::ostream& err, const std::string& file, const std::string& why) {
    err << file << ": " << printable(why) << std::endl;
    return Exit::usage;
}

std::vector<std::string> problems_of(const audit::Verification& verified) {
    if (verified.sound()) return {};
    return {"seq " + std::to_string(verified.fault->seq) + ": " + verified.fault->what};
}

}  // namespace

int run_create(const CreateOptions& options, std::ostream& out, std::ostream& err) {
    const auto created = audit::create_journal(options.journal, options.hub);
    if (!created) return explain(err, options.journal, "no journal was created: " + created.error().detail);
    out << "created " << options.journal << " for hub " << options.hub << ", journal " << created.value() << std::endl;
    return Exit::ok;
}

int run_replay_file(const ReplayOptions& options, std::ostream& out, std::ostream& err) {
    const auto filter = filter_of(options);
    if (!filter) return explain(err, options.journal, filter.error());
    const auto verified = audit::verify_journal(options.journal);
    if (!verified) return explain(err, options.journal, verified.error());
    const auto descriptors = audit::journal_descriptors(options.journal);
    if (!descriptors) return explain(err, options.journal, descriptors.error());
    const audit::EventJson json(descriptors.value());
    const auto& wanted = filter.value();
    const auto told = audit::replay_journal(options.journal, {"", wanted.case_id, wanted.name, wanted.from, wanted.to},
                                            [&](const audit::ReplayRow& row) {
                                                Event event;
                                                const bool read = event.ParseFromString(row.stored);
                                                if (options.json) {
                                                    const auto line = json.line(row.stored);
                                                    out << (line.empty() ? event_to_json(event) : line) << "\n";
                                                } else if (read) {
                                                    out << replay_line(event) << "\n";
                                                }
                                                return out.good();
                                            });
    out << std::flush;
    if (!told) return explain(err, options.journal, told.error());
    for (const auto& problem : problems_of(verified.value())) {
        err << "THE RECORD IS NOT SOUND: " << printable(problem) << std::endl;
    }
    return verified.value().sound() ? 0 : 1;
}

int run_verify_file(const VerifyOptions& options, std::ostream& out, std::ostream& err) {
    std::optional<audit::KnownRoot> expected;
    if (!options.root.empty()) {
        const auto known = parse_root(options.root);
        if (!known) return explain(err, "--root", known.error());
        expected = audit::KnownRoot{known.value().seq, known.value().root};
    }
    const auto verified = audit::verify_journal(options.journal, expected);
    if (!verified) return explain(err, options.journal, verified.error());
    const auto& it = verified.value();
    return print_verdict(out, {"journal " + options.journal, it.journal_id, it.seq, it.root, problems_of(it)},
                         options.json);
}

}  // namespace rightplace::cli
