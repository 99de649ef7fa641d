#include "services/adapters/bars/shell/front_door.hpp"

namespace rightplace::bars {
namespace {

constexpr std::string_view base_path = "/FHIR/R4/";

// "$" may come percent-encoded.
bool is_process_message(std::string_view path) {
    return path == "/FHIR/R4/$process-message" || path == "/FHIR/R4/%24process-message";
}

Problem path_not_served() {
    return {501, "not-supported", "REC_NOT_IMPLEMENTED", "", "This part of BaRS is not supported here yet."};
}

std::string without_query(const std::string& target) {
    return target.substr(0, target.find('?'));
}

std::string query_of(const std::string& target) {
    const auto mark = target.find('?');
    return mark == std::string::npos ? std::string() : target.substr(mark + 1);
}

}  // namespace

void FrontDoor::handle(http::Request request, http::Server::Respond respond) {
    auto visit = std::make_shared<Visit>();
    visit->respond = std::move(respond);
    visit->log = log_;
    const auto path = without_query(request.target);
    const bool known = is_process_message(path);
    const auto checked = check_headers(request.headers, query_of(request.target), {known, known});
    visit->headers = checked.headers;
    if (!known) {
        visit->answer({path.rfind(base_path, 0) == 0 ? path_not_served() : not_found()});
    } else if (request.method != "POST") {
        visit->answer({method_not_allowed()});
    } else if (!checked.problems.empty()) {
        visit->answer(checked.problems);
    } else {
        if (const auto* type = http::find_header(request.headers, "Content-Type")) visit->content_type = *type;
        visit->body = std::move(request.body);
        receiving_.receive(visit);
    }
}

}  // namespace rightplace::bars
