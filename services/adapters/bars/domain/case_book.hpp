// The adapter's own fold of one hub's feed: what it needs to answer the senders of BaRS cases. Pure.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "common/base/time.hpp"
#include "messages/envelope.pb.h"
#include "messages/intake.pb.h"
#include "messages/referral.pb.h"
#include "messages/triage.pb.h"

namespace rightplace::bars {

struct BookedCase {
    std::string case_id;
    std::string case_number;
    std::string correlation_id;  // Journey ID
    intake::ReplyTo reply_to;
    intake::CaseFacts facts;
    TimeMs breach_at = 0;            // the sender's, or policy's once the review is queued
    Sealed original;                 // the request as it stands: as it came, or merged with its updates
    std::string service_request_id;  // that we gave to its ServiceRequest
    std::uint32_t updates = 0;       // by its sender, that are merged into it
    std::string requester_ods;       // of the organisation that sent it, by its header
    std::string cancelled;           // by its sender: revoked or entered-in-error
    TimeMs cancelled_at = 0;
    bool referral = false;  // the patient is ours: nothing is answered later, nothing is given back
    std::string content_type;
    TimeMs opened_at = 0;
    TimeMs consultation_at = 0;   // of the last one; 0: none yet
    bool consulting = false;      // a clinician is in consultation now
    bool away = false;            // another hub has it
    std::uint64_t heard_seq = 0;  // in that hub's journal, of what was heard from there before this hub recorded it
    triage::ReviewDecided decided;
    TimeMs decided_at = 0;
    triage::ReviewRejected rejected;
    TimeMs rejected_at = 0;
    bool returned = false;  // ReviewBreached with returned, or ReviewReturned
    bool return_recorded = false;
    bool ended = false;            // decided, rejected or cancelled
    std::string outcome_event_id;  // of the decision or rejection that ended it
    TimeMs ended_at = 0;
    bool owes_answer = false;      // decided or rejected, and that response has not come to its end
    TimeMs not_before = 0;         // after an answer that was taken back what follows is dated no earlier than this
    TimeMs return_not_before = 0;  // the same, of the return of the case
    bool answered_before = false;  // some response has reached the sender

    void end(const Event& outcome);
    void reopen(bool in_consultation, TimeMs at);
    void bring_forward(const triage::ReviewEscalated& escalated);
    bool overtaken(const triage::Elsewhere& told) const { return told.seq() != 0 && told.seq() < heard_seq; }

    // May still need giving back at breach.
    bool to_watch() const { return !referral && !ended && !consulting && !return_recorded && breach_at > 0; }
};

// A request for validation that this hub's own people sent to another one (their system did, and said so with the
// case): its responses come here.
struct SentRequest {
    std::string case_id;
    std::string case_number;
    std::string key_id;
    std::string correlation_id;  // X-Correlation-Id that it went out with
    TimeMs last_at = 0;          // of the request, or of the last response to it
};
inline constexpr const char* sent_protocol = "bars-sent";  // of the Exchange that comes with such a case
// After the last that was heard of it: a decision may still be taken back, and told again, the day after.
inline constexpr std::int64_t sent_kept_ms = 7 * 24 * 60 * 60 * 1'000LL;

class CaseBook {
   public:
    void apply(const Event& event);
    // An event of another hub, which may have the case: a consultation left there needs watching again at once, and not
    // only when this hub's triage has recorded it.
    void heard_elsewhere(const Event& event);

    const BookedCase* find(const std::string& case_id) const;
    const BookedCase* of_service_request(const std::string& service_request_id) const;
    const BookedCase* of_message(const std::string& message_id) const;  // of the request, in lower case
    // Not ended, not cancelled, and the only one of that Journey ID and sender; else null.
    const BookedCase* only_open_of(const std::string& journey_id, const std::string& sender_service_id) const;
    const BookedCase* latest_of_journey(const std::string& journey_id) const;
    // The request that a response speaks of, by the Bundle.id of either it or an earlier response; else null.
    const SentRequest* sent(const std::string& message_id) const;
    const std::map<std::string, referral::DeliveryState>& deliveries() const { return deliveries_; }
    void each(const std::function<void(const BookedCase&)>& see) const;

   private:
    void apply_case(const Event& event);
    void open_case(const Event& event, const intake::CaseOpened& opened);
    void answered(const Event& event, const intake::ExchangeAnswered& exchange);
    void keep_sent(const Event& event, const intake::ExchangeAnswered& exchange);
    void apply_review(const Event& event);
    void apply_delivery(const Event& event);
    void end_if_over(const std::string& delivery_id);
    void forget_long_over(TimeMs now);

    std::map<std::string, BookedCase> cases_;                             // BaRS cases: open, or ended not long ago
    std::map<std::string, std::string> by_service_request_, by_message_;  // to case ids
    std::map<std::string, SentRequest> sent_;                             // by case id
    std::map<std::string, std::string> sent_by_message_;                  // Bundle.id, in lower case, to case ids
    std::map<std::string, referral::DeliveryState> deliveries_;           // quarantined ones too
};

}  // namespace rightplace::bars
