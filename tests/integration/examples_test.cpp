// The two published validation requests: fit to be sent they go to the sender's answer; untouched they get
// the answers that the rules demand (one lacks a use case, both breached in 2021).
#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/integration/hub.hpp"

using namespace rightplace;
using namespace rightplace::testing;

namespace {

const std::filesystem::path examples = std::filesystem::path(SOURCE_DIR).parent_path() / "shared" / "examples" / "bars";
constexpr auto xml_file = "VALREQ01-new.xml";
constexpr auto json_file = "API-process_message-request-ValidationRequest.json";

bool absent() {
    if (std::filesystem::exists(examples / xml_file)) return false;
    std::cout << "skipped: ../shared absent\n";
    return true;
}

std::string read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string freshened(const char* name, const std::string& options = {}) {
    const auto command = std::string("python3 " SOURCE_DIR "/services/adapters/bars/tools/freshen.py --breach-in 30 ") +
                         options + " " + (examples / name).string();
    auto* pipe = popen(command.c_str(), "r");
    std::string text;
    char part[4'096];
    while (const auto got = fread(part, 1, sizeof part, pipe)) text.append(part, got);
    REQUIRE(pclose(pipe) == 0);
    return text;  // both name 2222222222 as their source: the stand-in sender
}

std::string type_of(const std::string& name) {
    return name.find(".xml") != std::string::npos ? "application/fhir+xml" : "application/fhir+json";
}

// The case that the journal opened last.
std::string last_case(RunningHub& hub) {
    std::string id;
    for (const auto& stored : hub.stack.journal()) {
        Event event;
        REQUIRE(event.ParseFromString(stored));
        if (!event.case_id().empty()) id = event.case_id();
    }
    return id;
}

}  // namespace

TEST_CASE("The published requests, fit to be sent, go in and are followed to the sender's answer") {
    if (absent()) return;
    RunningHub hub;
    std::size_t answered = 0;
    for (const auto* name : {xml_file, json_file}) {
        INFO(name);
        const auto posted = hub.visitor.post(freshened(name), "", type_of(name));
        INFO(posted.body);
        REQUIRE(posted.status == 200);
        const auto id = last_case(hub);
        REQUIRE(hub.wait_for_status(id, triage::QUEUED));
        REQUIRE(hub.decide(id, hub.claim_and_start(id)).status() == ACCEPTED);
        ++answered;
        REQUIRE(hub.stack.wait_until([&] { return hub.sender.count("validation-full") == answered; }));
    }
}

namespace {

std::string service_request_id(const Posted& answered) {
    auto bundle = nlohmann::ordered_json::parse(answered.body);
    return bars_sample::resource(bundle, "ServiceRequest")["id"];
}

}  // namespace

TEST_CASE("The published updates and cancellations, fit to be sent, change the case they name") {
    if (absent()) return;
    RunningHub hub;
    const auto journey = new_uuid();
    const auto first = hub.visitor.post(freshened(xml_file, "--journey-id " + journey), "", type_of(xml_file));
    REQUIRE(first.status == 200);
    const auto id = last_case(hub);
    REQUIRE(hub.wait_for_status(id, triage::QUEUED));
    const auto naming = "--journey-id " + journey + " --service-request-id " + service_request_id(first);
    for (const auto* name : {"VALREQ02-update-lower.xml", "TKW-validation-update.xml"}) {
        INFO(name);
        const auto posted = hub.visitor.post(freshened(name, naming), "", type_of(name));
        INFO(posted.body);
        REQUIRE(posted.status == 200);
        CHECK(service_request_id(posted) == service_request_id(first));
    }
    REQUIRE(hub.stack.wait_until([&] { return count(hub.events_of(id), "SenderUpdateNoted") == 2; }));
    const auto revoked = hub.visitor.post(freshened("SERVREQ01-revoke.xml", naming), "", type_of(xml_file));
    INFO(revoked.body);
    REQUIRE(revoked.status == 200);
    REQUIRE(hub.wait_for_status(id, triage::CANCELLED));
}

TEST_CASE("The published referrals, fit to be sent, are queued and cancelled") {
    if (absent()) return;
    RunningHub hub;
    struct Pair {
        const char *name, *use_case;
    };
    for (const auto& [name, use_case] : {Pair{"REFREQ02-999-to-CAS.xml", "a3t1"}, {"REFREQ01-111-to-ED.xml", "a1t1"}}) {
        INFO(name);
        const auto asked = std::string("--use-case ") + use_case;
        const auto posted = hub.visitor.post(freshened(name, asked), "", type_of(name));
        INFO(posted.body);
        REQUIRE(posted.status == 200);
        const auto id = last_case(hub);
        REQUIRE(hub.wait_for_status(id, triage::QUEUED));
        const auto cancel = hub.visitor.post(
            freshened("TKW-referral-cancel.xml", asked + " --service-request-id " + service_request_id(posted)), "",
            type_of(xml_file));
        INFO(cancel.body);
        REQUIRE(cancel.status == 200);
        REQUIRE(hub.wait_for_status(id, triage::CANCELLED));
    }
    CHECK(hub.sender.received().empty());
}

TEST_CASE("The published requests untouched: one lacks a use case, the other breached in 2021") {
    if (absent()) return;
    RunningHub hub;
    const auto json = hub.visitor.post(read(examples / json_file), "", type_of(json_file));
    CHECK(json.status == 400);
    CHECK(json.body.find("REC_BAD_REQUEST") != std::string::npos);
    const auto xml = hub.visitor.post(read(examples / xml_file), "", type_of(xml_file));
    REQUIRE(xml.status == 200);
    CHECK(xml.content_type.find("json") != std::string::npos);  // no Accept header: JSON
    const auto id = last_case(hub);
    REQUIRE(hub.wait_for_status(id, triage::RETURNED));
    const auto events = hub.events_of(id);
    CHECK(count(events, "ReviewBreached") == 1);
    REQUIRE(hub.stack.wait_until([&] { return hub.sender.count("RRNA") == 1; }));
}
