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

bool held_and_not_offered(const triage::ReviewState& review, const std::string& me) {
    return held_by(review, me) && !review.has_handover();
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
    return send_and_tell(session, prepare(payload, defaults_for(session, options.hub, options.id)), options.json);
}

// Each case is a command of its own, named before its answer; the gravest outcome gives the exit code.
int one_by_one(Session& session, const ShiftOptions& options, Mine mine, const char* none) {
    auto cases = options.cases;
    if (options.all) {
        if (options.hub.empty()) return fail(session, Exit::usage, "no hub: --all needs --hub H");
        const auto found = all_of(session, options.hub, mine);
        if (!found) return fail(session, Exit::unavailable, found.error());
        cases = found.value();
        if (cases.empty()) return fail(session, Exit::refused, none);
    }
    if (cases.empty()) return fail(session, Exit::usage, "which cases? Name them, or --all");
    if (cases.size() > 1 && !options.text.empty()) {
        return fail(session, Exit::usage, "--text is about one patient: hand these over one by one");
    }
    int code = Exit::ok;
    for (const auto& each : cases) {
        VerbOptions verb;
        verb.verb = options.withdraw ? "withdraw" : options.verb;
        verb.id_or_number = each;
        verb.hub = options.hub;
        verb.to_staff = options.to;
        verb.text = options.text;
        verb.json = options.json;
        if (!options.id.empty()) verb.id = options.id + "-" + each;
        if (!options.json) session.out << each << ": " << std::flush;
        code = std::max(code, run_verb(session, verb));
    }
    return code;
}

// As the record says it; empty: they are on as they asked.
std::string skill_not_known(Session& session, const std::string& hub, const Reply& reply) {
    triage::SignedOn on;
    for (const auto& each : reply.receipt().events()) {
        if (each.name() != triage::SignedOn::descriptor()->name()) continue;
        (void)read_record(session, hub, each.seq(), {}, [&](const std::string& stored) {
            Event event;
            return !event.ParseFromString(stored) || !event.payload().UnpackTo(&on);
        });
    }
    return on.skill_not_known();
}

int sign_on(Session& session, const ShiftOptions& options) {
    triage::SignOn on;
    on.set_staff_id(session.actor.id());
    on.set_skill(options.skill);
    const auto reply = seal_and_ask(session, prepare(on, defaults_for(session, options.hub, options.id)));
    if (!reply) return fail(session, Exit::unavailable, reply.error());
    session.out << (options.json ? to_json(reply.value()) : reply_words(reply.value())) << std::endl;
    const auto unknown = skill_not_known(session, options.hub, reply.value());
    if (!unknown.empty()) {
        session.err << "You are signed on at " << options.hub << " WITHOUT the skill " << unknown
                    << ": no rule there knows of it, and no case waits for you by it. To correct it sign on again; "
                    << "`rightplace policy show --hub " << options.hub << "` has the skills (staff_skill)."
                    << std::endl;
    }
    return exit_for(reply.value().status());
}

// What would be left behind, and with whom; empty: nothing.
std::string left_behind(const triage::QueueReply& queue, const std::string& me) {
    std::string held, offered, to_me;
    const auto list = [](std::string& all, const std::string& one) { all += (all.empty() ? "" : ", ") + one; };
    for (const auto& review : queue.reviews()) {
        if (handed_to(review, me)) list(to_me, review.case_number());
        if (held_and_not_offered(review, me)) list(held, review.case_number());
        if (held_by(review, me) && review.has_handover())
            list(offered, review.case_number() + " to " + review.handover().to_staff_id());
    }
    std::string out;
    if (!held.empty()) out += "; you hold " + held + " (hand-over --all --to STAFF)";
    if (!offered.empty()) out += "; not acknowledged yet: " + offered + " (ring them)";
    if (!to_me.empty()) out += "; handed over to you: " + to_me + " (acknowledge --all)";
    return out;
}

int sign_off(Session& session, const ShiftOptions& options) {
    const auto queue = queue_of(session, options.hub);  // one that cannot be seen keeps nobody on shift
    const auto left = queue ? left_behind(queue.value(), session.actor.id()) : std::string();
    if (!left.empty() && !options.anyway) {
        return fail(
            session, Exit::refused,
            "not signed off" + left + ". With --anyway you leave: claims lapse, and reviews go back to the queue");
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
    const Freshness freshness{reply.value().as_of_seq, reply.value().age_ms};
    if (options.json) {
        session.out << with_freshness(to_json(reply.value().value), options.hub, freshness) << std::endl;
        return Exit::ok;
    }
    session.out << render_next(reply.value().value, freshness, session.now(), session.style) << std::flush;
    return Exit::ok;
}

}  // namespace

int run_shift(Session& session, const ShiftOptions& options) {
    if (options.verb == "sign-on") return sign_on(session, options);
    if (options.verb == "sign-off") return sign_off(session, options);
    if (options.verb == "next") return next(session, options);
    if (options.verb == "acknowledge")
        return one_by_one(session, options, handed_to, "nothing here is being handed over to you");
    INVARIANT(options.verb == "hand-over");
    if (options.to.empty() == !options.withdraw)
        return fail(session, Exit::usage, "to whom? --to STAFF, or --withdraw to keep it");
    if (options.withdraw) return one_by_one(session, options, held_by, "you hold no review here");
    return one_by_one(session, options, held_and_not_offered,
                      "you hold no review here that is not handed over; one whose claim lapsed is back in the queue");
}

}  // namespace rightplace::cli
