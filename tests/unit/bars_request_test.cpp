#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "services/adapters/bars/domain/response_reading.hpp"
#include "tests/unit/bars_files.hpp"
#include "tests/unit/bars_judging.hpp"

using namespace rightplace;
using namespace rightplace::bars;
using namespace rightplace::bars_judging;

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

TEST_CASE("an update, a cancellation and a deletion are told apart by reason and status") {
    for (const std::string status : {"active", "on-hold"}) {
        CHECK(accepted([&](Tree& bundle) { set_reason(bundle, "update"), set_status(bundle, status); }).kind ==
              Kind::update);
    }
    for (const std::string reason : {"update", "delete"}) {
        for (const std::string status : {"revoked", "entered-in-error"}) {
            CHECK(accepted([&](Tree& bundle) { set_reason(bundle, reason), set_status(bundle, status); }).kind ==
                  Kind::cancel);
        }
    }
    expect_invariant([](Tree& bundle) { set_reason(bundle, "update"), set_status(bundle, "completed"); }, ".status");
    expect_invariant([](Tree& bundle) { set_reason(bundle, "delete"), set_status(bundle, "active"); }, ".status");
    expect_invariant([](Tree& bundle) { set_status(bundle, "revoked"); }, ".status");
    expect_invariant([](Tree& bundle) { set_reason(bundle, "update"), *category_code(bundle, 0) = "x"; }, ".category");
}

TEST_CASE("an update may leave out what has not changed, and bring our own Encounter; the rest is judged") {
    const auto update = [](const Change& more) {
        return [more](Tree& bundle) { set_reason(bundle, "update"), more(bundle); };
    };
    for (const std::string type : {"Consent", "CarePlan", "Encounter", "Patient", "Location"}) {
        expect_accepted(update([&](Tree& bundle) { bars_sample::remove(bundle, type); }));
    }
    expect_accepted(update([](Tree& bundle) {
        auto ours = bundle["entry"][3];
        ours["fullUrl"] = "urn:uuid:11111111-27a4-4a3c-9a55-0f5c6e1d0a01";
        ours["resource"]["status"] = "planned";
        bundle["entry"].push_back(ours);
    }));
    expect_accepted(update([](Tree& bundle) {  // ours, and not the sender's
        bundle["entry"][3]["fullUrl"] = "urn:uuid:11111111-27a4-4a3c-9a55-0f5c6e1d0a01";
        bundle["entry"][3]["resource"]["status"] = "planned";
    }));
    expect_accepted(update([](Tree& bundle) { bundle["entry"].erase(9); }));  // the place of the caller alone
    expect_invariant(update([](Tree& bundle) {
                         resource(bundle, "Location") = {{"resourceType", "Location"}};
                     }),
                     "resource");
    expect_accepted(update(
        [](Tree& bundle) { resource(bundle, "ServiceRequest")["category"][0]["coding"].erase(1); }));  // its use case
    expect_invariant(update([](Tree& bundle) { resource(bundle, "Encounter")["status"] = "planned"; }), ".status");
    expect_invariant(update([](Tree& bundle) { resource(bundle, "CarePlan")["status"] = "completed"; }), ".status");
    expect_invariant(update([](Tree& bundle) { resource(bundle, "Patient")["contact"].erase(1); }), ".contact");
    expect_invariant(
        update([](Tree& bundle) { resource(bundle, "Consent")["category"][0]["coding"][0]["code"] = "NDRC"; }),
        ".category");
    expect_invariant(update([](Tree& bundle) { *category_code(bundle, 1) = "x"; }), ".category");
}

TEST_CASE("a referral has rules of its own, and comes from whom its use case says") {
    for (const std::string use_case : {"a3t1", "a1t1", "a1t5", "a2t4"}) {
        const auto taken = accepted([&](Tree& bundle) { make_referral(bundle, use_case); });
        CHECK(taken.referral);
        CHECK(taken.reply_to.protocol() == referral_protocol);
        CHECK(taken.exchange.protocol() == "bars");
        CHECK(taken.facts.use_case() == use_case);
        CHECK(taken.facts.origin() ==
              (use_case == "a3t1" || use_case == "a1t5" ? intake::REFERRAL_999 : intake::NHS_111));
    }
    CHECK(accepted([](Tree& bundle) {
              make_referral(bundle, "a1t1");
              auto& header = resource(bundle, "MessageHeader");
              header["sender"] = resource(bundle, "Patient")["generalPractitioner"][0];
          }).facts.origin() == intake::GP);
    expect_accepted([](Tree& bundle) { make_referral(bundle), bars_sample::remove(bundle, "Location"); });
    expect_accepted([](Tree& bundle) { make_referral(bundle), resource(bundle, "Encounter")["status"] = "triaged"; });
    expect_invariant([](Tree& bundle) { make_referral(bundle), resource(bundle, "CarePlan")["status"] = "active"; },
                     ".status");
    expect_invariant([](Tree& bundle) { make_referral(bundle), resource(bundle, "Encounter")["status"] = "planned"; },
                     ".status");
    expect_invariant([](Tree& bundle) { make_referral(bundle), bars_sample::remove(bundle, "Consent"); },
                     "Bundle.entry");
    RequestHeaders odd = headers();
    odd.ids_are_guids = false;
    Tree referral = bars_sample::request();
    make_referral(referral);
    CHECK(judge(referral, odd).error().front().issue_code == "value");
    CHECK(judge(bars_sample::request(), odd).error().front().issue_code == "invariant");
}

