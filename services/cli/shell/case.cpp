#include <algorithm>
#include <ostream>
#include <set>

#include "messages/transfer.pb.h"
#include "services/cli/domain/case_view.hpp"
#include "services/cli/shell/commands.hpp"
#include "services/cli/shell/opening.hpp"

namespace rightplace::cli {
namespace {

template <typename T>
std::optional<T> part(Session& session, CasePicture& picture, const std::string& service, const std::string& what,
                      const google::protobuf::Message& payload) {
    auto reply = query_for<T>(session.wire, service, picture.hub, session.actor, payload, session.timeout_ms);
    if (!reply) {
        picture.missing.push_back(what + " cannot be shown: " + reply.error());
        return std::nullopt;
    }
    // The oldest part says how old the picture is.
    picture.freshness.age_ms = std::max(picture.freshness.age_ms, reply.value().age_ms);
    picture.freshness.as_of_seq = picture.freshness.as_of_seq == 0
                                      ? reply.value().as_of_seq
                                      : std::min(picture.freshness.as_of_seq, reply.value().as_of_seq);
    return std::move(reply.value().value);
}

OrWhy<audit::ReadReply> read_events(Session& session, const FoundCase& where, std::vector<Event>& into) {
    return read_record(session, where.hub, 1, where.case_id, [&](const std::string& stored) {
        Event event;
        if (event.ParseFromString(stored)) into.push_back(std::move(event));
        return true;
    });
}

// The hubs that the case went to or came from, by these events.
std::vector<std::string> named_hubs(const std::vector<Event>& events) {
    std::vector<std::string> hubs;
    for (const auto& event : events) {
        triage::ReviewTransferred gone;
        triage::ReviewReceived came;
        if (event.payload().UnpackTo(&gone)) hubs.push_back(gone.to_hub());
        if (event.payload().UnpackTo(&came)) hubs.push_back(came.from_hub());
    }
    return hubs;
}

// What each other hub that had the case says of it, in the order in which they had it.
void fetch_elsewhere(Session& session, const std::string& case_id, CasePicture& picture) {
    std::set<std::string> seen{picture.hub};
    auto to_see = named_hubs(picture.events);
    for (std::size_t i = 0; i < to_see.size(); ++i) {
        if (!seen.insert(to_see[i]).second) continue;
        Elsewhere there{to_see[i], std::nullopt, {}};
        const auto review = review_at(session, {there.hub, case_id});
        if (review) there.review = review.value();
        if (!review) picture.missing.push_back("what " + there.hub + " says of it cannot be shown: " + review.error());
        const auto end = read_events(session, {there.hub, case_id}, there.events);
        if (!end) picture.missing.push_back("the timeline at " + there.hub + " cannot be shown: " + end.error());
        const auto more = named_hubs(there.events);
        to_see.insert(to_see.end(), more.begin(), more.end());
        picture.elsewhere.push_back(std::move(there));
    }
}

CasePicture fetch(Session& session, const FoundCase& found) {
    CasePicture picture;
    picture.hub = found.hub;
    intake::GetCase get_case;
    get_case.set_case_id_or_number(found.case_id);
    if (auto it = part<intake::CaseReply>(session, picture, "intake", "the case", get_case))
        picture.state = it->state();
    triage::GetReview get_review;
    get_review.set_case_id(found.case_id);
    if (auto it = part<triage::ReviewReply>(session, picture, "triage", "the review", get_review)) {
        picture.review = it->state();
    }
    referral::GetDeliveries get_deliveries;
    get_deliveries.set_case_id(found.case_id);
    picture.deliveries = part<referral::DeliveriesReply>(session, picture, "referral", "what was sent", get_deliveries);
    const auto end = read_events(session, found, picture.events);
    if (!end) picture.missing.push_back("the timeline cannot be shown: " + end.error());
    fetch_elsewhere(session, found.case_id, picture);
    if (end && picture.freshness.as_of_seq == 0) picture.freshness.as_of_seq = end.value().head_seq();
    return picture;
}

std::optional<Sealed> person_of(const CasePicture& picture) {
    if (picture.state && picture.state->has_person()) return picture.state->person();
    return sealed_person(picture.events);
}

Revealed reveal(Keys& keys, const CasePicture& picture) {
    Revealed revealed;
    if (const auto person = person_of(picture)) {
        const auto opened = keys.open(*person, {sealing::Context::person});
        intake::Person read;
        if (opened && read.ParseFromString(opened.value())) revealed.person = read;
        if (!opened) revealed.problems.push_back("who it is cannot be shown: " + opened.error());
    } else {
        revealed.problems.push_back("the case holds no identity");
    }
    for (const auto& sealed : sealed_requesters(picture.events)) {
        const auto opened = keys.open(sealed, {sealing::Context::requester});
        intake::Requester read;
        if (opened && read.ParseFromString(opened.value())) revealed.requesters.push_back(read);
        if (!opened) revealed.problems.push_back("who asked cannot be shown: " + opened.error());
    }
    auto texts = sealed_texts(picture.events);
    for (const auto& there : picture.elsewhere) {
        for (auto& text : sealed_texts(there.events)) {
            const auto same = [&](const SealedText& other) {
                return other.sealed.ciphertext() == text.sealed.ciphertext();
            };
            if (std::any_of(texts.begin(), texts.end(), same)) continue;  // recorded at both
            text.what += " at " + there.hub;
            texts.push_back(std::move(text));
        }
    }
    for (const auto& text : texts) {
        // A stale decision's rationale is kept as a note, sealed as what it was.
        const auto opened = keys.open(text.sealed, {sealing::Context::note, sealing::Context::rationale});
        if (opened) revealed.texts.push_back({text.seq, text.what, opened.value()});
        if (!opened) revealed.problems.push_back(text.what + " " + std::to_string(text.seq) + ": " + opened.error());
    }
    revealed.view_recorded = keys.view_recorded();
    return revealed;
}

std::optional<Sealed> original_of(Session& session, const CasePicture& picture, std::uint32_t message) {
    if (const auto in_record = sealed_original(picture.events, message)) return in_record;
    if (message != 1 || !picture.state || picture.state->reply_to().request_id().empty()) return std::nullopt;
    intake::GetExchange get;
    get.set_request_id(picture.state->reply_to().request_id());
    const auto reply =
        query_for<intake::ExchangeReply>(session.wire, "intake", picture.hub, session.actor, get, session.timeout_ms);
    if (!reply || !reply.value().value.state().exchange().has_original()) return std::nullopt;
    return reply.value().value.state().exchange().original();
}

int write_original(Session& session, Keys& keys, const CasePicture& picture, const CaseOptions& options) {
    const auto sealed = original_of(session, picture, options.message);
    if (!sealed && options.message != 1)
        return fail(session, Exit::refused, "no such message of this case is in the record; --message 1 opened it");
    if (!sealed)
        return fail(session, Exit::refused, "this case came without a message from outside: there is no original");
    return write_original(session, keys, *sealed, options.original);
}

}  // namespace

int run_case(Session& session, const CaseOptions& options) {
    const bool opens = options.reveal || !options.original.empty();
    if (opens && options.purpose.empty()) return purpose_missing(session);
    const auto found = find_case(session, options.id_or_number, options.hub);
    if (!found) return fail(session, Exit::usage, found.error());
    const auto picture = fetch(session, found.value());
    if (!picture.state && !picture.review && picture.events.empty()) {
        std::string why = "nothing of this case can be shown now";
        for (const auto& one : picture.missing) why += "; " + one;
        return fail(session, Exit::unavailable, why);
    }
    Keys keys(session, {found.value().hub, found.value().case_id, options.purpose, options.view_session});
    std::optional<Revealed> revealed;
    if (options.reveal) revealed = reveal(keys, picture);
    if (options.json) {
        session.out << case_to_json(picture, revealed ? &*revealed : nullptr) << std::endl;
    } else {
        session.out << render_case(picture, session.now(), session.style);
        if (revealed) session.out << render_revealed(*revealed, session.style);
        session.out << std::flush;
    }
    if (!options.original.empty()) return write_original(session, keys, picture, options);
    const bool stayed_shut = revealed && !revealed->person && !revealed->problems.empty();
    return stayed_shut ? Exit::refused : Exit::ok;
}

}  // namespace rightplace::cli
