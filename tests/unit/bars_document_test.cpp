#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>

#include "common/base/base64.hpp"
#include "common/base/limits.hpp"
#include "services/adapters/bars/domain/fhir_document.hpp"
#include "tests/unit/bars_files.hpp"
#include "tests/unit/bars_sample.hpp"

using namespace rightplace;
using namespace rightplace::bars;

namespace {

nlohmann::json sorted(const Tree& tree) {
    return nlohmann::json(tree);
}  // the order of members has no meaning

SharedTree must_read(std::string_view bytes, Format format) {
    const auto document = read_document(bytes, format);
    if (!document) FAIL(document.error().path << ": " << document.error().what);
    return document.value();
}

DocumentError must_refuse(std::string_view bytes, Format format) {
    const auto document = read_document(bytes, format);
    REQUIRE_FALSE(document.ok());
    return document.error();
}

std::string patient_xml(const std::string& inside) {
    return "<Patient xmlns=\"http://hl7.org/fhir\">" + inside + "</Patient>";
}

}  // namespace

TEST_CASE("a message goes from JSON to XML and back unchanged") {
    const Tree sample = bars_sample::request();
    const auto read = must_read(sample.dump(), Format::json);
    const std::string xml = write_document(*read, Format::xml);
    CHECK(sorted(*must_read(xml, Format::xml)) == sorted(sample));
    CHECK(must_read(write_document(*read, Format::json), Format::json)->dump() == sample.dump());
}

TEST_CASE("XML puts elements in the order that FHIR demands") {
    const auto read =
        must_read(R"({"birthDate":"1941-03-09","gender":"female","resourceType":"Patient","id":"a"})", Format::json);
    CHECK(write_document(*read, Format::xml)
              .find(R"(<id value="a"/><gender value="female"/><birthDate value="1941-03-09"/>)") != std::string::npos);
}

TEST_CASE("the published XML is the published JSON") {
    if (!bars_files::present()) return;
    const auto xml = must_read(bars_files::read(bars_files::examples / "bars/VALREQ01-new.xml"), Format::xml);
    const auto json =
        must_read(bars_files::read(bars_files::examples /
                                   "bars-json/VALREQ01-Validation-Service-Request-New-Full-999-to-CAS.json"),
                  Format::json);
    // The two publications differ in one code, the relationship of the second contact.
    const auto differences = nlohmann::json::diff(sorted(*xml), sorted(*json));
    const std::string coding = "/entry/5/resource/contact/1/relationship/0/coding/0/";
    REQUIRE(differences.size() == 2);
    CHECK(differences[0]["path"] == coding + "code");
    CHECK(differences[1]["path"] == coding + "display");
}

TEST_CASE("every published JSON example survives a round trip through XML") {
    if (!bars_files::present()) return;
    const auto files = bars_files::all("bars-json", ".json");
    REQUIRE(files.size() > 40);
    for (const auto& file : files) {
        INFO(file.filename().string());
        const auto before = must_read(bars_files::read(file), Format::json);
        const auto after = must_read(write_document(*before, Format::xml), Format::xml);
        CHECK(sorted(*after) == sorted(*before));
        CHECK(Tree::parse(write_document(*before, Format::json)) == Tree::parse(bars_files::read(file)));
    }
}

TEST_CASE("every published message example can be read") {
    if (!bars_files::present()) return;
    const std::map<std::string, std::string> not_fhir{
        // faults of the published files, and where we see them
        {"API-capability.json", "CapabilityStatement.rest[0].security"},
        {"API-process_message-response-Booking.json", "Bundle.entry[3].resource"},
        {"API-servicerequest-GET-malformed.json", "Bundle.entry[0]"},
        {"API-servicerequest-id-GET.json", "ServiceRequest.basedOn"}};
    for (const auto& [extension, format] : {std::pair{".xml", Format::xml}, {".json", Format::json}}) {
        for (const auto& file : bars_files::all("bars", extension)) {
            INFO(file.filename().string());
            const auto document = read_document(bars_files::read(file), format);
            const auto fault = not_fhir.find(file.filename().string());
            CHECK((document ? "" : document.error().path) == (fault == not_fhir.end() ? "" : fault->second));
        }
    }
}

TEST_CASE("decimals keep every digit") {
    const std::string text =
        R"({"resourceType":"Location","position":{"longitude":53.578960,"latitude":-2.47574430000000000001}})";
    const auto read = must_read(text, Format::json);
    CHECK(write_document(*read, Format::json) == text);
    const std::string xml = write_document(*read, Format::xml);
    CHECK(xml.find(R"(value="53.578960")") != std::string::npos);
    CHECK(write_document(*must_read(xml, Format::xml), Format::json) == text);
}

TEST_CASE("extensions and ids of primitives, and gaps in lists, survive") {
    const std::string text = R"({"resourceType":"Patient","name":[{"id":"n1","family":"Testcase",)"
                             R"("given":["Wren",null,"Aspen"],"_given":[null,{"extension":[{"url":"urn:x",)"
                             R"("valueString":"y"}]},{"id":"g3"}]}],"_birthDate":{"extension":[{"url":"urn:absent",)"
                             R"("valueCode":"unknown"}]}})";
    const auto read = must_read(text, Format::json);
    CHECK(sorted(*must_read(write_document(*read, Format::xml), Format::xml)) == sorted(*read));
}

TEST_CASE("a narrative stays XHTML") {
    const std::string div = R"(<div xmlns="http://www.w3.org/1999/xhtml"><p>one <b>two</b> <i>three</i></p></div>)";
    const auto read = must_read(patient_xml("<text><status value=\"generated\"/>" + div + "</text>"), Format::xml);
    CHECK((*read)["text"]["div"] == div);
    CHECK(write_document(*read, Format::xml).find(div) != std::string::npos);
    CHECK(
        must_refuse(R"({"resourceType":"Patient","text":{"status":"generated","div":"<div><p></div>"}})", Format::json)
            .path == "Patient.text.div");
}

