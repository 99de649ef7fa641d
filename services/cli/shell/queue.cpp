#include <ostream>

#include "messages/referral.pb.h"
#include "services/cli/domain/queue_view.hpp"
#include "services/cli/domain/referral_view.hpp"
#include "services/cli/shell/commands.hpp"

namespace rightplace::cli {

int run_queue(Session& session, const QueueOptions& options) {
    const auto reply = query_for<triage::QueueReply>(session.wire, "triage", options.hub, session.actor,
                                                     triage::GetQueue(), session.timeout_ms);
    if (!reply) {
        return fail(session, Exit::unavailable,
                    "the queue of " + options.hub + " cannot be shown: " + reply.error() + ". Cases are safe in the " +
                        "record; `rightplace status` says what is down, `rightplace watch --hub " + options.hub +
                        " --from 1` reads the record itself.");
    }
    const Freshness freshness{reply.value().as_of_seq, reply.value().age_ms};
    const auto& queue = reply.value().value;
    if (!options.json) {
        const auto open = query_for<referral::DeliveriesReply>(session.wire, "referral", options.hub, session.actor,
                                                               referral::GetDeliveries(), session.timeout_ms);
        session.out << (open ? render_overdue(open.value().value, session.now(), session.style)
                             : session.style.yellow("! overdue referrals cannot be shown: " + open.error()) + "\n");
        session.out << render_queue(options.hub, queue, freshness, session.now(), session.style) << std::flush;
        return Exit::ok;
    }
    session.out << with_freshness(to_json(queue), options.hub, freshness) << std::endl;
    return Exit::ok;
}

}  // namespace rightplace::cli
