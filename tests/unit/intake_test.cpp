#include "services/intake/domain/intake_domain.hpp"

#include "common/clinical/case_number.hpp"
#include "common/clinical/hub_policy.hpp"
#include "messages/referral.pb.h"
#include "messages/triage.pb.h"
#include "tests/unit/domain_harness.hpp"
#include "tests/unit/shipped_policy.hpp"

using namespace rightplace;
using namespace rightplace::intake;
using rightplace::test::Harness;
using rightplace::test::sealed;

namespace {

const IntakeDomain domain;
using Names = std::vector<std::string>;

std::string case_id(int n) {
    return "00000000-0000-4000-8000-00000000000" + std::to_string(n);
}

OpenCase open(int n) {
    OpenCase command;
    command.set_case_id(case_id(n));
    command.mutable_facts()->set_origin(VALIDATION_999);
    command.mutable_facts()->set_category(C3);
    command.mutable_facts()->set_key_id("key-1");
    *command.mutable_person() = sealed("person");
    return command;
}

Exchange exchange(const std::string& request, const std::string& message, const std::string& hash) {
    Exchange made;
    made.set_protocol("bars");
    made.set_request_id(request);
    made.set_message_id(message);
    made.set_body_sha256(hash);
    *made.mutable_original() = sealed("bytes");
    return made;
}

}  // namespace

TEST_CASE("Opening a case numbers it and answers its exchange, all in one decision") {
    Harness hub(domain);
    auto command = open(1);
    *command.mutable_exchange() = exchange("REQ-1", "MSG-1", "h1");
    const auto outcome = hub.run(command);
    CHECK(outcome.names() == Names{"CaseNumberIssued", "CaseOpened", "ExchangeAnswered", "ExchangeAnswered"});
    const auto& state = hub.state<CaseState>("case", case_id(1));
    CHECK(clinical::parse_case_number(state.case_number())->counter == 1);
    CHECK(hub.state<ExchangeState>("exchange", "bars:req:req-1").exchange().has_original());
    CHECK_FALSE(hub.state<ExchangeState>("exchange", "bars:msg:msg-1").exchange().has_original());
    hub.run(open(2));
    CHECK(clinical::parse_case_number(hub.state<CaseState>("case", case_id(2)).case_number())->counter == 2);
    CHECK(hub.run(open(2)).code() == ALREADY_EXISTS);
}

TEST_CASE("The same outside message gets the same answer; another body is judged afresh") {
    Harness hub(domain);
    RefuseExchange refuse;
    *refuse.mutable_exchange() = exchange("r1", "m1", "bad-body");
    refuse.set_refusal_code("REC_BAD_REQUEST");
    CHECK(hub.run(refuse).names() == Names{"ExchangeAnswered"});
    CHECK(hub.run(refuse).events.empty());

    auto command = open(1);
    *command.mutable_exchange() = exchange("R1", "m1", "bad-body");
    const auto again = hub.run(command);
    CHECK(again.code() == INVALID);
    CHECK(again.refusal->field() == "REC_BAD_REQUEST");

    command.mutable_exchange()->set_body_sha256("good-body");
    CHECK(hub.run(command).code() == REFUSAL_CODE_UNSPECIFIED);
    CHECK(hub.run(command).code() == DUPLICATE_MESSAGE);
    CHECK(hub.run(refuse).code() == DUPLICATE_MESSAGE);

    auto other = open(2);
    *other.mutable_exchange() = exchange("r2", "M1", "third-body");
    CHECK(hub.run(other).code() == REUSED_ID);
    other.mutable_exchange()->set_message_id("m2");
    CHECK(hub.run(other).code() == REFUSAL_CODE_UNSPECIFIED);
}

