// The judge's own model of what a record may say: plain and slow, from the contract alone. It shares
// no code with the services and takes nothing from them but their events.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "messages/envelope.pb.h"
#include "messages/intake.pb.h"
#include "messages/referral.pb.h"
#include "messages/triage.pb.h"
#include "tests/sim/judge/findings.hpp"

namespace rightplace::sim {

bool named_clinician(const Actor& actor);

struct Question {
    std::string event_id;
    std::string of_role;
    std::string asked_by;
};
// Whom a case needs, where that is said.
enum class Needs { any_clinician, for_999, for_a_fall, for_a_crew };

struct ReviewModel {
    std::string case_id;
    Needs needs = Needs::any_clinician;
    intake::Category category = intake::CATEGORY_UNSPECIFIED;
    std::vector<Question> questions;           // to a colleague, unanswered; the oldest first
    std::map<std::string, std::string> views;  // by staff id, the last one
    std::int64_t breach_at = 0;
    std::string token;      // of the live claim
    std::string handed_to;  // staff id; empty: to nobody
    std::int64_t claimed_at = 0;
    std::int64_t ended_at = 0;  // 0: open
    int breaches = 0;
    std::int64_t breached_at = 0;
    bool consulting = false;
    bool gives_back = false;       // a 999 validation
    bool has_sender = false;       // who is told
    std::int64_t waits_since = 0;  // recorded; for somebody to claim it
    bool returned = false;
    bool owes_return = false;        // its consultation ended undecided, after the breach
    std::int64_t call_due = 0;       // of a welfare call that is owed; 0: none
    std::int64_t call_promised = 0;  // recorded
    bool call_missed = false;
    std::int64_t here_since = 0;         // recorded
    std::string offer;                   // to another hub, that stands
    std::int64_t answer_by = 0;          // of it; 0: it stands until somebody answers
    std::int64_t again_at = 0;           // nobody is there, and then it is offered again
    std::string away_to;                 // the hub that has it; empty: this one
    bool ended_there = false;            // and what it came to was recorded here
    std::string unattended;              // why nobody was there, said since the last claim
    std::string return_follows;          // given back for that reason, with the very next event
    std::string outcome;                 // event id of the decision or rejection that stands
    std::string ended_by;                // who made it
    std::int64_t kept_call = 0;          // a call that was owed when it ended: promised still, if it is taken back
    bool cancelled_since = false;        // by its sender
    bool cancellation_asked = false;     // by its sender, while somebody held it
    bool cancelled_and_waits = false;    // that claim has ended, and the case has not
    std::uint32_t update_number = 0;     // of the newest of its sender's updates
    bool closes = false;                 // and nothing is left to do after it
    bool consultation_must_end = false;  // given back: the consultation ends undecided with the very next event
};
struct DeliveryModel {
    std::string case_id;
    std::string service_id;
    referral::DeliveryKind kind = referral::DELIVERY_KIND_UNSPECIFIED;
    referral::DeliveryStatus status = referral::REQUESTED;
    std::string about;  // event id
    bool withdrawn = false;
};
struct CaseModel {
    std::string event_id;  // of CaseOpened
    std::int64_t opened_at = 0;
    std::string cad_number;
    bool closed = false;
    int tallies = 0;
    int timers = 0;
};

// Whether somebody must be there for a case, and when a hub is closed. Its days are all alike.
struct Opening {
    bool in_force = false;
    std::int64_t closes_minute = 0;   // Unix minutes
    std::int64_t closed_minutes = 0;  // 0: it never closes
    bool skilled = false;             // a 999 call or a crew needs one of some roles, and not any clinician
    bool closed(std::int64_t at_ms) const;
    std::int64_t closed_for_ms(std::int64_t at_ms) const;  // since it last closed
};

// What another hub offers, at the hub that it is offered to.
struct OfferModel {
    enum class Stands { offered, accepted, declined, closed, taken };
    std::string case_id;
    std::string from_hub;
    Stands stands = Stands::offered;
    std::int64_t confirm_by = 0;
    bool missed = false;  // the letting go
};

// One hub let a review go, or took it on.
struct Passage {
    std::string case_id;
    std::string other;  // hub
    std::int64_t breach_at = 0;
    int times = 0;
};

class RecordModel {
   public:
    RecordModel(std::string hub, Findings& findings) : hub_(std::move(hub)), findings_(findings) {}
    Opening opening;
    void add(const Event& event);  // in order, from the first

    struct Calm {
        bool on_time = false;             // nothing went wrong: deadlines are met to 250 ms, and one epoch lasts
        bool counted = true;              // the probe was there
        std::set<std::string> endpoints;  // service ids of senders that can be reached
    };
    void stands(const triage::ReviewState& shown);  // in the queue, after the last event

    // All has come to rest at `hub_now`.
    void at_rest(std::int64_t hub_now, const Calm& calm);

