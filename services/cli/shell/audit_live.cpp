#include <nlohmann/json.hpp>
#include <ostream>

#include "common/base/hash.hpp"
#include "services/cli/shell/audit_commands.hpp"
#include "services/cli/shell/telling.hpp"

namespace rightplace::cli {
namespace {

// The whole record through audit's read socket. The root is compared with what audit says of the same head.
OrWhy<audit::ReadReply> read_all(Session& session, const std::string& hub, Telling& telling) {
    auto end = read_record(session, hub, 1, "",
                           [&](const std::string& stored) { return !session.stopped() && telling.see(stored); });
    if (!end) return end;
    if (!session.stopped()) telling.compare_head(end.value().head_seq(), end.value().root());
    return end;
}

}  // namespace

int run_replay(Session& session, const ReplayOptions& options) {
    auto filter = filter_of(options);
    if (!filter) return fail(session, Exit::usage, filter.error());
    Telling telling(session.out, filter.value(), options.json ? Telling::Form::json : Telling::Form::words);
    const auto end = read_all(session, options.hub, telling);
    if (!end) return fail(session, Exit::unavailable, end.error());
    return telling.conclude_replay(session.err);
}

int run_verify(Session& session, const VerifyOptions& options) {
    Telling telling(session.out, {}, Telling::Form::silent);
    if (!options.root.empty()) {
        const auto known = parse_root(options.root);
        if (!known) return fail(session, Exit::usage, known.error());
        telling.expect(known.value());
    }
    const auto end = read_all(session, options.hub, telling);
    if (!end) return fail(session, Exit::unavailable, end.error());
    return telling.conclude_verify("hub " + options.hub, end.value().journal_id(), options.json);
}

}  // namespace rightplace::cli
