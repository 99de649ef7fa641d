// What waits for a person at a hub: alerts, parked reactions, quarantined deliveries. Listed with the very command
// that sees to each, and seen to by that command.
#include <ostream>

#include "messages/runtime.pb.h"
#include "messages/vault.pb.h"
#include "services/cli/domain/waiting_view.hpp"
#include "services/cli/shell/commands.hpp"

namespace rightplace::cli {
namespace {

std::vector<std::string> hubs_of(const Session& session, const std::string& hub) {
    if (!hub.empty()) return {hub};
    std::vector<std::string> all;
    for (const auto& one : session.stack.hubs()) all.push_back(one.name());
    return all;
}

OrWhy<std::vector<ParkedOne>> parked_at(Session& session, const std::string& hub) {
    ParkedReactions parked;
    const auto end = read_record(session, hub, 1, "", [&](const std::string& stored) {
        Event event;
        if (event.ParseFromString(stored)) parked.see(event);
        return true;
    });
    if (!end) return Failure{end.error()};
    return parked.all();
}

// Every hub's list, one after the other; what does not answer makes the whole unavailable.
template <typename Fetch>
int list(Session& session, const HubActOptions& options, const Fetch& fetch) {
    int code = Exit::ok;
    for (const auto& hub : hubs_of(session, options.hub)) {
        const OrWhy<std::string> lines = fetch(hub);
        if (lines) session.out << lines.value() << std::flush;
        if (!lines) code = fail(session, Exit::unavailable, hub + ": " + lines.error());
    }
    return code;
}

int list_alerts(Session& session, const HubActOptions& options) {
    return list(session, options, [&](const std::string& hub) -> OrWhy<std::string> {
        const auto queue = query_for<triage::QueueReply>(session.wire, "triage", hub, session.actor, triage::GetQueue(),
                                                         session.timeout_ms);
        if (!queue) return Failure{queue.error()};
        if (!options.json) return render_alerts(hub, queue.value().value, session.now(), session.style);
        std::string lines;
        for (const auto& alert : queue.value().value.alerts()) lines += to_json(alert) + "\n";
        return lines;
    });
}

int list_parked(Session& session, const HubActOptions& options) {
    return list(session, options, [&](const std::string& hub) -> OrWhy<std::string> {
        const auto parked = parked_at(session, hub);
        if (!parked) return Failure{parked.error()};
        if (!options.json) return render_parked(hub, parked.value(), session.style);
        std::string lines;
        for (const auto& one : parked.value()) lines += event_to_json(one.event) + "\n";
        return lines;
    });
}

int list_quarantined(Session& session, const HubActOptions& options) {
    return list(session, options, [&](const std::string& hub) -> OrWhy<std::string> {
        const auto open = query_for<referral::DeliveriesReply>(session.wire, "referral", hub, session.actor,
                                                               referral::GetDeliveries(), session.timeout_ms);
        if (!open) return Failure{open.error()};
        if (!options.json) return render_quarantined(hub, open.value().value, session.style);
        std::string lines;
        for (const auto& one : open.value().value.deliveries()) {
            if (one.status() == referral::QUARANTINED) lines += to_json(one) + "\n";
        }
        return lines;
    });
}

}  // namespace

int run_alerts(Session& session, const HubActOptions& options) {
    if (options.verb.empty()) return list_alerts(session, options);
    triage::TakeAlert take;
    take.set_alert_id(options.subject);
    return send_and_tell(session, prepare(take, defaults_for(session, options.hub, options.id)), options.json);
}

// The command goes to the service that parked the reaction, which only the record knows.
int run_unpark(Session& session, const HubActOptions& options) {
    if (options.subject.empty()) return list_parked(session, options);
    if (options.hub.empty()) return fail(session, Exit::usage, "no hub: name the reaction's with --hub H");
    const auto parked = parked_at(session, options.hub);
    if (!parked) return fail(session, Exit::unavailable, parked.error());
    for (const auto& one : parked.value()) {
        if (one.reaction_id != options.subject) continue;
        runtime::UnparkReaction unpark;
        unpark.set_reaction_id(options.subject);
        const auto defaults = defaults_for(session, options.hub, options.id);
        return send_and_tell(session, prepare_for(one.service, unpark, defaults), options.json);
    }
    return fail(session, Exit::refused,
                "no reaction " + options.subject + " is parked at " + options.hub + "; `rightplace unpark --hub " +
                    options.hub + "` lists those that are");
}

int run_deliveries(Session& session, const HubActOptions& options) {
    if (options.verb.empty()) return list_quarantined(session, options);
    const auto defaults = defaults_for(session, options.hub, options.id);
    if (options.verb == "release") {
        referral::ReleaseDelivery release;
        release.set_delivery_id(options.subject);
        return send_and_tell(session, prepare(release, defaults), options.json);
    }
    const auto how = hand_settlement_from(options.how);
    if (!how) return fail(session, Exit::usage, "--how: " + how.error());
    referral::SettleDeliveryByHand settle;
    settle.set_delivery_id(options.subject);
    settle.set_how(how.value());
    return send_and_tell(session, prepare(settle, defaults), options.json);
}

int run_accept_journal(Session& session, const AcceptOptions& options) {
    vault::AcceptJournal accept;
    accept.set_hub(options.hub);
    accept.set_journal_id(options.journal_id);
    const auto asked = ask_query(session.wire, "vault", options.hub, session.actor, accept, session.timeout_ms);
    if (!asked) return fail(session, Exit::unavailable, asked.error());
    const auto reply = answer_in<vault::AcceptJournalReply>("vault", asked.value());
    if (!reply) return fail(session, Exit::refused, reply.error());
    const auto& before = reply.value().value.before();
    session.out << "Accepted for " << options.hub << ": journal " << options.journal_id << ", by "
                << actor_word(session.actor) << ".\n";
    if (before.journal_id().empty()) {
        session.out << "vault had no mark of this hub.";
    } else {
        session.out << "It takes the place of journal " << before.journal_id() << ", seen up to seq " << before.seq()
                    << " of epoch " << before.epoch() << ".";
    }
    session.out << " vault keeps who said so; audit starts with it now." << std::endl;
    return Exit::ok;
}

}  // namespace rightplace::cli
