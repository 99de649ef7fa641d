// What goes back, rule by rule: counts, dates, ids, outcomes; and that our own reader reads each of them.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "services/adapters/bars/domain/answers.hpp"
#include "services/adapters/bars/domain/checks.hpp"
#include "services/adapters/bars/domain/response_reading.hpp"
#include "tests/unit/bars_files.hpp"
#include "tests/unit/bars_sample.hpp"

using namespace rightplace;
using namespace rightplace::bars;
using bars_sample::resource;

namespace {

const OwnCase own{"3d5f5b0e-27a4-4a3c-9a55-0f5c6e1d0a01", "P-261126-0007-K"};
const TimeMs sent = bars_sample::Sample().now + 600'000;

ResponseFrame frame(bool update = false) {
    return {own, "2000072489", "9a7c2b10-0000-4000-8000-000000000001", sent, sent - 60'000, update};
}

Outcome outcome(intake::Category category, bool ambulance) {
    Outcome out;
    out.category = category;
    out.ambulance_needed = ambulance;
    out.decided = sent - 1'000;
    out.summary = "Seen by video.";
    return out;
}

intake::Coded code(const std::string& system, const std::string& value) {
    intake::Coded out;
    out.set_system("https://fhir.nhs.uk/CodeSystem/" + system);
    out.set_code(value);
    return out;
}

Tree parsed(const std::string& text) {
    return *read_document(text, Format::json).value();
}
Tree full(const Outcome& out, const Tree& request = bars_sample::request(), bool update = false) {
    return parsed(full_response(request, frame(update), out, Format::json));
}
ReadResponse read(const Tree& bundle) {
    const auto response = read_response(Message(bundle));
    REQUIRE(response.ok());
    CHECK(response.value().warnings.empty());
    return response.value();
}

std::vector<std::string> codes_of(Tree bundle) {
    std::vector<std::string> codes;
    for (const auto& concept_there : resource(bundle, "CarePlan")["activity"][0]["outcomeCodeableConcept"]) {
        if (concept_there.contains("coding")) codes.push_back(concept_there["coding"][0]["code"]);
    }
    return codes;
}

using Codes = std::vector<std::string>;

}  // namespace

TEST_CASE("every response has the counts of its MessageDefinition, whatever the request came with") {
    auto crowded = bars_sample::request();  // two Locations already, and nobody by name
    for (const char* type : {"Encounter", "HealthcareService", "Patient"}) {
        auto another = crowded["entry"][0];
        another["fullUrl"] = std::string("urn:uuid:00000000-0000-4000-8000-00000000000") + std::to_string(type[0] % 10);
        another["resource"] = resource(crowded, type);
        crowded["entry"].push_back(another);
    }
    auto alone = bars_sample::request();
    bars_sample::remove(alone, "Organization");
    bars_sample::remove(alone, "HealthcareService");
    for (const auto& request : {bars_sample::request(), crowded, alone}) {
        const auto interim = parsed(interim_response(request, frame(), Format::json));
        const auto rejection = parsed(rejecting_response(request, frame(), triage::FC, "", Format::json));
        CHECK(wrong_counts(Message(interim)).empty());
        CHECK(wrong_counts(Message(rejection)).empty());
        CHECK(read(interim).encounters == 2);
        CHECK(read(rejection).encounters == 2);
        const auto told = full(outcome(intake::C5, false), request);
        CHECK(wrong_counts(Message(told)).empty());
        CHECK(read(told).encounters == 2);
        std::set<std::string> ids, urls;
        for (const auto& entry : told["entry"]) {
            ids.insert(entry["resource"]["id"].get<std::string>());
            urls.insert(entry["fullUrl"].get<std::string>());
        }
        CHECK(ids.size() == told["entry"].size());
        CHECK(urls.size() == told["entry"].size());
    }
}

TEST_CASE("counts that are not met are said") {
    auto interim = parsed(interim_response(bars_sample::request(), frame(), Format::json));
    bars_sample::remove(interim, "Practitioner");
    CHECK(wrong_counts(Message(interim)) == Codes{"Practitioner 0, 1..* wanted"});
    auto told = full(outcome(intake::C5, false));
    auto third = told["entry"].back();
    told["entry"].push_back(third);
    told["entry"].push_back(third);
    CHECK(wrong_counts(Message(told)) == Codes{"Encounter 4, 2..3 wanted"});
}

TEST_CASE("only what has changed is dated anew") {
    const auto request = bars_sample::request();
    const std::string before = format_utc(bars_sample::Sample().now), now = format_utc(sent);
    auto told = full(outcome(intake::C5, false));
    auto interim = parsed(interim_response(request, frame(), Format::json));
    const std::set<std::string> new_in_full{"MessageHeader", "CarePlan", "Practitioner", "PractitionerRole"};
    for (const auto* bundle : {&told, &interim}) {
        CHECK((*bundle)["meta"]["lastUpdated"] == now);
        int encounter = 0;
        for (const auto& entry : (*bundle)["entry"]) {
            const auto& one = entry["resource"];
            const std::string type = one["resourceType"];
            const bool is_new = new_in_full.contains(type) || (type == "Encounter" && encounter++ == 1);
            INFO(type);
            CHECK(one["meta"]["lastUpdated"] == (is_new ? now : before));
        }
    }
    CHECK(resource(interim, "ServiceRequest")["meta"] == resource(told, "ServiceRequest")["meta"]);
}

TEST_CASE("a ServiceRequest on hold goes back active, and an interim has neither plan nor reference to one") {
    auto request = bars_sample::request();
    resource(request, "ServiceRequest")["status"] = "on-hold";
    auto interim = parsed(interim_response(request, frame(), Format::json));
    CHECK(resource(interim, "ServiceRequest")["status"] == "active");
    CHECK_FALSE(resource(interim, "ServiceRequest").contains("basedOn"));
    auto told = full(outcome(intake::C5, false), request);
    CHECK(resource(told, "ServiceRequest")["status"] == "active");
    CHECK(resource(told, "ServiceRequest").contains("basedOn"));
}

TEST_CASE("unchanged: the sender's own codes and category hold, and somebody has to go") {
    const auto asked = bars_sample::Sample();
    for (const auto category : {intake::C3, intake::CATEGORY_UNSPECIFIED}) {
        const auto told = full(outcome(category, true));
        CHECK(codes_of(told) == Codes{"SG1070", "SD4050", "Dx0122", "C3"});
        CHECK(read(told).ambulance_needed);
        CHECK(read(told).category == intake::C3);
        CHECK(read(told).clock_start == asked.now);
    }
    auto with_own = outcome(intake::C3, true);
    with_own.outcome_codes.push_back(code("pathways-dx-codes", "Dx0118"));
    CHECK(codes_of(full(with_own)) == Codes{"Dx0118", "SG1070", "SD4050", "C3"});
}

TEST_CASE("downgraded, closed with advice, referred on, lifted: the sender may close, or go later") {
    const auto lower = read(full(outcome(intake::C4, true)));
    CHECK(lower.ambulance_needed);
    CHECK(lower.category == intake::C4);
    CHECK(lower.clock_start == bars_sample::Sample().now);
    CHECK(lower.outcome_codes.empty());  // the codes of the old disposition hold no more
    CHECK_FALSE(read(full(outcome(intake::C5, false))).ambulance_needed);
    auto lifted = outcome(intake::CATEGORY_UNSPECIFIED, false);
    lifted.outcome_codes.push_back(code("response-outcome-codes", "PATLIFT"));
    const auto told = read(full(lifted));
    CHECK_FALSE(told.ambulance_needed);
    REQUIRE(told.outcome_codes.size() == 1);
    CHECK(told.outcome_codes[0].code() == "PATLIFT");
    CHECK(told.category == intake::CATEGORY_UNSPECIFIED);
}

TEST_CASE("an emergency has a third Encounter, which never claims that an ambulance was asked for when none was") {
    auto upgraded = outcome(intake::C2, true);
    upgraded.emergency = true;
    auto told = full(upgraded);
    CHECK(read(told).encounters == 3);
    CHECK(read(told).clock_start == upgraded.decided);
    CHECK(read(told).ambulance_reference.empty());
    const auto planned = resource(told, "Encounter", 2);
    CHECK(planned["status"] == "planned");
    CHECK_FALSE(planned.contains("identifier"));
    CHECK(planned["episodeOfCare"] == resource(told, "Encounter")["episodeOfCare"]);
    const auto refers = resource(told, "CarePlan")["activity"][0]["outcomeReference"][0]["reference"];
    CHECK(refers == told["entry"].back()["fullUrl"]);
    upgraded.ambulance_reference = "S2601280042";
    auto asked = full(upgraded);
    CHECK(resource(asked, "Encounter", 2)["status"] == "finished");
    CHECK(read(asked).ambulance_reference == "S2601280042");
    CHECK(wrong_counts(Message(asked)).empty());
    CHECK(resource(asked, "Encounter", 2)["id"] == planned["id"]);
}

TEST_CASE("our reader tells an interim, a rejection and a full response, and whose they are") {
    const auto request = bars_sample::request();
    const auto interim = read(parsed(interim_response(request, frame(), Format::json)));
    CHECK(interim.kind == ResponseKind::interim);
    CHECK(interim.answers == bars_sample::Sample().bundle_id);
    CHECK(interim.bundle_id == frame().bundle_id);
    CHECK_FALSE(interim.update);
    CHECK(interim.case_number == own.case_number);
    CHECK(interim.sender_case_number == "SYN-000123");
    CHECK(interim.journey_id == bars_sample::Sample().journey_id);
    CHECK(interim.use_case == "a4t1");
    const auto back = read(parsed(rejecting_response(request, frame(), triage::RRNA, "", Format::json)));
    CHECK(back.kind == ResponseKind::rejection);
    CHECK(back.reject_code == "RRNA");
    const auto told = read(full(outcome(intake::C5, false), request, true));
    CHECK(told.kind == ResponseKind::full);
    CHECK(told.update);
    CHECK(told.category == intake::C5);
}

TEST_CASE("what is no response, or does not say what came of it, is refused") {
    const auto refused = [](Tree bundle) {
        const auto response = read_response(Message(bundle));
        REQUIRE_FALSE(response.ok());
        return response.error().front().path;
    };
    CHECK(refused(bars_sample::request()).ends_with("eventCoding"));
    const auto good = full(outcome(intake::C5, false));
    auto mute = good;
    resource(mute, "MessageHeader").erase("response");
    CHECK(refused(mute).ends_with("response"));
    auto failed = good;
    resource(failed, "MessageHeader")["response"]["code"] = "fatal-error";
    CHECK(refused(failed).ends_with("response.code"));
    auto planless = good;
    bars_sample::remove(planless, "CarePlan");
    CHECK(refused(planless) == "Bundle.entry");
    auto vague = good;
    resource(vague, "Encounter", 1)["status"] = "unknown";
    CHECK(refused(vague).ends_with("status"));
    auto silent = parsed(rejecting_response(bars_sample::request(), frame(), triage::OTH, "No.", Format::json));
    resource(silent, "Encounter", 1).erase("reasonCode");
    CHECK(refused(silent).ends_with("reasonCode"));
}

TEST_CASE("the published responses can be read") {
    if (!bars_files::present()) return;
    const auto read_file = [](const std::string& name) {
        const auto text = bars_files::read(bars_files::examples / "bars" / name);
        const auto document = read_document(text, Format::xml);
        REQUIRE(document.ok());
        const auto response = read_response(Message(*document.value()));
        INFO(name);
        REQUIRE(response.ok());
        return response.value();
    };
    CHECK(read_file("VALRESP01A-interim.xml").kind == ResponseKind::interim);
    const auto told = read_file("VALRESP01B-full-update.xml");
    CHECK(told.kind == ResponseKind::full);
    CHECK(told.update);
    const auto upgraded = read_file("VALRESP03-upgrade-C1-C2.xml");
    CHECK(upgraded.category == intake::C2);
    CHECK(upgraded.encounters == 3);
    CHECK(upgraded.ambulance_reference == "S2201240528");
    CHECK(upgraded.warnings.empty());
}

TEST_CASE("the record names a response by codes alone") {
    ReadResponse response;
    CHECK(kind_of_exchange(response) == "response interim");
    response.kind = ResponseKind::rejection;
    response.reject_code = "RRNA";
    CHECK(kind_of_exchange(response) == "response rejection RRNA");
    response.reject_code = "free text";
    CHECK(kind_of_exchange(response) == "response rejection unknown-reason");
    response.kind = ResponseKind::full;
    CHECK(kind_of_exchange(response) == "response full no-ambulance");
    response.category = intake::C2;
    response.ambulance_needed = true;
    CHECK(kind_of_exchange(response) == "response full C2 ambulance");
}

TEST_CASE("the Location that goes back is that of the incident, and no reference points to one that does not") {
    auto request = bars_sample::request();
    const auto incident = request["entry"][9]["fullUrl"], caller = request["entry"][10]["fullUrl"];
    resource(request, "ServiceRequest")["locationReference"] =
        Tree::array({{{"reference", caller}}, {{"reference", incident}}});
    auto about_caller = request["entry"][11];
    about_caller["fullUrl"] = "urn:uuid:00000000-0000-4000-8000-0000000000f1";
    about_caller["resource"]["subject"] = {{"reference", caller}};
    request["entry"].push_back(about_caller);
    CHECK(map_person(Message(request)).location().uprn() == "000012345678");
    for (auto back :
         {parsed(interim_response(request, frame(), Format::json)), full(outcome(intake::C5, false), request)}) {
        const Message message(back);
        REQUIRE(message.all("Location").size() == 1);
        CHECK(message.first("Location")->full_url == incident.get<std::string>());
        CHECK(resource(back, "Flag", 0)["subject"]["reference"] == incident);
        CHECK(resource(back, "Flag", 1)["subject"] == Tree({{"type", "Location"}, {"display", "Example Row"}}));
        CHECK(back.dump().find(caller.get<std::string>()) == std::string::npos);
        CHECK(read_document(back.dump(), Format::json).ok());
    }
}

TEST_CASE("whoever the request does not name is named truly: we, and who asked") {
    auto alone = bars_sample::request();
    bars_sample::remove(alone, "Organization");
    bars_sample::remove(alone, "HealthcareService");
    auto told = full(outcome(intake::C5, false), alone);
    CHECK(resource(told, "Organization", 0)["identifier"][0]["value"] == "2000072489");
    CHECK(resource(told, "Organization", 1)["identifier"][0]["value"] == "7700900001");
    CHECK(resource(told, "Organization", 1)["name"] == "Synthetic ambulance service");
    CHECK(resource(told, "HealthcareService")["identifier"][0]["value"] == "2000072489");
    CHECK(wrong_counts(Message(told)).empty());
}

TEST_CASE("only a full response is an update: an interim and a rejection are new whatever went before") {
    const auto reason = [](const std::string& text) {
        auto bundle = parsed(text);
        return resource(bundle, "MessageHeader")["reason"]["coding"][0]["code"].get<std::string>();
    };
    const auto request = bars_sample::request();
    CHECK(reason(interim_response(request, frame(true), Format::json)) == "new");
    CHECK(reason(rejecting_response(request, frame(true), triage::FC, "", Format::json)) == "new");
    CHECK(reason(full_response(request, frame(true), outcome(intake::C5, false), Format::json)) == "update");
    CHECK(reason(full_response(request, frame(false), outcome(intake::C5, false), Format::json)) == "new");
}
