// The ring as its users meet it: real processes, BaRS over HTTP, a stand-in sender.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/base/seal.hpp"
#include "messages/intake.pb.h"
#include "messages/vault.pb.h"
#include "tests/integration/hub.hpp"

using namespace rightplace;
using namespace rightplace::testing;

using Hub = RunningHub;

TEST_CASE("A validation request goes round: accepted, queued, consulted, decided, answered, closed") {
    Hub hub;
    const auto sample = hub.visitor.sample();
    const auto id = hub.case_id(sample);
    const auto posted = hub.visitor.post(sample);
    REQUIRE(posted.status == 200);
    CHECK(posted.body.find(sample.bundle_id) != std::string::npos);
    CHECK(posted.body.find("planned") != std::string::npos);
    REQUIRE(hub.wait_for_status(id, triage::QUEUED));

    const auto again = hub.visitor.post(sample, posted.request_id);
    CHECK(again.status == 409);
    CHECK(again.body.find("REC_CONFLICT") != std::string::npos);
    CHECK(hub.visitor.post(sample).status == 400);  // the Bundle id under a new request id

    const auto token = hub.claim_and_start(id);
    REQUIRE(hub.stack.wait_until([&] { return hub.sender.count("validation-interim") == 1; }));
    REQUIRE(hub.decide(id, token).status() == ACCEPTED);
    const bool answered = hub.stack.wait_until([&] { return hub.sender.count("validation-full") == 1; });
    INFO(hub.story_of(id));
    REQUIRE(answered);
    REQUIRE(hub.stack.wait_until([&] {  // closing does not wait for what is under way to the sender
        const auto so_far = hub.events_of(id);
        return count(so_far, "CaseClosed") == 1 && count(so_far, "DeliverySettled") == 2;
    }));
    const auto events = hub.events_of(id);
    CHECK(count(events, "CaseOpened") == 1);
    CHECK(count(events, "ReviewQueued") == 1);
    CHECK(hub.sender.received().size() == 2);
}

TEST_CASE("A refused message is answered in full and journalled; unknown services and paths are said") {
    Hub hub;
    auto broken = bars_sample::request(hub.visitor.sample());
    bars_sample::remove(broken, "Consent");
    const auto id = new_uuid();
    const auto refused = hub.visitor.post(broken.dump(), id);
    CHECK(refused.status == 400);
    CHECK(refused.body.find("OperationOutcome") != std::string::npos);
    CHECK(hub.visitor.post(broken.dump(), id).body == refused.body);
    intake::GetExchange get;
    get.set_request_id(id);
    const auto exchange = hub.stack.query<intake::ExchangeReply>("intake", get);
    REQUIRE(exchange);
    CHECK_FALSE(exchange->state().accepted());
    CHECK(exchange->state().exchange().has_original());
    CHECK(hub.visitor.post("{}", "", "application/fhir+json", "$process-message", "99999").status == 404);
    CHECK(hub.visitor.post("{}", "", "application/fhir+json", "Nothing").status == 404);
    CHECK(hub.visitor.post("<a", "", "application/fhir+xml").status == 400);
}

TEST_CASE("The clinician's text, sealed under a key of its own, reaches the sender") {
    Hub hub;
    const auto sample = hub.visitor.sample();
    const auto id = hub.case_id(sample);
    REQUIRE(hub.visitor.post(sample).status == 200);
    REQUIRE(hub.wait_for_status(id, triage::QUEUED));
    vault::AllocateKeys one;
    one.set_count(1);
    const auto keys = hub.stack.query<vault::AllocateKeysReply>("vault", one);
    REQUIRE(keys);
    sealing::SystemRandom random;
    triage::DecideReview decide;
    decide.set_case_id(id);
    decide.set_token(hub.claim_and_start(id));
    decide.set_pathway(triage::ADVICE);
    *decide.mutable_rationale() = sealing::seal(sealing::Key(keys->keys(0).key()), keys->keys(0).key_id(),
                                                sealing::Context::rationale, "Advised and safe at home.", random);
    REQUIRE(hub.stack.ask("triage", decide, "decide").status() == ACCEPTED);
    REQUIRE(hub.stack.wait_until([&] { return hub.sender.count("validation-full") == 1; }));
    CHECK(hub.sender.count("Advised and safe at home.") == 1);
}

TEST_CASE("A rejection goes to the sender at once") {
    Hub hub;
    const auto sample = hub.visitor.sample();
    const auto id = hub.case_id(sample);
    REQUIRE(hub.visitor.post(sample).status == 200);
    REQUIRE(hub.wait_for_status(id, triage::QUEUED));
    triage::RejectReview reject;
    reject.set_case_id(id);
    reject.set_token(hub.claim(id));
    reject.set_reason(triage::FC);
    REQUIRE(hub.stack.ask("triage", reject, "reject").status() == ACCEPTED);
    REQUIRE(hub.stack.wait_until([&] { return hub.sender.count("cancelled") == 1; }));
    CHECK(hub.sender.count("\"FC\"") == 1);
}

