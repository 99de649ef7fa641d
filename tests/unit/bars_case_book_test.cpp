// What the adapter remembers of its cases, and for how long.
#include <catch2/catch.hpp>

#include "common/base/limits.hpp"
#include "messages/transfer.pb.h"
#include "services/adapters/bars/domain/case_book.hpp"
#include "services/adapters/bars/domain/watch_rules.hpp"

using namespace rightplace;

namespace {

constexpr auto case_id = "6f1c8f0e-0f3e-8a53-9c55-0f5c6e1d0a01";

struct Story {
    template <typename T>
    void tell(const std::string& type, const std::string& id, const T& payload) {
        Event event;
        event.set_aggregate_type(type);
        event.set_aggregate_id(id);
        event.set_case_id(case_id);
        event.set_event_id("event-" + std::to_string(++told));
        *event.mutable_occurred_at() = to_timestamp(now);
        event.mutable_payload()->PackFrom(payload);
        book.apply(event);
    }
    void open() {
        intake::CaseOpened opened;
        opened.mutable_reply_to()->set_protocol("bars");
        *opened.mutable_facts()->mutable_breach_at() = to_timestamp(9'000);
        tell("case", case_id, opened);
    }
    void request(const std::string& id, referral::DeliveryKind kind) {
        referral::DeliveryRequested requested;
        requested.set_kind(kind);
        if (kind != referral::INTERIM_RESPONSE) requested.set_about_event_id(outcome());
        tell("delivery", id, requested);
    }
    void settle(const std::string& id, referral::DeliveryStatus status) {
        referral::DeliverySettled settled;
        settled.set_status(status);
        tell("delivery", id, settled);
    }
    // Another case comes so long after: then the book is tidied.
    void much_later() {
        now += limits::booked_after_end_ms + 1;
        intake::CaseOpened opened;
        opened.mutable_reply_to()->set_protocol("bars");
        tell("case", "another", opened);
    }
    std::string outcome() { return book.find(case_id)->outcome_event_id; }
    bars::CaseBook book;
    TimeMs now = 1'000;
    int told = 0;
};

}  // namespace

TEST_CASE("A case decided while its interim is under way is kept until the full response has come to its end") {
    Story story;
    story.open();
    story.tell("review", case_id, triage::ConsultationStarted());
    story.request("interim", referral::INTERIM_RESPONSE);
    story.tell("review", case_id, triage::ReviewDecided());
    story.settle("interim", referral::DELIVERED);  // before the full response is even asked for
    REQUIRE(story.book.find(case_id) != nullptr);
    story.request("full", referral::FULL_RESPONSE);
    CHECK(story.book.find(case_id)->answered_before);
    story.settle("full", referral::WAITING);
    story.much_later();
    REQUIRE(story.book.find(case_id) != nullptr);
    story.settle("full", referral::DELIVERED);
    REQUIRE(story.book.find(case_id) != nullptr);  // it may be reopened
    story.much_later();
    CHECK(story.book.find(case_id) == nullptr);
    CHECK(story.book.deliveries().empty());
}

TEST_CASE("A quarantined delivery is kept with its bytes until a person has released or settled it") {
    Story story;
    story.open();
    story.tell("review", case_id, triage::ReviewDecided());
    story.request("full", referral::FULL_RESPONSE);
    referral::DeliveryStarted started;
    started.set_attempt(1);
    started.set_request_id("r1");
    started.mutable_body()->set_ciphertext("bytes");
    story.tell("delivery", "full", started);
    story.settle("full", referral::QUARANTINED);
    story.much_later();
    REQUIRE(story.book.find(case_id) != nullptr);
    CHECK(story.book.deliveries().at("full").status() == referral::QUARANTINED);
    referral::DeliveryReleased released;
    *released.mutable_next_attempt_at() = to_timestamp(5'000);
    story.tell("delivery", "full", released);
    const auto& again = story.book.deliveries().at("full");
    CHECK(again.status() == referral::WAITING);
    CHECK(again.released());
    CHECK(again.body().ciphertext() == "bytes");
    CHECK(again.request_id() == "r1");
    story.settle("full", referral::QUARANTINED);
    story.tell("delivery", "full", referral::DeliverySettledByHand());
    CHECK(story.book.deliveries().empty());
    story.much_later();
    CHECK(story.book.find(case_id) == nullptr);
}

TEST_CASE("A decided case that is taken back is watched again, and what follows is dated after what went before") {
    Story story;
    story.open();
    story.now = 2'000;
    story.tell("review", case_id, triage::ReviewDecided());
    story.request("full", referral::FULL_RESPONSE);
    story.settle("full", referral::DELIVERED);
    CHECK_FALSE(story.book.find(case_id)->to_watch());
    triage::ReviewReopened reopened;
    SECTION("reopened") {
        story.tell("review", case_id, reopened);
        const auto& booked = *story.book.find(case_id);
        CHECK(booked.to_watch());
        CHECK(booked.not_before == 3'000);
        CHECK(booked.return_not_before == 3'000);
    }
    SECTION("undone: somebody goes on with it, until they do not") {
        reopened.mutable_holder()->set_id("x");
        story.tell("review", case_id, reopened);
        CHECK_FALSE(story.book.find(case_id)->to_watch());
        story.tell("review", case_id, triage::ClaimLapsed());
        CHECK(story.book.find(case_id)->to_watch());
    }
    SECTION("decided again: the old answer's end is not the new one's") {
        story.tell("review", case_id, reopened);
        story.request("old", referral::FULL_RESPONSE);
        story.tell("review", case_id, triage::ReviewDecided());
        story.tell("delivery", "old", referral::DeliveryWithdrawn());
        CHECK(story.book.find(case_id)->owes_answer);
        CHECK(story.book.deliveries().empty());
        story.request("new", referral::FULL_RESPONSE);
        story.settle("new", referral::DELIVERED);
        CHECK_FALSE(story.book.find(case_id)->owes_answer);
    }
    SECTION("given back before: it is not given back again") {
        story.tell("review", case_id, triage::ReviewReturned());
        story.tell("review", case_id, reopened);
        CHECK(story.book.find(case_id)->not_before == 12'000);  // after the return, which is dated by the breach
        CHECK(story.book.find(case_id)->return_not_before == 0);
    }
}

TEST_CASE("Taken back at the hub that has it, a case is watched at once, whether this hub has recorded it or not") {
    Story story;
    story.open();
    story.tell("review", case_id, triage::ReviewTransferred());
    triage::ReviewDecided decided;
    decided.mutable_at()->set_seq(10);
    const bool recorded = GENERATE(true, false);
    if (recorded) story.tell("review", case_id, decided);
    const auto hear = [&](std::uint64_t seq, const auto& payload) {
        Event event;
        event.set_case_id(case_id);
        event.set_seq(seq);
        event.mutable_payload()->PackFrom(payload);
        story.book.heard_elsewhere(event);
    };
    triage::ReviewReopened undone;
    undone.mutable_holder()->set_id("x");
    hear(12, undone);
    CHECK(story.book.find(case_id)->to_watch() == !recorded);  // in consultation, as far as is known
    hear(13, triage::ClaimLapsed());
    CHECK(story.book.find(case_id)->to_watch());
    // Now this hub records what was heard long ago.
    if (!recorded) story.tell("review", case_id, decided);
    undone.mutable_at()->set_seq(12);
    story.tell("review", case_id, undone);
    CHECK(story.book.find(case_id)->to_watch());
}

TEST_CASE("A withdrawn delivery that is under way ends with its attempt; one that has ended stays so") {
    Story story;
    story.open();
    story.tell("review", case_id, triage::ReviewDecided());
    story.request("full", referral::FULL_RESPONSE);
    story.tell("delivery", "full", referral::DeliveryStarted());
    story.tell("delivery", "full", referral::DeliveryWithdrawn());
    CHECK(story.book.deliveries().at("full").status() == referral::STARTED);
    story.settle("full", referral::SUPERSEDED);
    CHECK(story.book.deliveries().empty());
    story.tell("delivery", "full", referral::DeliveryWithdrawn());
    CHECK(story.book.deliveries().empty());
}

TEST_CASE("A cancelled case owes nothing; an open one is watched until somebody begins") {
    Story story;
    story.open();
    CHECK(story.book.find(case_id)->to_watch());
    story.tell("review", case_id, triage::ReviewCancelled());
    story.much_later();
    CHECK(story.book.find(case_id) == nullptr);
    story.open();
    story.tell("review", case_id, triage::ConsultationStarted());
    CHECK_FALSE(story.book.find(case_id)->to_watch());
    const int ends = GENERATE(0, 1, 2);  // undecided: whoever was in consultation has gone
    if (ends == 0) story.tell("review", case_id, triage::ClaimLapsed());
    if (ends == 1) story.tell("review", case_id, triage::ClaimReleased());
    if (ends == 2) story.tell("review", case_id, triage::ReviewTakenOver());
    CHECK(story.book.find(case_id)->to_watch());
    CHECK_FALSE(story.book.find(case_id)->returned);
    story.tell("review", case_id, triage::ReviewReturned());
    CHECK(story.book.find(case_id)->returned);
}

TEST_CASE("A case that another hub has is watched again as soon as its consultation there is left undecided") {
    Story story;
    story.open();
    triage::ConsultationStarted there;
    there.mutable_at()->set_hub("ashford");
    Event left;
    left.set_hub("ashford");
    left.set_case_id(case_id);
    left.mutable_payload()->PackFrom(triage::ClaimLapsed());
    story.tell("review", case_id, there);
    story.book.heard_elsewhere(left);  // of a hub that has not got it
    CHECK_FALSE(story.book.find(case_id)->to_watch());
    story.tell("review", case_id, triage::ReviewTransferred());
    story.book.heard_elsewhere(left);
    CHECK(story.book.find(case_id)->to_watch());
    story.tell("review", case_id, there);
    story.tell("review", case_id, triage::ReviewReceived());  // it is back, and nobody works on it
    CHECK(story.book.find(case_id)->to_watch());
    story.tell("review", case_id, triage::ConsultationStarted());
    story.book.heard_elsewhere(left);
    CHECK_FALSE(story.book.find(case_id)->to_watch());
}

TEST_CASE("The watch acts a grace after breach while the feed lives, at once when it does not") {
    CHECK_FALSE(bars::watch_is_due(10'000, 9'999, false));
    CHECK(bars::watch_is_due(10'000, 10'000, false));
    CHECK_FALSE(bars::watch_is_due(10'000, 10'000, true));
    CHECK(bars::watch_is_due(10'000, 10'000 + bars::watch_grace_ms, true));
    CHECK(bars::return_pause_ms(0) < bars::return_pause_ms(3));
    CHECK(bars::return_pause_ms(40) == bars::return_pause_ms(50));
}

TEST_CASE("An escalation that leaves less time brings the watch forward, here and at the hub that has the case") {
    Story story;
    story.open();
    const auto breach_at = [&] { return story.book.find(case_id)->breach_at; };
    triage::ReviewEscalated escalated;
    story.tell("review", case_id, escalated);  // the sender's time stands
    CHECK(breach_at() == 9'000);
    *escalated.mutable_breach_at() = to_timestamp(7'000);
    story.tell("review", case_id, escalated);
    CHECK(breach_at() == 7'000);
    *escalated.mutable_breach_at() = to_timestamp(8'000);
    story.tell("review", case_id, escalated);
    CHECK(breach_at() == 7'000);
    story.tell("review", case_id, triage::ReviewTransferred());
    Event there;
    there.set_case_id(case_id);
    *escalated.mutable_breach_at() = to_timestamp(6'000);
    there.mutable_payload()->PackFrom(escalated);
    story.book.heard_elsewhere(there);
    CHECK(breach_at() == 6'000);
}

TEST_CASE("A request that was sent from here is known by its Bundle id and by those of its responses, for a week") {
    Story story;
    const auto exchange = [&](const char* protocol, const char* kind, const char* message_id) {
        intake::ExchangeAnswered said;
        said.set_accepted(true);
        said.set_case_id(case_id);
        said.mutable_exchange()->set_protocol(protocol);
        said.mutable_exchange()->set_kind(kind);
        said.mutable_exchange()->set_message_id(message_id);
        said.mutable_exchange()->set_correlation_id("correlation");
        story.tell("exchange", message_id, said);
    };
    exchange(bars::sent_protocol, "", "REQUEST");
    CHECK(story.book.sent("request") == nullptr);  // of no case that was opened here
    intake::CaseOpened opened;
    opened.mutable_facts()->set_origin(intake::VALIDATION_999);
    opened.mutable_facts()->set_key_id("key");
    opened.set_case_number("P-1");
    story.tell("case", case_id, opened);
    exchange(bars::sent_protocol, "", "REQUEST");
    REQUIRE(story.book.sent("Request") != nullptr);
    CHECK(story.book.sent("Request")->key_id == "key");
    CHECK(story.book.sent("Request")->case_number == "P-1");
    CHECK(story.book.sent("Request")->correlation_id == "correlation");
    CHECK(story.book.sent("interim") == nullptr);
    exchange("bars", "response interim", "interim");
    CHECK(story.book.sent("interim") == story.book.sent("request"));
    CHECK(story.book.find(case_id) == nullptr);  // nobody is to be answered
    story.now += bars::sent_kept_ms;
    story.much_later();
    CHECK(story.book.sent("request") == nullptr);
    CHECK(story.book.sent("interim") == nullptr);
}
