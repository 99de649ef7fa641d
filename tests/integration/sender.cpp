#include "tests/integration/sender.hpp"

#include <algorithm>
#include <stdexcept>

namespace rightplace::testing {
namespace {

constexpr auto refusal = R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"not-supported"}]})";

}  // namespace

Sender::Sender(bus::Loop& loop, int port) {
    auto server =
        http::Server::start(loop, "127.0.0.1", std::uint16_t(port),
                            [this](const http::Request& request, const http::Server::Respond& respond) {
                                const auto header = [&request](const char* name) {
                                    const auto* value = http::find_header(request.headers, name);
                                    return value == nullptr ? std::string() : *value;
                                };
                                received_.push_back({header("X-Request-Id"), header("X-Correlation-Id"), request.body});
                                if (holds) return held_.push_back(respond);
                                http::Response response;
                                response.status = status;
                                response.content_type = "application/fhir+json";
                                response.headers = {{"X-Request-Id", header("X-Request-Id")},
                                                    {"X-Correlation-Id", header("X-Correlation-Id")}};
                                response.body = status < 400 ? "{}" : refusal;
                                respond(response);
                            });
    if (!server.ok()) throw std::runtime_error(server.error());
    server_ = std::move(server.value());
}

std::string Sender::url() const {
    return "http://127.0.0.1:" + std::to_string(server_->port()) + "/FHIR/R4";
}

std::size_t Sender::count(const std::string& text) const {
    return std::size_t(std::count_if(received_.begin(), received_.end(), [&text](const Received& each) {
        return each.body.find(text) != std::string::npos;
    }));
}

}  // namespace rightplace::testing
