// What waits for a person: listed with the command that sees to it, and seen to by that command.
#include "messages/runtime.pb.h"
#include "messages/vault.pb.h"
#include "services/cli/shell/arguments.hpp"
#include "tests/unit/cli_bench.hpp"

using namespace rightplace;
using namespace rightplace::cli;
using namespace rightplace::cli::test;

namespace {

// The first command that the text tells its reader to type, parsed as the program would.
Arguments advised(const std::string& text) {
    std::size_t at = std::string::npos;
    for (const auto* verb : {"alerts ", "unpark ", "deliveries "})
        at = std::min(at, text.find(std::string("rightplace ") + verb));
    REQUIRE(at != std::string::npos);
    const auto typed = text.substr(at + 11, text.find_first_of("`\n", at) - at - 11);
    std::istringstream words(typed);
    std::vector<std::string> list{"rightplace"};
    for (std::string word; words >> word;) list.push_back(word);
    std::vector<const char*> argv;
    for (const auto& word : list) argv.push_back(word.c_str());
    auto parsed = parse_arguments(int(argv.size()), argv.data());
    INFO(typed);
    REQUIRE(std::holds_alternative<Arguments>(parsed));
    return std::get<Arguments>(parsed);
}

Event parked(std::uint64_t seq, const std::string& id, const std::string& service) {
    runtime::ReactionParked payload;
    payload.set_rule("request-delivery");
    payload.set_reason("a rule broke");
    Event event;
    event.set_seq(seq);
    event.set_aggregate_type("reaction");
    event.set_aggregate_id(id);
    event.set_service(service);
    event.mutable_payload()->PackFrom(payload);
    return event;
}

}  // namespace

