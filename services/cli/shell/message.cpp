// A message from outside by its own id: one that belongs to no case is reached in no other way.
#include <ostream>
#include <vector>

#include "services/cli/domain/message_view.hpp"
#include "services/cli/shell/commands.hpp"
#include "services/cli/shell/opening.hpp"

namespace rightplace::cli {
namespace {

struct Search {
    std::vector<HeardMessage> found;  // in the order of the record
    std::string silent;               // why a record could not be read
};

// Of the first hub that has any. The record is asked and not intake: it keeps each that came under one request id.
Search look_for(Session& session, const MessageOptions& options) {
    Search search;
    for (const auto& hub : session.stack.hubs()) {
        if (!options.hub.empty() && hub.name() != options.hub) continue;
        const auto end = read_record(session, hub.name(), 1, "", [&](const std::string& stored) {
            Event event;
            if (!event.ParseFromString(stored)) return true;
            if (auto message = message_named(hub.name(), event, options.id)) search.found.push_back(*message);
            return true;
        });
        if (!end) search.silent = hub.name() + " cannot be searched: " + end.error();
        if (!search.found.empty()) return search;
    }
    return search;
}

int not_found(Session& session, const MessageOptions& options, const std::string& silent) {
    const auto where = options.hub.empty() ? std::string("any hub of this stack") : options.hub;
    if (!silent.empty()) return fail(session, Exit::unavailable, "no message " + options.id + " was found; " + silent);
    return fail(session, Exit::usage,
                "no message " + options.id + " at " + where + "; `rightplace alerts` and `rightplace audit replay " +
                    "--hub H --name ExchangeAnswered` show the ids");
}

}  // namespace

int run_message(Session& session, const MessageOptions& options) {
    if (!options.original.empty() && options.purpose.empty()) return purpose_missing(session);
    const auto search = look_for(session, options);
    const auto& found = search.found;
    if (found.empty()) return not_found(session, options, search.silent);
    if (options.number > found.size()) {
        return fail(session, Exit::usage,
                    "of this id there are " + std::to_string(found.size()) + "; --number takes from 1, the first");
    }
    if (options.original.empty()) {
        for (std::size_t i = 0; i < found.size(); ++i) {
            const bool shown = options.number == 0 || options.number == i + 1;
            if (shown && found.size() > 1) session.out << "--number " << i + 1 << "  ";
            if (shown) session.out << render_message(found[i], session.style);
        }
        session.out << std::flush;
        return Exit::ok;
    }
    const auto& message = options.number == 0 ? found.back() : found[options.number - 1];
    if (!message.said.exchange().has_original())
        return fail(session, Exit::refused, "no original of this message is kept: there is nothing to open");
    Keys keys(session, {message.hub, message.owner(), options.purpose, options.view_session});
    return write_original(session, keys, message.said.exchange().original(), options.original);
}

}  // namespace rightplace::cli
