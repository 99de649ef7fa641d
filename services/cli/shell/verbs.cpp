// The verbs of a shift: each builds one command of triage and prints its reply in words.
#include <chrono>
#include <functional>
#include <ostream>
#include <thread>

#include "common/base/seal.hpp"
#include "common/clinical/words.hpp"
#include "services/cli/shell/commands.hpp"

namespace rightplace::cli {
namespace {

using Payload = std::unique_ptr<google::protobuf::Message>;

// The token of the claim that the asker holds: given, or looked up.
OrWhy<std::string> token_of(Session& session, const FoundCase& found, const VerbOptions& options) {
    if (!options.token.empty()) return options.token;
    const auto held = review_at(session, found);
    if (!held) return Failure{held.error()};
    const auto& review = held.value();
    if (is_over(review)) {
        return Failure{"this review is " + status_word(review) + ": its claim is over"};
    }
    if (!review.has_claim() || review.claim().token().empty()) {
        return Failure{std::string("nobody holds this review: claim it first, with `rightplace claim ") +
                       options.id_or_number + "`"};
    }
    if (review.claim().taken_from().id() == session.actor.id() && !session.actor.id().empty()) {
        return Failure{actor_word(review.claim().holder()) +
                       " has taken this review over from you: " + review.claim().reason_code() + "; speak to them"};
    }
    if (review.claim().holder().id() != session.actor.id()) {
        return Failure{"this review is held by " + actor_word(review.claim().holder()) + ", and you are " +
                       actor_word(session.actor) + "; name yourself with --as, or speak to them"};
    }
    return review.claim().token();
}

// A command about a case; `fill` sets what else it says.
template <typename T>
Payload about(
    const FoundCase& found, const std::function<void(T&)>& fill = [](T&) {}) {
    auto payload = std::make_unique<T>();
    payload->set_case_id(found.case_id);
    fill(*payload);
    return payload;
}

template <typename T>
Payload with_token(const FoundCase& found, const std::string& token) {
    return about<T>(found, [&](T& it) { it.set_token(token); });
}

template <typename T>
Payload with_reason(const FoundCase& found, const VerbOptions& options) {
    return about<T>(found, [&](T& it) { it.set_reason_code(options.reason); });
}

// To another category, up or down.
template <typename T>
OrWhy<Payload> with_category(const FoundCase& found, const VerbOptions& options) {
    const auto category = category_from(options.category);
    if (!category) return Failure{"--to: " + category.error()};
    return about<T>(found, [&](T& it) {
        it.set_to_category(category.value());
        it.set_reason_code(options.reason);
    });
}

OrWhy<Payload> without_claim(const FoundCase& found, const VerbOptions& options) {
    if (options.verb == "claim") return about<triage::ClaimReview>(found);
    if (options.verb == "acknowledge") return about<triage::AcknowledgeHandover>(found);
    if (options.verb == "note") return about<triage::AddNote>(found);
    if (options.verb == "take-over") return with_reason<triage::TakeOverReview>(found, options);
    if (options.verb == "ask-opinion") {
        return about<triage::AskSecondOpinion>(found, [&](auto& it) { it.set_of_role(options.of_role); });
    }
    if (options.verb == "opinion") {
        return about<triage::GiveSecondOpinion>(found, [&](auto& it) { it.set_view(options.view); });
    }
    if (options.verb == "welfare") {
        return about<triage::PlanWelfareCall>(found, [&](auto& it) { it.set_within_minutes(options.minutes); });
    }
    if (options.verb == "contact") {
        return about<triage::RecordContactAttempt>(found, [&](auto& it) {
            it.set_outcome(options.outcome);
            it.set_method(options.method);
        });
    }
    if (options.verb == "scale-2") return with_reason<triage::UseSpo2Scale2>(found, options);
    if (options.verb == "undo") return with_reason<triage::UndoOutcome>(found, options);
    if (options.verb == "reopen") return with_reason<triage::ReopenReview>(found, options);
    if (options.verb == "close") return with_reason<triage::CloseReview>(found, options);
    if (options.verb == "downgrade") return with_category<triage::DowngradeReview>(found, options);
    INVARIANT(options.verb == "escalate");  // words instead of a code go beside it, sealed
    VerbOptions in_clear = options;
    in_clear.reason = clinical::reason_in_clear(options.reason);
    return with_category<triage::EscalateReview>(found, in_clear);
}

OrWhy<Payload> with_claim(const FoundCase& found, const VerbOptions& options, const std::string& token) {
    if (options.verb == "release") return with_token<triage::ReleaseClaim>(found, token);
    if (options.verb == "renew") return with_token<triage::RenewClaim>(found, token);
    if (options.verb == "withdraw") return with_token<triage::WithdrawHandover>(found, token);
    if (options.verb == "hand-over") {
        return about<triage::HandOverReview>(found, [&](auto& it) {
            it.set_token(token);
            it.set_to_staff_id(options.to_staff);
        });
    }
    if (options.verb == "consult") return with_token<triage::StartConsultation>(found, token);
    if (options.verb == "reject") {
        const auto reason = reject_reason_from(options.reason);
        if (!reason) return Failure{"--reason: " + reason.error()};
        auto payload = std::make_unique<triage::RejectReview>();
        payload->set_case_id(found.case_id);
        payload->set_token(token);
        payload->set_reason(reason.value());
        return Payload(std::move(payload));
    }
    INVARIANT(options.verb == "decide");
    const auto pathway = pathway_from(options.pathway);
    if (!pathway) return Failure{"--pathway: " + pathway.error()};
    auto payload = std::make_unique<triage::DecideReview>();
    payload->set_case_id(found.case_id);
    payload->set_token(token);
    payload->set_pathway(pathway.value());
    payload->set_rationale_code(options.code);
    payload->set_against_advice(options.against_advice);
    payload->set_refer_to_service_id(options.refer_to);
    payload->set_ambulance_reference(options.ambulance_reference);
    for (const auto& text : options.outcomes) {
        const auto code = outcome_code_from(text);
        if (!code) return Failure{"--outcome: " + code.error()};
        *payload->add_outcome_codes() = code.value();
    }
    if (!options.category.empty()) {
        const auto category = category_from(options.category);
        if (!category) return Failure{"--category: " + category.error()};
        payload->set_category(category.value());
    }
    return Payload(std::move(payload));
}

// What the clinician wrote is not lost with the claim: sent under no live claim, triage refuses it and keeps the text
// as a note of the review.
constexpr const char* no_live_claim = "no-live-claim";

bool text_is_worth_keeping(const VerbOptions& options) {
    return (options.verb == "decide" || options.verb == "reject") && !options.text.empty();
}

// For as long as a clinician is on the telephone: a console does so by itself.
int keep_claim(Session& session, const FoundCase& found, const VerbOptions& options) {
    const auto token = token_of(session, found, options);
    if (!token) return fail(session, Exit::refused, token.error());
    const auto renew = with_token<triage::RenewClaim>(found, token.value());
    session.out << "Your claim is kept for as long as this runs. Go on in another window; Ctrl-C lets it lapse."
                << std::endl;
    constexpr std::int64_t look_ms = 100;
    while (!session.stopped()) {
        for (std::int64_t waited = 0; waited < session.keep_claim_every_ms && !session.stopped(); waited += look_ms) {
            std::this_thread::sleep_for(std::chrono::milliseconds(look_ms));
        }
        const auto reply = seal_and_ask(session, prepare(*renew, defaults_for(session, found.hub, {})));
        if (!reply) return fail(session, Exit::unavailable, reply.error());
        if (reply.value().status() == REFUSED) {
            session.out << "It is your claim no more: " << reply.value().refusal().sentence() << std::endl;
            return Exit::ok;
        }
        const bool renewed = reply.value().status() == ACCEPTED || reply.value().status() == DUPLICATE;
        if (!renewed) session.err << "Not renewed just now; trying on." << std::endl;
    }
    return Exit::ok;
}

// What of an escalation is no code: it counts all the same, and these words never stand in clear.
std::string escalation_words(const VerbOptions& options) {
    if (clinical::reason_in_clear(options.reason) == options.reason) return options.text;
    return options.reason + (options.text.empty() ? "" : "\n" + options.text);
}

// The case is raised first: a note can wait.
int send_note(Session& session, const FoundCase& found, const VerbOptions& options, const std::string& words) {
    auto defaults = defaults_for(session, found.hub, options.id.empty() ? "" : options.id + "-note");
    if (const auto happened = occurred_at_from(session, options.occurred_at)) defaults.occurred_at = happened.value();
    const int kept = send_and_tell(session, prepare(*about<triage::AddNote>(found), defaults, words), options.json);
    if (kept != 0) {
        session.err << "The case is raised; your words are not in the record: send them with `rightplace note "
                    << options.id_or_number << "`" << std::endl;
    }
    return kept;
}

bool needs_claim(const std::string& verb) {
    return verb == "hand-over" || verb == "withdraw" || verb == "release" || verb == "renew" || verb == "consult" ||
           verb == "decide" || verb == "reject";
}

}  // namespace

int run_verb(Session& session, const VerbOptions& options) {
    const auto happened = occurred_at_from(session, options.occurred_at);
    if (!happened) return fail(session, Exit::usage, happened.error());
    const auto opened = find_case(session, options.id_or_number, options.hub);
    if (!opened) return fail(session, Exit::usage, opened.error());
    // A case is closed where it was opened; all else is done where it is.
    const bool follows = options.hub.empty() && options.verb != "close";
    const auto found = follows ? follow_transfers(session, opened.value()) : opened;
    if (!found) return fail(session, Exit::unavailable, found.error());
    std::string token;
    if (needs_claim(options.verb)) {
        const auto held = token_of(session, found.value(), options);
        if (!held && !text_is_worth_keeping(options)) return fail(session, Exit::refused, held.error());
        if (!held) {
            session.err << held.error() << "\nNothing is decided; what you wrote is sent to be kept as a note."
                        << std::endl;
        }
        token = held ? held.value() : no_live_claim;
    }
    const auto payload =
        needs_claim(options.verb) ? with_claim(found.value(), options, token) : without_claim(found.value(), options);
    if (!payload) return fail(session, Exit::usage, payload.error());
    auto defaults = defaults_for(session, found.value().hub, options.id);
    defaults.occurred_at = happened.value();
    if (options.verb == "escalate") {
        const int raised = send_and_tell(session, prepare(*payload.value(), defaults), options.json);
        const auto words = escalation_words(options);
        return raised != 0 || words.empty() ? raised : send_note(session, found.value(), options, words);
    }
    const int exit = send_and_tell(session, prepare(*payload.value(), defaults, options.text), options.json);
    return options.keep && exit == Exit::ok ? keep_claim(session, found.value(), options) : exit;
}

}  // namespace rightplace::cli
