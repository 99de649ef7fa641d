// What the policy offers to a case, as the command line shows it; deciding against it; and how policies differ there.
#include "common/clinical/hub_policy.hpp"
#include "services/cli/domain/pathways_view.hpp"
#include "services/cli/domain/policy_view.hpp"
#include "services/cli/shell/arguments.hpp"
#include "tests/unit/cli_bench.hpp"
#include "tests/unit/shipped_policy.hpp"

using namespace rightplace;
using namespace rightplace::cli;
using namespace rightplace::cli::test;

namespace {

triage::PathwaysReply two_pathways() {
    triage::PathwaysReply reply;
    reply.set_policy_version("v1");
    auto& sdec = *reply.add_pathways();
    sdec.set_pathway(triage::MEDICAL_SDEC);
    auto& why = *sdec.add_against();
    why.set_code("on-oxygen");
    why.set_says("needs oxygen");
    why.set_source("typical criteria");
    auto& ucr = *reply.add_pathways();
    ucr.set_pathway(triage::UCR);
    auto& need = *ucr.add_need();
    need.set_code("fall");
    need.set_says("a fall");
    auto& sign = *ucr.add_look_for();
    sign.set_says("signs of stroke");
    sign.set_source("usual");
    return reply;
}

void known_case(Bench& bench) {
    intake::CaseReply opened;
    opened.mutable_state()->set_case_id("c1");
    bench.wire.answer("GetCase@ashford", opened);
    triage::ReviewReply review;
    review.mutable_state()->set_case_id("c1");
    review.mutable_state()->set_status(triage::CLAIMED);
    review.mutable_state()->mutable_claim()->set_token("t1");
    review.mutable_state()->mutable_claim()->mutable_holder()->set_id("j.smith");
    bench.wire.answer("GetReview@ashford", review);
}

Arguments typed(std::vector<const char*> words) {
    words.insert(words.begin(), "rightplace");
    auto parsed = parse_arguments(int(words.size()), words.data());
    REQUIRE(std::holds_alternative<Arguments>(parsed));
    return std::get<Arguments>(parsed);
}

policy::HubPolicy with_rules(const std::string& rules) {
    return clinical::parse_policy(
               "name: \"ashford\" default_breach_minutes: 30 default_breach_source: \"s\" claim_lease_seconds: 120 "
               "claim_lease_source: \"s\" repeat_window_hours: 96 repeat_window_source: \"s\" " +
               rules)
        .value();
}

std::string ucr(const std::string& inside) {
    return "pathway { pathway: \"ucr\" " + inside + " }";
}

std::string from_news2(const std::string& least, const std::string& source = "chart") {
    return "not_when { code: \"high\" says: \"high\" source: \"" + source + "\" news2_from: " + least + " }";
}

}  // namespace

TEST_CASE("pathways shows what is offered first, and of the others why not, with the source") {
    Bench bench;
    known_case(bench);
    auto session = bench.session();
    bench.wire.answer("GetPathways", two_pathways());
    const auto arguments = typed({"pathways", "A-1", "--hub", "ashford"});
    CHECK(arguments.command == "pathways");
    REQUIRE(run_pathways(session, arguments.verb) == 0);
    CHECK(bench.out.str() ==
          "A-1, by policy v1 of ashford\n"
          "offered:\n"
          "  ucr\n"
          "      decide it with one of these as --code:\n"
          "        fall: a fall\n"
          "      not with signs of stroke (source: usual)\n"
          "NOT offered:\n"
          "  medical-sdec\n"
          "      on-oxygen: needs oxygen (source: typical criteria)\n"
          "The policy advises, you decide. One that is not offered: rightplace decide A-1 --pathway P "
          "--against-advice REASON ...\n");
    triage::GetPathways asked;
    REQUIRE(bench.wire.queries.back().payload().UnpackTo(&asked));
    CHECK(asked.case_id() == "c1");

    bench.out.str("");
    CHECK(run_pathways(session, typed({"pathways", "A-1", "--hub", "ashford", "--json"}).verb) == 0);
    CHECK_THAT(bench.out.str(), Catch::Contains("\"pathway\":\"MEDICAL_SDEC\"") && Catch::Contains("on-oxygen"));
    bench.wire.answers.erase("GetPathways");
    CHECK(run_pathways(session, arguments.verb) == 3);
}

