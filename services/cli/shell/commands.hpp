// What the program does, one function per command. Each gives its exit code.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "services/cli/domain/contacts.hpp"
#include "services/cli/shell/session.hpp"

namespace rightplace::cli {

struct SendOptions {
    std::string file;     // with a command; "-": standard input
    std::string contact;  // or with what an asker says
    std::string hub;
    std::string occurred_at;  // FHIR instant
    std::string id;
    Asker asker = Asker::crew;  // of the contact
};
int run_send(Session& session, const SendOptions& options);
// Of a time that a person gives with --occurred-at; empty: now. Never in the future.
OrWhy<TimeMs> occurred_at_from(Session& session, const std::string& text);

struct QueueOptions {
    std::string hub;
    bool json = false;
};
int run_queue(Session& session, const QueueOptions& options);

struct CaseOptions {
    std::string id_or_number;
    std::string hub;
    bool json = false;
    bool reveal = false;
    std::string purpose;
    std::string view_session;   // --session: one record of the view per person, case, purpose and session
    std::string original;       // where to write the sender's bytes
    std::uint32_t message = 1;  // which of its messages: 1 opened the case
};
int run_case(Session& session, const CaseOptions& options);

struct MessageOptions {
    std::string id;  // of the exchange, of the request, or of the Bundle
    std::string hub;
    std::string purpose;
    std::string view_session;
    std::string original;      // where to write the sender's bytes
    std::uint32_t number = 0;  // which of those that came under the id; 0: the latest
};
int run_message(Session& session, const MessageOptions& options);

struct WatchOptions {
    std::string hub;  // empty: every hub of the stack
    std::uint64_t from = 0;
    bool from_given = false;
    bool words = false;  // instead of JSON
};
int run_watch(Session& session, const WatchOptions& options);

int run_status(Session& session, bool json);

// What waits for a person at a hub: listed without a verb, else seen to.
struct HubActOptions {
    std::string verb;     // take, release, settle
    std::string hub;      // empty, in a list: every hub
    std::string subject;  // id of the alert, the reaction, the delivery
    std::string how;      // of a settlement by hand
    std::string id;
    bool json = false;
};
int run_alerts(Session& session, const HubActOptions& options);
int run_unpark(Session& session, const HubActOptions& options);
int run_deliveries(Session& session, const HubActOptions& options);

struct PolicyOptions {
    std::string file;
    std::vector<std::string> files;  // of a diff: old and new, or the new one alone
    std::string hub;
    std::string id;
    bool json = false;
};
// Without a running stack.
int run_policy_check(const PolicyOptions& options, std::ostream& out, std::ostream& err);
int run_policy_diff(const PolicyOptions& options, std::ostream& out, std::ostream& err);
// Against what is in force at `hub`.
int run_policy_diff_in_force(Session& session, const PolicyOptions& options);
int run_policy_show(Session& session, const PolicyOptions& options);
int run_policy_adopt(Session& session, const PolicyOptions& options);

struct AcceptOptions {
    std::string hub;
    std::string journal_id;
};
int run_accept_journal(Session& session, const AcceptOptions& options);

struct VerbOptions {
    std::string verb;  // claim, take-over, release, renew, note, contact, welfare, escalate, downgrade, ask-opinion,
                       // opinion, consult, decide, reject, hand-over, withdraw, acknowledge, transfer,
                       // accept-transfer, decline-transfer
    std::string id_or_number;
    std::string hub;
    std::string token;
    std::string text;
    std::string outcome;
    std::string method;
    std::string category;
    std::string reason;
    std::string pathway;
    std::string code;
    std::string against_advice;
    std::string refer_to;
    std::vector<std::string> outcomes;
    std::string ambulance_reference;
    std::string of_role;
    std::string to_staff;
    std::string to_hub;
    bool withdraw = false;  // a transfer
    bool keep = false;      // stay, and keep the claim from lapsing
    std::string view;
    std::uint32_t minutes = 0;
    std::string occurred_at;  // FHIR instant, of work that is written up later
    std::string id;
    bool json = false;
};
int run_verb(Session& session, const VerbOptions& options);
int run_transfer(Session& session, const VerbOptions& options);
int run_pathways(Session& session, const VerbOptions& options);

struct ReferralOptions {
    std::string id_or_number;
    std::string what;     // accepted, declined, reached, completed
    std::string outcome;  // with completed
    std::string reason;   // with declined
    std::string referral_id;
    std::string hub;
    std::string occurred_at;  // FHIR instant
    std::string id;
    bool json = false;
};
int run_referral(Session& session, const ReferralOptions& options);

struct ShiftOptions {
    std::string verb;  // sign-on, sign-off, next, hand-over, acknowledge
    std::string hub;
    std::vector<std::string> cases;
    bool all = false;
    std::string to;  // staff id
    bool withdraw = false;
    std::string text;
    std::string skill;
    bool anyway = false;
    std::string id;
    bool json = false;
};
int run_shift(Session& session, const ShiftOptions& options);

}  // namespace rightplace::cli