    // Invariant 9, over the records of all hubs.
    static void transfers_at_rest(const std::map<std::string, RecordModel>& hubs, Findings& findings);

    bool has_command(const std::string& command_id) const { return commands_.contains(command_id); }

   private:
    void chain(const Event& event);
    void once(const Event& event);
    void add_case(const Event& event);
    void add_review(const Event& event);
    void add_claim(const Event& event, ReviewModel& review);
    void add_handover(const Event& event, ReviewModel& review);
    void add_roster(const Event& event);
    void add_attendance(const Event& event, ReviewModel& review);
    void said_in_time(const Event& event, const ReviewModel& review, const std::string& why);
    void attended_at_rest(const ReviewModel& review, std::int64_t hub_now);
    void claim_ended(const Event& event, ReviewModel& review, const std::string& token);
    bool add_transfer(const Event& event);  // true: the review is another hub's, or the event only of the transfer
    void let_go(const Event& event, ReviewModel& review);
    void received(const Event& event);
    void add_elsewhere(const Event& event, ReviewModel& review);
    void add_call(const Event& event, ReviewModel& review);
    void hides_no_call(const Event& event, const ReviewModel& review);
    void end_review(const Event& event, ReviewModel& review, const std::string& token);
    void remember_outcome(const Event& event, ReviewModel& review);
    void add_reopening(const Event& event, ReviewModel& review);
    void reopened_at_rest();
    void add_clinical(const Event& event, ReviewModel& review);
    void add_urgency(const Event& event, ReviewModel& review);
    void sooner(const Event& event, ReviewModel& review, std::int64_t breach_at);
    void update_noted(const Event& event, ReviewModel& review, const triage::SenderUpdateNoted& updated);
    void add_opinion(const Event& event, ReviewModel& review);
    void shared_by_all(const Event& event, const ReviewModel& review, const triage::ReviewDecided& decided);
    void add_policy(const Event& event);
    void under_policy(const Event& event);
    void add_offer(const Event& event);
    void offers_at_rest(std::int64_t hub_now);
    void add_delivery(const Event& event);
    void add_probe(const Event& event);
    void add_parked(const Event& event);
    bool is_quarantined(const ReviewModel& review) const;
    void quarantined_at_rest(const ReviewModel& review, std::int64_t hub_now);
    void unparked_at_rest();
    void review_at_rest(const ReviewModel& review, std::int64_t hub_now, bool on_time);
    void wrong(int invariant, const Event& event, const std::string& what);

    struct CommandModel {
        std::uint64_t last_seq = 0;
        std::uint64_t epoch = 0;
    };
    std::string hub_;
    Findings& findings_;
    std::uint64_t seq_ = 0;
    std::uint64_t epoch_ = 0;
    std::string prev_;
    std::set<std::string> event_ids_;
    std::map<std::string, std::uint64_t> versions_;
    std::map<std::string, CommandModel> commands_;
    std::map<std::string, CaseModel> cases_;
    std::map<std::string, std::string> case_of_event_;  // CaseOpened's event id -> case id
    std::map<std::string, int> counts_;                 // a count's event id -> its reactions
    std::map<std::string, ReviewModel> reviews_;
    std::map<std::string, Passage> gone_;  // by offer
    std::map<std::string, Passage> come_;
    std::map<std::string, OfferModel> offers_;                    // to this hub
    std::vector<std::pair<std::string, std::int64_t>> policies_;  // version, and until when it was in force; 0: it is
    std::map<std::string, DeliveryModel> deliveries_;
    std::set<std::string> taken_back_;                   // event ids of outcomes
    std::set<std::string> parked_about_;                 // event ids
    std::set<std::string> quarantined_;                  // case ids of reviews that people were told of
    std::set<std::string> missed_;                       // case ids of reviews whose breach could only be parked
    std::vector<std::string> by_seq_;                    // every event's id
    std::map<std::string, std::uint64_t> to_run_again_;  // a cause's event id -> the seq of who un-parked it
    struct Staff {
        std::string role;
        std::string skill;
    };
    static bool may_take(const Staff& staff, Needs needs);
    bool anybody_for(Needs needs) const;
    Needs needs_of(const intake::CaseFacts& facts) const;
    void roster_changed(const Event& event, const std::set<Needs>& before);
    std::set<Needs> attended_needs() const;
    std::map<std::string, Staff> on_shift_;       // by staff id
    std::map<Needs, std::int64_t> nobody_since_;  // recorded; for whom somebody was there before
    std::int64_t said_late_ms_ = 0;               // that nobody is there, at the latest
    std::int64_t call_late_ms_ = 0;               // that a promised call was missed, at the latest
    bool stopped_looking_ = false;                // what looks after cases is parked: people are told
};

}  // namespace rightplace::sim
