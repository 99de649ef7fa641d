#include "services/adapters/bars/shell/front_door.hpp"

#include "common/base/hash.hpp"
#include "common/base/limits.hpp"
#include "common/http/gzip.hpp"
#include "services/adapters/bars/shell/contained.hpp"

namespace rightplace::bars {
namespace {

enum class Place { process_message, metadata, definitions, service_request, not_served, unknown };

struct Route {
    Place place = Place::unknown;
    std::string rest;  // of the path
};

// Whether the path is that resource, or something below it; then what stands behind.
bool goes_to(std::string_view path, std::string_view resource, std::string& rest) {
    if (!path.starts_with(resource)) return false;
    rest = path.substr(resource.size());
    return rest.empty() || rest.front() == '/';
}

// Paths are case-sensitive.
Route route_of(std::string_view path) {
    static constexpr std::string_view base = "/FHIR/R4/";
    if (!path.starts_with(base)) return {};
    path.remove_prefix(base.size());
    Route route;
    if (path == "$process-message") route.place = Place::process_message;
    if (path == "metadata") route.place = Place::metadata;
    if (path == "MessageDefinition") route.place = Place::definitions;
    if (goes_to(path, "ServiceRequest", route.rest)) route.place = Place::service_request;
    // Bookings are not taken here: no slots, no appointments.
    if (goes_to(path, "Slot", route.rest) || goes_to(path, "Appointment", route.rest)) route.place = Place::not_served;
    return route;
}

const char* allowed(Place place) {
    return place == Place::process_message ? "POST, OPTIONS" : "GET, HEAD, OPTIONS";
}

bool is_allowed(Place place, std::string_view method) {
    if (place == Place::process_message) return method == "POST";
    return method == "GET" || method == "HEAD";
}

}  // namespace

void FrontDoor::handle(http::Request request, http::Server::Respond respond) {
    auto visit = std::make_shared<Visit>(clock_, std::move(respond));
    visit->log = log_;
    const auto target = parse_target(request.target);
    const auto route = route_of(target.path);
    const bool message = route.place == Place::process_message;
    auto checked = check_headers(request.headers, target.query, {message, route.place != Place::metadata});
    visit->headers = checked.headers;
    if (route.place == Place::unknown) return visit->answer({not_found()});
    if (request.method == "OPTIONS" || !is_allowed(route.place, request.method)) {
        visit->more.emplace_back("Allow", allowed(route.place));
        if (request.method == "OPTIONS") return visit->send(200, "", "");
        return visit->answer({method_not_allowed()});
    }
    if (route.place == Place::not_served) return visit->answer({not_supported()});
    visit->requester = read_requester(request.headers);
    if (message) return take_message(visit, std::move(request), checked.problems);
    if (!checked.headers.ids_are_guids) checked.problems.push_back(ids_are_not_guids(false));
    if (!checked.problems.empty()) return visit->answer(checked.problems);
    if (route.place == Place::metadata) return reading_.metadata(visit);
    if (route.place == Place::definitions) return reading_.definitions(visit, target);
    reading_.service_request(visit, route.rest, target);
}

void FrontDoor::take_message(const VisitPtr& visit, http::Request request, const Problems& of_headers) {
    if (const auto* type = http::find_header(request.headers, "Content-Type")) visit->content_type = *type;
    visit->body = std::move(request.body);
    if (visit->headers.body_gzipped) {
        auto unpacked = http::gunzip(visit->body, limits::http_body_max_bytes);
        if (!unpacked) {
            if (!of_headers.empty()) return visit->answer(of_headers);
            return visit->answer({unpacked.error() == http::GunzipError::too_large ? too_large() : not_gzip()});
        }
        visit->body = std::move(unpacked.value());
    }
    if (of_headers.empty()) return receiving_.receive(visit);
    const auto all = contained([&] { return with_those_of_content(of_headers, visit->body, visit->headers); }, log_,
                               is_uuid(visit->headers.request_id) ? visit->headers.request_id : "not-a-guid");
    visit->answer(all ? *all : Problems{internal_error()});
}

}  // namespace rightplace::bars
