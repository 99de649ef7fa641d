// The fuzz target within bounds: made-up messages in both formats, cut, repeated, mixed and with wrong bytes, under the
// sanitizers. The long run is libFuzzer's, see tests/README.md.
#include <catch2/catch.hpp>

#include <random>

#include "services/adapters/bars/domain/fhir_document.hpp"
#include "services/adapters/bars/domain/validation_request.hpp"
#include "tests/unit/bars_full_sample.hpp"
#include "tests/unit/bars_sample.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

using namespace rightplace;

namespace {

constexpr int rounds = 600;  // of each format: seconds, sanitized

std::size_t below(std::mt19937& chance, std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(chance);
}

std::string mutated(std::string text, const std::string& other, std::mt19937& chance) {
    const std::string signs = "{}[]<>\"\\/&;:,= \n0-.e";
    for (std::size_t changes = 1 + below(chance, 4); changes > 0 && text.size() > 64; --changes) {
        const std::size_t at = below(chance, text.size() - 1);
        const std::size_t length = 1 + below(chance, std::min<std::size_t>(64, text.size() - at));
        switch (below(chance, 6)) {
            case 0:
                text[at] = char(below(chance, 256));
                break;
            case 1:
                text[at] = signs[below(chance, signs.size())];
                break;
            case 2:
                text.erase(at, length);
                break;
            case 3:
                text.insert(at, text.substr(at, length));
                break;
            case 4:
                text.resize(at + 1);
                break;
            default:
                text.insert(at, other.substr(below(chance, other.size()), length));
        }
    }
    return text;
}

// Whether it is taken; a refusal says why, with a status of the sender's fault.
bool judge(char format, const std::string& body) {
    const std::string input = format + body;
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
    bars::RequestHeaders headers;
    headers.request_id = headers.correlation_id = "6f1c8f0e-0f3e-4a53-9c55-0f5c6e1d0a01";
    headers.body_format = format == 0 ? bars::Format::json : bars::Format::xml;
    const auto judged = bars::judge_request(body, headers, {"paddock-wood", 1'795'000'000'000});
    if (judged.ok()) return true;
    REQUIRE_FALSE(judged.error().empty());
    REQUIRE(bars::http_status(judged.error()) >= 400);
    REQUIRE(bars::http_status(judged.error()) < 502);
    return false;
}

}  // namespace

TEST_CASE("broken bytes of either format are judged without a crash, whichever format they are said to have") {
    std::mt19937 chance(20261128);  // the same every time
    const std::string json = bars::write_document(bars_sample::full_request(), bars::Format::json);
    const std::string xml = bars::write_document(bars_sample::full_request(), bars::Format::xml);
    CHECK(judge(0, json));
    CHECK(judge(1, xml));
    CHECK_FALSE(judge(0, xml));
    CHECK_FALSE(judge(1, json));
    int taken = 0;
    for (int i = 0; i < rounds; ++i) {
        taken += judge(0, mutated(json, xml, chance));
        taken += judge(1, mutated(xml, json, chance));
    }
    CHECK(taken < rounds);  // of twice as many: most are broken
}
