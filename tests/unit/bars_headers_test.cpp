#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "common/base/base64.hpp"
#include "services/adapters/bars/domain/headers.hpp"
#include "services/adapters/bars/domain/requester.hpp"

using namespace rightplace;
using namespace rightplace::bars;

namespace {

HeaderFields good() {
    return {{"Content-Type", "application/fhir+json; charset=utf-8"},
            {"Accept", "application/fhir+json; version=1.0.0"},
            {"x-request-id", "0E3371D1-1c15-4862-9552-d9560f8292ba"},
            {"X-CORRELATION-ID", "1e3371d1-1c15-4862-9552-d9560f8292ba"},
            {"NHSD-Target-Identifier", target_identifier("2000072489")}};
}

HeaderFields with(const std::string& name, const std::string& value) {
    auto fields = good();
    for (auto& field : fields) {
        if (field.first == name) field.second = value;
    }
    return fields;
}

CheckedHeaders check(const HeaderFields& fields, std::string_view query = "") {
    return check_headers(fields, query, {});
}

void expect_first(const CheckedHeaders& checked, int status, const std::string& issue, const std::string& details) {
    REQUIRE_FALSE(checked.problems.empty());
    CHECK(checked.problems.front().http_status == status);
    CHECK(checked.problems.front().issue_code == issue);
    CHECK(checked.problems.front().details_code == details);
}

}  // namespace

TEST_CASE("good headers are taken as they are") {
    const auto checked = check(good());
    CHECK(checked.problems.empty());
    CHECK(checked.headers.request_id == "0E3371D1-1c15-4862-9552-d9560f8292ba");
    CHECK(checked.headers.correlation_id == "1e3371d1-1c15-4862-9552-d9560f8292ba");
    CHECK(checked.headers.target_service_id == "2000072489");
    CHECK(checked.headers.body_format == Format::json);
    CHECK(checked.headers.ids_are_guids);
}

TEST_CASE("ids are required; that they are GUIDs is judged later") {
    for (const std::string name : {"x-request-id", "X-CORRELATION-ID"}) {
        expect_first(check(with(name, "")), 400, "required", "REC_BAD_REQUEST");
        const auto checked = check(with(name, "not-a-guid"));
        CHECK(checked.problems.empty());
        CHECK_FALSE(checked.headers.ids_are_guids);
    }
    CHECK(ids_are_not_guids(true).issue_code == "invariant");
    CHECK(ids_are_not_guids(false).issue_code == "value");
}

TEST_CASE("the media type comes before the ids") {
    for (const std::string type : {"application/xml", "text/plain", "", "application/json"}) {
        auto fields = with("Content-Type", type);
        fields[2].second = "";
        INFO(type);
        expect_first(check(fields), 415, "not-supported", "REC_BAD_REQUEST");
    }
    CHECK(check(with("Content-Type", "Application/FHIR+XML")).headers.body_format == Format::xml);
}

TEST_CASE("the answer's format: _format, then Accept, then JSON") {
    const auto format = [](const std::string& accept, std::string_view query) {
        const auto checked = check(with("Accept", accept), query);
        INFO(accept << " ? " << query);
        CHECK(checked.problems.empty());
        return checked.headers.answer_format;
    };
    CHECK(format("", "") == Format::json);
    CHECK(format("*/*", "") == Format::json);
    CHECK(format("application/fhir+xml; version=1.1.0", "") == Format::xml);
    CHECK(format("application/fhir+xml;q=0.5, application/fhir+json", "") == Format::json);
    CHECK(format("application/fhir+xml", "_format=json") == Format::json);
    CHECK(format("application/fhir+json", "a=b&_format=application%2Ffhir%2Bxml") == Format::xml);
    CHECK(format("application/fhir+json", "_format=application/fhir+xml") == Format::xml);
    CHECK(format("text/html", "_format=xml") == Format::xml);
}

TEST_CASE("what we cannot answer in is 406") {
    expect_first(check(with("Accept", "application/fhir+json; version=2.0.0")), 406, "not-supported",
                 "REC_NOT_ACCEPTABLE");
    expect_first(check(with("Accept", "text/html")), 406, "not-supported", "REC_NOT_ACCEPTABLE");
    expect_first(check(good(), "_format=pdf"), 406, "not-supported", "REC_NOT_ACCEPTABLE");
    CHECK(check(with("Accept", "application/fhir+json;version=2.0.0, application/fhir+xml;version=1.9.9"))
              .headers.answer_format == Format::xml);
}

