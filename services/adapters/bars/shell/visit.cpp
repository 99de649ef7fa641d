#include "services/adapters/bars/shell/visit.hpp"

namespace rightplace::bars {

void Visit::answer(const Problems& problems) const {
    log("answered:" + std::to_string(http_status(problems)) + ":" + problems.front().details_code, headers.request_id);
    const auto format = headers.answer_format;
    send(http_status(problems), std::string(media_type(format)), operation_outcome(problems, format));
}

void Visit::send(int status, std::string type, std::string bytes) const {
    http::Response response;
    response.status = status;
    response.content_type = std::move(type);
    response.body = std::move(bytes);
    // Echoed on every answer, errors included.
    if (!headers.request_id.empty()) response.headers.emplace_back("X-Request-Id", headers.request_id);
    if (!headers.correlation_id.empty()) response.headers.emplace_back("X-Correlation-Id", headers.correlation_id);
    respond(std::move(response));
}

}  // namespace rightplace::bars
