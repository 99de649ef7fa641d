// What `rightplace bars explain` tells of a message.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "services/adapters/bars/domain/explain.hpp"
#include "tests/unit/bars_files.hpp"
#include "tests/unit/bars_sample.hpp"

using namespace rightplace;
using namespace rightplace::bars;
using bars_sample::Sample;

namespace {

Explaining at_clock_start() {
    Explaining how;
    how.now = Sample().now;
    return how;
}

Tree explained(const Tree& bundle, Explaining how = at_clock_start(), Format format = Format::json) {
    return explain(write_document(bundle, format), how);
}

std::string all_text(const Tree& explanation) {
    return explanation.dump() + explanation_in_words(explanation);
}

}  // namespace

TEST_CASE("explain tells what is understood of a good message, JSON and XML alike") {
    for (const auto format : {Format::json, Format::xml}) {
        const Tree told = explained(bars_sample::request(), at_clock_start(), format);
        CHECK(would_be_accepted(told));
        CHECK(told["answer"]["status"] == 200);
        CHECK(told["message"]["event"] == "servicerequest-request");
        CHECK(told["message"]["use_case"] == "a4t1");
        CHECK(told["message"]["resources"]["Observation"] == 3);
        const Tree& understood = told["understood"];
        CHECK(understood["category"] == "C3");
        CHECK(understood["breach_at"] == format_utc(Sample().breach_at));
        CHECK(understood["age_years"] == 85);
        CHECK(understood["observations"]["pulse_per_minute"] == 96);
        CHECK(understood["news2"]["band"] == "incomplete");
        CHECK(understood["contacts"][0]["rank"] == 1);
        CHECK(understood["location"]["has"].dump() ==
              R"(["UPRN","address","eastings and northings","latitude and longitude"])");
        const std::string words = explanation_in_words(told);
        CHECK(words.find("Answer: HTTP 200") == 0);
        CHECK(words.find("pulse per minute 96") != std::string::npos);
        CHECK(words.find("rank 1, relationship DAU, methods phone") != std::string::npos);
    }
}

TEST_CASE("explain prints identity only when asked") {
    const Tree bundle = bars_sample::request();
    const std::string quiet = all_text(explained(bundle));
    Explaining how = at_clock_start();
    how.identity = true;
    const std::string loud = all_text(explained(bundle, how));
    for (const std::string secret : {"Testcase", "9990000018", "07700 900102", "1 Example Row", "1941-03-09",
                                     "000012345678", "Fell in the kitchen", "Z99001"}) {
        INFO(secret);
        CHECK(quiet.find(secret) == std::string::npos);
        CHECK(loud.find(secret) != std::string::npos);
    }
    CHECK(quiet.find("--identity") != std::string::npos);
}

TEST_CASE("explain names every problem with its place, and still what it understands") {
    Tree bundle = bars_sample::request();
    bars_sample::remove(bundle, "Consent");
    bars_sample::resource(bundle, "CarePlan")["status"] = "completed";
    const Tree told = explained(bundle);
    CHECK_FALSE(would_be_accepted(told));
    REQUIRE(told["answer"]["problems"].size() == 2);
    CHECK(told["answer"]["status"] == 400);
    CHECK(told["answer"]["problems"][0]["path"] == "Bundle.entry[4].resource.status");
    CHECK(told["answer"]["problems"][0]["code"] == "REC_BAD_REQUEST");
    CHECK(told["understood"]["category"] == "C3");
}

TEST_CASE("explain warns of what a tolerant reader lets pass") {
    Tree bundle = bars_sample::request();
    bars_sample::remove(bundle, "Flag");
    const Tree told = explained(bundle);
    CHECK(would_be_accepted(told));
    CHECK(told["warnings"].dump().find(R"({"code":"no-scene-safety-flag","path":"Bundle.entry"})") !=
          std::string::npos);
}

