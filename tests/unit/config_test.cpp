#include <catch2/catch.hpp>

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "common/config/load.hpp"

using namespace rightplace;

namespace {

const std::string good = R"(state_dir: "state"
run_dir: "run"
keys_dir: "keys"
log_level: "info"
hubs {
  name: "paddock-wood"
  letter: "P"
  bars_service_id: "2000072489"
  policy_file: "policy.textproto"
  organisation_ods: "RYD"
}
hubs {
  name: "ashford"
  letter: "A"
  bars_service_id: "2000072490"
  policy_file: "policy.textproto"
  organisation_ods: "RYD"
}
redis { socket: "run/redis.sock" }
audit { journal_dir: "journal" roots_dir: "roots" }
vault { database: "vault.db" master_key_file: "master.key" }
bars {
  listen_address: "127.0.0.1"
  port: 8081
  watch_dir: "watch"
  organisation_ods: "RYD"
  senders { service_id: "2000072491" url: "http://127.0.0.1:9000/FHIR/R4" }
}
metrics { service: "audit" port: 9101 }
metrics { service: "triage" port: 9102 }
)";

struct File {
    File() {
        char name[] = "/tmp/rp-config-XXXXXX";
        dir = mkdtemp(name);
        std::ofstream(dir + "/policy.textproto") << "name: \"p\"\n";
        path = dir + "/stack.textproto";
    }
    ~File() { std::filesystem::remove_all(dir); }
    void write(const std::string& text) const { std::ofstream(path) << text; }
    // The good file with one line's first `from` replaced.
    void write(const std::string& from, const std::string& to) const {
        auto text = good;
        const auto at = text.find(from);
        REQUIRE(at != std::string::npos);
        write(text.replace(at, from.size(), to));
    }
    // "line:sentence" of every problem
    std::vector<std::string> problems() const {
        const auto loaded = config::load(path);
        std::vector<std::string> all;
        if (loaded) return all;
        for (const auto& each : loaded.error()) {
            CHECK(each.file == path);
            all.push_back(std::to_string(each.line) + ':' + each.sentence);
        }
        return all;
    }
    std::string dir;
    std::string path;
};

using Problems = std::vector<std::string>;

}  // namespace

TEST_CASE("a sound configuration is loaded with its paths made absolute") {
    const File file;
    file.write(good);
    const auto loaded = config::load(file.path);
    REQUIRE(loaded);
    const auto& stack = loaded.value();
    CHECK(config::endpoint(stack, "triage") == "ipc://" + file.dir + "/run/triage.cmd");
    CHECK(config::feed_endpoint(stack) == "ipc://" + file.dir + "/run/audit.feed");
    CHECK(config::read_endpoint(stack) == "ipc://" + file.dir + "/run/audit.read");
    CHECK(stack.hubs(0).policy_file() == file.dir + "/policy.textproto");
    CHECK(stack.redis().users_dir().empty());
    CHECK(config::find_hub(stack, "ashford")->letter() == "A");
    CHECK(config::find_hub(stack, "medway") == nullptr);
    CHECK(config::metrics_port(stack, "triage") == 9102);
    CHECK(config::metrics_port(stack, "bars") == 0);
}

TEST_CASE("every problem is told at once, with its line") {
    const File file;
    auto text = good;
    const auto change = [&](const std::string& from, const std::string& to) {
        text.replace(text.find(from), from.size(), to);
    };
    change("letter: \"A\"", "letter: \"P\"");
    change("listen_address: \"127.0.0.1\"", "listen_address: \"0.0.0.0\"");
    change("port: 9102", "port: 8081");
    file.write(text);
    CHECK(file.problems() ==
          Problems{"14:letter P stands at line 7 too",
                   "23:listen_address must be 127.0.0.1 or ::1 until TLS and authentication are configured",
                   "30:port 8081 stands at line 24 too"});
}

TEST_CASE("syntax errors and wrong values before them are told together") {
    const File file;
    auto text = good;
    text.replace(text.find("log_level: \"info\""), 17, "log_level: \"loud\"");
    text.replace(text.find("watch_dir"), 9, "watch_dri");
    file.write(text);
    const auto problems = file.problems();
    REQUIRE(problems.size() == 2);
    CHECK(problems[0].starts_with("4:log_level"));
    CHECK(problems[1].starts_with("25:"));
    CHECK(problems[1].find("watch_dri") != std::string::npos);
}

