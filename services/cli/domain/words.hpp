// The contract's codes and events in the words of the people who work with them. No identity: only
// codes, roles and ids that are in clear by design.
#pragma once

#include <string>
#include <string_view>

#include "common/base/time.hpp"
#include "common/clinical/words.hpp"
#include "messages/envelope.pb.h"
#include "messages/intake.pb.h"
#include "messages/referral.pb.h"
#include "messages/triage.pb.h"
#include "services/cli/domain/json.hpp"

namespace rightplace::cli {

using clinical::category_word;
using clinical::flag_word;
using clinical::is_over;
using clinical::kind_word;
using clinical::news2_word;
using clinical::origin_word;
using clinical::status_word;
using clinical::unattended_word;

// Escape codes only where a person looks at a terminal.
struct Style {
    bool colour = false;
    std::string bold(const std::string& text) const;
    std::string red(const std::string& text) const;
    std::string yellow(const std::string& text) const;
    std::string dim(const std::string& text) const;
};

std::string opinion_word(const triage::SecondOpinion& opinion, bool over);
// When the patient was promised a call, and whether that is over; empty: none is owed.
std::string welfare_word(const triage::ReviewState& review, TimeMs now);
std::string sender_word(const triage::ReviewState& review);  // what its sender said later: ", ..." or empty
std::string pathway_word(triage::Pathway pathway);
std::string reject_word(triage::RejectReason reason);
std::string delivery_word(referral::DeliveryKind kind);
std::string hand_settlement_word(referral::HandSettlement how);
std::string delivery_status_word(referral::DeliveryStatus status);
// "the hub is open; Dover is CLOSED; next change 28 Nov 08:00:00"; empty: no opening hours. A change at 0: never.
std::string hours_word(const google::protobuf::RepeatedPtrField<triage::SiteHours>& sites, TimeMs next_change);
std::string one_of_word(const google::protobuf::RepeatedPtrField<std::string>& roles);  // "gp or nurse"
std::string actor_word(const Actor& actor);  // "j.smith (ed-consultant, RYD)"
std::string duration_word(std::int64_t ms);  // "0.4 s", "12 min", "3 h 05"

// One event in one sentence. An event that this program does not know is named by its type.
std::string describe(const Event& event);

// The same, with who did it where the sentence does not say so itself.
std::string describe_with_actor(const Event& event);
// Beside the answer to an outside message the record keeps that its message id is used up: nothing more happened.
bool only_marks_message_id(const Event& event);

// Text from outside, safe on a terminal: control signs (escape sequences among them) become spaces.
std::string printable(std::string_view text);

// What a person typed ("convey-to-ed", "C2", "RRNA") to the contract's value.
OrWhy<triage::Pathway> pathway_from(std::string_view text);
OrWhy<intake::Category> category_from(std::string_view text);
// "PATLIFT" of BaRS's response-outcome-codes, or a Pathways code by its first letters: SG, SD, Dx.
OrWhy<intake::Coded> outcome_code_from(std::string_view text);
OrWhy<triage::RejectReason> reject_reason_from(std::string_view text);
OrWhy<referral::HandSettlement> hand_settlement_from(std::string_view text);

// A reply as a sentence, with what to do next when it was not accepted.
std::string reply_words(const Reply& reply);

}  // namespace rightplace::cli
