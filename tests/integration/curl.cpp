#include "tests/integration/curl.hpp"

#include <array>
#include <cstdio>
#include <fstream>
#include <stdexcept>

#include "common/base/base64.hpp"
#include "services/adapters/bars/domain/headers.hpp"
#include "tests/integration/visitor.hpp"

namespace rightplace::testing {
namespace {

constexpr auto correlation = "X-Correlation-Id: 11111111-2222-4333-8444-555555555555";

std::string output_of(const std::string& command) {
    FILE* out = ::popen(command.c_str(), "r");
    if (out == nullptr) throw std::runtime_error("cannot run " + command);
    std::string text;
    std::array<char, 4096> chunk{};
    while (const auto got = std::fread(chunk.data(), 1, chunk.size(), out)) text.append(chunk.data(), got);
    if (::pclose(out) != 0) throw std::runtime_error("no answer to " + command);
    return text;
}

}  // namespace

bool Curled::echoes() const {
    return has(correlation) && head.find("\r\nX-Request-Id: ") != std::string::npos;
}

Curled Curl::get(const std::string& path, const std::string& more) const {
    const auto target = bars::target_identifier(Stack::service_of(stack_.hub()));
    return run("'http://127.0.0.1:" + std::to_string(stack_.bars_port()) + path + "' " +
               (with_target ? "-H 'NHSD-Target-Identifier: " + target + "' " : "") + more);
}

Curled Curl::get_r4(const std::string& path, const std::string& more) const {
    return get("/FHIR/R4/" + path, more);
}

Curled Curl::post(const std::string& body, const std::string& type, const std::string& more) const {
    const auto file = stack_.state_dir() + "/body";
    std::ofstream(file, std::ios::binary) << body;
    return get_r4("$process-message", "--data-binary @" + file + " -H 'Content-Type: " + type + "' " + more);
}

Curled Curl::run(const std::string& words) const {
    const auto id = request_id.empty() ? new_uuid() : request_id;
    const auto began = stack_.client().loop().boot_ms();
    const auto text = output_of("curl -sS -i --max-time 20 -H 'Expect:' -H 'X-Request-Id: " + id + "' -H '" +
                                correlation + "' " + words);
    Curled curled;
    curled.took_ms = stack_.client().loop().boot_ms() - began;
    const auto end = text.find("\r\n\r\n");
    if (end == std::string::npos) throw std::runtime_error("no HTTP: " + text);
    curled.head = text.substr(0, end + 2);
    curled.body = text.substr(end + 4);
    curled.status = std::stoi(curled.head.substr(curled.head.find(' ') + 1));
    if (!curled.echoes()) throw std::runtime_error("an answer without the ids of its request: " + text);
    return curled;
}

std::string service_request_id(const nlohmann::json& bundle) {
    for (const auto& entry : bundle["entry"]) {
        if (entry["resource"]["resourceType"] == "ServiceRequest") return entry["resource"]["id"];
    }
    return {};
}

std::string header(const std::string& name, const std::string& json_text) {
    return " -H '" + name + ": " + base64_encode(json_text) + "' ";
}

std::string organisation(const std::string& ods) {
    return header(
        "NHSD-End-User-Organisation",
        R"({"resourceType":"Organization","identifier":[{"system":"https://fhir.nhs.uk/Id/ods-organization-code",)"
        R"("value":")" +
            ods + R"("}]})");
}

}  // namespace rightplace::testing
