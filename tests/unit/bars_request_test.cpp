#include <catch2/catch.hpp>
#include <functional>
#include <nlohmann/json.hpp>

#include "services/adapters/bars/domain/validation_request.hpp"
#include "tests/unit/bars_files.hpp"
#include "tests/unit/bars_sample.hpp"

using namespace rightplace;
using namespace rightplace::bars;
using bars_sample::resource;

namespace {

RequestHeaders headers() {
    RequestHeaders out;
    out.request_id = "0e3371d1-1c15-4862-9552-d9560f8292ba";
    out.correlation_id = "1e3371d1-1c15-4862-9552-d9560f8292ba";
    out.target_service_id = "2000072489";
    return out;
}

Result<ValidationRequest, Problems> judge(const Tree& bundle, const RequestHeaders& with = headers()) {
    return judge_request(bundle.dump(), with, {"paddock-wood", bars_sample::Sample().now});
}

using Change = std::function<void(Tree&)>;

Problems refused(const Change& change) {
    Tree bundle = bars_sample::request();
    change(bundle);
    const auto judged = judge(bundle);
    REQUIRE_FALSE(judged.ok());
    for (const auto& problem : judged.error()) {
        CHECK_FALSE(problem.diagnostics.empty());
        CHECK((problem.diagnostics + problem.path).find("Testcase") == std::string::npos);
    }
    return judged.error();
}

void expect_invariant(const Change& change, const std::string& path_end) {
    const auto problems = refused(change);
    CHECK(problems.size() == 1);
    CHECK(problems.front().http_status == 400);
    CHECK(problems.front().issue_code == "invariant");
    CHECK(problems.front().details_code == "REC_BAD_REQUEST");
    INFO(problems.front().path);
    CHECK(problems.front().path.ends_with(path_end));
}

void expect_accepted(const Change& change) {
    Tree bundle = bars_sample::request();
    change(bundle);
    const auto judged = judge(bundle);
    if (!judged) FAIL(judged.error().front().path << ": " << judged.error().front().diagnostics);
}

std::string* category_code(Tree& bundle, std::size_t n) {
    return resource(bundle, "ServiceRequest")["category"][0]["coding"][n]["code"].get_ptr<std::string*>();
}

}  // namespace

TEST_CASE("the sample is a request that is accepted") {
    expect_accepted([](Tree&) {});
    for (const std::string use_case : {"a4t1", "a4t2", "a4t3"}) {
        expect_accepted([&](Tree& bundle) { *category_code(bundle, 1) = use_case; });
    }
    for (const std::string version : {"1.0.0", "1.1.0", "1.0.0-beta", "1.1.0-alpha"}) {
        expect_accepted([&](Tree& bundle) { bundle["meta"]["versionId"] = version; });
    }
    expect_accepted([](Tree& bundle) { resource(bundle, "Encounter")["status"] = "in-progress"; });
}

TEST_CASE("the envelope") {
    expect_invariant([](Tree& bundle) { bundle["type"] = "collection"; }, "Bundle.type");
    expect_invariant([](Tree& bundle) { bundle["id"] = "not-a-guid"; }, "Bundle.id");
    expect_invariant([](Tree& bundle) { bundle.erase("id"); }, "Bundle.id");
    expect_invariant([](Tree& bundle) { bundle["meta"].erase("versionId"); }, "Bundle.meta.versionId");
    const auto newer = refused([](Tree& bundle) { bundle["meta"]["versionId"] = "2.0.0"; });
    CHECK(newer.front().http_status == 422);
    CHECK(newer.front().issue_code == "not-supported");
    CHECK(newer.front().details_code == "REC_UNPROCESSABLE_ENTITY");
}

TEST_CASE("event, reason, category and use case") {
    expect_invariant([](Tree& bundle) { resource(bundle, "MessageHeader")["eventCoding"]["code"] = "x"; },
                     ".eventCoding");
    expect_invariant(
        [](Tree& bundle) { resource(bundle, "MessageHeader")["eventCoding"]["code"] = "booking-response"; },
        ".eventCoding");
    expect_invariant([](Tree& bundle) { resource(bundle, "MessageHeader")["reason"]["coding"][0]["code"] = "x"; },
                     ".reason");
    expect_invariant([](Tree& bundle) { *category_code(bundle, 0) = "x"; }, ".category");
    expect_invariant([](Tree& bundle) { *category_code(bundle, 1) = "x"; }, ".category");
    expect_invariant([](Tree& bundle) { resource(bundle, "ServiceRequest")["category"][0]["coding"].erase(1); },
                     ".category");
    expect_invariant([](Tree& bundle) { bars_sample::remove(bundle, "MessageHeader"); }, "Bundle.entry");
    expect_invariant([](Tree& bundle) { bars_sample::remove(bundle, "ServiceRequest"); }, "Bundle.entry");
}

