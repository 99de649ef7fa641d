// What the policy offers to a case, and deciding against it.
#include "messages/pathways.pb.h"
#include "tests/unit/triage_transfer_bench.hpp"

using namespace rightplace;
using namespace rightplace::triage;
using namespace rightplace::triage::bench;

namespace {

const policy::HubPolicy advising =
    clinical::parse_policy(
        policy_text("ashford") +
        " pathway { pathway: \"ucr\" "
        "not_when { code: \"under-18\" says: \"UCR is for adults\" source: \"standard\" age_below: 18 } "
        "not_when { code: \"urgent\" says: \"too urgent\" source: \"s\" category: \"C2\" } "
        "need { code: \"fall\" says: \"a fall\" source: \"s\" } "
        "takes_patients { opens: \"08:00\" closes: \"20:00\" source: \"s\" } }"
        " pathway { pathway: \"advice\" not_when { code: \"young\" says: \"young\" source: \"s\" age_below: 18 } }")
        .value();

struct Advised : Hub {
    explicit Advised(std::uint32_t age = 17) {
        policy = &advising;
        auto command = queue(now + 100 * minute);
        command.mutable_facts()->set_age_years(age);
        command.mutable_facts()->set_age_known(true);
        run(command);
        claim("a");
    }
    Outcome choose(Pathway pathway, const std::string& code, const std::string& reason = {},
                   const std::string& role = "paramedic-practitioner") {
        auto command = about<DecideReview>();
        command.set_token(token());
        command.set_pathway(pathway);
        command.set_rationale_code(code);
        *command.mutable_rationale() = sealed("why");
        command.set_against_advice(reason);
        return run(command, "a", role);
    }
    PathwaysReply ask() {
        GetPathways get;
        get.set_case_id("c1");
        const auto answer = domain.query({&get, nullptr, 0}, context());
        REQUIRE(answer);
        return runtime::must_be<PathwaysReply>(*answer.value());
    }
};

const ReviewDecided& decision_of(const Outcome& outcome) {
    REQUIRE(outcome.names() == Names{"ReviewDecided"});
    return runtime::must_be<ReviewDecided>(*outcome.events[0].payload);
}

}  // namespace

TEST_CASE("A pathway that the policy does not offer is refused in words, and the claim stands") {
    Advised hub;
    const auto refused = hub.choose(UCR, "fall");
    REQUIRE(refused.code() == INVALID);
    CHECK(refused.refusal->field() == "against_advice");
    CHECK_THAT(refused.refusal->sentence(), Catch::Contains("UCR is for adults (under-18)"));
    CHECK(refused.events.empty());
    CHECK(hub.review().status() == CLAIMED);
    // The same person sends it again, and says why.
    const auto outcome = hub.choose(UCR, "fall", "family-agreed");
    const auto& decided = decision_of(outcome);
    REQUIRE(decided.against_size() == 1);
    CHECK(decided.against(0) == "under-18");
    CHECK(decided.against_advice() == "family-agreed");
    CHECK(decided.pathway() == UCR);
}

TEST_CASE("Every reason is told at once, with the need that is not named") {
    Advised hub;
    auto escalate = hub.about<EscalateReview>();
    escalate.set_to_category(intake::C2);
    hub.run(escalate, "b");
    const auto refused = hub.choose(UCR, "self-care");
    REQUIRE(refused.refusal);
    for (const auto* word : {"under-18", "too urgent (urgent)", "need-not-named", "fall"}) {
        CHECK_THAT(refused.refusal->sentence(), Catch::Contains(word));
    }
    const auto outcome = hub.choose(UCR, "self-care", "spoken-to-ucr");
    CHECK(decision_of(outcome).against_size() == 3);
}

TEST_CASE("Only a named clinician decides against the advice, with a reason that is a code") {
    Advised hub;
    CHECK(hub.choose(UCR, "fall", "reason", "operator").code() == FORBIDDEN);
    CHECK(hub.choose(UCR, "fall", "Mrs Test asked for it").code() == INVALID);
    CHECK(hub.review().status() == CLAIMED);
    CHECK(hub.choose(UCR, "fall", "reason").names() == Names{"ReviewDecided"});
}

