// What a case and the queue show of what its sender knows, and said later.
#include <catch2/catch.hpp>

#include "services/cli/domain/case_view.hpp"
#include "services/cli/domain/queue_view.hpp"

using namespace rightplace;
using namespace rightplace::cli;

namespace {

const TimeMs now = 1'795'665'600'000;  // 26 Nov 2026 04:00:00 UTC
const Style plain{false};

}  // namespace

TEST_CASE("a case shows what its sender knows, and what it said later") {
    CasePicture picture;
    picture.state.emplace();
    auto& facts = *picture.state->mutable_facts();
    auto& flag = *facts.add_flags();
    flag.set_category("SG");
    flag.set_code("878111000000109");
    facts.set_use_case("a3t1");
    facts.set_referral(true);
    facts.set_consent("DRC");
    facts.set_nhs_number_status("missing");
    auto& code = *facts.add_outcome_codes();
    code.set_system("https://fhir.nhs.uk/CodeSystem/pathways-sd-codes");
    code.set_code("SD4033");
    picture.state->set_cancellation_asked(true);
    picture.state->set_cancellation_reason("revoked");
    picture.state->set_updates(2);
    picture.review.emplace();
    picture.review->set_cancellation_asked("revoked");
    picture.review->set_sender_updates(2);
    const auto text = render_case(picture, now, plain);
    for (const auto* shown :
         {"SG 878111000000109", "a3t1, a referral", "direct care", "missing", "pathways-sd-codes SD4033",
          "by the sender: revoked", "2 by its sender", "CANCELLED BY ITS SENDER (revoked)", "UPDATED BY ITS SENDER"}) {
        CHECK_THAT(text, Catch::Contains(shown));
    }
    facts.set_patient_unknown(true);
    CHECK_THAT(render_case(picture, now, plain), Catch::Contains("UNKNOWN: neither name nor NHS number"));
    triage::QueueReply queue;
    *queue.add_reviews() = *picture.review;
    CHECK_THAT(render_queue("p", queue, {1, 0}, now, plain), Catch::Contains("CANCELLED BY ITS SENDER"));
}

TEST_CASE("every message that changed a case can be had as it came") {
    std::vector<Event> events;
    for (const std::string words : {"first", "", "second"}) {
        intake::ExchangeAnswered answered;
        answered.set_accepted(true);
        if (!words.empty()) answered.mutable_exchange()->mutable_original()->set_ciphertext(words);
        events.emplace_back().mutable_payload()->PackFrom(answered);
    }
    CHECK(sealed_original(events)->ciphertext() == "first");
    CHECK(sealed_original(events, 2)->ciphertext() == "second");
    CHECK_FALSE(sealed_original(events, 3));
}