TEST_CASE("an update of a referral may have its Encounter in any status but planned") {
    const auto with_status = [](const std::string& status) {
        return [status](Tree& bundle) {
            make_referral(bundle), set_reason(bundle, "update");
            resource(bundle, "Encounter")["status"] = status;
        };
    };
    for (const std::string status : {"triaged", "finished", "in-progress", "arrived", "onleave", "cancelled"}) {
        CHECK(accepted(with_status(status)).kind == Kind::update);
    }
    for (const std::string status : {"planned", "", "x"}) expect_invariant(with_status(status), ".status");
    expect_accepted([&](Tree& bundle) {  // ours, planned, comes second
        with_status("in-progress")(bundle);
        auto ours = bundle["entry"][3];
        ours["fullUrl"] = "urn:uuid:11111111-27a4-4a3c-9a55-0f5c6e1d0a01";
        ours["resource"]["status"] = "planned";
        bundle["entry"].push_back(ours);
    });
    expect_invariant(
        [](Tree& bundle) {
            make_referral(bundle);
            resource(bundle, "Encounter")["status"] = "in-progress";
        },
        ".status");
}

TEST_CASE("NHS 111 alone must have verified whom it refers") {
    const auto with_status = [](const std::string& use_case, const std::string& status) {
        return [=](Tree& bundle) {
            make_referral(bundle, use_case);
            resource(bundle, "Patient")["identifier"][0]["extension"][0] = {
                {"url", "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"},
                {"valueCodeableConcept", {{"coding", Tree::array({{{"code", status}}})}}}};
        };
    };
    expect_accepted(with_status("a1t1", "number-present-and-verified"));
    expect_accepted(with_status("a1t1", "number-present-but-not-traced"));
    expect_accepted(with_status("a3t1", "trace-required"));
    expect_invariant(with_status("a1t1", "trace-required"), ".identifier");
    expect_invariant(with_status("a2t1", "trace-required"), ".identifier");
}

TEST_CASE("a known code that is not taken here is not offered, whatever the category") {
    CHECK(refused([](Tree& bundle) { *category_code(bundle, 1) = "a4t4"; }).front().http_status == 422);
    CHECK(refused([](Tree& bundle) { *category_code(bundle, 1) = "a3t1"; }).front().http_status == 422);
    CHECK(refused([](Tree& bundle) { make_referral(bundle, "a4t1"); }).front().http_status == 422);
    CHECK(refused([](Tree& bundle) { make_referral(bundle, "a5t1"); }).front().http_status == 422);
    CHECK(refused([](Tree& bundle) { make_referral(bundle, "a6t1"); }).front().http_status == 422);
}

TEST_CASE("a response is taken for one; whether anybody asked for it is for the hub's book to say") {
    CHECK(accepted(make_response).kind == Kind::response);
    const auto unasked = not_sent_from_here(Message(bars_sample::request()));
    CHECK(unasked.http_status == 400);
    CHECK(unasked.issue_code == "not-found");
    CHECK(unasked.details_code == "REC_NOT_FOUND");
    CHECK(unasked.path.ends_with(".response.identifier"));
    CHECK(accepted([](Tree& bundle) {
              make_referral(bundle), make_response(bundle);
              bundle["id"] = "__BUNDLE_ID__";
          }).kind == Kind::response);
    expect_invariant([](Tree& bundle) { make_response(bundle), resource(bundle, "MessageHeader").erase("response"); },
                     ".response");
}

TEST_CASE("bookings are not received here, and a broken one is told so first") {
    const auto booking = [](std::size_t appointments) {
        return refused([=](Tree& bundle) {
            resource(bundle, "MessageHeader")["eventCoding"]["code"] = "booking-request";
            for (std::size_t i = 0; i < appointments; ++i) {
                bundle["entry"].push_back({{"resource",
                                            {{"resourceType", "Appointment"},
                                             {"status", "booked"},
                                             {"participant", Tree::array({{{"status", "accepted"}}})}}}});
            }
        });
    };
    CHECK(booking(1).front().http_status == 501);
    CHECK(booking(1).front().details_code == "REC_NOT_IMPLEMENTED");
    CHECK(booking(2).front().issue_code == "invariant");
    expect_invariant(
        [](Tree& bundle) { resource(bundle, "MessageHeader")["eventCoding"]["code"] = "booking-response"; },
        ".eventCoding");
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
    REQUIRE(update.ok());
    CHECK(update.value().kind == Kind::update);
}
