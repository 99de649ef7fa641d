#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "common/base/limits.hpp"
#include "common/base/metrics.hpp"
#include "common/log/log.hpp"

using namespace rightplace;

TEST_CASE("a log line is one JSON object whatever the values hold") {
    std::vector<std::string> lines;
    log::start_strict("triage", log::Level::info, [&](std::string_view line) { lines.emplace_back(line); });
    log::event(log::Level::debug, "not-wanted");
    log::event(log::Level::warn, "review-claimed",
               {{"hub", "ash\"ford\\\n\x01\xff"}, {"reason", std::string(10'000, '"')}, {"seq", "12"}});
    REQUIRE(lines.size() == 1);
    const auto line = nlohmann::json::parse(lines[0]);
    CHECK(line["service"] == "triage");
    CHECK(line["level"] == "warn");
    CHECK(line["what"] == "review-claimed");
    CHECK(line["hub"] == "ash\"ford\\\n\u0001\u00ff");
    CHECK(line["seq"] == "12");
    CHECK(line["reason"].get<std::string>() == std::string(limits::log_value_max_bytes, '"') + "...");
    CHECK(line["at"].get<std::string>().size() == std::string("2026-11-26T03:04:05.678Z").size());
}

TEST_CASE("a key that may carry identity is dropped in production and stops a test") {
    for (const auto key : {"name", "nhs_number", "telephone", "postcode", "text", "body", "url", ""}) {
        CHECK_FALSE(log::may_log(key));
    }
    CHECK(log::may_log("hub"));
    CHECK(log::may_log("version"));
    int pipe_ends[2];
    REQUIRE(pipe(pipe_ends) == 0);
    const pid_t child = fork();
    if (child == 0) {
        dup2(pipe_ends[1], STDERR_FILENO);
        log::start("triage", log::Level::info);
        log::event(log::Level::info, "case-opened", {{"nhs_number", "9990000018"}, {"hub", "ashford"}});
        const auto& dropped = metrics::process().counter("rightplace_log_fields_dropped_total", "");
        _exit(dropped.value() == 1 ? 0 : 1);
    }
    close(pipe_ends[1]);
    std::string said(4'096, '\0');
    said.resize(static_cast<std::size_t>(std::max<ssize_t>(read(pipe_ends[0], said.data(), said.size()), 0)));
    close(pipe_ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(status == 0);
    CHECK(said.find("9990000018") == std::string::npos);
    CHECK(nlohmann::json::parse(said)["hub"] == "ashford");

    const pid_t strict = fork();
    if (strict == 0) {
        close(STDERR_FILENO);
        signal(SIGABRT, SIG_DFL);
        log::start_strict("triage", log::Level::info, [](std::string_view) {});
        log::event(log::Level::info, "case-opened", {{"nhs_number", "9990000018"}});
        _exit(0);
    }
    waitpid(strict, &status, 0);
    CHECK(WIFSIGNALED(status));
}

TEST_CASE("levels by name") {
    CHECK(log::level_of("debug") == log::Level::debug);
    CHECK(log::level_of("error") == log::Level::error);
    CHECK(log::level_of("") == log::Level::info);
}