TEST_CASE("A refused case names the field at fault") {
    Harness hub(domain);
    const auto field_of = [&](auto change) {
        auto command = open(1);
        change(command);
        const auto outcome = hub.run(command);
        CHECK(outcome.code() == INVALID);
        CHECK(outcome.events.empty());
        return outcome.refusal ? outcome.refusal->field() : std::string("accepted");
    };
    CHECK(field_of([](auto& c) { c.set_case_id("seven"); }) == "case_id");
    CHECK(field_of([](auto& c) { c.set_case_id("0000000A-0000-4000-8000-000000000001"); }) == "case_id");
    CHECK(field_of([](auto& c) { c.mutable_facts()->clear_origin(); }) == "facts.origin");
    CHECK(field_of([](auto& c) { c.mutable_facts()->clear_key_id(); }) == "facts.key_id");
    CHECK(field_of([](auto& c) { c.mutable_facts()->set_key_id("key-2"); }) == "person.key_id");
    CHECK(field_of([](auto& c) { c.clear_person(); }) == "person.ciphertext");
    CHECK(field_of([](auto& c) { c.mutable_facts()->set_consent("she agrees"); }) == "facts.consent");
    CHECK(field_of([](auto& c) { c.mutable_facts()->set_use_case("9990000000"); }) == "facts.use_case");
    CHECK(field_of([](auto& c) { c.mutable_facts()->set_nhs_number_status("x y"); }) == "facts.nhs_number_status");
    CHECK(field_of([](auto& c) { c.mutable_exchange()->set_protocol("bars"); }) == "exchange.request_id");
    auto late = open(1);
    *late.mutable_facts()->mutable_breach_at() = to_timestamp(hub.now - 1);
    CHECK(hub.run(late).code() == REFUSAL_CODE_UNSPECIFIED);  // arrived breached: still accepted
}

TEST_CASE("A crew says who they are and what they intend before they are advised") {
    Harness hub(domain);
    const auto crew = [](int n) {
        auto command = open(n);
        command.mutable_facts()->set_origin(CREW_ON_SCENE);
        command.mutable_facts()->set_callsign("SYN-1");
        command.mutable_facts()->set_original_plan("Convey");
        command.mutable_facts()->set_requester_staff_id("crew-1");
        return command;
    };
    const auto refused = [&](auto change) {
        auto command = crew(9);
        change(*command.mutable_facts());
        const auto outcome = hub.run(command);
        CHECK(outcome.code() == INVALID);
        CHECK(outcome.events.empty());
        return outcome.refusal->field();
    };
    CHECK(refused([](auto& facts) { facts.clear_callsign(); }) == "facts.callsign");
    CHECK(refused([](auto& facts) { facts.clear_original_plan(); }) == "facts.original_plan");
    CHECK(refused([](auto& facts) { facts.set_original_plan("hospital"); }) == "facts.original_plan");
    CHECK(refused([](auto& facts) { facts.set_requester_staff_id("Jo from the crew"); }) == "facts.requester_staff_id");
    CHECK(hub.run(crew(1)).names() == Names{"CaseNumberIssued", "CaseOpened"});
    const auto& kept = hub.state<CaseState>("case", case_id(1)).facts();
    CHECK(kept.original_plan() == "convey-to-ed");  // one word for one plan
    CHECK(kept.requester_staff_id() == "crew-1");
    auto of_bars = open(2);
    of_bars.mutable_facts()->set_original_plan("Dx0122");
    hub.run(of_bars);
    CHECK(hub.state<CaseState>("case", case_id(2)).facts().original_plan() == "Dx0122");
}

TEST_CASE("Whoever asks a closed hub is told so in the answer, and when it opens") {
    const auto policy = clinical::parse_policy(testing::shipped_policy("paddock-wood")).value();
    Harness hub(domain);
    hub.policy = &policy;
    hub.now = *parse_instant("2026-11-26T19:00:00Z");
    const auto asks = [&](int n, Origin origin) {
        auto command = open(n);
        command.mutable_facts()->set_origin(origin);
        command.mutable_facts()->set_callsign("SYN-1");
        command.mutable_facts()->set_original_plan("convey");
        return hub.run(command).names();
    };
    CHECK(asks(1, CREW_ON_SCENE) == Names{"CaseNumberIssued", "CaseOpened", "HubFoundClosed"});
    const auto& told = static_cast<const HubFoundClosed&>(*hub.log.back().payload);
    CHECK(to_ms(told.opens_at()) == *parse_instant("2026-11-27T08:00:00Z"));
    CHECK(asks(2, GP).back() == "HubFoundClosed");
    CHECK(asks(3, VALIDATION_999).back() == "CaseOpened");  // goes back to its sender by itself
    hub.occurred_at = hub.now - 3'600'000;
    CHECK(asks(4, GP).back() == "CaseOpened");  // from paper: it was told then
    hub.now = *parse_instant("2026-11-27T08:00:00Z");
    CHECK(asks(5, GP).back() == "CaseOpened");
    CHECK_FALSE(hub.state<CaseState>("case", case_id(1)).closed());
}

