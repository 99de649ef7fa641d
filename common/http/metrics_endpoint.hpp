// /metrics, /healthz and /readyz of a service.
#pragma once

#include "common/http/server.hpp"

namespace rightplace::http {

// Ready, or not and why. On the loop.
using Ready = std::function<bool(std::string& why_not)>;

Result<std::unique_ptr<Server>, std::string> serve_metrics(bus::Loop& loop, std::uint16_t port, Ready ready);
Response answer_metrics(const Request& request, const Ready& ready);  // for a server that has other paths too

}  // namespace rightplace::http
