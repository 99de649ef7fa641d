// ARP categories and pathways: codes, urgency, and which pathways ask another organisation.
#pragma once

#include <optional>
#include <string_view>

#include "messages/intake.pb.h"
#include "messages/triage.pb.h"

namespace rightplace::clinical {

// BaRS code system arp-priority-codes 1.0.0. Its code for HCP4T is "HP4T"; both are read.
std::optional<intake::Category> category_from_code(std::string_view code);
std::string_view category_code(intake::Category category);  // empty for unspecified

// 1 is the most urgent. HCP and IFT levels rank with the ARP category of the same level. 6 = not known.
int urgency_rank(intake::Category category);

// True when a decision for this pathway asks another organisation to act.
bool refers(triage::Pathway pathway);

// True when it leaves the ambulance service with a patient to fetch.
bool needs_ambulance(triage::Pathway pathway);

// C1 or C2, or what ranks with them, and an ambulance: whoever is to send it must know at once.
bool is_emergency(intake::Category category, triage::Pathway pathway);

}  // namespace rightplace::clinical