TEST_CASE("the target must name a service, except where there is none") {
    const std::string name = "NHSD-Target-Identifier";
    expect_first(check(with(name, "")), 400, "required", "REC_BAD_REQUEST");
    for (const std::string value : {"2000072489", "****", "W10=", "eyJ2YWx1ZSI6IiJ9"}) {
        INFO(value);
        expect_first(check(with(name, value)), 400, "value", "REC_BAD_REQUEST");
    }
    for (const std::string system : {R"(,"system":"https://fhir.nhs.uk/Id/ods-organization-code")", ""}) {
        const auto other = base64_encode(R"({"value":"2000072489")" + system + "}");
        expect_first(check(with(name, other)), 400, "value", "REC_BAD_REQUEST");
    }
    CHECK(check(with(name, base64_encode(R"({"value":"7","system":"http://fhir.nhs.uk/id/dos-service-id"})")))
              .headers.target_service_id == "7");
    CHECK(check_headers(with(name, ""), "", {false, false}).problems.empty());
    CHECK(base64_decode(target_identifier("7")) ==
          std::optional<std::string>(R"({"value":"7","system":"https://fhir.nhs.uk/Id/dos-service-id"})"));
}

TEST_CASE("an id that is given twice, and differently, is refused") {
    auto fields = good();
    fields.emplace_back("X-Request-Id", "0E3371D1-1c15-4862-9552-d9560f8292ba");
    CHECK(check(fields).problems.empty());
    fields.back().second = "1e3371d1-1c15-4862-9552-d9560f8292bb";
    expect_first(check(fields), 400, "invalid", "REC_BAD_REQUEST");
}

TEST_CASE("all problems of the headers in one answer, media types first") {
    auto fields = with("Content-Type", "application/xml");
    fields[1].second = "text/html";
    fields[2].second = "";
    fields[4].second = "";
    fields.emplace_back("Content-Encoding", "br");
    std::vector<int> statuses;
    for (const auto& problem : check(fields).problems) statuses.push_back(problem.http_status);
    CHECK(statuses == std::vector<int>{415, 415, 406, 400, 400});
}

namespace {

std::string url_safe(std::string text) {
    for (auto& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return text.substr(0, text.find('='));
}

constexpr auto organisation = R"({"resourceType":"Organization","identifier":)"
                              R"([{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"RYD"}]})";
constexpr auto practitioner = R"({"resourceType":"PractitionerRole","code":[{"coding":[{"display":"Call handler"}]}],
    "contained":[{"resourceType":"Practitioner","identifier":[{"value":"999900000001"}],
    "name":[{"prefix":["Ms"],"given":["Fay","K"],"family":"Sample>>??"}]}]})";
constexpr auto device =
    R"({"resourceType":"Device","deviceName":[{"name":"Made-up CAD\u001b[31m"}],"version":[{"value":"7.1"}]})";

}  // namespace

TEST_CASE("who asks is read from base64 of either alphabet, padded or not") {
    for (const auto& encode : {+[](std::string text) { return base64_encode(text); },
                               +[](std::string text) { return url_safe(base64_encode(text)); }}) {
        const auto requester = read_requester({{"nhsd-end-user-organisation", encode(organisation)},
                                               {"NHSD-Requesting-Practitioner", " " + encode(practitioner) + " "},
                                               {"NHSD-Requesting-Software", encode(device)}});
        CHECK(requester.organisation_ods == "RYD");
        CHECK(requester.software == "Made-up CAD[31m 7.1");  // nothing that a terminal would obey
        CHECK(requester.said.practitioner_name() == "Ms Fay K Sample>>??");
        CHECK(requester.said.practitioner_id() == "999900000001");
        CHECK(requester.said.practitioner_role() == "Call handler");
        CHECK(requester.said.headers_size() == 3);
        CHECK(requester.said.headers(0).decoded() == organisation);
        CHECK(requester.unreadable.empty());
    }
    CHECK(read_requester(good()).empty());
}

TEST_CASE("a broken header about who asks is kept as sent and named, and refuses nothing") {
    const HeaderFields broken = {{"NHSD-End-User-Organisation", "RYD"},
                                 {"NHSD-Requesting-Practitioner", base64_encode("{\"resourceType\":")},
                                 {"NHSD-Requesting-Software", "caf\xe9"}};
    const auto requester = read_requester(broken);
    CHECK(requester.unreadable == std::vector<std::string>{"NHSD-End-User-Organisation", "NHSD-Requesting-Practitioner",
                                                           "NHSD-Requesting-Software"});
    REQUIRE(requester.said.headers_size() == 3);
    CHECK(requester.said.headers(0).value() == "RYD");
    CHECK(requester.said.headers(2).value() == "base64:Y2Fm6Q==");  // no UTF-8
    CHECK(requester.organisation_ods.empty());
    auto fields = good();
    fields.insert(fields.end(), broken.begin(), broken.end());
    CHECK(check(fields).problems.empty());
    // A name where the code should be stays sealed.
    const auto named = R"({"identifier":[{"value":"Fay K Sample, 1 Plain Street"}]})";
    CHECK(read_requester({{"NHSD-End-User-Organisation", base64_encode(named)}}).organisation_ods.empty());
}
