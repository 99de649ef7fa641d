// Our sample request, changed in one way or another and judged: for the tests of what a request must hold.
#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <nlohmann/json.hpp>

#include "services/adapters/bars/domain/validation_request.hpp"
#include "tests/unit/bars_sample.hpp"

namespace rightplace::bars_judging {

using namespace rightplace::bars;
using bars_sample::resource;

inline RequestHeaders headers() {
    RequestHeaders out;
    out.request_id = "0e3371d1-1c15-4862-9552-d9560f8292ba";
    out.correlation_id = "1e3371d1-1c15-4862-9552-d9560f8292ba";
    out.target_service_id = "2000072489";
    return out;
}

inline Result<ValidationRequest, Problems> judge(const Tree& bundle, const RequestHeaders& with = headers()) {
    return judge_request(bundle.dump(), with, {"paddock-wood", bars_sample::Sample().now});
}

using Change = std::function<void(Tree&)>;

inline Problems refused(const Change& change) {
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

inline void expect_invariant(const Change& change, const std::string& path_end) {
    const auto problems = refused(change);
    CHECK(problems.size() == 1);
    CHECK(problems.front().http_status == 400);
    CHECK(problems.front().issue_code == "invariant");
    CHECK(problems.front().details_code == "REC_BAD_REQUEST");
    INFO(problems.front().path);
    CHECK(problems.front().path.ends_with(path_end));
}

inline void expect_accepted(const Change& change) {
    Tree bundle = bars_sample::request();
    change(bundle);
    const auto judged = judge(bundle);
    if (!judged) FAIL(judged.error().front().path << ": " << judged.error().front().diagnostics);
}

inline std::string* category_code(Tree& bundle, std::size_t n) {
    return resource(bundle, "ServiceRequest")["category"][0]["coding"][n]["code"].get_ptr<std::string*>();
}

inline void set_reason(Tree& bundle, const std::string& reason) {
    resource(bundle, "MessageHeader")["reason"]["coding"][0]["code"] = reason;
}
inline void set_status(Tree& bundle, const std::string& status) {
    resource(bundle, "ServiceRequest")["status"] = status;
}
inline void make_referral(Tree& bundle, const std::string& use_case = "a3t1") {
    *category_code(bundle, 0) = "referral";
    *category_code(bundle, 1) = use_case;
    resource(bundle, "CarePlan")["status"] = "completed";
    resource(bundle, "Encounter")["status"] = "finished";
}
inline void make_response(Tree& bundle) {
    auto& header = resource(bundle, "MessageHeader");
    header["eventCoding"]["code"] = "servicerequest-response";
    header["response"] = {{"identifier", "5d5f5b0e-27a4-4a3c-9a55-0f5c6e1d0aff"}, {"code", "ok"}};
}

inline ValidationRequest accepted(const Change& change) {
    Tree bundle = bars_sample::request();
    change(bundle);
    auto judged = judge(bundle);
    if (!judged) FAIL(judged.error().front().path << ": " << judged.error().front().diagnostics);
    return judged.value();
}

}  // namespace rightplace::bars_judging
