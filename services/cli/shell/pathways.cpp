// What the policy in force offers to a case.
#include <ostream>

#include "services/cli/domain/pathways_view.hpp"
#include "services/cli/shell/commands.hpp"

namespace rightplace::cli {

int run_pathways(Session& session, const VerbOptions& options) {
    const auto opened = find_case(session, options.id_or_number, options.hub);
    if (!opened) return fail(session, Exit::usage, opened.error());
    const auto found = options.hub.empty() ? follow_transfers(session, opened.value()) : opened;
    if (!found) return fail(session, Exit::unavailable, found.error());
    triage::GetPathways get;
    get.set_case_id(found.value().case_id);
    const auto reply = query_for<triage::PathwaysReply>(session.wire, "triage", found.value().hub, session.actor, get,
                                                        session.timeout_ms);
    if (!reply) return fail(session, Exit::unavailable, reply.error());
    if (options.json) {
        session.out << to_json(reply.value().value) << std::endl;
    } else {
        session.out << render_pathways(reply.value().value, options.id_or_number, found.value().hub, session.style)
                    << std::flush;
    }
    return Exit::ok;
}

}  // namespace rightplace::cli