TEST_CASE("an ampersand that begins no entity of XML's own is refused, not taken for text") {
    const auto note = [](const std::string& text) {
        return R"(<Flag xmlns="http://hl7.org/fhir"><code><text value=")" + text + R"("/></code></Flag>)";
    };
    for (const std::string wrong : {"a &nbsp; b", "a & b", "&", "a &amp b", "&#;", "&#x;", "&#12a;", "&lt"}) {
        INFO(wrong);
        CHECK(must_refuse(note(wrong), Format::xml).what == "an entity is not one that XML has by itself");
    }
    for (const std::string right : {"&amp;&lt;&gt;&quot;&apos;", "&#163;", "&#xA3;"}) {
        INFO(right);
        CHECK(read_document(note(right), Format::xml).ok());
    }
    CHECK(read_document("<!-- a & b -->" + note("x"), Format::xml).ok());
}

TEST_CASE("entity bombs and other DTDs are refused") {
    const std::string bomb =
        "<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 "
        "\"&lol;&lol;&lol;&lol;\">]>" +
        patient_xml("<id value=\"&lol2;\"/>");
    CHECK(must_refuse(bomb, Format::xml).what == "a DTD is not allowed");
    const std::string outside = "<!DOCTYPE x SYSTEM \"file:///etc/passwd\">" + patient_xml("");
    CHECK(must_refuse(outside, Format::xml).what == "a DTD is not allowed");
}

TEST_CASE("depth, count, size and repeated keys are bounded") {
    const std::string deep(std::size_t(limits::document_max_depth) + 1, '[');
    CHECK(must_refuse(deep, Format::json).what == "the document is nested too deeply");
    std::string nested, closing;
    for (int i = 0; i <= limits::document_max_depth; ++i) {
        nested += "<extension url=\"u\">";
        closing += "</extension>";
    }
    CHECK(must_refuse(patient_xml(nested + closing), Format::xml).what == "is nested too deeply");
    std::string many = "[0";
    for (std::size_t i = 0; i <= limits::document_max_nodes; ++i) many += ",0";
    CHECK(must_refuse(many + "]", Format::json).what == "the document has too many values");
    CHECK(must_refuse(std::string(limits::http_body_max_bytes + 1, ' '), Format::json).what == "the body is too large");
    CHECK(must_refuse(R"({"resourceType":"Patient","gender":"male","gender":"female"})", Format::json).what ==
          "a key is given twice in one object");
    std::string members = R"({"resourceType":"Patient")";
    for (std::size_t i = 0; i < limits::document_max_members; ++i) members += ",\"k" + std::to_string(i) + "\":0";
    CHECK(must_refuse(members + "}", Format::json).what == "an object has too many members");
}

TEST_CASE("a refusal says what and where, and never what was written") {
    const auto check = [](const std::string& text, Format format, const std::string& path) {
        INFO(text);
        const auto error = must_refuse(text, format);
        CHECK(error.path == path);
        CHECK((error.path + error.what).find("SECRET") == std::string::npos);
    };
    check(R"({"resourceType":"Patient","SECRET":1})", Format::json, "Patient");
    check(R"({"resourceType":"Patient","gender":["SECRET"]})", Format::json, "Patient.gender");
    check(R"({"resourceType":"Patient","active":"SECRET"})", Format::json, "Patient.active");
    check(R"({"resourceType":"Patient","name":{"family":"SECRET"}})", Format::json, "Patient.name");
    check(R"({"resourceType":"Patient","name":[]})", Format::json, "Patient.name");
    check(R"({"resourceType":"Patient","name":[{"family":"SECRET\u0001"}]})", Format::json, "Patient.name[0].family");
    check(R"({"resourceType":"SECRET"})", Format::json, "");
    check(R"({"resourceType":"Patient","telecom":[{"rank":0}]})", Format::json, "Patient.telecom[0].rank");
    check(R"({"resourceType":"Observation","valueString":"SECRET","valueInteger":1})", Format::json,
          "Observation.valueInteger");
    check("{\"resourceType\":\"Patient\" SECRET", Format::json, "byte 27");
    check(patient_xml("<SECRET/>"), Format::xml, "Patient");
    check(patient_xml("<name><family value=\"a\" SECRET=\"b\"/></name>"), Format::xml, "Patient.name[0].family");
    check(patient_xml("<gender value=\"SECRET\"/><gender value=\"x\"/>"), Format::xml, "Patient.gender");
    check(patient_xml("SECRET"), Format::xml, "Patient");
    check(patient_xml("<multipleBirthInteger value=\"SECRET\"/>"), Format::xml, "Patient.multipleBirthInteger");
    check(patient_xml("<name><family/></name>"), Format::xml, "Patient.name[0].family");
    check("<Patient><id value=\"SECRET\"/></Patient>", Format::xml, "byte 0");
    check(patient_xml("<gender value=\"SECRET\">"), Format::xml, "byte 62");
    check(patient_xml("<name><family value=\"\xff\"/></name>"), Format::xml, "byte 0");
    check(patient_xml("<name><family value=\"&#xD800;\"/></name>"), Format::xml, "Patient.name[0].family");
}

TEST_CASE("base64 both ways") {
    for (const std::string text : {"", "a", "ab", "abc", "\xff\xfe\x01"})
        CHECK(base64_decode(base64_encode(text)) == text);
    CHECK(base64_encode("ab") == "YWI=");
    CHECK(base64_decode("YWI") == std::optional<std::string>("ab"));
    CHECK_FALSE(base64_decode("Y*I="));
}
