// What a sender says about a request later, over HTTP: updates, cancellations, another request, referrals, responses.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "messages/intake.pb.h"
#include "messages/vault.pb.h"
#include "tests/integration/hub.hpp"

using namespace rightplace;
using namespace rightplace::testing;
using bars_sample::resource;
using Json = nlohmann::ordered_json;

namespace {

struct Asked : RunningHub {
    Asked() {
        first = bars_sample::request(sample);
        const auto posted = visitor.post(sample);
        REQUIRE(posted.status == 200);
        answer = Json::parse(posted.body);
        id = case_id(sample);
        REQUIRE(wait_for_status(id, triage::QUEUED));
    }

    // As a sender writes it: what it was answered, changed, under a new Bundle.id.
    Json change(const std::string& status, const std::string& category = "C3") {
        Json bundle = answer;
        bundle["id"] = new_uuid();
        bundle["entry"].erase(bundle["entry"].size() - 1);
        for (const std::string type : {"MessageHeader", "ServiceRequest", "CarePlan"}) {
            resource(bundle, type)["meta"]["lastUpdated"] = format_utc(sample.now + 1'000 * ++changes);
        }
        resource(bundle, "MessageHeader")["reason"]["coding"][0]["code"] = "update";
        resource(bundle, "ServiceRequest")["status"] = status;
        for (auto& outcome : resource(bundle, "CarePlan")["activity"][0]["outcomeCodeableConcept"]) {
            if (outcome.contains("coding") && outcome["coding"][0]["code"] == "C3")
                outcome["coding"][0]["code"] = category;
        }
        return bundle;
    }
    Json cancel() {
        Json bundle = change("revoked");
        resource(bundle, "ServiceRequest")["reasonCode"] = Json::array({{{"text", "Patient conveyed already"}}});
        for (const std::string type : {"CarePlan", "Encounter", "Observation", "Flag", "Consent"}) {
            bars_sample::remove(bundle, type);
        }
        return bundle;
    }
    bool wait_for(const std::function<bool(const triage::ReviewState&)>& is) {
        return stack.wait_until([&] {
            const auto held = review(id);
            return held && is(*held);
        });
    }
    std::string code(const Posted& posted) {
        const auto outcome = Json::parse(posted.body);
        return std::to_string(posted.status) + " " + std::string(outcome["issue"][0]["code"]);
    }

    bars_sample::Sample sample = visitor.sample();
    Json first, answer;
    std::string id;
    int changes = 0;
};

Json referral_of(bars_sample::Sample& sample) {
    sample.use_case = "a3t1";
    auto referral = bars_sample::request(sample);
    resource(referral, "ServiceRequest")["category"][0]["coding"][0]["code"] = "referral";
    resource(referral, "CarePlan")["status"] = "completed";
    resource(referral, "Encounter")["status"] = "finished";
    bars_sample::remove(referral, "Location");
    return referral;
}

Json response_to(Json referral, const std::string& bundle_id) {
    referral["id"] = "__BUNDLE_ID__";
    auto& header = resource(referral, "MessageHeader");
    header["eventCoding"]["code"] = "servicerequest-response";
    header["response"] = {{"identifier", bundle_id}, {"code", "ok"}};
    return referral;
}

// What follows `rightplace` in the command that the hub's list of alerts says reads a message; empty: none does yet.
std::string advised(RunningHub& hub) {
    const auto listed = hub.type("paramedic-practitioner", "alerts --hub " + hub.stack.hub()).text;
    const std::string before = "read it: rightplace ";
    const auto at = listed.find(before);
    if (at == std::string::npos) return "";
    return listed.substr(at + before.size(), listed.find('\n', at) - at - before.size());
}

// Views of that message in the record, which name it and no case.
long views_of(RunningHub& hub, const std::string& exchange_id) {
    long views = 0;
    for (const auto& stored : hub.stack.journal()) {
        Event event;
        vault::IdentityViewed viewed;
        REQUIRE(event.ParseFromString(stored));
        if (event.aggregate_id() != exchange_id || !event.payload().UnpackTo(&viewed)) continue;
        CHECK(event.case_id().empty());
        CHECK(viewed.by().id() == "desk");
        ++views;
    }
    return views;
}

// Vault is behind the journal by a moment.
void read_as(RunningHub& hub, const std::string& role, const std::string& words) {
    Printed last;
    const bool done = hub.stack.wait_until([&] { return (last = hub.type(role, words)).code == 0; });
    INFO(words << ": " << last.text);
    REQUIRE(done);
}

}  // namespace

TEST_CASE("An update raises the review at once, keeps every version and every id, and answers what stands") {
    Asked hub;
    const auto worse = hub.change("active", "C2");
    const auto posted = hub.visitor.post(worse.dump());
    INFO(posted.body);
    REQUIRE(posted.status == 200);
    const auto said = Json::parse(posted.body);
    CHECK(said["id"] == worse["id"]);
    REQUIRE(said["entry"].size() == hub.answer["entry"].size());
    for (std::size_t i = 0; i < said["entry"].size(); ++i) {
        CHECK(said["entry"][i]["resource"]["id"] == hub.answer["entry"][i]["resource"]["id"]);
    }
    CHECK(said["entry"].back()["resource"]["status"] == "planned");
    REQUIRE(hub.wait_for([](const auto& review) { return review.category() == intake::C2; }));
    CHECK(hub.review(hub.id)->sender_updates() == 1);

    CHECK(hub.code(hub.visitor.post(worse.dump(), posted.request_id)) == "409 duplicate");
    const auto newer = hub.visitor.post(hub.change("active", "C2").dump());
    REQUIRE(newer.status == 200);
    CHECK(hub.code(hub.visitor.post(worse.dump(), posted.request_id)) == "409 duplicate");  // not: conflict
    CHECK(hub.code(hub.visitor.post(worse.dump())) == "409 conflict");
    auto same = hub.change("active", "C2");
    auto foreign = same;
    resource(foreign, "ServiceRequest")["id"] = new_uuid();
    CHECK(hub.code(hub.visitor.post(foreign.dump())) == "404 not-found");
    auto moved = same;
    resource(moved, "ServiceRequest")["category"][0]["coding"][1]["code"] = "a4t2";
    CHECK(hub.code(hub.visitor.post(moved.dump())) == "400 invariant");
    CHECK(count(hub.events_of(hub.id), "CaseUpdated") == 2);
    CHECK(hub.visitor.post(hub.sample).status == 400);  // the Bundle.id of the first, in another new one

    // What goes to the sender is what it knows by now.
    REQUIRE(hub.decide(hub.id, hub.claim_and_start(hub.id)).status() == ACCEPTED);
    REQUIRE(hub.stack.wait_until([&] { return hub.sender.count("validation-full") == 1; }));
    CHECK(hub.sender.count(resource(same, "ServiceRequest")["id"]) >= 1);  // the interim may have been overtaken
    const auto after = hub.visitor.post(same.dump());
    REQUIRE(after.status == 200);
    CHECK(Json::parse(after.body)["entry"].back()["resource"]["status"] == "finished");
    REQUIRE(hub.stack.wait_until([&] {
        const auto queue = hub.stack.query<triage::QueueReply>("triage", triage::GetQueue());
        const auto told = [](const auto& alert) { return alert.kind() == "updated-after-end"; };
        return queue && std::any_of(queue->alerts().begin(), queue->alerts().end(), told);
    }));
    CHECK(hub.code(hub.visitor.post(hub.cancel().dump())) == "409 conflict");
}

TEST_CASE("What is cancelled before anybody has begun on it ends, and a new request is a case of its own, linked") {
    Asked hub;
    const auto cancel = hub.cancel();
    const auto posted = hub.visitor.post(cancel.dump());
    INFO(posted.body);
    REQUIRE(posted.status == 200);
    CHECK(Json::parse(posted.body)["entry"].size() == cancel["entry"].size());
    REQUIRE(hub.wait_for_status(hub.id, triage::CANCELLED));
    CHECK(hub.code(hub.visitor.post(cancel.dump(), posted.request_id)) == "409 duplicate");
    CHECK(hub.code(hub.visitor.post(hub.cancel().dump())) == "409 conflict");
    CHECK(hub.code(hub.visitor.post(hub.change("active").dump())) == "409 conflict");
    auto again = hub.sample;
    again.bundle_id = new_uuid();
    REQUIRE(hub.visitor.post(again).status == 200);
    const auto second = hub.case_id(again);
    REQUIRE(second != hub.id);
    REQUIRE(hub.stack.wait_until([&] { return count(hub.events_of(second), "CaseLinked") == 1; }));
    for (const auto& stored : hub.stack.journal()) {
        CHECK(stored.find("conveyed already") == std::string::npos);  // the sender's words are sealed
    }
}

TEST_CASE("Cancelled in mid-consultation: the clinician sees it, and decides") {
    Asked hub;
    const auto token = hub.claim_and_start(hub.id);
    REQUIRE(hub.visitor.post(hub.cancel().dump()).status == 200);
    REQUIRE(hub.wait_for([](const auto& review) { return review.cancellation_asked() == "revoked"; }));
    CHECK(hub.review(hub.id)->status() == triage::IN_CONSULTATION);
    REQUIRE(hub.decide(hub.id, token).status() == ACCEPTED);
    REQUIRE(hub.stack.wait_until([&] { return hub.sender.count("validation-full") == 1; }));
}

TEST_CASE("A breach time that an update brings forward is kept, with the request as it stands") {
    Asked hub;
    auto sooner = hub.change("active");
    resource(sooner, "ServiceRequest")["occurrencePeriod"]["end"] =
        format_utc(hub.stack.client().loop().wall_ms() + 3'000);
    resource(sooner, "Patient")["meta"]["lastUpdated"] = format_utc(hub.sample.now + 999);
    REQUIRE(hub.visitor.post(sooner.dump()).status == 200);
    REQUIRE(hub.stack.wait_until([&] { return hub.sender.count("RRNA") == 1; }));
    CHECK(hub.sender.count(format_utc(hub.sample.now + 999)) == 1);
    REQUIRE(hub.wait_for_status(hub.id, triage::RETURNED));
}

TEST_CASE("A referral is ours from the answer on: queued, never given back, nothing sent; its feedback is kept") {
    RunningHub hub;
    auto sample = hub.visitor.sample(4'000);
    const auto referral = referral_of(sample);
    const auto posted = hub.visitor.post(referral.dump());
    INFO(posted.body);
    REQUIRE(posted.status == 200);
    const auto id = hub.case_id(sample);
    REQUIRE(hub.stack.wait_until([&] { return count(hub.events_of(id), "ReviewBreached") == 1; }));
    CHECK(hub.review(id)->status() == triage::QUEUED);
    CHECK(hub.review(id)->facts().origin() == intake::REFERRAL_999);
    REQUIRE(hub.decide(id, hub.claim_and_start(id)).status() == ACCEPTED);
    REQUIRE(hub.stack.wait_until([&] { return count(hub.events_of(id), "CaseClosed") == 1; }));
    CHECK(count(hub.events_of(id), "DeliveryRequested") == 0);
    CHECK(hub.sender.received().empty());

    const auto feedback = response_to(referral, sample.bundle_id);
    for (int i = 0; i < 2; ++i) {
        const auto kept = hub.visitor.post(feedback.dump());
        INFO(kept.body);
        REQUIRE(kept.status == 200);
    }
    REQUIRE(hub.stack.wait_until([&] {
        const auto queue = hub.stack.query<triage::QueueReply>("triage", triage::GetQueue());
        return queue && std::any_of(queue->alerts().begin(), queue->alerts().end(),
                                    [](const auto& alert) { return alert.kind() == "response-received"; });
    }));
}

TEST_CASE("What came from outside and belongs to no case is read under its own id, by whom it may, and no other way") {
    RunningHub hub;
    const auto folder = hub.stack.state_dir() + "/";
    auto unknown = hub.visitor.sample();
    const auto notice = "\r\n " + response_to(referral_of(unknown), new_uuid()).dump(3) + " \n";
    const auto kept = hub.visitor.post(notice);
    INFO(kept.body);
    REQUIRE(kept.status == 200);
    REQUIRE(hub.stack.wait_until([&] { return !advised(hub).empty(); }));
    const auto command = advised(hub);
    const auto id = "bars:req:" + kept.request_id;
    CHECK_THAT(command, Catch::StartsWith("message " + id + " --hub "));
    const auto told = hub.type("operator", "message " + id);
    CHECK_THAT(told.text, Catch::Contains("kind            response\n") && Catch::Contains("case            none") &&
                              Catch::Contains("accepted (HTTP 200)"));
    read_as(hub, "paramedic-practitioner", command);
    CHECK(read_file(folder + kept.request_id + ".message") == notice);
    CHECK(views_of(hub, id) == 1);
    const auto may_not = hub.type("coordinator", "message " + id + " --original no --purpose direct-care");
    CHECK(may_not.code == 2);
    CHECK_THAT(may_not.text, Catch::Contains("it may for: call-back"));
    CHECK(hub.type("operator", "message " + id + " --original no --purpose direct-care").code == 2);
    CHECK(hub.type("nurse", "case " + id + " --original no --purpose direct-care").code == 1);
    CHECK(views_of(hub, id) == 1);

    const std::string broken = "{\"resourceType\": \"Bundle\",\r\n";
    const auto refused = hub.visitor.post(broken);
    REQUIRE(refused.status == 400);
    const auto words = "message " + refused.request_id + " --purpose direct-care --original refused";
    read_as(hub, "gp", words);
    CHECK(read_file(folder + "refused") == broken);
    CHECK(views_of(hub, "bars:req:" + refused.request_id) == 1);
    CHECK(read_file(folder + "no").empty());
    CHECK(hub.type("auditor", "message " + refused.request_id + " --purpose complaint --original no").code == 2);
    for (const auto& stored : hub.stack.journal()) CHECK(stored.find("Bundle\",\r\n") == std::string::npos);
}