TEST_CASE("SpO2 scale 2 is a named clinician's word, whoever the message says it was") {
    Harness hub(domain);
    const auto by = [&](int n, const std::string& who, const std::string& role, bool marked = true) {
        auto command = open(n);
        command.mutable_facts()->mutable_observations()->set_spo2_scale_2(marked);
        command.mutable_facts()->mutable_spo2_scale_2_by()->set_id("forged");
        hub.run(command, who, role);
        return hub.state<CaseState>("case", case_id(n)).facts().spo2_scale_2_by();
    };
    CHECK(by(1, "pp-1", "paramedic-practitioner").id() == "pp-1");
    CHECK(by(2, "pp-1", "dispatcher").id().empty());
    CHECK(by(3, "", "paramedic-practitioner").id().empty());
    CHECK(by(4, "bars", "system").id().empty());
    CHECK(by(5, "pp-1", "paramedic-practitioner", false).id().empty());
    UpdateCase update;
    update.set_case_id(case_id(1));
    *update.mutable_facts() = hub.state<CaseState>("case", case_id(1)).facts();
    hub.run(update, "bars", "system");
    CHECK_FALSE(hub.state<CaseState>("case", case_id(1)).facts().has_spo2_scale_2_by());
}

TEST_CASE("An update may keep the first message's id, and is judged against what it was merged with") {
    Harness hub(domain);
    auto command = open(1);
    *command.mutable_exchange() = exchange("r1", "m1", "first");
    hub.run(command);
    UpdateCase update;
    update.set_case_id(case_id(1));
    *update.mutable_facts() = open(1).facts();
    update.set_after_updates(0);
    *update.mutable_exchange() = exchange("r2", "m1", "second");
    CHECK(hub.run(update).names() == Names{"ExchangeAnswered", "CaseUpdated"});
    CHECK(hub.state<ExchangeState>("exchange", "bars:msg:m1").exchange().request_id() == "r1");
    CHECK(hub.run(update).code() == DUPLICATE_MESSAGE);
    *update.mutable_exchange() = exchange("r3", "m3", "third");
    CHECK(hub.run(update).refusal->field() == "after_updates");  // another one was quicker
    update.set_after_updates(1);
    update.set_nothing_new(true);
    CHECK(hub.run(update).names() == Names{"ExchangeAnswered", "ExchangeAnswered"});
    CHECK(hub.state<CaseState>("case", case_id(1)).updates() == 1);
    auto fresh = open(2);
    *fresh.mutable_exchange() = exchange("r4", "m3", "fourth");  // used by an update
    CHECK(hub.run(fresh).code() == REUSED_ID);
    CancelCase cancel;
    cancel.set_case_id(case_id(1));
    cancel.set_reason("revoked");
    *cancel.mutable_exchange() = exchange("r5", "m1", "fifth");
    CHECK(hub.run(cancel).names() == Names{"CancellationAsked", "ExchangeAnswered"});
    CHECK(hub.state<CaseState>("case", case_id(1)).cancellation_reason() == "revoked");
}

