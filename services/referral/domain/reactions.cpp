// What referral does about what triage decided: the answers to the sender, and the referral itself.
// A case that nobody waits for an answer about has no deliveries.
#include "common/base/hash.hpp"
#include "common/clinical/categories.hpp"
#include "common/clinical/deliveries.hpp"
#include "services/referral/domain/rules.hpp"

namespace rightplace::referral {
namespace {

using runtime::as;
using runtime::reaction;
using Reactions = std::vector<runtime::Reaction>;

constexpr std::string_view bars = "bars";

void deliver(Reactions& all, const Event& event, DeliveryKind kind, const intake::ReplyTo& reply_to,
             bool emergency = false) {
    if (reply_to.protocol() != bars) return;
    RequestDelivery command;
    command.set_delivery_id(clinical::delivery_id(kind, event.case_id(), event.event_id()));
    command.set_case_id(event.case_id());
    command.set_case_number(event.case_number());
    command.set_kind(kind);
    *command.mutable_reply_to() = reply_to;
    command.set_cause_event_id(event.event_id());
    command.set_emergency(emergency);
    all.push_back(reaction("request-delivery", command.delivery_id(), command));
}

void refer(Reactions& all, const Event& event, const triage::ReviewDecided& decided) {
    if (!clinical::refers(decided.pathway()) || decided.has_at()) return;  // the hub that decided refers
    RequestReferral command;
    command.set_referral_id(clinical::referral_id(event.case_id(), event.event_id()));
    command.set_case_id(event.case_id());
    command.set_case_number(event.case_number());
    command.set_pathway(decided.pathway());
    command.set_service_id(decided.refer_to_service_id());
    command.set_outcome_seq(event.seq());
    if (event.has_occurred_at()) *command.mutable_decided_at() = event.occurred_at();
    *command.mutable_written_at() = event.recorded_at();
    all.push_back(reaction("request-referral", command.referral_id(), command));
}

void withdraw(Reactions& all, const Event& event, const triage::ReviewReopened& reopened) {
    const bool decided = reopened.pathway() != triage::PATHWAY_UNSPECIFIED;
    if (reopened.reply_to().protocol() == bars) {
        WithdrawDelivery command;
        command.set_delivery_id(clinical::delivery_id(decided ? FULL_RESPONSE : REJECTING_RESPONSE, event.case_id(),
                                                      reopened.outcome_event_id()));
        all.push_back(reaction("withdraw-delivery", command.delivery_id(), command));
        // Whoever undid it is in consultation: the sender hears that, unless it has had more than that.
        if (reopened.has_holder()) deliver(all, event, INTERIM_RESPONSE, reopened.reply_to());
    }
    if (!decided || !clinical::refers(reopened.pathway()) || reopened.has_at()) return;
    WithdrawReferral command;
    command.set_referral_id(clinical::referral_id(event.case_id(), reopened.outcome_event_id()));
    *command.mutable_at() = event.occurred_at();
    all.push_back(reaction("withdraw-referral", command.referral_id(), command));
}

// Whoever closes the case says that nobody will report the end of its referral.
void end_open(Reactions& all, const Event& event, const Context& context) {
    if (context.view == nullptr) return;
    context.view->each(referral_type, [&](const AggregateId& id, const runtime::Aggregate& aggregate) {
        if (!aggregate.state) return;
        const auto& state = static_cast<const ReferralState&>(*aggregate.state);
        if (state.ended() || state.case_id() != event.case_id()) return;
        EndReferral command;
        command.set_referral_id(id.id);
        *command.mutable_at() = event.occurred_at();
        all.push_back(reaction("end-referral", id.id, command));
    });
}

}  // namespace

std::vector<runtime::Reaction> reactions(const Event& event, const Message& payload, const Context& context) {
    Reactions all;
    if (const auto* consultation = as<triage::ConsultationStarted>(payload)) {
        deliver(all, event, INTERIM_RESPONSE, consultation->reply_to());
    } else if (const auto* decided = as<triage::ReviewDecided>(payload)) {
        deliver(all, event, FULL_RESPONSE, decided->reply_to(), decided->emergency());
        refer(all, event, *decided);
    } else if (const auto* rejected = as<triage::ReviewRejected>(payload)) {
        deliver(all, event, REJECTING_RESPONSE, rejected->reply_to());
    } else if (const auto* reopened = as<triage::ReviewReopened>(payload)) {
        withdraw(all, event, *reopened);
    } else if (as<triage::ReviewClosed>(payload)) {
        end_open(all, event, context);
    } else if (const auto* breached = as<triage::ReviewBreached>(payload)) {
        // The breach watch sends it; this makes sure that it stands here even if the watch never says so.
        if (breached->returned()) deliver(all, event, BREACH_RETURN, breached->reply_to());
    } else if (const auto* returned = as<triage::ReviewReturned>(payload)) {
        deliver(all, event, BREACH_RETURN, returned->reply_to());
    }
    return all;
}

}  // namespace rightplace::referral
