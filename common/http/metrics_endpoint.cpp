#include "common/http/metrics_endpoint.hpp"

#include "common/base/metrics.hpp"

namespace rightplace::http {
namespace {

constexpr auto text = "text/plain; charset=utf-8";

}  // namespace

Response answer_metrics(const Request& request, const Ready& ready, const Remark& remark) {
    const auto path = request.target.substr(0, request.target.find('?'));
    if (path != "/metrics" && path != "/healthz" && path != "/readyz") return {404, text, {}, "no such page\n"};
    if (request.method != "GET" && request.method != "HEAD") {
        return {405, text, {{"Allow", "GET, HEAD"}}, "only GET and HEAD\n"};
    }
    if (path == "/metrics") {
        return {200, "text/plain; version=0.0.4; charset=utf-8", {}, metrics::process().render()};
    }
    std::string why_not;
    if (path == "/healthz") return {200, text, {}, "ok\n" + (remark ? remark() : "")};  // that the loop turns is health
    if (ready(why_not)) return {200, text, {}, "ok\n"};
    return {503, text, {}, why_not + "\n"};
}

Result<std::unique_ptr<Server>, std::string> serve_metrics(bus::Loop& loop, std::uint16_t port, Ready ready) {
    return Server::start(loop, "127.0.0.1", port,
                         [ready = std::move(ready)](const Request& request, const Server::Respond& respond) {
                             respond(answer_metrics(request, ready));
                         });
}

}  // namespace rightplace::http
