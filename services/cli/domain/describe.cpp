// The timeline's sentences, one per event of the contract.

#include "messages/audit.pb.h"
#include "messages/runtime.pb.h"
#include "messages/transfer.pb.h"
#include "messages/vault.pb.h"
#include "services/cli/domain/alert_view.hpp"
#include "services/cli/domain/pathways_view.hpp"
#include "services/cli/domain/tellers.hpp"
#include "services/cli/domain/words.hpp"

namespace rightplace::cli {
namespace {

// Of an event that happened on another hub's review first.
std::string where_first(const Event& event, const std::string& type) {
    const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(type);
    const auto* field = descriptor == nullptr ? nullptr : descriptor->FindFieldByName("at");
    if (field == nullptr || field->message_type() != triage::Elsewhere::descriptor()) return "";
    const auto* prototype = google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor);
    const std::unique_ptr<google::protobuf::Message> payload(prototype->New());
    if (!payload->ParseFromString(event.payload().value())) return "";
    if (!payload->GetReflection()->HasField(*payload, field)) return "";
    const auto& at = static_cast<const triage::Elsewhere&>(payload->GetReflection()->GetMessage(*payload, field));
    return "At " + at.hub() + ", by " + actor_word(at.actor()) + ": ";
}

std::string breach(const triage::ReviewBreached& it) {
    std::string out = it.arrived_breached() ? "Arrived past its breach time" : "Breach time passed";
    if (it.returned_before()) return out + "; given back to the sender before";
    return out + (it.returned() ? "; given back to the sender" : ": ALERT, not given back");
}

std::string reopened(const triage::ReviewReopened& it) {
    const bool decided = it.pathway() != triage::PATHWAY_UNSPECIFIED;
    const std::string what = decided ? "the decision for " + pathway_word(it.pathway()) : std::string("the rejection");
    return (it.has_holder() ? "UNDONE by " + actor_word(it.holder()) + ", who goes on with it: " : "REOPENED: ") +
           or_none(it.reason_code()) + "; " + what + " holds no more";
}

std::string given_back(const triage::ReviewReturned& it) {
    if (it.why() == "reopened") return "Given back to the sender: reopened past its breach time";
    return "Given back to the sender: " +
           (it.why().empty() ? "the consultation ended undecided, past the breach time" : unattended_word(it.why()));
}

std::string hours_changed(const triage::HoursChanged& it) {
    const auto hours = hours_word(it.sites(), to_ms(it.next_change()));
    return hours.empty() ? "No opening hours" : "Opening hours: " + hours;
}

std::string decided(const triage::ReviewDecided& it) {
    std::string out = "Decided: " + pathway_word(it.pathway());
    if (!it.original_plan().empty()) out += " (the sender's plan was " + it.original_plan() + ")";
    if (!it.rationale_code().empty()) out += ", rationale " + it.rationale_code();
    for (const auto& with : it.shared_with()) {
        out += "; shared with " + actor_word(with.actor()) + (with.view().empty() ? "" : ", who says " + with.view());
    }
    for (const auto& code : it.outcome_codes()) {
        out += ", outcome " + (code.display().empty() ? code.code() : code.display());
    }
    if (!it.ambulance_reference().empty()) out += ", ambulance asked for (" + it.ambulance_reference() + ")";
    out += against_advice_word(it);
    return out + (it.late() ? "; LATE, after the case was given back" : "");
}

// By the rules that spoke against it, people see what whoever lowered it had before them.
std::string weighed_word(const triage::ReviewDowngraded& it) {
    std::string rules;
    for (const auto& rule : it.weighed()) rules += (rules.empty() ? "" : ", ") + rule;
    return rules.empty() ? rules : "; weighed: " + rules;
}

std::string updated(const triage::SenderUpdateNoted& it) {
    if (it.overtaken()) return "An OLDER word of its sender came late; what it said since stands";
    std::string out = "Its sender knows more, NEWS2 " + news2_word(it.news2());
    if (it.has_breach_at()) out += "; breach brought forward to " + format_london(to_ms(it.breach_at()));
    return out + (it.after_end() ? "; AFTER ITS END, whose outcome stands" : "");
}

std::map<std::string, Teller> intake_tellers() {
    return {
        tell<intake::CaseOpened>([](const intake::CaseOpened& it) {
            return "Case opened: " + origin_word(it.facts().origin()) + ", category " +
                   category_word(it.facts().category());
        }),
        tell<intake::CaseUpdated>([](const intake::CaseUpdated& it) {
            return "Case updated by its sender, who says category " + category_word(it.facts().category()) +
                   (it.after_end() ? ": AFTER IT WAS CLOSED" : "");
        }),
        tell<intake::CancellationAsked>(
            [](const intake::CancellationAsked& it) { return "Cancellation asked for: " + or_none(it.reason()); }),
        tell<intake::CaseLinked>([](const intake::CaseLinked& it) {
            return "Linked to earlier case " + it.earlier_case_number() + " by " + it.matched_on() + " (not merged)";
        }),
        tell<intake::HubFoundClosed>([](const intake::HubFoundClosed& it) {
            return std::string("The asker is told: the hub is closed") +
                   (it.has_opens_at() ? " until " + format_london(to_ms(it.opens_at())) : "");
        }),
        tell<intake::CaseClosed>([](const intake::CaseClosed& it) { return "Case closed: " + or_none(it.reason()); }),
        tell<intake::CaseReopened>([](const intake::CaseReopened&) { return std::string("Case open again"); }),
        tell<intake::ExchangeAnswered>([](const intake::ExchangeAnswered& it) {
            const auto& kind = it.exchange().kind();
            return "Outside message " + it.exchange().request_id() + (kind.empty() ? "" : " (" + kind + ")") +
                   " answered " + (it.accepted() ? "accepted" : "refused " + it.refusal_code()) +
                   (it.exchange().answer_status() == 0
                        ? ""
                        : " (HTTP " + std::to_string(it.exchange().answer_status()) + ")");
        }),
        tell<intake::CaseNumberIssued>(
            [](const intake::CaseNumberIssued& it) { return "Case number " + it.case_number() + " issued"; }),
    };
}

std::map<std::string, Teller> review_tellers() {
    return {
        tell<triage::ReviewQueued>([](const triage::ReviewQueued& it) {
            return "Queued for review, breach " + format_london(to_ms(it.breach_at())) +
                   (it.breach_from_policy() ? " (by policy)" : " (set by the sender)") + ", NEWS2 " +
                   news2_word(it.news2());
        }),
        tell<triage::ReviewClaimed>([](const triage::ReviewClaimed& it) {
            return "Claimed by " + actor_word(it.holder()) + (it.reason_code().empty() ? "" : ": " + it.reason_code());
        }),
        tell<triage::ReviewTakenOver>([](const triage::ReviewTakenOver& it) {
            return "Taken over from " + actor_word(it.from()) + " by " + actor_word(it.holder()) + ": " +
                   or_none(it.reason_code());
        }),
        tell<triage::HandoverOffered>([](const triage::HandoverOffered& it) {
            return "Offered to " + or_none(it.to_staff_id()) + ", to be acknowledged";
        }),
        tell<triage::HandoverWithdrawn>(
            [](const triage::HandoverWithdrawn&) { return std::string("No longer handed over: its holder keeps it"); }),
        tell<triage::ClaimReleased>([](const triage::ClaimReleased&) { return std::string("Claim released"); }),
        tell<triage::ClaimLapsed>([](const triage::ClaimLapsed& it) {
            return "Claim of " + actor_word(it.holder()) + " lapsed: it was not renewed";
        }),
        tell<triage::ContactAttempted>([](const triage::ContactAttempted& it) {
            return "Contact attempted by " + or_none(it.method()) + ": " + or_none(it.outcome());
        }),
        tell<triage::NoteAdded>([](const triage::NoteAdded& it) {
            return std::string("Note added (sealed)") +
                   (it.why() == "stale-decision" ? ": the text of a decision that came too late" : "");
        }),
        tell<triage::ReviewEscalated>([](const triage::ReviewEscalated& it) {
            return "Escalated from " + category_word(it.from_category()) + " to " + category_word(it.to_category()) +
                   (it.rule().empty() ? ": " + or_none(it.reason_code())
                                      : " by the policy's rule " + it.rule() + ": " + it.rule_says());
        }),
        tell<triage::ReviewDowngraded>([](const triage::ReviewDowngraded& it) {
            return "Downgraded from " + category_word(it.from_category()) + " to " + category_word(it.to_category()) +
                   ": " + or_none(it.reason_code()) + weighed_word(it);
        }),
        tell<triage::SecondOpinionAsked>(
            [](const triage::SecondOpinionAsked& it) { return "Second opinion asked of " + or_none(it.of_role()); }),
        tell<triage::SecondOpinionGiven>(
            [](const triage::SecondOpinionGiven& it) { return "Second opinion given: " + or_none(it.view()); }),
        tell<triage::WelfareCallPlanned>([](const triage::WelfareCallPlanned& it) {
            return "Welfare call promised by " + format_london(to_ms(it.due()));
        }),
        tell<triage::WelfareCallMissed>([](const triage::WelfareCallMissed& it) {
            return "WELFARE CALL MISSED: it was promised by " + format_london(to_ms(it.due()));
        }),
        tell<triage::ConsultationStarted>(
            [](const triage::ConsultationStarted&) { return std::string("Consultation started"); }),
        tell<triage::ReviewDecided>(decided),
        tell<triage::ReviewRejected>(
            [](const triage::ReviewRejected& it) { return "Rejected: " + reject_word(it.reason()); }),
        tell<triage::ReviewBreached>(breach),
        tell<triage::ReviewReturned>(given_back),
        tell<triage::ReturnNoted>([](const triage::ReturnNoted&) {
            return std::string("Given back to the sender: the breach watch had sent it before the journal knew");
        }),
        tell<triage::ReviewUnattended>([](const triage::ReviewUnattended& it) {
            return "NOBODY IS THERE FOR IT: " + unattended_word(it.why()) +
                   (it.offered_to().empty() ? "" : "; offered to " + it.offered_to());
        }),
        tell<triage::ReviewAttended>(
            [](const triage::ReviewAttended&) { return std::string("Somebody is there for it again"); }),
        tell<triage::ReviewCancelled>(
            [](const triage::ReviewCancelled& it) { return "Review cancelled: " + or_none(it.reason()); }),
    };
}

std::map<std::string, Teller> reopening_tellers() {
    return {
        tell<triage::Spo2Scale2Used>([](const triage::Spo2Scale2Used& it) {
            return "SpO2 by NEWS2 scale 2: " + or_none(it.reason_code()) + "; NEWS2 " + news2_word(it.news2()) +
                   " instead of " + news2_word(it.before());
        }),
        tell<triage::ReviewReopened>(reopened),
        tell<triage::SenderUpdateNoted>(updated),
        tell<triage::CancellationNoted>([](const triage::CancellationNoted& it) {
            return "Cancelled by its sender, after somebody had begun on it: " + or_none(it.reason());
        }),
        tell<triage::ReviewClosed>(
            [](const triage::ReviewClosed& it) { return "To be closed: " + or_none(it.reason_code()); }),
    };
}

std::map<std::string, Teller> hub_tellers() {
    return {
        tell<triage::PolicyAdopted>(
            [](const triage::PolicyAdopted& it) { return "Policy " + it.version() + " adopted"; }),
        tell<triage::HoursChanged>(hours_changed),
        tell<triage::AlertRaised>(alert_raised),
        tell<triage::AlertEscalated>(alert_escalated),
        tell<triage::AlertTaken>(alert_taken),
        tell<triage::AlertSettled>(alert_settled),
        tell<triage::SignedOn>([](const triage::SignedOn& it) {
            const auto& unknown = it.skill_not_known();
            return actor_word(it.staff()) + " signed on" +
                   (unknown.empty() ? "" : "; WITHOUT the skill " + unknown + ", which no rule here knows");
        }),
        tell<triage::SignedOff>([](const triage::SignedOff& it) {
            return actor_word(it.staff()) + " signed off" + (it.why().empty() ? "" : " by itself: " + it.why());
        }),
    };
}

std::map<std::string, Teller> transfer_tellers() {
    return {
        tell<triage::TransferOffered>([](const triage::TransferOffered& it) {
            return "Offered to " + it.to_hub() + ": " + or_none(it.reason_code());
        }),
        tell<triage::TransferEnded>([](const triage::TransferEnded& it) {
            return "No longer offered to " + it.to_hub() + ": " + or_none(it.why()) +
                   (it.reason_code().empty() ? "" : ", " + it.reason_code()) +
                   (it.has_again_at() ? "; to be offered again at " + format_london(to_ms(it.again_at())) : "");
        }),
        tell<triage::OfferingEnded>([](const triage::OfferingEnded&) {
            return std::string("Not offered again: the policy names no hub that it may go to");
        }),
        tell<triage::ReviewTransferred>([](const triage::ReviewTransferred& it) {
            return "TRANSFERRED to " + it.to_hub() + ", accepted by " + actor_word(it.accepted_by());
        }),
        tell<triage::TransferConfirmed>(
            [](const triage::TransferConfirmed& it) { return it.hub() + " has it, and its clock"; }),
        tell<triage::ConfirmationMissed>([](const triage::ConfirmationMissed& it) {
            return it.hub() + " has NOT SAID that it has the case: ring it";
        }),
        tell<triage::PassedOn>([](const triage::PassedOn& it) {
            return std::string(it.has_cancel()     ? "Cancellation"
                               : it.has_update()   ? "Update"
                               : it.has_returned() ? "That it was given back to its sender:"
                                                   : "Escalation") +
                   " passed on to " + it.to_hub();
        }),
        tell<triage::TransferReceived>([](const triage::TransferReceived& it) {
            return "Offered by " + it.from_hub() + ": " + or_none(it.reason_code());
        }),
        tell<triage::TransferAccepted>([](const triage::TransferAccepted& it) {
            return "Accepted; " + it.from_hub() + " keeps it until it lets go";
        }),
        tell<triage::TransferDeclined>(
            [](const triage::TransferDeclined& it) { return "Transfer declined: " + or_none(it.reason_code()); }),
        tell<triage::TransferClosed>(
            [](const triage::TransferClosed& it) { return "No longer offered to this hub: " + or_none(it.why()); }),
        tell<triage::LettingGoMissed>([](const triage::LettingGoMissed& it) {
            return it.from_hub() + " has NOT let go of the case that was accepted: ring it";
        }),
        tell<triage::TransferTaken>([](const triage::TransferTaken&) { return std::string("Transfer completed"); }),
        tell<triage::ReviewReceived>([](const triage::ReviewReceived& it) {
            return "In this hub's queue from here on, from " + it.from_hub() + ", breach " +
                   format_london(to_ms(it.review().breach_at()));
        }),
    };
}

// Nothing else on the line of one that has no case says what was looked at.
std::string viewed(const Event& event) {
    vault::IdentityViewed it;
    if (!event.payload().UnpackTo(&it)) return "a payload that cannot be read";
    const bool of_message = event.aggregate_type() == "identity" && event.case_id().empty();
    return "Identity viewed by " + actor_word(it.by()) + " for " + or_none(it.purpose()) +
           (of_message ? ", in message " + event.aggregate_id() : "");
}

std::map<std::string, Teller> other_tellers() {
    return {
        {vault::IdentityViewed::descriptor()->full_name(), viewed},
        tell<audit::EpochOpened>([](const audit::EpochOpened& it) {
            return "Epoch " + std::to_string(it.epoch()) + " opened: " + or_none(it.reason());
        }),
        tell<audit::JournalCheckpoint>(
            [](const audit::JournalCheckpoint& it) { return "Journal checkpoint at seq " + std::to_string(it.seq()); }),
        tell<audit::ClockStepped>([](const audit::ClockStepped& it) {
            return "A clock stepped by " + std::to_string(it.step_ms()) + " ms: ALERT";
        }),
        tell<runtime::ReactionRefused>([](const runtime::ReactionRefused& it) {
            return "Reaction " + it.rule() + " refused (" + it.code() + "): " + it.sentence();
        }),
        tell<runtime::ReactionParked>([](const runtime::ReactionParked& it) {
            return "Reaction " + it.rule() + " PARKED, a person must look: " + it.reason();
        }),
        tell<runtime::ReactionUnparked>(
            [](const runtime::ReactionUnparked& it) { return "Reaction " + it.rule() + " run again"; }),
    };
}

}  // namespace

bool only_marks_message_id(const Event& event) {
    return event.aggregate_type() == "exchange" && event.aggregate_id().find(":msg:") != std::string::npos;
}

std::string describe_with_actor(const Event& event) {
    const auto sentence = describe(event);
    const auto by = actor_word(event.actor());
    return sentence.find(by) == std::string::npos ? sentence + "  - " + by : sentence;
}

std::string describe(const Event& event) {
    if (only_marks_message_id(event)) return "Its message id is kept too: no other message may use it";
    static const std::map<std::string, Teller> tellers = [] {
        auto all = intake_tellers();
        all.merge(review_tellers());
        all.merge(reopening_tellers());
        all.merge(hub_tellers());
        all.merge(transfer_tellers());
        all.merge(referral_tellers());
        all.merge(delivery_tellers());
        all.merge(other_tellers());
        return all;
    }();
    const auto& url = event.payload().type_url();
    const std::string type = url.substr(url.rfind('/') + 1);
    const auto found = tellers.find(type);
    return found != tellers.end() ? where_first(event, type) + found->second(event)
                                  : type + " (not known to this program)";
}

}  // namespace rightplace::cli
