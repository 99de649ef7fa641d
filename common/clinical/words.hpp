// The contract's codes in the words of the people who work with them: on screens, sheets and in sentences.
#pragma once

#include <string>
#include <string_view>

#include "messages/intake.pb.h"
#include "messages/triage.pb.h"

namespace rightplace::clinical {

std::string origin_word(intake::Origin origin);
std::string kind_word(const intake::CaseFacts& facts);  // the same, with falls and community cases told apart
std::string category_word(intake::Category category);   // BaRS arp-priority-codes; "-" for none
bool is_over(const triage::ReviewState& review);        // here: decided, rejected, cancelled or transferred
std::string status_word(const triage::ReviewState& review);
std::string unattended_word(std::string_view why);   // of ReviewUnattended: "the hub is closed", ...
std::string news2_word(const triage::News2& news2);  // "7 high", "4+ incomplete", "not taken", "-"
std::string flag_word(const intake::Flag& flag);     // "" for a flag that says all is well

// What may travel and be kept in clear: a short code, never a sentence about a person.
bool is_code(std::string_view text);
bool is_code_of_nobody(std::string_view text);  // a code that cannot be a person's NHS number either
// Of what is never refused for its words: the reason itself if it is a code and no NHS number, else that a note says
// it.
inline constexpr const char* reason_in_note = "see-note";
std::string reason_in_clear(const std::string& reason);

}  // namespace rightplace::clinical