TEST_CASE("An update keeps the origin, and the plan that a crew had before it was advised") {
    Harness hub(domain);
    auto crew = open(1);
    crew.mutable_facts()->set_origin(CREW_ON_SCENE);
    crew.mutable_facts()->set_callsign("SYN-1");
    crew.mutable_facts()->set_original_plan("convey");
    hub.run(crew);
    UpdateCase update;
    update.set_case_id(case_id(1));
    *update.mutable_facts() = crew.facts();
    update.mutable_facts()->set_original_plan("discharge-on-scene");
    CHECK(hub.run(update).names() == Names{"CaseUpdated"});
    const auto& kept = hub.state<CaseState>("case", case_id(1)).facts();
    CHECK(kept.original_plan() == "convey-to-ed");
    REQUIRE(kept.warnings_size() == 1);
    CHECK(kept.warnings(0) == "plan-now discharge-on-scene");

    hub.run(open(2));  // to be validated: given back at its breach
    update.set_case_id(case_id(2));
    *update.mutable_facts() = open(2).facts();
    update.mutable_facts()->set_origin(GP);
    CHECK(hub.run(update).refusal->field() == "facts.origin");
}

TEST_CASE("Updates are counted, cancellation is asked once, a closed case stays closed") {
    Harness hub(domain);
    hub.run(open(1));
    UpdateCase update;
    update.set_case_id(case_id(1));
    *update.mutable_facts() = open(1).facts();
    update.mutable_facts()->set_category(C2);
    const auto first = hub.run(update);
    REQUIRE(first.names() == Names{"CaseUpdated"});
    CHECK(runtime::must_be<CaseUpdated>(*first.events[0].payload).update_number() == 1);
    CHECK(hub.state<CaseState>("case", case_id(1)).updates() == 1);
    CHECK(hub.state<CaseState>("case", case_id(1)).person().ciphertext() == "person");
    update.mutable_facts()->set_key_id("key-2");
    CHECK(hub.run(update).refusal->field() == "facts.key_id");

    CancelCase cancel;
    cancel.set_case_id(case_id(1));
    CHECK(hub.run(cancel).names() == Names{"CancellationAsked"});
    CHECK(hub.run(cancel).events.empty());
    CloseCase close;
    close.set_case_id(case_id(1));
    close.set_reason("cancelled");
    CHECK(hub.run(close).names() == Names{"CaseClosed"});
    CHECK(hub.run(close).events.empty());
    CHECK(hub.run(cancel).code() == WRONG_STATE);
    update.mutable_facts()->set_key_id("key-1");
    const auto late = hub.run(update);  // its sender knows more: kept, and nothing opens again
    REQUIRE(late.names() == Names{"CaseUpdated"});
    CHECK(runtime::must_be<CaseUpdated>(*late.events[0].payload).after_end());
    CHECK(runtime::must_be<CaseUpdated>(*late.events[0].payload).update_number() == 2);
    CHECK(hub.state<CaseState>("case", case_id(1)).closed());
    cancel.set_case_id(case_id(9));
    CHECK(hub.run(cancel).code() == NOT_FOUND);
}

TEST_CASE("A repeat is linked to each earlier case by its surest match, within the window, one way") {
    Harness hub(domain);
    const auto opened = [&](int n, auto change) {
        auto command = open(n);
        change(*command.mutable_facts());
        const auto outcome = hub.run(command);
        REQUIRE(outcome.events.size() == 2);
        std::vector<std::string> links;
        for (const auto& link : hub.react(outcome.events[1])) {
            for (const auto& made : link.events) {
                const auto& linked = runtime::must_be<CaseLinked>(*made.payload);
                links.push_back(linked.matched_on() + " " + linked.earlier_case_id().substr(35));
            }
        }
        return links;
    };
    CHECK(opened(1, [](auto& f) {
              f.add_match_tokens("t1");
              f.set_cad_number("77");
          }).empty());
    hub.now += 95 * 3'600'000LL;
    CHECK(opened(2, [](auto& f) {
              f.set_journey_id("j");
              f.add_match_tokens("t1");
          }) == Names{"token 1"});
    CHECK(opened(3, [](auto& f) {
              f.set_journey_id("j");
              f.add_match_tokens("t1");
              f.set_cad_number("77");
          }) == Names{"cad-number 1", "journey-id 2"});
    CHECK(opened(4, [](auto& f) {
              f.set_cad_number("77");
              f.set_sender_organisation_ods("RX1");
          }).empty());
    hub.now += 2 * 3'600'000LL;
    CHECK(opened(5, [](auto& f) { f.add_match_tokens("t1"); }) == Names{"token 2", "token 3"});
    CHECK(opened(6, [](auto&) {}).empty());
    CHECK(hub.state<CaseState>("case", case_id(3)).links_size() == 2);
}

