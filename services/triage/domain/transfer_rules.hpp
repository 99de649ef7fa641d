// The rules of a review's way to another hub, one function per command. Inside this folder only.
//
// Here is the order of things, and who has the case and its clock. Offering hub: TransferOffered (has it). Other hub:
// TransferReceived, TransferAccepted (has nothing yet). Offering hub: ReviewTransferred - from this event on the other
// hub has it, whether it knows or not. Other hub: TransferTaken, ReviewReceived (its timers run). Offering hub:
// TransferConfirmed. Whatever the offering hub does with the case before it lets go ends the offer (TransferEnded).
// What the case comes to at the other hub is recorded at the offering hub too, which answers the sender.
#pragma once

#include "messages/transfer.pb.h"
#include "services/triage/domain/rules.hpp"

namespace rightplace::triage {

inline constexpr const char* transfer_type = "transfer";

// Local: no published time is held here. An offer that nobody has answered by then ends, so that a case never waits for
// people who do not look; and while nobody is there for it, it is offered again after as long as one looks away from
// a queue (common/clinical/alert_rules.hpp).
inline constexpr TimeMs transfer_answer_ms = 15 * 60'000;
inline constexpr TimeMs offer_again_ms = 15 * 60'000;

AggregateId transfer_key(const std::string& offer_id);
std::vector<AggregateId> transfer_needs(const Message& command, const Context& context);  // empty: none of its own
std::optional<Decided> decide_transfer(const Asked& asked, const Message& command);       // nothing: not one of these

// transfer.cpp: at the hub that has the case
Decided transfer_review(const Asked& asked, const TransferReview& command);
bool may_go_to(const Asked& asked, const ReviewState& review, const std::string& hub);
NewEvent offer_to(const ReviewState& stands, const Context& context, const TransferReview& wanted);
Decided withdraw_transfer(const Asked& asked, const WithdrawTransfer& command);
Decided let_go(const Asked& asked, const LetGo& command);
Decided end_declined_offer(const Asked& asked, const EndOffer& command);
Decided miss_answer(const Asked& asked, const MissAnswer& command);
Decided confirm_transfer(const Asked& asked, const ConfirmTransfer& command);
Decided miss_confirmation(const Asked& asked, const MissConfirmation& command);

// transfer_received.cpp: at the hub that it is offered to
Decided receive_offer(const Asked& asked, const ReceiveOffer& command);
Decided accept_transfer(const Asked& asked, const AcceptTransfer& command);
Decided decline_transfer(const Asked& asked, const DeclineTransfer& command);
Decided decline_unattended(const Asked& asked, const std::string& offer_id, TimeMs at);
Decided close_transfer(const Asked& asked, const CloseTransfer& command);
Decided take_review(const Asked& asked, const TakeReview& command);
Decided miss_letting_go(const Asked& asked, const MissLettingGo& command);

// elsewhere.cpp: a case that another hub has
Decided record_elsewhere(const Asked& asked, const RecordElsewhere& command);

// evolve.cpp
void end(ReviewState& review, ReviewStatus status);        // in this hub, for good
void end_claim(ReviewState& review, ReviewStatus status);  // in this hub, and may be taken back

// evolve_transfer.cpp
bool apply_transfer(ReviewState& review, const Event& event, const Message& payload);  // false: not one of its events
bool apply_elsewhere(ReviewState& review, const Message& payload);                     // the same
std::shared_ptr<const Message> evolve_transfer(const Message* before, const Event& event, const Message& payload);

// neighbours.cpp
std::vector<runtime::Reaction> reactions_to_other_hub(const Event& event, const Message& payload,
                                                      const Context& context);

}  // namespace rightplace::triage