TEST_CASE("statuses, consent, contacts, places to answer to") {
    expect_invariant([](Tree& bundle) { resource(bundle, "ServiceRequest")["status"] = "completed"; }, ".status");
    expect_invariant([](Tree& bundle) { resource(bundle, "Encounter")["status"] = "planned"; }, ".status");
    expect_invariant([](Tree& bundle) { resource(bundle, "CarePlan")["status"] = "completed"; }, ".status");
    expect_invariant([](Tree& bundle) { bars_sample::remove(bundle, "CarePlan"); }, "Bundle.entry");
    expect_invariant([](Tree& bundle) { resource(bundle, "Consent")["category"][0]["coding"][0]["code"] = "NDRC"; },
                     ".category");
    expect_invariant([](Tree& bundle) { bars_sample::remove(bundle, "Consent"); }, "Bundle.entry");
    expect_invariant([](Tree& bundle) { bars_sample::remove(bundle, "Patient"); }, "Bundle.entry");
    expect_invariant([](Tree& bundle) { resource(bundle, "Patient")["contact"].erase(1); }, ".contact");
    expect_invariant([](Tree& bundle) { resource(bundle, "Patient").erase("contact"); }, ".contact");
    expect_invariant(
        [](Tree& bundle) { resource(bundle, "Patient")["contact"][0]["extension"][0]["valuePositiveInt"] = 1; },
        ".contact");
    expect_invariant(
        [](Tree& bundle) { resource(bundle, "MessageHeader")["source"]["endpoint"] = "https://x.example"; },
        ".source.endpoint");
}

TEST_CASE("all problems are told at once, the first decides the status") {
    const auto problems = refused([](Tree& bundle) {
        bundle["meta"].erase("versionId");
        resource(bundle, "CarePlan")["status"] = "completed";
        bars_sample::remove(bundle, "Consent");
        bars_sample::remove(bundle, "Location");
    });
    REQUIRE(problems.size() == 4);
    CHECK(problems[0].path == "Bundle.meta.versionId");
    CHECK(http_status(problems) == 400);
    const auto outcome = Tree::parse(operation_outcome(problems, Format::json));
    CHECK(outcome["issue"].size() == 4);
    CHECK(outcome["issue"][0]["details"]["coding"][0]["code"] == "REC_BAD_REQUEST");
}

TEST_CASE("what is not received here so far is said clearly") {
    const auto update =
        refused([](Tree& bundle) { resource(bundle, "MessageHeader")["reason"]["coding"][0]["code"] = "update"; });
    CHECK(update.size() == 1);
    CHECK(update.front().http_status == 501);
    CHECK(update.front().details_code == "REC_NOT_IMPLEMENTED");
    const auto bad_update = refused([](Tree& bundle) {
        resource(bundle, "MessageHeader")["reason"]["coding"][0]["code"] = "update";
        resource(bundle, "ServiceRequest")["status"] = "completed";
    });
    CHECK(bad_update.front().issue_code == "invariant");
    CHECK(refused([](Tree& bundle) { *category_code(bundle, 1) = "a4t4"; }).front().http_status == 422);
    CHECK(refused([](Tree& bundle) { *category_code(bundle, 0) = "referral"; }).front().http_status == 422);
    CHECK(refused([](Tree& bundle) { resource(bundle, "MessageHeader")["eventCoding"]["code"] = "booking-request"; })
              .front()
              .http_status == 501);
    CHECK(refused([](Tree& bundle) {
              resource(bundle, "MessageHeader")["eventCoding"]["code"] = "servicerequest-response";
          })
              .front()
              .issue_code == "invariant");
}

