// Transfers between hubs, from the command line: offering, withdrawing, accepting, declining.
#include "messages/transfer.pb.h"
#include "services/cli/shell/commands.hpp"

namespace rightplace::cli {
namespace {

int offer(Session& session, const VerbOptions& options, const FoundCase& where, const triage::ReviewState& review) {
    const auto defaults = defaults_for(session, where.hub, options.id);
    if (options.withdraw) {
        triage::WithdrawTransfer withdraw;
        withdraw.set_case_id(where.case_id);
        return send_and_tell(session, prepare(withdraw, defaults), options.json);
    }
    if (options.to_hub.empty() || options.reason.empty()) {
        return fail(session, Exit::usage, "to which hub, and why? --to HUB --reason CODE, or --withdraw to keep it");
    }
    triage::TransferReview transfer;
    transfer.set_case_id(where.case_id);
    transfer.set_to_hub(options.to_hub);
    transfer.set_reason_code(options.reason);
    transfer.set_token(options.token);
    const bool mine = review.has_claim() && review.claim().holder().id() == session.actor.id();
    if (mine && options.token.empty()) transfer.set_token(review.claim().token());
    return send_and_tell(session, prepare(transfer, defaults, options.text), options.json);
}

}  // namespace

int run_transfer(Session& session, const VerbOptions& options) {
    const auto opened = find_case(session, options.id_or_number, "");
    if (!opened) return fail(session, Exit::usage, opened.error());
    const auto where = follow_transfers(session, opened.value());
    if (!where) return fail(session, Exit::unavailable, where.error());
    const auto review = review_at(session, where.value());
    if (!review) return fail(session, Exit::unavailable, review.error());
    if (options.verb == "transfer") return offer(session, options, where.value(), review.value());
    // The answer goes to the hub that it is offered to.
    if (!review.value().has_offer()) {
        return fail(session, Exit::refused,
                    "this case is offered to no hub; " + where.value().hub + " has it, " + status_word(review.value()));
    }
    const auto& offered = review.value().offer();
    const auto defaults = defaults_for(session, offered.to_hub(), options.id);
    if (options.verb == "accept-transfer") {
        triage::AcceptTransfer accept;
        accept.set_offer_id(offered.offer_id());
        return send_and_tell(session, prepare(accept, defaults), options.json);
    }
    INVARIANT(options.verb == "decline-transfer");
    triage::DeclineTransfer decline;
    decline.set_offer_id(offered.offer_id());
    decline.set_reason_code(options.reason);
    return send_and_tell(session, prepare(decline, defaults), options.json);
}

}  // namespace rightplace::cli
