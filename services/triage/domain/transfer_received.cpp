// A transfer, at the hub that it is offered to. Accepting is asking the other hub to let go; the case is this hub's
// when that hub says so.
#include "common/clinical/hub_policy.hpp"
#include "services/triage/domain/transfer_rules.hpp"

namespace rightplace::triage {

using runtime::new_event;
using runtime::refuse;

namespace {

template <typename T>
NewEvent transfer_event(const TransferState& transfer, T payload) {
    return new_event(transfer_key(transfer.offer_id()), std::move(payload), transfer.review().case_id(),
                     transfer.review().case_number());
}

// Nothing when it may be answered.
std::optional<Failure<Refused>> against_answer(const Asked& asked, const TransferState* transfer) {
    if (transfer == nullptr) return refuse(NOT_FOUND, "No such transfer was offered to this hub.", "offer_id");
    if (asked.envelope.actor().id().empty()) {
        return refuse(INVALID, "Answering a transfer needs to know who does.", "actor.id");
    }
    switch (transfer->status()) {
        case OFFERED:
            return std::nullopt;
        case ACCEPTED_HERE:
            return refuse(WRONG_STATE, "It was accepted already, by a " + transfer->accepted_by().role() + ".",
                          "offer_id");
        case TAKEN:
            return refuse(WRONG_STATE, "It was accepted already: the case is in this hub's queue.", "offer_id");
        case DECLINED:
            return refuse(WRONG_STATE, "It was declined.", "offer_id");
        default:
            return refuse(WRONG_STATE, "It is no longer offered: " + transfer->from_hub() + " keeps the case.",
                          "offer_id");
    }
}

// The other hub's events are acted on in their order; only one that was parked leaves such a gap.
Failure<Refused> not_yet() {
    return refuse(CONTENTION, "The offer has not arrived yet; ask again.", "offer_id");
}

}  // namespace

Decided receive_offer(const Asked& asked, const ReceiveOffer& command) {
    const AggregateId key = transfer_key(command.offer_id());
    if (asked.states.at(key).version > 0) return runtime::nothing();
    TransferReceived received;
    received.set_from_hub(command.from_hub());
    *received.mutable_review() = command.review();
    received.set_reason_code(command.reason_code());
    *received.mutable_offered_by() = command.offered_by();
    *received.mutable_offered_at() = command.offered_at();
    if (command.has_answer_by()) *received.mutable_answer_by() = command.answer_by();
    const auto& review = command.review();
    const auto* roster = asked.states.get<RosterState>({roster_type, asked.context.hub});
    const char* why = why_unattended(review.facts(), roster, asked.context, asked.context.now);
    received.set_people_told(why == nullptr);
    auto decision = runtime::events({new_event(key, received, review.case_id(), review.case_number())});
    // Nobody is there to answer it: the other hub is told at once.
    if (why != nullptr) {
        TransferDeclined declined;
        declined.set_from_hub(command.from_hub());
        declined.set_reason_code(why);
        decision.events.push_back(new_event(key, declined, review.case_id(), review.case_number()));
    }
    return decision;
}

Decided accept_transfer(const Asked& asked, const AcceptTransfer& command) {
    const auto* transfer = asked.states.get<TransferState>(transfer_key(command.offer_id()));
    if (auto against = against_answer(asked, transfer)) return *against;
    // Somebody here knows of it, and not only whoever wants to be rid of it.
    const auto* roster = asked.states.get<RosterState>({roster_type, asked.context.hub});
    if (on_shift(roster, asked.envelope.actor().id()) == nullptr) {
        return refuse(WRONG_STATE, "Only somebody who is signed on at " + asked.context.hub + " accepts for it.",
                      "actor.id");
    }
    TransferAccepted accepted;
    accepted.set_from_hub(transfer->from_hub());
    accepted.set_people_told(transfer->people_told());
    *accepted.mutable_by() = asked.envelope.actor();
    *accepted.mutable_confirm_by() =
        to_timestamp(asked.context.now + clinical::transfer_confirm_ms(asked.context.policy));
    return runtime::events({transfer_event(*transfer, accepted)});
}

Decided decline_transfer(const Asked& asked, const DeclineTransfer& command) {
    const auto* transfer = asked.states.get<TransferState>(transfer_key(command.offer_id()));
    if (auto against = against_answer(asked, transfer)) return *against;
    if (auto against = against_reason(command.reason_code())) return *against;
    TransferDeclined declined;
    declined.set_from_hub(transfer->from_hub());
    declined.set_reason_code(command.reason_code());
    declined.set_people_told(transfer->people_told());
    return runtime::events({transfer_event(*transfer, declined)});
}

Decided decline_unattended(const Asked& asked, const std::string& offer_id, TimeMs at) {
    const auto* transfer = asked.states.get<TransferState>(transfer_key(offer_id));
    if (!transfer || transfer->status() != OFFERED) return runtime::nothing();
    const auto* roster = asked.states.get<RosterState>({roster_type, asked.context.hub});
    const char* why = why_unattended(transfer->review().facts(), roster, asked.context, at);
    if (why == nullptr) return runtime::nothing();
    TransferDeclined declined;
    declined.set_from_hub(transfer->from_hub());
    declined.set_reason_code(why);
    declined.set_people_told(transfer->people_told());
    return runtime::events({transfer_event(*transfer, declined)});
}

// The other hub keeps the case.
Decided close_transfer(const Asked& asked, const CloseTransfer& command) {
    const auto* transfer = asked.states.get<TransferState>(transfer_key(command.offer_id()));
    if (!transfer) return not_yet();
    if (transfer->status() != OFFERED && transfer->status() != ACCEPTED_HERE) return runtime::nothing();
    TransferClosed closed;
    closed.set_why(command.why());
    closed.set_people_told(transfer->people_told() && transfer->status() == OFFERED);
    return runtime::events({transfer_event(*transfer, closed)});
}

// The other hub has let go: the case is this hub's, whatever stands here.
Decided take_review(const Asked& asked, const TakeReview& command) {
    const auto* transfer = asked.states.get<TransferState>(transfer_key(command.offer_id()));
    if (!transfer) return not_yet();
    if (transfer->status() == TAKEN) return runtime::nothing();
    std::vector<NewEvent> all{transfer_event(*transfer, TransferTaken{})};
    const auto* held = asked.states.get<ReviewState>(review_key(command.review().case_id()));
    if (held == nullptr || ended(*held)) {
        ReviewReceived received;
        received.set_offer_id(command.offer_id());
        received.set_from_hub(command.from_hub());
        *received.mutable_review() = command.review();
        all.push_back(review_event(command.review(), received));
        // What makes a case more urgent here may be nothing to the hub that it comes from.
        const auto& came = command.review();
        auto by_rule = raised_by_rule(asked, came, came, came.news2(), came.category());
        all.insert(all.end(), by_rule.begin(), by_rule.end());
    }
    return runtime::events(std::move(all));
}

// From the timer.
Decided miss_letting_go(const Asked& asked, const MissLettingGo& command) {
    const auto* transfer = asked.states.get<TransferState>(transfer_key(command.offer_id()));
    if (!transfer) return runtime::nothing();
    const TimeMs due = to_ms(transfer->confirm_by());
    const bool waits = transfer->status() == ACCEPTED_HERE && !transfer->confirmation_missed();
    if (!waits || to_ms(command.due()) != due || asked.context.now < due) return runtime::nothing();
    LettingGoMissed missed;
    missed.set_from_hub(transfer->from_hub());
    return runtime::events({transfer_event(*transfer, missed)});
}

}  // namespace rightplace::triage