TEST_CASE("What is offered is decided as before, and a reason that nobody needs is not recorded") {
    Advised adult(18);
    const auto outcome = adult.choose(UCR, "fall", "for-nothing");
    CHECK(decision_of(outcome).against().empty());
    CHECK(decision_of(outcome).against_advice().empty());
    Advised unruled;
    unruled.policy = &rules;
    CHECK(unruled.choose(UCR, "").names() == Names{"ReviewDecided"});
    Advised none;
    none.policy = nullptr;
    CHECK(none.choose(UCR, "").names() == Names{"ReviewDecided"});
}

TEST_CASE("An ambulance and the ED are never asked about") {
    for (const auto pathway : {AMBULANCE_RESPONSE, CONVEY_TO_ED}) {
        Advised hub;
        CHECK(hub.choose(pathway, "", {}, "operator").names() == Names{"ReviewDecided"});
    }
}

TEST_CASE("A stale decision is kept as a note, whatever the policy says of its pathway") {
    Advised hub;
    auto command = hub.about<DecideReview>();
    command.set_token("stale");
    command.set_pathway(UCR);
    *command.mutable_rationale() = sealed("why");
    const auto outcome = hub.run(command, "a", "gp");
    CHECK(outcome.code() == STALE_TOKEN);
    CHECK(outcome.names() == Names{"NoteAdded"});
}

TEST_CASE("Opening hours are those of when it was decided, not of when that was written down") {
    Advised hub(81);
    const TimeMs afternoon = hub.now;  // Mon 15:13 in London
    hub.now += 6 * 60 * minute;        // 21:13
    hub.claim("a");
    CHECK(hub.choose(UCR, "fall").code() == INVALID);
    hub.occurred_at = afternoon;
    CHECK_FALSE(hub.choose(UCR, "fall").refusal);
    CHECK(hub.review().status() == DECIDED);
}

TEST_CASE("GetPathways answers for every pathway, with words and source") {
    Advised hub;
    const auto reply = hub.ask();
    CHECK(reply.pathways_size() == Pathway_MAX);
    CHECK(reply.policy_version().empty());
    for (const auto& offer : reply.pathways()) {
        const bool out = offer.pathway() == UCR || offer.pathway() == ADVICE;
        CHECK(offer.against_size() == (out ? 1 : 0));
        if (offer.pathway() != UCR) continue;
        CHECK(offer.against(0).says() == "UCR is for adults");
        CHECK(offer.against(0).source() == "standard");
        CHECK(offer.need(0).code() == "fall");
    }
    AdoptPolicy adopt;
    adopt.set_text(policy_text("ashford"));
    hub.run(adopt, "g", "governance");
    CHECK(hub.ask().policy_version() == clinical::policy_version(policy_text("ashford")));
    GetPathways unknown;
    unknown.set_case_id("none");
    const auto answer = domain.query({&unknown, nullptr, 0}, hub.context());
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code() == NOT_FOUND);
}

TEST_CASE("What was decided against the advice stands where the case came from as well") {
    Two hubs;
    hubs.transfer();
    hubs.away.policy = &advising;
    hubs.away.claim("b");
    auto command = hubs.away.about<DecideReview>();
    command.set_token(hubs.away.token());
    command.set_pathway(UCR);
    command.set_rationale_code("other");
    command.set_against_advice("spoken-to-ucr");
    REQUIRE_FALSE(hubs.away.run(command, "b", "gp").refusal);
    hubs.settle();
    const auto& told = static_cast<const ReviewDecided&>(*hubs.home.last("ReviewDecided").payload);
    REQUIRE(told.against_size() == 1);
    CHECK(told.against(0) == "need-not-named");
    CHECK(told.against_advice() == "spoken-to-ucr");
}
