#include <array>
#include <catch2/catch.hpp>
#include <cstdio>

#include "services/adapters/bars/domain/validation_request.hpp"
#include "tests/unit/bars_files.hpp"

using namespace rightplace;
using namespace rightplace::bars;

namespace {

std::string run(const std::string& command) {
    std::FILE* pipe = popen(command.c_str(), "r");
    REQUIRE(pipe);
    std::string out;
    std::array<char, 4096> part;
    for (std::size_t got; (got = fread(part.data(), 1, part.size(), pipe)) > 0;) out.append(part.data(), got);
    CHECK(pclose(pipe) == 0);
    return out;
}

const std::string tool = "python3 " SOURCE_DIR "/services/adapters/bars/tools/freshen.py ";

}  // namespace

TEST_CASE("freshen explains itself") {
    CHECK(run(tool + "--help").find("--breach-in") != std::string::npos);
}

TEST_CASE("a freshened published request is accepted, in its own format") {
    if (!bars_files::present()) return;
    const std::string options =
        " --now 2026-11-26T20:00:00+01:00 --breach-in 30 --target 2000072490"
        " --bundle-id 11111111-0000-4000-8000-000000000001"
        " --journey-id 22222222-0000-4000-8000-000000000002";
    for (const std::string name : {"VALREQ01-new.xml", "API-process_message-request-ValidationRequest.json"}) {
        INFO(name);
        RequestHeaders headers;
        headers.target_service_id = "2000072490";
        headers.body_format = name.ends_with(".xml") ? Format::xml : Format::json;
        const auto path = (bars_files::examples / "bars" / name).string();
        const auto judged = judge_request(run(tool + path + options + " --use-case a4t2"), headers, {"ashford", 0});
        if (!judged) FAIL(judged.error().front().path << ": " << judged.error().front().diagnostics);
        const auto& request = judged.value();
        CHECK(request.reply_to.message_id() == "11111111-0000-4000-8000-000000000001");
        CHECK(request.reply_to.use_case() == "a4t2");
        CHECK(request.facts.journey_id() == "22222222-0000-4000-8000-000000000002");
        CHECK(format_utc(to_ms(request.facts.clock_start())) == "2026-11-26T19:00:00.000Z");
        CHECK(format_utc(to_ms(request.facts.breach_at())) == "2026-11-26T19:30:00.000Z");
        // The published NHS number has a wrong check digit, and the place is nowhere near: noticed, never refused.
        for (const auto& warning : request.facts.warnings()) {
            INFO(warning);
            CHECK((warning.starts_with("nhs-number-check-digit ") || warning.starts_with("place-outside-the-uk ")));
        }
        REQUIRE(request.facts.warnings_size() > 0);
        CHECK(request.facts.warnings(0).starts_with("nhs-number-check-digit "));
    }
}

TEST_CASE("from standard input, with fresh ids each time") {
    if (!bars_files::present()) return;
    const auto path = (bars_files::examples / "bars/VALREQ01-new.xml").string();
    RequestHeaders headers;
    headers.body_format = Format::xml;
    std::vector<std::string> ids;
    for (int i = 0; i < 2; ++i) {
        const auto judged = judge_request(run(tool + "< " + path), headers, {"ashford", 0});
        REQUIRE(judged.ok());
        ids.push_back(judged.value().case_id + judged.value().facts.journey_id());
    }
    CHECK(ids[0] != ids[1]);
}