TEST_CASE("A case closes when nothing remains to be done for it") {
    Harness hub(domain);
    for (int n = 1; n <= 4; ++n) hub.run(open(n));
    const auto after = [&](int n, auto payload) {
        Event event;
        event.set_case_id(case_id(n));
        hub.react({event, std::make_shared<decltype(payload)>(payload)});
        return hub.state<CaseState>("case", case_id(n)).close_reason();
    };
    triage::ReviewDecided decided;
    decided.set_pathway(triage::ADVICE);
    CHECK(after(1, decided) == "decided");
    decided.set_pathway(triage::MEDICAL_SDEC);
    CHECK(after(2, decided).empty());
    CHECK(after(2, referral::ReferralCompleted{}) == "decided");
    CHECK(after(3, triage::ReviewRejected{}) == "rejected");
    CHECK(after(4, triage::ReviewCancelled{}) == "cancelled");
}

TEST_CASE("A case whose outcome is taken back is open again, in whatever order the reactions come") {
    Harness hub(domain);
    hub.run(open(1));
    const auto after = [&](std::uint64_t seq, auto payload) {
        Event event;
        event.set_case_id(case_id(1));
        event.set_seq(seq);
        hub.react({event, std::make_shared<decltype(payload)>(payload)});
        return hub.state<CaseState>("case", case_id(1)).closed();
    };
    triage::ReviewDecided decided;
    decided.set_pathway(triage::ADVICE);
    referral::ReferralCompleted completed;
    completed.set_outcome_seq(10);
    SECTION("in their order") {
        CHECK(after(10, decided));
        CHECK_FALSE(after(11, triage::ReviewReopened{}));
        CHECK(after(12, decided));
    }
    SECTION("the reopening first") {
        CHECK_FALSE(after(11, triage::ReviewReopened{}));
        CHECK_FALSE(after(10, decided));
        CHECK_FALSE(after(20, completed));  // of the referral that the first decision asked for
    }
    SECTION("the next decision first") {
        CHECK(after(12, decided));
        CHECK(after(11, triage::ReviewReopened{}));
        CHECK(after(10, decided));
    }
    SECTION("the next decision before the reopening of the first") {
        CHECK(after(10, decided));
        CHECK(after(12, decided));
        CHECK(after(11, triage::ReviewReopened{}));
    }
    SECTION("somebody closes it by hand") {
        triage::ReviewClosed by_hand;
        by_hand.set_reason_code("seen-by-ucr");
        CHECK(after(13, by_hand));
        CHECK(hub.state<CaseState>("case", case_id(1)).close_reason() == "seen-by-ucr");
    }
}

TEST_CASE("A case is found by its id and by the number people say") {
    Harness hub(domain);
    hub.run(open(1));
    const auto number = hub.state<CaseState>("case", case_id(1)).case_number();
    GetCase asked;
    for (std::string by : {case_id(1), number, "a" + number.substr(1)}) {
        asked.set_case_id_or_number(by);
        const auto answer = domain.query({&asked, nullptr, 0}, hub.context());
        REQUIRE(answer);
        CHECK(runtime::must_be<CaseReply>(*answer.value()).state().case_id() == case_id(1));
    }
    asked.set_case_id_or_number("A-261126-9999-X");
    CHECK(domain.query({&asked, nullptr, 0}, hub.context()).error().code() == NOT_FOUND);
}

TEST_CASE("Only intake itself links and closes") {
    CHECK(domain.may("bars", "rightplace.intake.OpenCase"));
    CHECK_FALSE(domain.may("bars", "rightplace.intake.CloseCase"));
    CHECK_FALSE(domain.may("cli", "rightplace.intake.ReopenCase"));
    CHECK(domain.may("intake", "rightplace.intake.LinkCase"));
    CHECK_FALSE(domain.may("stranger", "rightplace.intake.OpenCase"));
}