TEST_CASE("each rule of a configuration") {
    struct Case {
        std::string from, to, problem;
    };
    const auto rule = GENERATE(values<Case>({
        {"\"ashford\"", "\"Ashford\"", "13:hub name must be 1 to 40 of a-z, 0-9 and inner hyphens"},
        {"\"ashford\"", "\"paddock-wood\"", "13:hub paddock-wood stands at line 6 too"},
        {"letter: \"A\"", "letter: \"AB\"", "14:letter must be one of A to Z"},
        {"2000072490", "2000072489", "15:bars_service_id 2000072489 stands at line 8 too"},
        {"letter: \"A\"", "letter: \"A\" bars_sites { service_id: \"2000072489\" site: \"Dover\" }",
         "14:bars_service_id 2000072489 stands at line 8 too"},
        {"letter: \"A\"", "letter: \"A\" bars_sites { service_id: \"2000072493\" }", "14:site is empty"},
        {"run_dir: \"run\"", "run_dir: \"\"", "2:run_dir is empty"},
        {"keys_dir: \"keys\"", "", "0:keys_dir is empty"},
        {"roots_dir: \"roots\"", "", "20:roots_dir is empty"},
        {"master_key_file: \"master.key\"", "", "21:master_key_file is empty"},
        {"port: 8081", "port: 0", "24:port must be 1 to 65535"},
        {"port: 8081", "port: 65536", "24:port must be 1 to 65535"},
        {"http://127", "ftp://127", "27:url must begin with http:// or https://"},
        {"service: \"triage\"", "service: \"audit\"", "30:metrics of audit stands at line 29 too"},
    }));
    const File file;
    file.write(rule.from, rule.to);
    CHECK(file.problems() == Problems{rule.problem});
}

TEST_CASE("what is not there, or too long for a socket") {
    const File file;
    file.write("policy.textproto", "no-such.textproto");
    CHECK(file.problems() == Problems{"9:policy file " + file.dir + "/no-such.textproto is not there"});
    const auto name_fits = 107 - file.dir.size() - 1 - std::string("/governance.cmd.lock").size();
    file.write("\"run\"", '"' + std::string(name_fits, 'r') + '"');
    CHECK(file.problems().empty());
    file.write("\"run\"", '"' + std::string(name_fits + 1, 'r') + '"');
    CHECK(file.problems().size() == 1);
    file.write("");
    CHECK(file.problems().size() > 5);
    std::filesystem::remove(file.path);
    CHECK(file.problems() == Problems{"0:the file cannot be read"});
}

TEST_CASE("a main's arguments") {
    const File file;
    file.write(good);
    const auto code = [](std::vector<std::string> arguments) {
        std::vector<char*> argv{const_cast<char*>("triage")};
        for (auto& argument : arguments) argv.push_back(argument.data());
        std::ostringstream said;
        auto* out = std::cout.rdbuf(said.rdbuf());
        auto* err = std::cerr.rdbuf(said.rdbuf());
        const auto got = config::parse_args(static_cast<int>(argv.size()), argv.data(), "triage");
        std::cout.rdbuf(out);
        std::cerr.rdbuf(err);
        const auto* exit = std::get_if<config::Exit>(&got);
        return std::pair(exit == nullptr ? -1 : exit->code, said.str());
    };
    CHECK(code({"--config", file.path}) == std::pair(-1, std::string()));
    CHECK(code({"--config", file.path, "--check"}) == std::pair(0, std::string("ok\n")));
    CHECK(code({}).first == 1);
    CHECK(code({"--config"}).first == 1);
    CHECK(code({"--colour"}).first == 1);
    file.write("letter: \"A\"", "letter: \"a\"");
    CHECK(code({"--config", file.path, "--check"}) == std::pair(1, file.path + ":14: letter must be one of A to Z\n"));
}

TEST_CASE("a webhook is of a hub that there is, once, and has a URL") {
    const File file;
    const auto with = [&](const std::string& webhooks) {
        file.write(good + "alerts { state_dir: \"alerts\" " + webhooks + " }\n");
        return file.problems();
    };
    const std::string ashford = "webhooks { hub: \"ashford\" url: \"https://pager.example/x\" secret_file: \"s\" }";
    CHECK(with(ashford).empty());
    CHECK(config::load(file.path).value().alerts().state_dir() == file.dir + "/alerts");
    CHECK(config::load(file.path).value().alerts().webhooks(0).secret_file() == file.dir + "/s");
    CHECK(with("").empty());
    CHECK(with("webhooks { hub: \"medway\" url: \"http://127.0.0.1:1\" }") ==
          Problems{"31:webhooks: there is no hub medway"});
    CHECK(with(ashford + ashford) == Problems{"31:webhook of ashford stands at line 31 too"});
    CHECK(with("webhooks { hub: \"ashford\" url: \"pager.example\" }") ==
          Problems{"31:url must begin with http:// or https://"});
    CHECK(with("webhooks { }") == Problems{"31:hub is empty", "31:url must begin with http:// or https://"});
}