TEST_CASE("an alert is listed with the command that takes it, and that command takes it") {
    Bench bench;
    auto session = bench.session();
    triage::QueueReply queue;
    auto& alert = *queue.add_alerts();
    alert.set_alert_id("a9");
    alert.set_kind("review-breached");
    alert.set_case_number("P-7");
    *alert.mutable_raised_at() = to_timestamp(session.now() - 180'000);
    bench.wire.answer("GetQueue", queue);
    CHECK(run_alerts(session, {"", "ashford", "", "", "", false}) == 0);
    CHECK_THAT(bench.out.str(), Catch::Contains("ashford: 1 alert that nobody has taken") && Catch::Contains("P-7") &&
                                    Catch::Contains("nobody has taken it for 3 min"));
    const auto typed = advised(bench.out.str());
    CHECK(typed.command == "alerts take");
    CHECK(run_alerts(session, typed.hub_act) == 0);
    REQUIRE(bench.wire.asked.size() == 1);
    const auto& [service, command] = bench.wire.asked[0];
    CHECK(service == "triage");
    CHECK(command.hub() == "ashford");
    CHECK(command.actor().id() == "j.smith");
    triage::TakeAlert take;
    REQUIRE(command.payload().UnpackTo(&take));
    CHECK(take.alert_id() == "a9");
    bench.wire.reply.set_status(REFUSED);
    CHECK(run_alerts(session, typed.hub_act) == 2);
}

TEST_CASE(
    "what an organisation says of a referral is recorded as of when it happened; the queue shows what is overdue") {
    Bench bench;
    auto session = bench.session();
    bench.wire.append(intake::CaseOpened(), "1");
    referral::DeliveriesReply held;
    auto& one = *held.add_referrals();
    one.set_referral_id("r1");
    one.set_case_number("P-1");
    *one.mutable_accept_by() = to_timestamp(session.now() - 180'000);
    bench.wire.answer("GetDeliveries", held);
    bench.wire.answer("GetQueue", triage::QueueReply());
    CHECK(run_queue(session, {"paddock-wood", false}) == 0);
    CHECK_THAT(bench.out.str(), Catch::Contains("1 REFERRAL OVERDUE") && Catch::Contains("3 min OVER"));

    const char* typed[] = {"rightplace", "referral", "P-1", "reached", "--occurred-at", "2026-11-20T14:05:00Z"};
    auto arguments = std::get<Arguments>(parse_arguments(6, typed));
    CHECK(arguments.command == "referral");
    CHECK(run_referral(session, arguments.referral) == 0);
    REQUIRE(bench.wire.asked.size() == 1);
    const auto& [service, command] = bench.wire.asked[0];
    CHECK(service == "referral");
    referral::RecordPatientReached reached;
    REQUIRE(command.payload().UnpackTo(&reached));
    CHECK(reached.referral_id() == "r1");
    CHECK(to_ms(command.occurred_at()) == *parse_instant("2026-11-20T14:05:00Z"));
    arguments.referral.referral_id = "r2";
    CHECK(run_referral(session, arguments.referral) == 2);
    bench.wire.answers.erase("GetDeliveries");
    CHECK(run_queue(session, {"paddock-wood", false}) == 0);
    CHECK_THAT(bench.out.str(), Catch::Contains("overdue referrals cannot be shown"));
}

TEST_CASE("without --hub every hub is listed, and one that is silent is said") {
    Bench bench;
    auto session = bench.session();
    bench.wire.answer("GetQueue", triage::QueueReply());
    CHECK(run_alerts(session, {}) == 0);
    CHECK_THAT(bench.out.str(), Catch::Contains("paddock-wood: no open alerts\nashford: no open alerts\n"));
    bench.wire.answers.clear();
    CHECK(run_alerts(session, {}) == 3);
    CHECK_THAT(bench.err.str(), Catch::Contains("ashford: triage did not answer"));
}

TEST_CASE("a parked reaction is run again by the service that parked it") {
    Bench bench;
    auto session = bench.session();
    bench.wire.append(parked(1, "r1", "intake"));
    bench.wire.append(parked(2, "r2", "referral"));
    auto gone = parked(3, "r1", "intake");
    gone.mutable_payload()->PackFrom(runtime::ReactionUnparked());
    bench.wire.append(gone);
    CHECK(run_unpark(session, {"", "ashford", "", "", "", false}) == 0);
    CHECK_THAT(bench.out.str(), Catch::Contains("1 parked reaction\n") && Catch::Contains("a rule broke"));
    const auto typed = advised(bench.out.str());
    CHECK(run_unpark(session, typed.hub_act) == 0);
    REQUIRE(bench.wire.asked.size() == 1);
    CHECK(bench.wire.asked[0].first == "referral");
    runtime::UnparkReaction unpark;
    REQUIRE(bench.wire.asked[0].second.payload().UnpackTo(&unpark));
    CHECK(unpark.reaction_id() == "r2");
    CHECK(run_unpark(session, {"", "ashford", "r1", "", "", false}) == 2);
    CHECK_THAT(bench.err.str(), Catch::Contains("`rightplace unpark --hub ashford`"));
    CHECK(bench.wire.asked.size() == 1);
    CHECK(run_unpark(session, {"", "", "r2", "", "", false}) == 1);
}

TEST_CASE("a quarantined delivery is released, or settled by hand, by the commands that its list names") {
    Bench bench;
    auto session = bench.session();
    referral::DeliveriesReply open;
    auto& one = *open.add_deliveries();
    one.set_delivery_id("d1");
    one.set_kind(referral::FULL_RESPONSE);
    one.set_status(referral::QUARANTINED);
    one.set_attempts(1);
    one.set_last_http_status(422);
    open.add_deliveries()->set_status(referral::WAITING);
    bench.wire.answer("GetDeliveries", open);
    CHECK(run_deliveries(session, {"", "ashford", "", "", "", false}) == 0);
    const auto said = bench.out.str();
    CHECK_THAT(said, Catch::Contains("1 message that its destination refused") && Catch::Contains("last HTTP 422"));
    CHECK(run_deliveries(session, advised(said).hub_act) == 0);
    CHECK(run_deliveries(session, advised(said.substr(said.find("seen to otherwise"))).hub_act) == 0);
    REQUIRE(bench.wire.asked.size() == 2);
    referral::ReleaseDelivery release;
    referral::SettleDeliveryByHand settle;
    REQUIRE(bench.wire.asked[0].second.payload().UnpackTo(&release));
    REQUIRE(bench.wire.asked[1].second.payload().UnpackTo(&settle));
    CHECK(release.delivery_id() == "d1");
    CHECK(settle.how() == referral::TOLD_BY_TELEPHONE);
    CHECK(run_deliveries(session, {"settle", "ashford", "d1", "by pigeon", "", false}) == 1);
    CHECK_THAT(bench.err.str(), Catch::Contains("SENT_ANOTHER_WAY"));
}

TEST_CASE("A claim is kept for as long as its holder's program stays, and it says when the claim is theirs no more") {
    struct EndsAfter : FakeWire {
        Reply ask(const std::string& service, const Command& command, std::int64_t overall_ms) override {
            auto said = FakeWire::ask(service, command, overall_ms);
            if (asked.size() == 3) said.set_status(UNAVAILABLE);
            if (asked.size() < 5) return said;
            said.set_status(REFUSED);
            said.mutable_refusal()->set_sentence("The claim has been taken over.");
            return said;
        }
    } wire;
    Bench bench;
    triage::ReviewReply review;
    review.mutable_state()->mutable_claim()->set_token("t1");
    review.mutable_state()->mutable_claim()->mutable_holder()->set_id("j.smith");
    wire.answer("GetReview", review);
    wire.reply.set_status(ACCEPTED);
    intake::CaseReply opened;
    opened.mutable_state()->set_case_id("1");
    wire.answer("GetCase", opened);
    auto on_bench = bench.session();
    Session session{on_bench.stack,
                    wire,
                    on_bench.random,
                    on_bench.now,
                    [] { return false; },
                    on_bench.out,
                    on_bench.err,
                    on_bench.style,
                    on_bench.actor,
                    on_bench.timeout_ms,
                    1};
    VerbOptions claim;
    claim.verb = "claim";
    claim.id_or_number = "1";
    claim.hub = "paddock-wood";
    claim.keep = true;
    CHECK(run_verb(session, claim) == Exit::ok);
    REQUIRE(wire.asked.size() == 5);
    std::set<std::string> ids;
    for (std::size_t i = 1; i < wire.asked.size(); ++i) {
        triage::RenewClaim renew;
        REQUIRE(wire.asked[i].second.payload().UnpackTo(&renew));
        CHECK(renew.token() == "t1");
        ids.insert(wire.asked[i].second.command_id());
    }
    CHECK(ids.size() == 4);  // each a renewal of its own, no repetition
    CHECK_THAT(bench.err.str(), Catch::Contains("Not renewed just now"));
    CHECK_THAT(bench.out.str(), Catch::Contains("The claim has been taken over."));
}

TEST_CASE("accepting a new journal names it, and says what it takes the place of") {
    Bench bench;
    auto session = bench.session();
    vault::AcceptJournalReply reply;
    reply.mutable_before()->set_journal_id("j-old");
    reply.mutable_before()->set_seq(40);
    bench.wire.answer("AcceptJournal", reply);
    CHECK(run_accept_journal(session, {"ashford", "j-new"}) == 0);
    CHECK_THAT(bench.out.str(), Catch::Contains("j-new") && Catch::Contains("j-old") && Catch::Contains("j.smith"));
    vault::AcceptJournal asked;
    REQUIRE(bench.wire.queries.back().payload().UnpackTo(&asked));
    CHECK(asked.journal_id() == "j-new");
    bench.wire.answers.clear();
    bench.out.str("");
    bench.wire.answer("AcceptJournal", vault::AcceptJournalReply());
    CHECK(run_accept_journal(session, {"ashford", "j-new"}) == 0);
    CHECK_THAT(bench.out.str(), Catch::Contains("no mark") && !Catch::Contains("place of"));
    QueryReply refusal;
    refusal.mutable_refusal()->set_code(WRONG_STATE);
    bench.wire.answers["AcceptJournal"] = refusal;
    CHECK(run_accept_journal(session, {"ashford", "j-new"}) == 2);
    bench.wire.answers.clear();  // nobody answers
    CHECK(run_accept_journal(session, {"ashford", "j-new"}) == 3);
}
