// What a destination's answer means for a delivery: every branch.
#include <catch2/catch.hpp>

#include "services/adapters/bars/domain/outcome.hpp"

using namespace rightplace;
using bars::response_outcome;

namespace {

std::string refusal(const std::string& code, const std::string& diagnostics = "made up") {
    return R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":")" + code +
           R"(","diagnostics":")" + diagnostics + R"("}]})";
}

seams::HttpAnswer answer(int status, const std::string& body = "") {
    seams::HttpAnswer out;
    out.status = status;
    out.headers = {{"x-request-id", "r"}, {"X-CORRELATION-ID", "c"}};  // names in any case
    out.body = body;
    return out;
}

}  // namespace

TEST_CASE("no answer: whether anything was sent decides") {
    seams::HttpAnswer none;
    CHECK(response_outcome(none) == referral::OUTCOME_UNKNOWN);
    none.certainly_not_sent = true;
    CHECK(response_outcome(none) == referral::NOT_SENT);
}

TEST_CASE("an answer without both ids is not the destination's, whatever it says") {
    for (const int status : {200, 204, 302, 400, 409, 422, 500}) {
        for (const std::size_t missing : {0, 1, 2}) {
            auto swallowed = answer(status, refusal("duplicate"));
            if (missing == 2) swallowed.headers.clear();
            if (missing < 2) swallowed.headers.erase(swallowed.headers.begin() + std::ptrdiff_t(missing));
            INFO(status << " without " << missing);
            CHECK(response_outcome(swallowed) == referral::OUTCOME_UNKNOWN);
        }
    }
}

TEST_CASE("with the ids a 2xx is delivered, a redirection is not") {
    for (const int status : {200, 201, 202, 299}) CHECK(response_outcome(answer(status)) == referral::OK);
    for (const int status : {100, 301, 307, 399}) CHECK(response_outcome(answer(status)) == referral::OUTCOME_UNKNOWN);
}

TEST_CASE("409 is read by the codes of its OperationOutcome, not by its words") {
    CHECK(response_outcome(answer(409, refusal("duplicate"))) == referral::OK);
    CHECK(response_outcome(answer(409, refusal("conflict", "not a duplicate"))) == referral::REFUSED_FOR_GOOD);
    CHECK(response_outcome(answer(409, refusal("invalid"))) == referral::REFUSED_FOR_GOOD);
    CHECK(response_outcome(answer(409, "duplicate")) == referral::OUTCOME_UNKNOWN);
    CHECK(response_outcome(answer(409, R"({"resourceType":"Bundle","id":"duplicate"})")) == referral::OUTCOME_UNKNOWN);
    const std::string both = R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"duplicate"},)"
                             R"({"severity":"error","code":"conflict"}]})";
    CHECK(response_outcome(answer(409, both)) == referral::REFUSED_FOR_GOOD);
    const std::string xml = R"(<?xml version="1.0"?><OperationOutcome xmlns="http://hl7.org/fhir"><issue>)"
                            R"(<severity value="error"/><code value="duplicate"/></issue></OperationOutcome>)";
    CHECK(response_outcome(answer(409, "\xef\xbb\xbf " + xml)) == referral::OK);
}

TEST_CASE("what passes is tried again, with and without an OperationOutcome") {
    for (const int status : {408, 425, 429, 500, 501, 503}) {
        CHECK(response_outcome(answer(status)) == referral::OUTCOME_UNKNOWN);
        CHECK(response_outcome(answer(status, refusal("transient"))) == referral::OUTCOME_UNKNOWN);
    }
}

TEST_CASE("another 4xx is for a person to decide, once its OperationOutcome says so") {
    for (const int status : {400, 401, 403, 404, 405, 415, 422}) {
        CHECK(response_outcome(answer(status, refusal("invariant"))) == referral::REFUSED_FOR_GOOD);
        CHECK(response_outcome(answer(status, "{}")) == referral::OUTCOME_UNKNOWN);
        CHECK(response_outcome(answer(status, "<html>no</html>")) == referral::OUTCOME_UNKNOWN);
        CHECK(response_outcome(answer(status)) == referral::OUTCOME_UNKNOWN);
    }
    CHECK(response_outcome(answer(422, refusal("duplicate"))) == referral::REFUSED_FOR_GOOD);
}
