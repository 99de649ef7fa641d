#include "services/triage/domain/downtime_sheet.hpp"

#include <algorithm>

#include "common/base/limits.hpp"
#include "common/clinical/pathways.hpp"
#include "common/clinical/referral_words.hpp"
#include "common/clinical/words.hpp"

namespace rightplace::triage {
namespace {

constexpr TimeMs minute_ms = 60'000;
constexpr std::size_t word_max_signs = 64;

// What came from outside must not break the sheet's lines.
std::string one_line(std::string text) {
    if (text.size() > word_max_signs) text.resize(word_max_signs);
    std::replace_if(
        text.begin(), text.end(), [](unsigned char sign) { return sign < ' ' || sign > '~'; }, '?');
    return text;
}

std::string who(const Actor& actor) {
    return one_line(actor.id()) + (actor.role().empty() ? "" : " (" + one_line(actor.role()) + ")");
}

std::string left(TimeMs due, TimeMs now) {
    const auto minutes = std::max(due, now) - std::min(due, now);
    return std::to_string(minutes / minute_ms) + (due >= now ? " min left" : " min OVER");
}

std::string first_line(const ReviewState& review, TimeMs now) {
    const TimeMs breach = to_ms(review.breach_at());
    return review.case_number() + "   " + clinical::category_word(review.category()) + "   breach " +
           format_london(breach) + ", " + left(breach, now) + "\n";
}

std::string patient_line(const ReviewState& review) {
    const auto& facts = review.facts();
    std::string out = "    " + clinical::kind_word(facts);
    if (!facts.cad_number().empty()) out += ", incident " + one_line(facts.cad_number());
    if (!facts.callsign().empty()) out += ", crew " + one_line(facts.callsign());
    if (!facts.site().empty()) out += ", " + one_line(facts.site());
    out += facts.age_known() ? "; " + std::to_string(facts.age_years()) + " y" : "; age not known";
    out += "; NEWS2 " + clinical::news2_word(review.news2());
    for (const auto& flag : facts.flags()) {
        const auto word = clinical::flag_word(flag);
        if (!word.empty() && out.find(word) == std::string::npos) out += "; " + word;
    }
    return out + "\n";
}

std::string state_line(const ReviewState& review, TimeMs now) {
    std::string out = "    " + clinical::status_word(review);
    if (review.has_claim()) out += " by " + who(review.claim().holder());
    if (!review.unattended().empty()) out += "; " + clinical::unattended_word(review.unattended());
    if (review.has_handover())
        out += "; handed over to " + one_line(review.handover().to_staff_id()) + ", NOT TAKEN YET";
    if (review.has_offer()) out += "; offered to " + review.offer().to_hub() + ", NOT TAKEN YET";
    if (review.status() == TRANSFERRED)
        out += " to " + review.transferred_to() + ", WHICH HAS NOT SAID SO YET: ring it";
    if (review.returned() && review.status() != RETURNED) out += "; GIVEN BACK TO THE SENDER";
    if (!review.cancellation_asked().empty()) out += "; CANCELLED BY ITS SENDER, to be decided here";
    if (review.sender_updates() > 0) {
        out += "; UPDATED BY ITS SENDER " + format_london(to_ms(review.sender_updated_at()));
    }
    if (review.contact_attempts() > 0) out += "; contact attempts: " + std::to_string(review.contact_attempts());
    for (const auto& opinion : review.opinions()) {
        if (!opinion.has_given_by()) out += "; opinion asked of " + one_line(opinion.of_role());
    }
    if (review.has_welfare_call_due()) {
        const TimeMs due = to_ms(review.welfare_call_due());
        out += "; call promised by " + format_london(due) + ", " + left(due, now);
    }
    return out + "\n";
}

// Those that wait for another organisation: nobody is in the queue for them any more.
std::string referral_lines(const std::vector<referral::ReferralState>& referrals, TimeMs now) {
    std::string out;
    for (const auto& each : referrals) {
        out += each.case_number() + "   " + clinical::pathway_code(each.pathway()) + " to service " +
               (each.service_id().empty() ? std::string("not named") : one_line(each.service_id())) + "\n    " +
               clinical::referral_standing(each, now) + "\n\n";
    }
    return out.empty() ? out : "Referred, and not yet taken or reached; ring the service:\n\n" + out;
}

}  // namespace

std::string downtime_sheet(const SheetHead& head, const QueueReply& queue,
                           const std::vector<referral::ReferralState>& referrals) {
    std::string out = "DOWNTIME SHEET  " + head.hub + "  " + format_london(head.now) + " London";
    if (!head.label.empty()) out += "  [" + head.label + ": no real patients]";
    out += "\nThe record up to event " + std::to_string(head.as_of_seq);
    if (head.age_ms > limits::heartbeat_max_age_ms) {
        out += "; NOTHING NEWER WAS HEARD for " + std::to_string(head.age_ms / 1'000) + " s before this was written";
    }
    out +=
        ".\nA sheet older than a minute is no longer being written: the cases may have changed since.\n"
        "No names are kept here. Ring the sender or the crew about the incident or case number.\n"
        "Write down what was done and when; enter it later: rightplace send FILE --occurred-at TIME.\n\n";
    out += queue.reviews_size() == 0 ? std::string("No open cases.\n")
                                     : std::to_string(queue.reviews_size()) + " open, by breach time:\n\n";
    for (const auto& review : queue.reviews()) {
        out += first_line(review, head.now) + patient_line(review) + state_line(review, head.now) +
               "    done: ______________________________ at ____:____ by ____________________\n\n";
    }
    if (queue.transfers_size() > 0)
        out += "Offered to this hub by others, which keep them until they are accepted:\n\n";
    for (const auto& transfer : queue.transfers()) {
        out += first_line(transfer.review(), head.now) + patient_line(transfer.review()) + "    from " +
               transfer.from_hub() + (transfer.status() == ACCEPTED_HERE ? ", accepted, not let go yet" : "") + "\n\n";
    }
    return out + referral_lines(referrals, head.now);
}

}  // namespace rightplace::triage
