// That all that is wrong with a message is told at once, and nothing that may be right.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/unit/bars_judging.hpp"

using namespace rightplace;
using namespace rightplace::bars;
using namespace rightplace::bars_judging;

namespace {

std::vector<std::string> paths_of(const Change& change) {
    std::vector<std::string> told;
    for (const auto& problem : refused(change)) told.push_back(problem.path);
    return told;
}
void break_content(Tree& bundle) {
    resource(bundle, "Consent")["category"][0]["coding"][0]["code"] = "NDRC";
    resource(bundle, "Patient").erase("contact");
}
void set_event(Tree& bundle, const std::string& event) {
    resource(bundle, "MessageHeader")["eventCoding"]["code"] = event;
}
void leave_what_a_cancellation_has(Tree& bundle) {
    for (const std::string type : {"Encounter", "CarePlan", "Consent"}) bars_sample::remove(bundle, type);
}

}  // namespace

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
    // Whoever reads the sentence alone finds the element too.
    for (const auto& issue : outcome["issue"]) {
        const auto sentence = issue["diagnostics"].get<std::string>();
        CHECK(sentence.starts_with(issue["expression"][0].get<std::string>()));
        CHECK(sentence.ends_with("."));
    }
    const auto named = Tree::parse(operation_outcome({unknown_service(), unavailable()}, Format::json))["issue"];
    CHECK(named[0]["diagnostics"] == "NHSD-Target-Identifier: This service is not known here.");
    CHECK(named[1]["diagnostics"] == unavailable().diagnostics);
    const auto once = Tree::parse(operation_outcome({broken_rule("Bundle.id", "Bundle.id is odd.")}, Format::json));
    CHECK(once["issue"][0]["diagnostics"] == "Bundle.id is odd.");
}

TEST_CASE("what does not say what it is gets told of all the rest too") {
    const auto ends = [](const Change& change, const std::string& first) {
        const auto told = paths_of([&](Tree& bundle) { break_content(bundle), change(bundle); });
        REQUIRE(told.size() == 3);
        CHECK(told[0].ends_with(first));
        CHECK(told[1].ends_with(".category"));  // of the Consent
        CHECK(told[2].ends_with(".contact"));
    };
    ends([](Tree& bundle) { bars_sample::remove(bundle, "MessageHeader"); }, "Bundle.entry");
    ends([](Tree& bundle) { bars_sample::remove(bundle, "ServiceRequest"); }, "Bundle.entry");
    ends([](Tree& bundle) { set_event(bundle, "x"); }, ".eventCoding");
    ends([](Tree& bundle) { set_event(bundle, "x"), set_reason(bundle, "update"); }, ".eventCoding");
    ends([](Tree& bundle) { set_reason(bundle, "update"), set_status(bundle, "completed"); }, ".status");
    CHECK(paths_of([](Tree& bundle) {
              bars_sample::remove(bundle, "MessageHeader"), bars_sample::remove(bundle, "ServiceRequest");
              break_content(bundle);
          }).size() == 4);
    CHECK(paths_of([](Tree& bundle) {  // planned is wrong whatever is asked for
              bars_sample::remove(bundle, "ServiceRequest");
              resource(bundle, "Encounter")["status"] = "planned";
          })
              .size() == 2);
    CHECK(paths_of([](Tree& bundle) {  // its use case says that it is for validation
              *category_code(bundle, 0) = "Validation";
              bars_sample::remove(bundle, "Location");
          })
              .size() == 2);
}

TEST_CASE("what does not say what it is gets blamed for nothing that may be right") {
    const auto only = [](const Change& change) { CHECK(paths_of(change).size() == 1); };
    only([](Tree& bundle) {
        leave_what_a_cancellation_has(bundle), set_reason(bundle, "update"), set_status(bundle, "completed");
        resource(bundle, "Patient").erase("contact");
    });
    only([](Tree& bundle) {
        leave_what_a_cancellation_has(bundle), set_reason(bundle, "x"), set_status(bundle, "revoked");
    });
    only([](Tree& bundle) {
        leave_what_a_cancellation_has(bundle), set_event(bundle, "x"), set_reason(bundle, "update");
        set_status(bundle, "entered-in-error");
    });
    only([](Tree& bundle) { leave_what_a_cancellation_has(bundle), set_event(bundle, "booking-response"); });
    only([](Tree& bundle) {  // a referral, but for its category
        make_referral(bundle), bars_sample::remove(bundle, "Location");
        *category_code(bundle, 0) = "x";
    });
    only([](Tree& bundle) { make_referral(bundle), bars_sample::remove(bundle, "ServiceRequest"); });
}

TEST_CASE("what is wrong with the headers hides nothing of what is wrong with the content, and comes first") {
    Tree bundle = bars_sample::request();
    bars_sample::remove(bundle, "Consent");
    const auto paths = [&](const Problems& of_headers, const RequestHeaders& with = headers()) {
        std::vector<std::string> told;
        for (const auto& one : with_those_of_content(of_headers, bundle.dump(), with)) told.push_back(one.path);
        return told;
    };
    const Problem missing{400, "required", "REC_BAD_REQUEST", "X-Correlation-Id", "It is required."};
    const std::vector<std::string> both{"X-Correlation-Id", "Bundle.entry"};
    CHECK(paths({missing}) == both);
    auto unguided = headers();
    unguided.ids_are_guids = false;
    CHECK(paths({missing}, unguided) == std::vector<std::string>{"X-Correlation-Id", "X-Request-Id", "Bundle.entry"});
    // Whatever is wrong with a format says that the body or the answer cannot be read.
    for (const int status : {415, 406}) {
        CHECK(paths({{status, "not-supported", "REC_NOT_ACCEPTABLE", "Accept", "No."}, missing}).size() == 2);
    }
    bundle = bars_sample::request();
    CHECK(paths({missing}).size() == 1);
    auto xml = headers();
    xml.body_format = Format::xml;
    const auto unread = with_those_of_content({missing}, bundle.dump(), xml);
    REQUIRE(unread.size() == 2);
    CHECK(unread.back().issue_code == "structure");
    CHECK(http_status(unread) == 400);
}