TEST_CASE("explain goes by the headers that it is given, and takes the others as good") {
    const auto with = [](HeaderFields fields, std::string query = "") {
        Explaining how = at_clock_start();
        how.headers = std::move(fields);
        how.query = std::move(query);
        return explained(bars_sample::request(), how)["answer"];
    };
    CHECK(with({})["status"] == 200);
    CHECK(with({{"x-request-id", ""}})["problems"][0]["issue"] == "required");
    CHECK(with({{"X-Request-Id", "seven"}})["problems"][0]["issue"] == "invariant");
    CHECK(with({{"Content-Type", "application/xml"}})["status"] == 415);
    CHECK(with({{"Content-Type", "application/fhir+xml"}})["problems"][0]["issue"] == "structure");
    CHECK(with({}, "_format=pdf")["status"] == 406);
    Explaining both = at_clock_start();
    both.headers = {{"X-Request-Id", ""}};
    Tree bundle = bars_sample::request();
    bars_sample::remove(bundle, "Consent");
    const auto told = explained(bundle, both)["answer"]["problems"];
    REQUIRE(told.size() == 2);
    CHECK(told[0]["path"] == "X-Request-Id");
    CHECK(told[1]["path"] == "Bundle.entry");
}

TEST_CASE("explain judges a response as the hub that asked does") {
    const auto response = [](const std::string& code, const std::string& encounter, const std::string& category) {
        Tree bundle = bars_sample::request();
        auto& header = bars_sample::resource(bundle, "MessageHeader");
        header["eventCoding"]["code"] = "servicerequest-response";
        header["response"] = {{"identifier", Sample().bundle_id}, {"code", code}};
        bars_sample::resource(bundle, "ServiceRequest")["category"][0]["coding"][0]["code"] = category;
        Tree own = bundle["entry"][3];
        own["fullUrl"] = "urn:uuid:11111111-27a4-4a3c-9a55-0f5c6e1d0a01";
        own["resource"]["status"] = encounter;
        bundle["entry"].push_back(own);
        return explained(bundle);
    };
    const Tree good = response("ok", "in-progress", "validation");
    CHECK(would_be_accepted(good));
    CHECK(good["message"].value("response", "") == "response interim");
    CHECK(explanation_in_words(good).find("response interim") != std::string::npos);
    const Tree planned = response("ok", "planned", "validation");
    CHECK_FALSE(would_be_accepted(planned));
    CHECK(planned["answer"]["status"] == 400);
    CHECK(planned["answer"]["problems"][0]["path"] == "Bundle.entry[16].resource.status");
    const Tree failed = response("fatal-error", "in-progress", "validation");
    CHECK(failed["answer"]["problems"][0]["path"] == "Bundle.entry[0].resource.response.code");
    CHECK_FALSE(would_be_accepted(response("fatal-error", "planned", "validation")));
    CHECK(would_be_accepted(response("fatal-error", "planned", "referral")));  // kept as it is, for people to read

    Tree counted = bars_sample::request();
    auto& header = bars_sample::resource(counted, "MessageHeader");
    header["eventCoding"]["code"] = "servicerequest-response";
    header["response"] = {{"identifier", Sample().bundle_id}, {"code", "ok"}};
    header["definition"] = "https://fhir.nhs.uk/MessageDefinition/bars-message-servicerequest-response-validation-full";
    bars_sample::resource(counted, "Encounter")["status"] = "finished";
    header["focus"][0]["reference"] = counted["entry"][3]["fullUrl"];
    const Tree told = explained(counted);
    CHECK(would_be_accepted(told));
    CHECK(told["warnings"].dump().find("Encounter 1, 2..3 wanted") != std::string::npos);
}

TEST_CASE("explain says where a body cannot be read, and of a breach time that is over") {
    const Tree broken = explain("{\"resourceType\":", at_clock_start());
    CHECK(broken["answer"]["status"] == 400);
    CHECK_FALSE(broken.contains("understood"));
    CHECK(explanation_in_words(broken).find("HTTP 400") != std::string::npos);
    CHECK(explain("", at_clock_start())["answer"]["status"] == 400);

    Explaining late = at_clock_start();
    late.now = Sample().breach_at + 1;
    CHECK(explained(bars_sample::request(), late)["answer"].dump().find("is over") != std::string::npos);
}

TEST_CASE("explain comes to an end on every published example") {
    if (!bars_files::present()) return;
    for (const auto& folder : {"bars", "bars-json"}) {
        for (const auto extension : {".xml", ".json"}) {
            for (const auto& path : bars_files::all(folder, extension)) {
                INFO(path);
                const Tree told = explain(bars_files::read(path), at_clock_start());
                CHECK(explanation_in_words(told).find("Answer: HTTP ") == 0);
            }
        }
    }
}
