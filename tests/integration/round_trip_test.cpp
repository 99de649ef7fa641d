// Two hubs, each with processes of its own: one is asked for validations, the other stands for the 999 service that
// asks. What the first sends, the second receives at its front door over HTTP, reads, answers, and keeps with its own
// case.
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "common/base/hash.hpp"
#include "services/adapters/bars/domain/response_reading.hpp"
#include "tests/integration/hub.hpp"

using namespace rightplace;
using namespace rightplace::testing;

namespace {

constexpr auto asking_hub = "ashford";

Stack::Options asking_options() {
    Stack::Options options;
    options.hubs = {asking_hub};
    return options;
}

// The 999 service: a hub whose desk has told it of what its own system sent.
struct Asking {
    RunningHub hub{asking_options()};

    std::string url() const { return "http://127.0.0.1:" + std::to_string(hub.stack.bars_port()) + "/FHIR/R4"; }
    std::string service() const { return Stack::service_of(asking_hub); }

    // The command line, as somebody at its desk; what it printed.
    std::string run(const std::string& words) {
        const auto [code, printed] = hub.type("paramedic-practitioner", words);
        INFO(words << ": " << printed);
        CHECK(code == 0);
        return printed;
    }

    // Its case number.
    std::string tell_of(const bars_sample::Sample& sample, const Posted& posted) {
        const auto file = hub.stack.state_dir() + "/sent.json";
        const nlohmann::json phone = {{"system", "phone"}, {"value", "01632 960005"}};
        const nlohmann::json contact = {{"rank", 1}, {"methods", nlohmann::json::array({phone})}};
        std::ofstream(file) << nlohmann::json{{"cad_number", sample.cad_number},
                                              {"category", "C3"},
                                              {"sender_organisation_ods", "RYD"},
                                              {"journey_id", sample.journey_id},
                                              {"person", {{"contacts", nlohmann::json::array({contact})}}},
                                              {"sent",
                                               {{"bundle_id", sample.bundle_id},
                                                {"request_id", posted.request_id},
                                                {"correlation_id", posted.correlation_id},
                                                {"body_sha256", to_hex(sha256(bars_sample::request(sample).dump()))}}}};
        const auto printed = run(std::string("send --validation ") + file + " --hub " + asking_hub);
        const auto reply = nlohmann::json::parse(printed.substr(0, printed.find('\n')), nullptr, false);
        REQUIRE(reply.is_object());
        for (const auto& event : reply["receipt"]["events"]) {
            if (event.contains("case_number")) return event["case_number"];
        }
        FAIL("no case number in " << printed);
        return {};
    }

    // The responses that its journal holds for a case, by what was understood of them, each with its bytes.
    std::vector<std::string> understood(const std::string& number) {
        std::vector<std::string> kinds;
        for (const auto& stored : hub.stack.journal()) {
            Event event;
            REQUIRE(event.ParseFromString(stored));
            intake::ExchangeAnswered said;
            if (event.case_number() != number || !event.payload().UnpackTo(&said)) continue;
            if (!said.exchange().kind().starts_with("response")) continue;
            CHECK(said.accepted());
            CHECK_FALSE(said.exchange().original().ciphertext().empty());
            kinds.push_back(said.exchange().kind());
        }
        return kinds;
    }
    bool wait_for(const std::string& number, const std::vector<std::string>& kinds) {
        const bool got = hub.stack.wait_until([&] { return understood(number) == kinds; }, 60'000);
        for (const auto& kind : understood(number)) UNSCOPED_INFO("understood: " << kind);
        return got;
    }
};

Stack::Options answering_options(const Asking& asking) {
    Stack::Options options;
    options.sender_url = asking.url();
    options.sender_id = asking.service();
    return options;
}

struct BothHubs {
    Asking asking;
    RunningHub answering{answering_options(asking)};

