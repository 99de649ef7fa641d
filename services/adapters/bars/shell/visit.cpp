#include "services/adapters/bars/shell/visit.hpp"

#include <algorithm>

#include "common/base/hash.hpp"
#include "common/base/limits.hpp"
#include "common/http/gzip.hpp"

namespace rightplace::bars {
namespace {

// Echoed on every answer, errors included.
void echo(const RequestHeaders& headers, http::Headers& to) {
    if (!headers.request_id.empty()) to.emplace_back("X-Request-Id", headers.request_id);
    if (!headers.correlation_id.empty()) to.emplace_back("X-Correlation-Id", headers.correlation_id);
}

Problem server_problem(const http::Refusal& refusal) {
    constexpr int no_answer = 503, body_too_large = 413, header_too_large = 431;
    // The request went in, so whether it was stored is not known: a sender must not read "nothing was stored".
    if (refusal.status == no_answer) return timed_out();
    if (refusal.status == body_too_large) return too_large();
    if (refusal.status == header_too_large) {
        return {refusal.status, "too-long", "REC_BAD_REQUEST", "", "The header is larger than what is taken here."};
    }
    return {refusal.status, "structure", "REC_BAD_REQUEST", "", "This cannot be read as HTTP."};
}

}  // namespace

std::int64_t Visit::remaining_ms() const {
    return std::max<std::int64_t>(limits::bars_answer_ms - spent_ms(), 1);
}

void Visit::answer(const Problems& problems) const {
    log("answered:" + std::to_string(http_status(problems)) + ":" + problems.front().details_code,
        is_uuid(headers.request_id) ? headers.request_id : "not-a-guid");  // a sender may write anything there
    const auto format = headers.answer_format;
    send(http_status(problems), std::string(media_type(format)), operation_outcome(problems, format));
}

void Visit::send(int status, std::string type, std::string bytes) const {
    http::Response response;
    response.status = status;
    response.content_type = std::move(type);
    response.headers = more;
    echo(headers, response.headers);
    response.headers.emplace_back("Vary", "Accept, Accept-Encoding");
    const bool gzipped = headers.answer_gzipped && !bytes.empty();
    if (gzipped) response.headers.emplace_back("Content-Encoding", "gzip");
    response.body = gzipped ? http::gzip(bytes) : std::move(bytes);
    respond(std::move(response));
}

http::Response refused_by_server(const http::Refusal& refusal) {
    const auto& target = refusal.so_far.target;
    const auto mark = target.find('?');
    const auto query = mark == std::string::npos ? std::string() : target.substr(mark + 1);
    const auto headers = check_headers(refusal.so_far.headers, query, {false, false}).headers;
    const auto problem = server_problem(refusal);
    http::Response response;
    response.status = problem.http_status;
    response.content_type = std::string(media_type(headers.answer_format));
    echo(headers, response.headers);
    response.body = operation_outcome({problem}, headers.answer_format);
    return response;
}

}  // namespace rightplace::bars