TEST_CASE("At breach the case goes back, stays queued, and a later decision goes out late") {
    Hub hub;
    const auto sample = hub.visitor.sample(4'000);
    const auto id = hub.case_id(sample);
    REQUIRE(hub.visitor.post(sample).status == 200);
    REQUIRE(hub.stack.wait_until([&] { return hub.sender.count("RRNA") == 1; }));
    REQUIRE(hub.wait_for_status(id, triage::RETURNED));
    REQUIRE(hub.stack.wait_until([&] { return count(hub.events_of(id), "DeliverySettled") == 1; }));
    CHECK(count(hub.events_of(id), "ReviewBreached") == 1);
    REQUIRE(hub.decide(id, hub.claim_and_start(id)).status() == ACCEPTED);
    REQUIRE(hub.stack.wait_until([&] { return hub.sender.count("validation-full") == 1; }));
    CHECK(hub.sender.count("RRNA") == 1);
}

TEST_CASE("The breach watch needs nobody: with Redis, audit, triage and vault dead the case still goes back") {
    Hub hub;
    const auto sample = hub.visitor.sample(6'000);
    const auto id = hub.case_id(sample);
    REQUIRE(hub.visitor.post(sample).status == 200);
    for (const auto* process : {"triage", "referral", "intake", "vault", "audit", "redis", "bars"})
        hub.stack.kill(process);
    hub.stack.start("bars");  // even a fresh adapter, from its own file alone
    REQUIRE(hub.stack.wait_until([&] { return hub.sender.count("RRNA") >= 1; }, 60'000));
    const auto request_id = hub.sender.received().front().request_id;
    for (const auto* process : {"redis", "audit", "vault", "intake", "triage", "referral"}) hub.stack.start(process);
    REQUIRE(hub.stack.wait_until([&] { return count(hub.events_of(id), "DeliverySettled") == 1; }, 60'000));
    for (const auto& received : hub.sender.received()) CHECK(received.request_id == request_id);
}

TEST_CASE("A request too large for the watch's file goes back all the same, and people know from the start") {
    Hub hub;
    const auto large = [&](const std::string& type, const char* list, const nlohmann::ordered_json& line) {
        const auto sample = hub.visitor.sample(8'000);
        auto bundle = bars_sample::request(sample);
        auto& grown = bars_sample::resource(bundle, type)[list];
        for (int i = 0; i < 2'000; ++i) grown.push_back(line);
        REQUIRE(hub.visitor.post(bundle.dump()).status == 200);
        return hub.case_id(sample);
    };
    const auto alerted = [&](const std::string& id) {
        const auto queue = hub.stack.query<triage::QueueReply>("triage", triage::GetQueue());
        return queue && std::any_of(queue->alerts().begin(), queue->alerts().end(), [&](const auto& alert) {
                   return alert.kind() == "return-unwatched" && alert.case_id() == id;
               });
    };
    const nlohmann::ordered_json line = {{"text", "A line that makes this long, and so many"}};
    const auto with_less = large("Organization", "contact", {{"name", line}});  // its return echoes less, and fits
    const auto without = large("Patient", "address", line);  // even the least does not fit: a delivery gives it back
    REQUIRE(hub.stack.wait_until([&] { return alerted(without); }));
    CHECK_FALSE(alerted(with_less));
    REQUIRE(hub.stack.wait_until([&] { return hub.sender.count("RRNA") == 2; }));
    for (const auto& id : {with_less, without}) {
        INFO(hub.story_of(id));
        CHECK(hub.stack.wait_until([&] { return count(hub.events_of(id), "DeliverySettled") == 1; }));
        CHECK(hub.wait_for_status(id, triage::RETURNED));
    }
    CHECK(hub.sender.count("RRNA") == 2);
}

TEST_CASE("A sender without an endpoint is accepted, and a person is told") {
    Stack stack;
    Visitor visitor(stack);
    stack.start_all();
    REQUIRE(stack.wait_until([&] { return visitor.post(visitor.sample()).status == 200; }));
    REQUIRE(stack.wait_until([&] {
        const auto queue = stack.query<triage::QueueReply>("triage", triage::GetQueue());
        return queue && queue->alerts_size() == 1 && queue->alerts(0).kind() == "sender-without-endpoint";
    }));
}

TEST_CASE("No identity outside Sealed: not in the journal, the logs, the watch, the vault or the roots") {
    Hub hub;
    const auto sample = hub.visitor.sample();
    const auto request = bars_sample::request(sample);
    REQUIRE(hub.visitor.post(sample).status == 200);
    auto copy = request;
    const auto& patient = bars_sample::resource(copy, "Patient");
    std::vector<std::string> secrets{patient["identifier"][0]["value"], patient["name"][0]["family"],
                                     patient["contact"][0]["telecom"][0]["value"], patient["birthDate"]};
    REQUIRE(hub.wait_for_status(hub.case_id(sample), triage::QUEUED));
    std::size_t scanned = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(hub.stack.state_dir())) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file(entry.path(), std::ios::binary);
        std::ostringstream bytes;
        bytes << file.rdbuf();
        ++scanned;
        for (const auto& secret : secrets) {
            INFO(entry.path().filename());
            CHECK(bytes.str().find(secret) == std::string::npos);
        }
    }
    CHECK(scanned > 10);
}
