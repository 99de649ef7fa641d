// Garbage on every socket: refused, counted, and everything alive and serving afterwards.
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <cstring>
#include <fstream>

#include "tests/fault/load.hpp"
#include "tests/integration/hub.hpp"

using namespace rightplace;
using namespace rightplace::testing;

namespace {

void pour(const std::string& path, const std::string& bytes) {
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    REQUIRE(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    [[maybe_unused]] const auto sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    close(fd);
}

std::string nested(const std::string& open, const std::string& close_with, int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += open;
    for (int i = 0; i < depth; ++i) text += close_with;
    return text;
}

}  // namespace

TEST_CASE("Garbage on every socket and at the door: refused, and everything lives") {
    RunningHub hub;
    auto& stack = hub.stack;
    for (const auto* name :
         {"audit.cmd", "audit.feed", "audit.read", "vault.cmd", "intake.cmd", "triage.cmd", "referral.cmd"}) {
        const auto path = stack.state_dir() + "/run/" + name;
        pour(path, "GET / HTTP/1.0\r\n\r\n");                     // not our protocol
        pour(path, std::string("\xff\0\0\0\0\0\0\0\1\x7f", 10));  // a greeting cut short
        pour(path, std::string(100'000, '\xaa'));
    }
    CHECK(hub.visitor.post(nested("{\"a\":", "}", 5'000)).status == 400);
    CHECK(hub.visitor.post(nested("<a>", "</a>", 5'000), "", "application/fhir+xml").status == 400);
    const std::string bomb = "<!DOCTYPE b [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\">]><Bundle>&b;</Bundle>";
    CHECK(hub.visitor.post(bomb, "", "application/fhir+xml").status == 400);
    CHECK(hub.visitor.post(std::string(100'000'000, 'x')).status == 413);
    CHECK(hub.visitor.post("{}", "not-a-guid").status == 400);
    for (const auto* process : {"redis", "audit", "vault", "intake", "triage", "referral", "bars"})
        CHECK(stack.alive(process));

    const auto sample = hub.visitor.sample();
    REQUIRE(hub.visitor.post(sample).status == 200);
    CHECK(hub.wait_for_status(hub.case_id(sample), triage::QUEUED));
}

TEST_CASE("A wrong configuration is refused at start, with every reason") {
    Stack stack;
    const auto path = stack.state_dir() + "/wrong.textproto";
    std::ofstream(path)
        << "run_dir: \"/nowhere\"\nhubs { name: \"a\" letter: \"P\" }\nhubs { name: \"a\" letter: \"pp\" }\n"
        << "bars { listen_address: \"0.0.0.0\" port: 70000 }\n";
    for (const auto* service : {"audit", "vault", "intake", "triage", "referral", "bars", "alerts"}) {
        INFO(service);
        auto* pipe = popen((stack.bin(service) + " --config " + path + " 2>&1").c_str(), "r");
        std::string said;
        char part[4'096];
        while (const auto got = fread(part, 1, sizeof part, pipe)) said.append(part, got);
        const int status = pclose(pipe);
        CHECK(WEXITSTATUS(status) == 1);
        CHECK(std::count(said.begin(), said.end(), '\n') >= 4);
        CHECK(said.find("wrong.textproto:3") != std::string::npos);
    }
}
