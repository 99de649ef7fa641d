// What another hub offers is seen by whoever works from the command line; and what an escalation says stays sealed.
#include <nlohmann/json.hpp>

#include "messages/vault.pb.h"
#include "services/cli/domain/case_view.hpp"
#include "services/cli/domain/queue_view.hpp"
#include "services/cli/domain/status_view.hpp"
#include "tests/unit/cli_bench.hpp"

using namespace rightplace;
using namespace rightplace::cli;
using namespace rightplace::cli::test;
using Catch::Contains;

namespace {

constexpr TimeMs now = 1'790'000'000'000;

triage::TransferState offer(triage::TransferStatus status) {
    triage::TransferState offer;
    offer.set_status(status);
    offer.set_from_hub("paddock-wood");
    offer.mutable_review()->set_case_number("P-9");
    offer.mutable_review()->set_category(intake::C2);
    *offer.mutable_review()->mutable_breach_at() = to_timestamp(now + 60'000);
    return offer;
}

}  // namespace

TEST_CASE("next says what other hubs offer, also when nobody waits in the hub's own queue") {
    const Style plain;
    triage::NextReply next;
    next.set_offers(2);
    *next.mutable_most_urgent_offer() = offer(triage::OFFERED);
    CHECK_THAT(render_next(next, {1, 0}, now, plain),
               Contains("2 cases are offered to this hub and not answered; the most urgent: P-9  C2") &&
                   Contains("from paddock-wood") && Contains("rightplace accept-transfer P-9") &&
                   Contains("Nobody is waiting in this hub's queue."));
    next.mutable_review()->set_case_number("A-1");
    CHECK_THAT(render_next(next, {1, 0}, now, plain), Contains("P-9") && Contains("claim A-1"));
}

TEST_CASE("status counts the offers that nobody has answered") {
    Stand stand;
    stand.now = now;
    triage::QueueReply queue;
    *queue.add_transfers() = offer(triage::OFFERED);
    *queue.add_transfers() = offer(triage::OFFERED);
    *queue.add_transfers() = offer(triage::ACCEPTED_HERE);
    stand.hubs.push_back({"ashford", audit::ReadReply(), "", queue, 20'000});
    CHECK_THAT(render_status(stand, Style()), Contains("OFFERS"));
    CHECK(nlohmann::json::parse(status_to_json(stand))["hubs"][0]["offers"] == 2);
}

TEST_CASE("a case that its sender has back says so while somebody is in consultation on it") {
    triage::QueueReply queue;
    auto& review = *queue.add_reviews();
    review.set_case_number("A-1");
    review.set_status(triage::IN_CONSULTATION);
    CHECK_THAT(render_queue("ashford", queue, {1, 0}, now, Style()), !Contains("GIVEN BACK"));
    review.set_returned(true);
    CHECK_THAT(render_queue("ashford", queue, {1, 0}, now, Style()),
               Contains("in consultation, GIVEN BACK to its sender"));
}

TEST_CASE("words instead of an escalation's code follow it as a sealed note") {
    Bench bench;
    auto session = bench.session();
    intake::CaseReply reply;
    reply.mutable_state()->set_case_id("1");
    reply.mutable_state()->set_case_number("P-1");
    bench.wire.answer("GetCase", reply);
    VerbOptions options;
    options.verb = "escalate";
    options.id_or_number = "P-1";
    options.category = "C1";
    options.reason = "chest-pain";
    REQUIRE(run_verb(session, options) == 0);
    REQUIRE(bench.wire.asked.size() == 1);  // a code needs no note

    options.reason = "Mr Smith fell again";
    CHECK(run_verb(session, options) != 0);  // no key for a note: the case is raised all the same
    CHECK(bench.wire.asked.size() == 2);
    CHECK_THAT(bench.err.str(), Contains("The case is raised") && !Contains("Smith"));
    bench.wire.asked.resize(1);
    vault::AllocateKeysReply keys;
    keys.add_keys()->set_key_id("k1");
    keys.mutable_keys(0)->set_key(std::string(32, 'k'));
    bench.wire.answer("AllocateKeys", keys);
    REQUIRE(run_verb(session, options) == 0);
    REQUIRE(bench.wire.asked.size() == 3);
    triage::EscalateReview escalate;
    REQUIRE(bench.wire.asked[1].second.payload().UnpackTo(&escalate));
    CHECK(escalate.reason_code() == "see-note");
    CHECK(escalate.to_category() == intake::C1);
    triage::AddNote note;
    REQUIRE(bench.wire.asked[2].second.payload().UnpackTo(&note));
    CHECK_FALSE(note.text().ciphertext().empty());
    for (const auto& each : bench.wire.asked) CHECK(each.second.SerializeAsString().find("Smith") == std::string::npos);
    CHECK(bench.wire.asked[1].second.command_id() != bench.wire.asked[2].second.command_id());
}
