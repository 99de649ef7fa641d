// The two ends of a shift and what lies between: sign on and off, what to take next, handing over and taking over.
#include <algorithm>
#include <ostream>

#include "services/cli/domain/queue_view.hpp"
#include "services/cli/shell/commands.hpp"

namespace rightplace::cli {
namespace {

OrWhy<triage::QueueReply> queue_of(Session& session, const std::string& hub) {
    const auto reply = query_for<triage::QueueReply>(session.wire, "triage", hub, session.actor, triage::GetQueue(),
                                                     session.timeout_ms);
    if (!reply) return Failure{reply.error()};
    return reply.value().value;
}

using Mine = bool (*)(const triage::ReviewState&, const std::string& me);

bool held_by(const triage::ReviewState& review, const std::string& me) {
    return review.has_claim() && review.claim().holder().id() == me;
}

bool handed_to(const triage::ReviewState& review, const std::string& me) {
    return review.has_handover() && review.handover().to_staff_id() == me;
}

OrWhy<std::vector<std::string>> all_of(Session& session, const std::string& hub, Mine mine) {
    const auto queue = queue_of(session, hub);
    if (!queue) return Failure{queue.error()};
    std::vector<std::string> numbers;
    for (const auto& review : queue.value().reviews()) {
        if (mine(review, session.actor.id())) numbers.push_back(review.case_number());
    }
    return numbers;
}

int tell(Session& session, const google::protobuf::Message& payload, const ShiftOptions& options) {
    const auto reply = seal_and_ask(session, prepare(payload, defaults_for(session, options.hub, options.id)));
    if (!reply) return fail(session, Exit::unavailable, reply.error());
    session.out << (options.json ? to_json(reply.value()) : reply_words(reply.value())) << std::endl;
    return exit_for(reply.value().status());
}

// Each case is a command of its own and says what became of it; the first that fails gives the exit code.
int one_by_one(Session& session, const ShiftOptions& options, Mine mine, const char* none) {
    auto cases = options.cases;
    if (options.all) {
        if (options.hub.empty()) return fail(session, Exit::usage, "no hub: --all needs --hub H");
        const auto found = all_of(session, options.hub, mine);
        if (!found) return fail(session, Exit::unavailable, found.error());
        cases = found.value();
        if (cases.empty()) session.out << none << std::endl;
    } else if (cases.empty()) {
        return fail(session, Exit::usage, "which cases? Name them, or --all");
    }
    int code = Exit::ok;
    for (const auto& each : cases) {
        VerbOptions verb;
        verb.verb = options.verb;
        verb.id_or_number = each;
        verb.hub = options.hub;
        verb.to_staff = options.to;
        verb.text = options.text;
        verb.json = options.json;
        const int done = run_verb(session, verb);
        if (code == Exit::ok) code = done;
    }
    return code;
}

int sign_on(Session& session, const ShiftOptions& options) {
    triage::SignOn on;
    on.set_staff_id(session.actor.id());
    on.set_skill(options.skill);
    return tell(session, on, options);
}

int sign_off(Session& session, const ShiftOptions& options) {
    const auto held = all_of(session, options.hub, held_by);
    if (held && !held.value().empty() && !options.anyway) {
        std::string numbers;
        for (const auto& number : held.value()) numbers += (numbers.empty() ? "" : ", ") + number;
        return fail(session, Exit::refused,
                    "you still hold " + numbers + ". Hand over first: `rightplace hand-over --all --hub " +
                        options.hub + " --to STAFF`; or sign off with --anyway: the claims lapse, and the reviews go " +
                        "back to the queue");
    }
    triage::SignOff off;
    off.set_staff_id(session.actor.id());
    return tell(session, off, options);
}

int next(Session& session, const ShiftOptions& options) {
    triage::GetNext get;
    get.set_staff_id(session.actor.id());
    const auto reply =
        query_for<triage::NextReply>(session.wire, "triage", options.hub, session.actor, get, session.timeout_ms);
    if (!reply) return fail(session, Exit::unavailable, reply.error());
    if (options.json) {
        session.out << to_json(reply.value().value) << std::endl;
        return Exit::ok;
    }
    const Freshness freshness{reply.value().as_of_seq, reply.value().age_ms};
    session.out << render_next(reply.value().value, freshness, session.now(), session.style) << std::flush;
    return Exit::ok;
}

}  // namespace

int run_shift(Session& session, const ShiftOptions& options) {
    if (options.verb == "sign-on") return sign_on(session, options);
    if (options.verb == "sign-off") return sign_off(session, options);
    if (options.verb == "next") return next(session, options);
    if (options.verb == "hand-over") return one_by_one(session, options, held_by, "You hold no review here.");
    INVARIANT(options.verb == "acknowledge");
    return one_by_one(session, options, handed_to, "Nothing here is being handed over to you.");
}

}  // namespace rightplace::cli
