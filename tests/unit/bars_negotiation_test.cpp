// The body's format and the answer's: Content-Type, Accept, _format, and the codings of both.
#include <catch2/catch.hpp>

#include "services/adapters/bars/domain/negotiation.hpp"

using namespace rightplace;
using namespace rightplace::bars;

namespace {

Negotiated answer(const std::string& accept, const std::string& query = "") {
    return answer_format({{"ACCEPT", accept}}, parse_target("/FHIR/R4/metadata?" + query));
}

void expect(const std::string& accept, const std::string& query, Format format) {
    INFO(accept << " ? " << query);
    const auto negotiated = answer(accept, query);
    CHECK_FALSE(negotiated.problem);
    CHECK(negotiated.format == format);
}

void expect_refused(const std::optional<Problem>& problem, int status, const std::string& details) {
    REQUIRE(problem);
    CHECK(problem->http_status == status);
    CHECK(problem->issue_code == "not-supported");
    CHECK(problem->details_code == details);
}

Negotiated body(const std::string& type) {
    return body_format({{"content-TYPE", type}});
}

}  // namespace

TEST_CASE("the answer's format by Accept: quality, then the named, then the first, then JSON") {
    expect("", "", Format::json);
    expect("*/*", "", Format::json);
    expect("application/*", "", Format::json);
    expect("application/fhir+xml; version=1.1.0", "", Format::xml);
    expect("Application/FHIR+XML", "", Format::xml);
    expect("application/fhir+xml;q=0.5, application/fhir+json;q=0.4", "", Format::xml);
    expect("application/fhir+xml;q=0.5, application/fhir+json", "", Format::json);
    expect("application/fhir+xml, application/fhir+json", "", Format::xml);
    expect("application/fhir+json, application/fhir+xml", "", Format::json);
    expect("application/fhir+json;q=0, */*", "", Format::xml);
    expect("*/*;q=0.9, application/fhir+xml;q=0.9", "", Format::xml);
    expect("text/html, */*;q=0.1", "", Format::json);
    expect("application/fhir+json;version=2.0.0, application/fhir+xml;version=1.9.9", "", Format::xml);
    expect("application/fhir+xml; fhirVersion=4.0", "", Format::xml);
    expect("application/fhir+xml; version=\"1.0.0\"", "", Format::xml);
    const HeaderFields twice = {{"Accept", "text/html"}, {"accept", "application/fhir+xml"}};
    CHECK(answer_format(twice, {}).format == Format::xml);
}

TEST_CASE("_format beats Accept, percent-encoded or not") {
    expect("application/fhir+xml", "_format=json", Format::json);
    expect("application/fhir+json; version=1.0.0", "a=b&_format=xml", Format::xml);
    expect("application/fhir+json", "_format=application%2Ffhir%2Bxml", Format::xml);
    expect("application/fhir+json", "_format=application/fhir+xml", Format::xml);
    expect("application/fhir+xml", "%5Fformat=application%2Ffhir%2Bjson", Format::json);
    expect("text/html", "_format=xml", Format::xml);
    expect("application/fhir+xml", "_format=", Format::xml);
    expect("application/fhir+xml", "_FORMAT=json", Format::xml);  // names are case-sensitive
}

TEST_CASE("what cannot be produced, or is of a later version, is 406") {
    for (const std::string accept :
         {"text/html", "application/fhir+json; version=2.0.0", "application/fhir+json;q=0", "application/pdf, text/*",
          "application/fhir+json; fhirVersion=3.0", "*/*;q=0", "application/fhir+xml;q=x"}) {
        INFO(accept);
        const auto negotiated = answer(accept);
        expect_refused(negotiated.problem, 406, "REC_NOT_ACCEPTABLE");
        CHECK(negotiated.format == Format::json);
    }
    expect_refused(answer("application/fhir+json", "_format=pdf").problem, 406, "REC_NOT_ACCEPTABLE");
    expect_refused(answer("", "_format=application/fhir%2Bxml;version=2.0").problem, 406, "REC_NOT_ACCEPTABLE");
    expect_refused(answer("application/fhir+xml; version=3.0.0", "_format=json").problem, 406, "REC_NOT_ACCEPTABLE");
}

TEST_CASE("the body is FHIR JSON or FHIR XML in UTF-8") {
    CHECK(body("application/fhir+json").format == Format::json);
    CHECK(body("Application/FHIR+XML; charset=\"UTF-8\"; version=1.0.0").format == Format::xml);
    for (const std::string good : {"application/fhir+json; charset=utf-8", "application/fhir+json;charset=UTF8",
                                   "application/fhir+xml; version=1.4.0"}) {
        INFO(good);
        CHECK_FALSE(body(good).problem);
    }
    for (const std::string type :
         {"", "application/xml", "application/json", "text/plain", "application/fhir+json; charset=iso-8859-1",
          "application/fhir+xml;charset=utf-16"}) {
        INFO(type);
        expect_refused(body(type).problem, 415, "REC_BAD_REQUEST");
    }
    expect_refused(body("application/fhir+json; version=2.0.0").problem, 406, "REC_NOT_ACCEPTABLE");
}

TEST_CASE("gzip both ways, and nothing else") {
    CHECK_FALSE(codings({}).body_gzipped);
    CHECK_FALSE(codings({}).answer_gzipped);
    CHECK(codings({{"Content-Encoding", "GZIP"}}).body_gzipped);
    CHECK(codings({{"Content-Encoding", "identity"}}).problem == std::nullopt);
    for (const std::string coding : {"br", "deflate", "gzip, gzip", "gzip, br", "zstd"}) {
        INFO(coding);
        expect_refused(codings({{"content-encoding", coding}}).problem, 415, "REC_BAD_REQUEST");
    }
    const auto gzipped = [](const std::string& accept) {
        return codings({{"Accept-Encoding", accept}}).answer_gzipped;
    };
    CHECK(gzipped("gzip"));
    CHECK(gzipped("br, gzip;q=0.5"));
    CHECK(gzipped("*"));
    CHECK_FALSE(gzipped("gzip;q=0"));
    CHECK_FALSE(gzipped("*, gzip;q=0"));
    CHECK_FALSE(gzipped("br, identity"));
}

TEST_CASE("a request target, decoded once") {
    const auto target = parse_target("/FHIR/R4/%24process-message?a=1%262&b&c=%zz+1");
    CHECK(target.path == "/FHIR/R4/$process-message");
    REQUIRE(target.parameters.size() == 3);
    CHECK(target.parameters[0] == std::pair<std::string, std::string>("a", "1&2"));
    CHECK(target.parameters[1] == std::pair<std::string, std::string>("b", ""));
    CHECK(target.parameters[2] == std::pair<std::string, std::string>("c", "%zz+1"));
    CHECK(parse_target("HTTP://hub.example:8081/FHIR/R4/metadata").path == "/FHIR/R4/metadata");
    CHECK(parse_target("http://hub.example").path == "/");
    CHECK(percent_decode("%2") == "%2");
}
