// The rules of triage, one function per command. Inside this folder only.
#pragma once

#include "common/runtime/typed.hpp"
#include "messages/triage.pb.h"

namespace rightplace::triage {

using runtime::AggregateId;
using runtime::Context;
using runtime::Decided;
using runtime::Decision;
using runtime::Message;
using runtime::NewEvent;
using runtime::Refused;
using runtime::States;

inline constexpr const char* review_type = "review";
inline constexpr const char* policy_type = "policy";
inline constexpr const char* alert_type = "alert";
inline constexpr const char* roster_type = "roster";
inline constexpr const char* breach_timer = "breach";
inline constexpr const char* work_queue = "work";     // open reviews by breach time
inline constexpr const char* alert_queue = "alerts";  // alerts that nobody took, by the time they were raised

namespace alert_kind {
inline constexpr const char* sender_without_endpoint = "sender-without-endpoint";
inline constexpr const char* delivery_quarantined = "delivery-quarantined";
inline constexpr const char* delivery_not_getting_through = "delivery-not-getting-through";
inline constexpr const char* reaction_parked = "reaction-parked";
inline constexpr const char* review_breached = "review-breached";
inline constexpr const char* clock_stepped = "clock-stepped";
}  // namespace alert_kind

AggregateId review_key(const std::string& case_id);
AggregateId alert_key(const std::string& alert_id);

// What one decision is made from.
struct Asked {
    const States& states;
    const Command& envelope;
    const Context& context;
};

// commands.cpp: queueing, and what is open to everybody
bool ended(const ReviewState& review);  // decided, rejected or cancelled
Failure<Refused> no_review();
Failure<Refused> ended_review(const ReviewState& review);
std::string since_then(const ReviewState& review);  // for a refusal's sentence: the last event, by role
NewEvent review_event(const ReviewState& review, const Message& payload);
TimeMs occurred_at(const Asked& asked);
Decided queue_review(const Asked& asked, const QueueReview& command);
Decided record_contact_attempt(const Asked& asked, const RecordContactAttempt& command);
Decided add_note(const Asked& asked, const AddNote& command);
Decided escalate_review(const Asked& asked, const EscalateReview& command);

// claims.cpp
bool lease_is_live(const Asked& asked, const ReviewState& review);
Decided claim_review(const Asked& asked, const ClaimReview& command);
Decided renew_claim(const Asked& asked, const RenewClaim& command);
Decided release_claim(const Asked& asked, const ReleaseClaim& command);
Decided lapse_claim(const Asked& asked, const LapseClaim& command);
// Nothing when `token` is the live claim's.
std::optional<Failure<Refused>> against_token(const ReviewState& review, const std::string& token);
void clear_lease(Decision& decision, const ReviewState& review);

// outcomes.cpp
Decided start_consultation(const Asked& asked, const StartConsultation& command);
Decided decide_review(const Asked& asked, const DecideReview& command);
Decided reject_review(const Asked& asked, const RejectReview& command);
Decided breach_review(const Asked& asked, const BreachReview& command);
Decided cancel_review(const Asked& asked, const CancelReview& command);
bool gives_back(const intake::CaseFacts& facts);  // a 999 validation: its fail-safe is the sender's own dispatch

// hub.cpp: policy, alerts, roster
Decided adopt_policy(const Asked& asked, const AdoptPolicy& command);
Decided raise_alert(const Asked& asked, const RaiseAlert& command);
Decided take_alert(const Asked& asked, const TakeAlert& command);
Decided sign_on(const Asked& asked, const SignOn& command);
Decided sign_off(const Asked& asked, const SignOff& command);

// evolve.cpp
std::shared_ptr<const Message> evolve_review(const Message* before, const Event& event, const Message& payload);
std::shared_ptr<const Message> evolve_alert(const Message* before, const Event& event, const Message& payload);
std::shared_ptr<const Message> evolve_roster(const Message* before, const Message& payload);

// reactions.cpp
std::vector<runtime::Reaction> reactions(const Event& event, const Message& payload, const Context& context);

}  // namespace rightplace::triage
