#include "services/adapters/bars/domain/problem.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "common/base/invariant.hpp"

namespace rightplace::bars {

Problem broken_rule(std::string path, std::string diagnostics) {
    return {400, "invariant", "REC_BAD_REQUEST", std::move(path), std::move(diagnostics)};
}

Problem already_received() {
    return {409, "duplicate", "REC_CONFLICT", "X-Request-Id", "This X-Request-Id has been processed before."};
}

Problem still_processing() {
    return {425, "duplicate", "REC_TOO_EARLY", "X-Request-Id",
            "A request with this X-Request-Id is still being processed. Ask again later."};
}

Problem refused_before(const std::string& details_code) {
    struct Known {
        const char* details_code;
        int http_status;
        const char* issue_code;
    };
    static constexpr std::array known{Known{"REC_NOT_FOUND", 404, "not-found"}, Known{"REC_CONFLICT", 409, "conflict"},
                                      Known{"REC_UNPROCESSABLE_ENTITY", 422, "not-supported"},
                                      Known{"REC_NOT_IMPLEMENTED", 501, "not-supported"}};
    Problem problem = broken_rule("", "This very message was refused before, and stays refused. Send a new one.");
    for (const auto& one : known) {
        if (details_code != one.details_code) continue;
        problem.http_status = one.http_status;
        problem.issue_code = one.issue_code;
        problem.details_code = details_code;
    }
    return problem;
}

Problem bundle_id_reused() {
    return broken_rule("Bundle.id", "A new message needs a Bundle.id that has not been used before.");
}

Problem method_not_allowed() {
    return {405, "not-supported", "REC_METHOD_NOT_ALLOWED", "", "This method is not allowed here."};
}

Problem timed_out() {
    return {408, "timeout", "REC_TIMEOUT", "",
            "The request was not processed in time. Send it again with the same X-Request-Id."};
}

Problem too_many_requests() {
    return {429, "throttled", "REC_TOO_MANY_REQUESTS", "",
            "Too many requests at once. Nothing was stored. Send it again later with the same X-Request-Id."};
}

Problem internal_error() {
    return {500, "exception", "REC_SERVER_ERROR", "", "The request could not be processed because of a fault here."};
}

Problem unavailable() {
    return {503, "transient", "REC_UNAVAILABLE", "",
            "The service is not available now. Nothing was stored. Send it again with the same X-Request-Id."};
}

Problem unknown_service() {
    return {404, "not-found", "REC_NOT_FOUND", "NHSD-Target-Identifier", "This service is not known here."};
}

Problem not_found() {
    return {404, "not-found", "REC_NOT_FOUND", "", "There is no such resource here."};
}

Problem not_supported() {
    return {501, "not-supported", "REC_NOT_IMPLEMENTED", "", "This part of BaRS is not supported here."};
}

Problem too_large() {
    return {413, "too-long", "REC_BAD_REQUEST", "", "The message is larger than what is taken here."};
}

Problem not_gzip() {
    return {400, "structure", "REC_BAD_REQUEST", "Content-Encoding", "The body is not the gzip that it is said to be."};
}

int http_status(const Problems& problems) {
    INVARIANT(!problems.empty());
    return problems.front().http_status;
}

namespace {

// Whoever is shown the sentence alone finds the element too.
std::string naming_its_place(const Problem& problem) {
    const bool named = problem.diagnostics.find(problem.path) != std::string::npos;  // or there is no place
    return named ? problem.diagnostics : problem.path + ": " + problem.diagnostics;
}

}  // namespace

std::string operation_outcome(const Problems& problems, Format format) {
    INVARIANT(!problems.empty());
    Tree issues = Tree::array();
    for (const auto& problem : problems) {
        Tree issue = {{"severity", "error"},
                      {"code", problem.issue_code},
                      {"details",
                       {{"coding", Tree::array({{{"system", "https://fhir.nhs.uk/CodeSystem/http-error-codes"},
                                                 {"code", problem.details_code}}})}}},
                      {"diagnostics", naming_its_place(problem)}};
        if (!problem.path.empty()) issue["expression"] = Tree::array({problem.path});
        issues.push_back(std::move(issue));
    }
    const Tree outcome = {
        {"resourceType", "OperationOutcome"},
        {"meta", {{"profile", Tree::array({"https://fhir.hl7.org.uk/StructureDefinition/UKCore-OperationOutcome"})}}},
        {"issue", std::move(issues)}};
    return write_document(outcome, format);
}

}  // namespace rightplace::bars
