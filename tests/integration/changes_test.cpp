// What a sender says about a request later, over HTTP: updates, cancellations, another request, referrals, responses.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "messages/intake.pb.h"
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
    sample.use_case = "a3t1";
    auto referral = bars_sample::request(sample);
    resource(referral, "ServiceRequest")["category"][0]["coding"][0]["code"] = "referral";
    resource(referral, "CarePlan")["status"] = "completed";
    resource(referral, "Encounter")["status"] = "finished";
    bars_sample::remove(referral, "Location");
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

    auto feedback = referral;
    feedback["id"] = "__BUNDLE_ID__";
    auto& header = resource(feedback, "MessageHeader");
    header["eventCoding"]["code"] = "servicerequest-response";
    header["response"] = {{"identifier", sample.bundle_id}, {"code", "ok"}};
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