TEST_CASE("where nothing is ruled out, or no policy is there, that is said") {
    auto reply = two_pathways();
    reply.mutable_pathways(0)->clear_against();
    CHECK_THAT(render_pathways(reply, "A-1", "ashford", {}),
               Catch::EndsWith("nothing known of it rules anything out; what is not known, nobody has looked at.\n"));
    reply.clear_policy_version();
    CHECK_THAT(render_pathways(reply, "A-1", "ashford", {}), Catch::Contains("no policy is adopted at ashford"));
}

TEST_CASE("decide says why it goes against the advice, and the timeline tells it") {
    Bench bench;
    known_case(bench);
    auto session = bench.session();
    const auto arguments = typed({"decide", "A-1", "--hub", "ashford", "--pathway", "medical-sdec", "--code", "x",
                                  "--against-advice", "home-oxygen"});
    REQUIRE(run_verb(session, arguments.verb) == 0);
    triage::DecideReview decide;
    REQUIRE(bench.wire.asked.back().second.payload().UnpackTo(&decide));
    CHECK(decide.against_advice() == "home-oxygen");
    CHECK(decide.token() == "t1");

    triage::ReviewDecided decided;
    decided.set_pathway(triage::MEDICAL_SDEC);
    Event event;
    event.mutable_payload()->PackFrom(decided);
    CHECK_THAT(describe(event), !Catch::Contains("ADVICE"));
    decided.add_against("on-oxygen");
    decided.add_against("news2-high");
    decided.set_against_advice("home-oxygen");
    event.mutable_payload()->PackFrom(decided);
    CHECK_THAT(describe(event),
               Catch::Contains("; AGAINST THE POLICY'S ADVICE (on-oxygen, news2-high), because home-oxygen"));
}

TEST_CASE("how two policies differ in their pathways is told in words") {
    using Changes = std::vector<std::string>;
    const auto none = with_rules("");
    const auto seven = with_rules(ucr(from_news2("7")));
    CHECK(policy_changes(seven, seven).empty());
    CHECK(policy_changes(none, seven) ==
          Changes{"pathway ucr, high: now not with NEWS2 of 7 or more, \"high\" (source: chart)"});
    CHECK(policy_changes(seven, with_rules(ucr(from_news2("5")))) ==
          Changes{"pathway ucr, high: not with NEWS2 of 5 or more, \"high\" instead of not with NEWS2 of 7 or more, "
                  "\"high\" (source: chart)"});
    CHECK(policy_changes(seven, with_rules(ucr(from_news2("7", "local")))) ==
          Changes{"pathway ucr, high: the same, by another source: local"});
    CHECK(policy_changes(seven, with_rules(ucr(""))) ==
          Changes{"pathway ucr, high: no longer not with NEWS2 of 7 or more, \"high\""});
    CHECK(policy_changes(seven, none) == Changes{"pathway ucr: no rule any more, it is offered to everybody"});
    const auto more = with_rules(
        ucr("need { code: \"fall\" says: \"a fall\" source: \"s\" } look_for { says: \"stroke\" source: \"t\" } "
            "takes_patients { opens: \"08:00\" closes: \"20:00\" source: \"u\" }") +
        " pathway_example { offered: \"ucr\" }");
    CHECK(policy_changes(with_rules(ucr("")), more) ==
          Changes{"pathway ucr, need fall: now a fall (source: s)",
                  "pathway ucr, takes patients: now 08:00 to 20:00, every day (source: u)",
                  "pathway ucr, to be looked for: now stroke (source: t)", "pathways, examples: 1 instead of 0"});
}

TEST_CASE("check counts the pathways' rules and runs their examples") {
    const TemporaryFolder folder;
    std::ostringstream out, err;
    const auto shipped = testing::shipped_policy("ashford");
    CHECK(run_policy_check({folder.file("good", shipped), {}, "", "", false}, out, err) == 0);
    CHECK_THAT(out.str(), Catch::Contains("7 pathway rules, 2 priority rules, 20 examples"));
    const auto at = shipped.find("news2_from: 7");
    REQUIRE(at != std::string::npos);
    auto laxer = shipped;
    for (auto next = at; next != std::string::npos; next = laxer.find("news2_from: 7", next)) laxer[next + 12] = '8';
    CHECK(run_policy_check({folder.file("laxer", laxer), {}, "", "", false}, out, err) == 1);
    CHECK_THAT(err.str(), Catch::Contains("surgical-sdec is not offered for another reason: on-oxygen"));
}