TEST_CASE("exactly the three tested locations are refused") {
    struct Shape {
        bool uprn, address, grid, degrees, words;
    };
    const auto shape = [](const Shape& keep) {
        return [keep](Tree& bundle) {
            Tree& location = resource(bundle, "Location");
            Tree& parts = location["extension"][0]["extension"];
            Tree kept = Tree::array();
            for (auto& part : parts) {
                if (part["url"] == "UPRN" ? keep.uprn : keep.grid) kept.push_back(part);
            }
            if (keep.words) kept.push_back({{"url", "what3words"}, {"valueString", "three.synthetic.words"}});
            if (kept.empty())
                location.erase("extension");
            else
                parts = kept;
            if (!keep.address) location.erase("address");
            if (!keep.degrees) location.erase("position");
        };
    };
    for (const Shape& fine : {Shape{1, 1, 0, 0, 0},
                              {0, 1, 0, 0, 0},
                              {0, 0, 1, 0, 0},
                              {1, 0, 0, 0, 0},
                              {1, 1, 1, 1, 0},
                              {1, 1, 1, 0, 0},
                              {1, 1, 1, 0, 1},
                              {1, 1, 0, 1, 0},
                              {0, 0, 0, 1, 0},
                              {0, 0, 0, 0, 1}}) {
        INFO(fine.uprn << fine.address << fine.grid << fine.degrees << fine.words);
        expect_accepted(shape(fine));
    }
    expect_invariant(shape({0, 1, 1, 1, 0}), ".resource");
    expect_invariant(shape({1, 0, 0, 1, 0}), ".resource");
    expect_invariant(shape({0, 0, 0, 0, 0}), ".resource");
    expect_invariant([](Tree& bundle) { bars_sample::remove(bundle, "Location"); }, "Bundle.entry");
}

TEST_CASE("times: missing is for policy, unreadable is refused") {
    expect_accepted([](Tree& bundle) { resource(bundle, "ServiceRequest").erase("occurrencePeriod"); });
    expect_accepted([](Tree& bundle) {
        resource(bundle, "ServiceRequest")["occurrencePeriod"]["end"] = "2026-11-26T15:00:00.8185338+01:00";
    });
    expect_invariant([](Tree& bundle) { resource(bundle, "ServiceRequest")["occurrencePeriod"]["end"] = "2026-11-26"; },
                     ".occurrencePeriod.end");
    expect_invariant([](Tree& bundle) { resource(bundle, "CarePlan")["period"]["start"] = "soon"; }, ".period.start");
}

TEST_CASE("GUIDs are judged with the category in sight, and before the content") {
    auto bad = headers();
    bad.ids_are_guids = false;
    Tree bundle = bars_sample::request();
    bars_sample::remove(bundle, "Consent");
    const auto validation = judge(bundle, bad);
    REQUIRE_FALSE(validation.ok());
    CHECK(validation.error().size() == 2);
    CHECK(validation.error().front().issue_code == "invariant");
    CHECK(validation.error().front().path == "X-Request-Id");
    *category_code(bundle, 0) = "referral";
    CHECK(judge(bundle, bad).error().front().issue_code == "value");
}

TEST_CASE("a body that is no FHIR gets its place, not its content, told") {
    const auto judged = judge_request(R"({"resourceType":"Bundle","entry":[{"Testcase":1}]})", headers(), {});
    REQUIRE_FALSE(judged.ok());
    CHECK(judged.error().front().path == "Bundle.entry[0]");
    CHECK(judged.error().front().issue_code == "structure");
    const std::string xml = operation_outcome(judged.error(), Format::xml);
    CHECK(xml.find("<severity value=\"error\"/><code value=\"structure\"/>") != std::string::npos);
    CHECK(xml.find("Testcase") == std::string::npos);
    CHECK(judge_request(R"({"resourceType":"Patient"})", headers(), {}).error().front().issue_code == "invariant");
}

TEST_CASE("the published requests get the answers that the rules demand") {
    if (!bars_files::present()) return;
    auto xml = headers();
    xml.body_format = Format::xml;
    const auto accepted = judge_request(bars_files::read(bars_files::examples / "bars/VALREQ01-new.xml"), xml,
                                        {"paddock-wood", bars_sample::Sample().now});
    REQUIRE(accepted.ok());
    CHECK(to_ms(accepted.value().facts.breach_at()) == *parse_instant("2021-11-26T15:20:00Z"));
    const auto refusal = judge_request(
        bars_files::read(bars_files::examples / "bars/API-process_message-request-ValidationRequest.json"), headers(),
        {"paddock-wood", 0});
    REQUIRE_FALSE(refusal.ok());
    CHECK(refusal.error().size() == 1);
    CHECK(refusal.error().front().http_status == 400);
    CHECK(refusal.error().front().path == "Bundle.entry[1].resource.category");
    const auto update = judge_request(bars_files::read(bars_files::examples / "bars/VALREQ02-update-lower.xml"), xml,
                                      {"paddock-wood", 0});
    CHECK(update.error().front().http_status == 501);
}
