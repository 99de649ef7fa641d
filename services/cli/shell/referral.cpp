// What the organisation that a patient was referred to says, entered by whoever it told.
#include <ostream>

#include "messages/referral.pb.h"
#include "services/cli/domain/referral_view.hpp"
#include "services/cli/shell/commands.hpp"

namespace rightplace::cli {

int run_referral(Session& session, const ReferralOptions& options) {
    const auto opened = find_case(session, options.id_or_number, options.hub);
    if (!opened) return fail(session, Exit::usage, opened.error());
    // The hub that decided refers.
    const auto found = options.hub.empty() ? follow_transfers(session, opened.value()) : opened;
    if (!found) return fail(session, Exit::unavailable, found.error());
    referral::GetDeliveries get;
    get.set_case_id(found.value().case_id);
    const auto held = query_for<referral::DeliveriesReply>(session.wire, "referral", found.value().hub, session.actor,
                                                           get, session.timeout_ms);
    if (!held) return fail(session, Exit::unavailable, held.error());
    const auto id = open_referral(held.value().value, options.referral_id);
    if (!id) return fail(session, Exit::refused, id.error());
    auto defaults = defaults_for(session, found.value().hub, options.id);
    const auto happened = occurred_at_from(session, options.occurred_at);
    if (!happened) return fail(session, Exit::usage, happened.error());
    defaults.occurred_at = happened.value();
    const auto act = referral_act(options.what, id.value(), options.outcome, options.reason);
    return send_and_tell(session, prepare(*act, defaults), options.json);
}

}  // namespace rightplace::cli
