#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

#include "common/base/limits.hpp"
#include "messages/triage.pb.h"
#include "services/cli/shell/commands.hpp"

namespace rightplace::cli {
namespace {

OrWhy<std::string> read_all(const std::string& file) {
    std::ifstream opened;
    if (file != "-") opened.open(file, std::ios::binary);
    std::istream& in = file == "-" ? std::cin : opened;
    if (!in) return Failure{"cannot read " + file + "; give a file, or - for standard input"};
    std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (text.size() > limits::message_max_bytes) return Failure{file + " is too large for one command"};
    return text;
}

using Problems = std::vector<std::string>;

// What the record says of the hub's hours, as the asker was told.
std::optional<intake::HubFoundClosed> found_closed(Session& session, const std::string& hub, const Reply& reply) {
    for (const auto& each : reply.receipt().events()) {
        if (each.name() != intake::HubFoundClosed::descriptor()->name()) continue;
        intake::HubFoundClosed closed;
        (void)read_record(session, hub, each.seq(), each.case_id(), [&](const std::string& stored) {
            Event event;
            return !event.ParseFromString(stored) || !event.payload().UnpackTo(&closed);
        });
        return closed;
    }
    return std::nullopt;
}

// On standard error, beside the reply: whoever asks is beside the patient, and must not wait for nobody.
void say_who_is_there(Session& session, const std::string& hub, const Reply& reply) {
    if (reply.status() != ACCEPTED && reply.status() != DUPLICATE) return;
    const std::string what = "Act on your own plan, or ring " + hub + "'s on-call number; 999 if the patient is worse.";
    if (const auto closed = found_closed(session, hub, reply)) {
        session.err << (closed->site().empty() ? "The hub" : closed->site()) << " is closed"
                    << (closed->has_opens_at() ? " until " + format_london(to_ms(closed->opens_at())) : "")
                    << "; nobody has been asked. " << what << std::endl;
        return;
    }
    const auto queue = query_for<triage::QueueReply>(session.wire, "triage", hub, session.actor, triage::GetQueue(),
                                                     session.timeout_ms);
    if (!queue || queue.value().value.hours().sites().empty() || queue.value().value.on_shift_size() > 0) return;
    session.err << "Nobody is signed on at " << hub << "; nobody has been asked. " << what << std::endl;
}

Result<Prepared, Problems> one(OrWhy<Prepared> read) {
    if (!read) return Failure{Problems{read.error()}};
    return std::move(read.value());
}

}  // namespace

OrWhy<TimeMs> occurred_at_from(Session& session, const std::string& text) {
    if (text.empty()) return TimeMs{0};
    const auto at = parse_instant(text);
    if (!at) return Failure{std::string("--occurred-at takes an instant such as 2026-11-26T03:04:05Z")};
    if (*at > session.now()) return Failure{std::string("--occurred-at: that is in the future")};
    return *at;
}

int run_send(Session& session, const SendOptions& options) {
    const bool contact = !options.contact.empty();
    auto defaults = defaults_for(session, options.hub, options.id);
    const auto happened = occurred_at_from(session, options.occurred_at);
    if (!happened) return fail(session, Exit::usage, happened.error());
    defaults.occurred_at = happened.value();
    const auto text = read_all(contact ? options.contact : options.file);
    if (!text) return fail(session, Exit::usage, text.error());
    const auto prepared =
        contact ? read_contact(options.asker, text.value(), defaults) : one(read_command(text.value(), defaults));
    if (!prepared) {
        for (const auto& problem : prepared.error()) fail(session, Exit::usage, problem);
        return Exit::usage;
    }
    const auto reply = seal_and_ask(session, prepared.value());
    if (!reply) return fail(session, Exit::unavailable, reply.error());
    session.out << to_json(reply.value()) << std::endl;
    if (contact) say_who_is_there(session, options.hub, reply.value());
    return exit_for(reply.value().status());
}

}  // namespace rightplace::cli
