// The timeline's sentences about referrals and deliveries.
#include "messages/referral.pb.h"
#include "services/cli/domain/tellers.hpp"
#include "services/cli/domain/words.hpp"

namespace rightplace::cli {
namespace {

std::string settled(const referral::DeliverySettled& it) {
    const std::string attempt = "attempt " + std::to_string(it.attempt());
    const std::string http = it.http_status() == 0 ? "no answer" : "HTTP " + std::to_string(it.http_status());
    return "Delivery " + delivery_status_word(it.status()) + " (" + attempt + ", " + http + ")" +
           (it.before_journal() ? ", sent by the breach watch before the journal knew" : "");
}

}  // namespace

std::map<std::string, Teller> referral_tellers() {
    return {
        tell<referral::ReferralRequested>([](const referral::ReferralRequested& it) {
            std::string out =
                "Referral asked for: " + pathway_word(it.pathway()) + ", service " + or_none(it.service_id());
            if (it.has_accept_by()) out += ", to be accepted by " + format_london(to_ms(it.accept_by()));
            if (it.has_reach_by()) out += ", the patient to be reached by " + format_london(to_ms(it.reach_by()));
            return out;
        }),
        tell<referral::ReferralOverdue>([](const referral::ReferralOverdue& it) {
            const bool accepted = it.deadline() == referral::ACCEPTANCE;
            return std::string("Referral OVERDUE: ") +
                   (accepted ? "not accepted by " : "the patient was not reached by ") +
                   format_london(to_ms(it.due())) + (it.written_up() ? ", as it was written up" : "");
        }),
        tell<referral::PatientReached>(
            [](const referral::PatientReached&) { return std::string("The team has reached the patient"); }),
        tell<referral::ReferralEnded>([](const referral::ReferralEnded&) {
            return std::string("No end of the referral is waited for: the case was closed");
        }),
        tell<referral::ReferralAccepted>(
            [](const referral::ReferralAccepted&) { return std::string("Referral accepted"); }),
        tell<referral::ReferralDeclined>([](const referral::ReferralDeclined& it) {
            return "Referral DECLINED: " + or_none(it.reason()) + "; the patient is with nobody";
        }),
        tell<referral::ReferralCompleted>(
            [](const referral::ReferralCompleted& it) { return "Referral completed: " + or_none(it.outcome()); }),
        tell<referral::ReferralWithdrawn>([](const referral::ReferralWithdrawn& it) {
            return std::string("Referral withdrawn") +
                   (it.accepted() ? "; it was accepted: TELL the other organisation" : "");
        }),
    };
}

std::map<std::string, Teller> delivery_tellers() {
    return {
        tell<referral::DeliveryRequested>([](const referral::DeliveryRequested& it) {
            return "To be sent: " + delivery_word(it.kind()) + " to service " + or_none(it.reply_to().service_id());
        }),
        tell<referral::DeliveryStarted>([](const referral::DeliveryStarted& it) {
            return "Sending, attempt " + std::to_string(it.attempt()) + " (request " + it.request_id() + ")";
        }),
        tell<referral::DeliverySettled>(settled),
        tell<referral::DeliveryUnconfirmed>([](const referral::DeliveryUnconfirmed& it) {
            return "NOT CONFIRMED in time: " + delivery_word(it.kind()) + ", " + std::to_string(it.attempts()) +
                   (it.attempts() == 1 ? " attempt" : " attempts") + "; tried on, and people are told";
        }),
        tell<referral::DeliveryReleased>([](const referral::DeliveryReleased& it) {
            return "Released by " + actor_word(it.by()) + ": it is sent again";
        }),
        tell<referral::DeliveryWithdrawn>([](const referral::DeliveryWithdrawn& it) {
            return std::string("What was to be said holds no more") +
                   (it.left() ? ", and may have arrived: TELL the sender" : ": not sent");
        }),
        tell<referral::DeliverySettledByHand>([](const referral::DeliverySettledByHand& it) {
            return "Settled by " + actor_word(it.by()) + ": " + hand_settlement_word(it.how());
        }),
        tell<referral::DeliverySuperseded>(
            [](const referral::DeliverySuperseded&) { return std::string("Not sent: overtaken by a later response"); }),
    };
}

}  // namespace rightplace::cli