    struct Asked {
        std::string there;  // case id at the hub that answers
        std::string here;   // case number at the hub that asks
        bars_sample::Sample sample;
    };
    Asked ask(std::int64_t breach_in_ms = 30 * 60'000, bool told = true) {
        Asked asked;
        asked.sample = answering.visitor.sample(breach_in_ms);
        asked.sample.source_service_id = asking.service();
        asked.there = answering.case_id(asked.sample);
        const auto posted = answering.visitor.post(asked.sample);
        REQUIRE(posted.status == 200);
        if (told) asked.here = asking.tell_of(asked.sample, posted);
        REQUIRE(answering.stack.wait_until([&] { return answering.review(asked.there).has_value(); }));
        return asked;
    }
    void ambulance(const std::string& id, intake::Category category) {
        triage::DecideReview decide;
        decide.set_case_id(id);
        decide.set_token(answering.claim(id));
        decide.set_pathway(triage::AMBULANCE_RESPONSE);
        decide.set_category(category);
        decide.set_rationale_code("as-triaged");
        REQUIRE(answering.stack.ask("triage", decide, "decide-" + id).status() == ACCEPTED);
    }
    void reject(const std::string& id) {
        triage::RejectReview reject;
        reject.set_case_id(id);
        reject.set_token(answering.claim(id));
        reject.set_reason(triage::FC);
        REQUIRE(answering.stack.ask("triage", reject, "reject-" + id).status() == ACCEPTED);
    }
    long quarantined() {
        const auto queue = answering.stack.query<triage::QueueReply>("triage", triage::GetQueue());
        if (!queue) return -1;
        const auto& alerts = queue->alerts();
        return std::count_if(alerts.begin(), alerts.end(),
                             [](const auto& alert) { return alert.kind() == "delivery-quarantined"; });
    }
};

std::string first_code(const Posted& posted) {
    return nlohmann::json::parse(posted.body)["issue"][0]["code"];
}

}  // namespace

TEST_CASE("What one hub sends, a second one that asked for it receives, reads, answers and keeps") {
    BothHubs both;
    auto& asking = both.asking;

    const auto advised = both.ask();
    const auto token = both.answering.claim_and_start(advised.there);
    CHECK(asking.wait_for(advised.here, {"response interim"}));
    REQUIRE(both.answering.decide(advised.there, token).status() == ACCEPTED);
    const auto unchanged = both.ask();
    both.ambulance(unchanged.there, intake::C3);
    const auto upgraded = both.ask();
    both.ambulance(upgraded.there, intake::C2);
    const auto rejected = both.ask();
    both.reject(rejected.there);
    const auto returned = both.ask(5'000);

    CHECK(asking.hub.stack.wait_until([&] { return asking.understood(advised.here).size() == 2; }, 60'000));
    REQUIRE(asking.understood(advised.here).size() == 2);
    CHECK(asking.understood(advised.here)[1].starts_with("response full"));
    CHECK(asking.understood(advised.here)[1].ends_with("no-ambulance"));
    CHECK(asking.wait_for(unchanged.here, {"response full C3 ambulance"}));
    CHECK(asking.wait_for(upgraded.here, {"response full C2 ambulance"}));
    CHECK(asking.wait_for(rejected.here, {"response rejection FC"}));
    CHECK(asking.wait_for(returned.here, {"response rejection RRNA"}));
    CHECK(both.quarantined() == 0);  // each was confirmed

    // A person at the desk sees it, and is told of the one that comes back.
    const auto seen = asking.run("case " + rejected.here);
    CHECK_THAT(seen, Catch::Contains("(response rejection FC) answered accepted (HTTP 200)"));
    const auto alerts = asking.run(std::string("alerts --hub ") + asking_hub + " --json");
    CHECK_THAT(alerts, Catch::Contains("response-received") && Catch::Contains(rejected.here));

    // Byte for byte as it came, and understood the same.
    const auto file = asking.hub.stack.state_dir() + "/response.json";
    asking.run("case " + upgraded.here + " --original " + file + " --purpose direct-care");
    const auto document = bars::read_document(read_file(file), bars::Format::json);
    REQUIRE(document.ok());
    const auto response = bars::read_response(bars::Message(*document.value()));
    REQUIRE(response.ok());
    CHECK(response.value().warnings.empty());
    CHECK(response.value().answers == upgraded.sample.bundle_id);

    // The same again under an id of its own is kept; under the same id it is known; of another request it is refused.
    auto& door = asking.hub.visitor;
    const auto again = door.post(read_file(file));
    CHECK(again.status == 200);
    CHECK(nlohmann::json::parse(again.body)["type"] == "message");
    CHECK(first_code(door.post(read_file(file), again.request_id)) == "duplicate");
    auto other = nlohmann::ordered_json::parse(read_file(file));
    bars_sample::resource(other, "MessageHeader")["response"]["identifier"] = new_uuid();
    const auto refused = door.post(other.dump());
    CHECK(refused.status == 400);
    CHECK(first_code(refused) == "not-found");
    auto mute = nlohmann::ordered_json::parse(read_file(file));
    bars_sample::resource(mute, "MessageHeader")["response"]["code"] = "fatal-error";
    CHECK(first_code(door.post(mute.dump())) == "invariant");
}

TEST_CASE("A response to a request that the other hub's people never told it of is refused, and a person decides") {
    BothHubs both;
    const auto untold = both.ask(30 * 60'000, false);
    both.reject(untold.there);
    CHECK(both.answering.stack.wait_until([&] { return both.quarantined() == 1; }, 60'000));
}
