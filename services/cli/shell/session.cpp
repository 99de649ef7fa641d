#include "services/cli/shell/session.hpp"

#include <algorithm>
#include <ostream>

#include "common/base/hash.hpp"
#include "common/base/limits.hpp"
#include "messages/triage.pb.h"
#include "messages/vault.pb.h"

namespace rightplace::cli {

OrWhy<QueryReply> ask_query(Wire& wire, const std::string& service, const std::string& hub, const Actor& actor,
                            const google::protobuf::Message& payload, std::int64_t timeout_ms) {
    Query query;
    query.set_hub(hub);
    query.set_deadline_ms(std::uint32_t(timeout_ms));
    *query.mutable_actor() = actor;
    query.mutable_payload()->PackFrom(payload);
    return wire.query(service, query, timeout_ms);
}

int fail(Session& session, Exit code, const std::string& sentence) {
    session.err << printable(sentence) << std::endl;
    return code;
}

Exit exit_for(ReplyStatus status) {
    switch (status) {
        case ACCEPTED:
        case DUPLICATE:
            return Exit::ok;
        case REFUSED:
            return Exit::refused;
        case UNAVAILABLE:
            return Exit::unavailable;
        default:
            return Exit::unknown;
    }
}

std::string fresh_id(seams::Random& random) {
    return to_hex(random.bytes(16));
}

Defaults defaults_for(Session& session, const std::string& hub, const std::string& command_id) {
    Defaults defaults;
    defaults.command_id = command_id.empty() ? fresh_id(session.random) : command_id;
    defaults.hub = hub;
    defaults.actor = session.actor;
    defaults.deadline_ms = std::uint32_t(session.timeout_ms);
    defaults.now = session.now();
    return defaults;
}

OrWhy<Reply> seal_and_ask(Session& session, Prepared prepared) {
    auto& command = prepared.command;
    const auto overall_ms = std::int64_t(command.deadline_ms());
    if (!prepared.plain.empty()) {
        vault::AllocateKeys allocate;
        allocate.set_count(std::uint32_t(prepared.plain.size()));
        const auto allocated = query_for<vault::AllocateKeysReply>(session.wire, "vault", command.hub(),
                                                                   command.actor(), allocate, session.timeout_ms);
        if (!allocated) {
            return Failure{"vault gave no key, and identity and free text never travel unsealed: nothing was sent. " +
                           allocated.error()};
        }
        std::vector<NamedKey> keys;
        for (const auto& key : allocated.value().value.keys()) {
            if (key.key().size() == sealing::key_bytes) keys.push_back({key.key_id(), sealing::Key(key.key())});
        }
        if (keys.size() < prepared.plain.size()) {
            return Failure{std::string("vault gave too few keys: nothing was sent. See `rightplace status`.")};
        }
        seal_plain(prepared, keys, session.random);
    }
    return session.wire.ask(prepared.service, command, overall_ms);
}

int send_and_tell(Session& session, Prepared prepared, bool json) {
    const auto reply = seal_and_ask(session, std::move(prepared));
    if (!reply) return fail(session, Exit::unavailable, reply.error());
    session.out << (json ? to_json(reply.value()) : reply_words(reply.value())) << std::endl;
    return exit_for(reply.value().status());
}

OrWhy<audit::ReadReply> read_record(Session& session, const std::string& hub, std::uint64_t from,
                                    const std::string& case_id,
                                    const std::function<bool(const std::string& stored)>& see) {
    audit::Read read;
    read.set_hub(hub);
    read.set_case_id(case_id);
    read.set_max_events(limits::read_max_events);
    read.set_from_seq(std::max<std::uint64_t>(from, 1));
    while (true) {
        auto reply = session.wire.read(read, session.timeout_ms);
        if (!reply) return reply;
        if (!reply.value().error().empty()) return Failure{"audit refuses: " + reply.value().error()};
        for (const auto& stored : reply.value().events()) {
            if (!see(stored)) return reply;
        }
        const bool moved = reply.value().next_seq() > read.from_seq();
        if (!moved || reply.value().next_seq() > reply.value().head_seq()) return reply;
        read.set_from_seq(reply.value().next_seq());
    }
}

namespace {

// Hubs to look in, the one whose letter begins the number first.
std::vector<std::string> hubs_to_search(const config::Stack& stack, const std::string& id_or_number,
                                        const std::string& hub) {
    if (!hub.empty()) return {hub};
    std::vector<std::string> first;
    std::vector<std::string> rest;
    for (const auto& one : stack.hubs()) {
        const bool match = !one.letter().empty() && id_or_number.rfind(one.letter(), 0) == 0;
        (match ? first : rest).push_back(one.name());
    }
    first.insert(first.end(), rest.begin(), rest.end());
    return first;
}

std::string case_in_record(Session& session, const std::string& hub, const std::string& id_or_number) {
    std::string found;
    const auto end = read_record(session, hub, 1, "", [&](const std::string& stored) {
        Event event;
        const bool match = event.ParseFromString(stored) && !event.case_id().empty() &&
                           (event.case_id() == id_or_number || event.case_number() == id_or_number);
        if (match) found = event.case_id();
        return !match;
    });
    return end ? found : "";
}

}  // namespace

namespace {

// A case that came from another hub is in this one's queue, and not in its intake.
std::string case_in_queue(Session& session, const std::string& hub, const std::string& id_or_number) {
    const auto queue = query_for<triage::QueueReply>(session.wire, "triage", hub, session.actor, triage::GetQueue(),
                                                     session.timeout_ms);
    if (!queue) return "";
    for (const auto& review : queue.value().value.reviews()) {
        if (review.case_id() == id_or_number || review.case_number() == id_or_number) return review.case_id();
    }
    return "";
}

}  // namespace

OrWhy<FoundCase> find_case(Session& session, const std::string& id_or_number, const std::string& hub) {
    std::string silent;
    for (const auto& one : hubs_to_search(session.stack, id_or_number, hub)) {
        intake::GetCase get;
        get.set_case_id_or_number(id_or_number);
        const auto reply = ask_query(session.wire, "intake", one, session.actor, get, session.timeout_ms);
        intake::CaseReply found;
        if (reply && !reply.value().has_refusal() && reply.value().payload().UnpackTo(&found) &&
            !found.state().case_id().empty()) {
            return FoundCase{one, found.state().case_id()};
        }
        const auto in_queue = case_in_queue(session, one, id_or_number);
        if (!in_queue.empty()) return FoundCase{one, in_queue};
        if (reply && hub.empty()) continue;  // intake answered: it was not opened there
        if (!reply) silent = reply.error();
        const auto in_record = case_in_record(session, one, id_or_number);
        if (!in_record.empty()) return FoundCase{one, in_record};
    }
    return Failure{"no case " + id_or_number + (hub.empty() ? " at any hub of this stack" : " at " + hub) +
                   "; `rightplace queue --hub H` lists the open ones" + (silent.empty() ? "" : " (" + silent + ")")};
}

OrWhy<triage::ReviewState> review_at(Session& session, const FoundCase& where) {
    triage::GetReview get;
    get.set_case_id(where.case_id);
    const auto reply =
        query_for<triage::ReviewReply>(session.wire, "triage", where.hub, session.actor, get, session.timeout_ms);
    if (!reply) return Failure{reply.error()};
    return reply.value().value.state();
}

OrWhy<FoundCase> follow_transfers(Session& session, FoundCase where) {
    for (int hubs = 0; hubs < session.stack.hubs_size(); ++hubs) {
        const auto review = review_at(session, where);
        // Without an answer the command itself will say what is wrong.
        if (!review || review.value().transferred_to().empty()) return where;
        where.hub = review.value().transferred_to();
    }
    return Failure{std::string("the hubs disagree about who has this case; see `rightplace case`")};
}

}  // namespace rightplace::cli
