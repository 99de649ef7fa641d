// Which pathways a hub's policy offers to a case, and why not the others. It advises: a clinician decides, and an
// ambulance or the ED is offered to everybody, whatever a policy says.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/time.hpp"
#include "messages/intake.pb.h"
#include "messages/pathways.pb.h"
#include "messages/policy.pb.h"
#include "messages/triage.pb.h"

namespace rightplace::clinical {

// Bounds of a policy's rules for pathways.
inline constexpr int pathway_exclusions_max = 20;            // of one rule; its needs and cautions likewise
inline constexpr int pathway_examples_max = 200;             // of one policy
inline constexpr std::size_t pathway_words_max_bytes = 200;  // of what people read of one exclusion
inline constexpr std::uint32_t pathway_age_max_years = 130;
inline constexpr std::uint32_t news2_total_max = 20;
inline constexpr std::uint32_t news2_part_max = 3;

// Reasons that no rule may use as the code of an exclusion of its own.
namespace pathway_reason {
inline constexpr std::string_view closed = "closed";
inline constexpr std::string_view need_not_named = "need-not-named";
}  // namespace pathway_reason

std::string pathway_code(triage::Pathway pathway);  // "medical-sdec"
std::optional<triage::Pathway> pathway_from_code(std::string_view code);
// As people write it: in any case, with any of "-", "_" and " ", and by the other names in use ("convey").
std::optional<triage::Pathway> pathway_from_word(std::string_view word);
std::string pathway_words();  // "discharge-on-scene (or discharge, see-and-treat), advice, ...": every one there is
bool always_offered(triage::Pathway pathway);

// What is known of a case when a pathway is asked for.
struct PathwayCase {
    const intake::CaseFacts& facts;
    const triage::News2& news2;
    intake::Category category = intake::CATEGORY_UNSPECIFIED;  // as it stands, after escalation
    std::optional<LondonClock> at;                             // nothing: whatever the hour
};

// Why a pathway is not offered; empty: it is. Without a policy, or a rule for it, it is.
std::vector<triage::PathwayReason> against(const policy::HubPolicy* policy, triage::Pathway pathway,
                                           const PathwayCase& of);
// Whether all of the conditions that it names hold.
bool exclusion_holds(const policy::HubPolicy* policy, const policy::PathwayExclusion& exclusion, const PathwayCase& of);
// Where a pathway's rule names needs and `rationale_code` is none of them.
std::optional<triage::PathwayReason> need_not_named(const policy::HubPolicy* policy, triage::Pathway pathway,
                                                    std::string_view rationale_code);
// Every pathway there is.
std::vector<triage::PathwayOffer> offers(const policy::HubPolicy* policy, const PathwayCase& of);

// "08:00 to 20:00, every day"
std::string hours_words(const policy::OpeningHours& hours);
// When an exclusion holds, in words: "category C1 or HCP1 and NEWS2 of 7 or more".
std::string condition_words(const policy::PathwayExclusion& exclusion);

}  // namespace rightplace::clinical
