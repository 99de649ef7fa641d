// /metrics, /healthz and /readyz of a service.
#pragma once

#include "common/http/server.hpp"

namespace rightplace::http {

// Ready, or not and why. On the loop.
using Ready = std::function<bool(std::string& why_not)>;

Result<std::unique_ptr<Server>, std::string> serve_metrics(bus::Loop& loop, std::uint16_t port, Ready ready);
// What is wrong with what the service is there for, though it runs: lines after the "ok" of /healthz. On the loop.
using Remark = std::function<std::string()>;
// For a server that has other paths too.
Response answer_metrics(const Request& request, const Ready& ready, const Remark& remark = {});

}  // namespace rightplace::http
