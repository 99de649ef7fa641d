// One case: its header, where its review and its messages stand, and what happened, in London time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/time.hpp"
#include "messages/envelope.pb.h"
#include "messages/intake.pb.h"
#include "messages/referral.pb.h"
#include "messages/requester.pb.h"
#include "messages/triage.pb.h"
#include "services/cli/domain/queue_view.hpp"

namespace rightplace::cli {

// What another hub that has, or had, the case says of it.
struct Elsewhere {
    std::string hub;
    std::optional<triage::ReviewState> review;
    std::vector<Event> events;
};

// What could be fetched. A part that could not leaves a sentence in `missing`: the rest is shown.
struct CasePicture {
    std::string hub;
    std::optional<intake::CaseState> state;
    std::optional<triage::ReviewState> review;
    std::optional<referral::DeliveriesReply> deliveries;
    std::vector<Event> events;         // of the case, in seq order
    std::vector<Elsewhere> elsewhere;  // in the order of its transfers
    std::vector<std::string> missing;
    Freshness freshness;
};

// What vault's keys opened.
struct OpenedText {
    std::uint64_t seq = 0;
    std::string what;  // "note", "rationale"
    std::string text;  // or why it stays shut
};
struct Revealed {
    std::optional<intake::Person> person;
    std::vector<OpenedText> texts;
    std::vector<intake::Requester> requesters;  // who asked for the sender, message by message
    std::vector<std::string> problems;
    bool view_recorded = true;  // false: spooled, to be journalled when the ring opens
};

std::string render_case(const CasePicture& picture, TimeMs now, const Style& style);
std::string render_revealed(const Revealed& revealed, const Style& style);
std::string case_to_json(const CasePicture& picture, const Revealed* revealed);

std::string timeline_line(const Event& event);

// The sealed texts that a case's events hold, for opening.
struct SealedText {
    std::uint64_t seq = 0;
    std::string what;
    Sealed sealed;
};
std::vector<SealedText> sealed_texts(const std::vector<Event>& events);
// The organisations and programs that its messages say they come from, each once; and who asked, sealed.
std::string requester_lines(const std::vector<Event>& events);
std::vector<Sealed> sealed_requesters(const std::vector<Event>& events);
std::string requester_word(const intake::Requester& requester);  // of the person; empty: none is named
// The newest sealed person that the events hold (an update replaces it).
std::optional<Sealed> sealed_person(const std::vector<Event>& events);
// The original bytes as they came, sealed: of the exchange that opened the case (1), of the update or cancellation
// after it (2), and so on, in the record's order.
std::optional<Sealed> sealed_original(const std::vector<Event>& events, std::uint32_t message = 1);

}  // namespace rightplace::cli
