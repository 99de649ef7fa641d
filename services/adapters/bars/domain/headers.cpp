#include "services/adapters/bars/domain/headers.hpp"

#include <nlohmann/json.hpp>

#include "common/base/base64.hpp"
#include "common/base/hash.hpp"
#include "services/adapters/bars/domain/bundle.hpp"
#include "services/adapters/bars/domain/negotiation.hpp"
#include "services/adapters/bars/domain/requester.hpp"

namespace rightplace::bars {
namespace {

constexpr auto target_header = "NHSD-Target-Identifier";

Problem missing(std::string name) {
    return {400, "required", "REC_BAD_REQUEST", name, "The header " + name + " is required."};
}

std::string take_id(const HeaderFields& fields, std::string_view key, const std::string& name,
                    CheckedHeaders& checked) {
    std::string id(header_value(fields, key));
    if (id.empty()) {
        checked.problems.push_back(missing(name));
        return id;
    }
    if (!is_uuid(id)) checked.headers.ids_are_guids = false;
    for (const auto& [given, value] : fields) {
        if (lower_case(given) != key || trimmed(value) == id) continue;
        checked.problems.push_back(
            {400, "invalid", "REC_BAD_REQUEST", name, "The header " + name + " is given twice."});
        break;
    }
    return id;
}

std::string take_target(const HeaderFields& fields, Problems& problems) {
    const auto text = header_value(fields, "nhsd-target-identifier");
    if (text.empty()) {
        problems.push_back(missing(target_header));
        return {};
    }
    const Tree identifier = Tree::parse(decoded_header(text).value_or(""), nullptr, false);
    if (identifier.is_object() && identifier.contains("value")) {
        const std::string value = primitive_text(identifier["value"]);
        if (!value.empty() && same_system(text_at(identifier, "system"), systems::dos_service)) return value;
    }
    problems.push_back({400, "value", "REC_BAD_REQUEST", target_header,
                        "NHSD-Target-Identifier must be base64 of a JSON identifier with value and the system "
                        "https://fhir.nhs.uk/Id/dos-service-id."});
    return {};
}

}  // namespace

CheckedHeaders check_headers(const HeaderFields& fields, std::string_view query, const HeaderRules& rules) {
    CheckedHeaders checked;
    const auto coded = codings(fields);
    checked.headers.body_gzipped = coded.body_gzipped;
    checked.headers.answer_gzipped = coded.answer_gzipped;
    if (rules.body) {
        const auto body = body_format(fields);
        checked.headers.body_format = body.format;
        if (body.problem) checked.problems.push_back(*body.problem);
        if (coded.problem) checked.problems.push_back(*coded.problem);
    }
    const auto answer = answer_format(fields, parse_target("?" + std::string(query)));
    checked.headers.answer_format = answer.format;
    if (answer.problem) checked.problems.push_back(*answer.problem);
    checked.headers.request_id = take_id(fields, "x-request-id", "X-Request-Id", checked);
    checked.headers.correlation_id = take_id(fields, "x-correlation-id", "X-Correlation-Id", checked);
    if (rules.target) checked.headers.target_service_id = take_target(fields, checked.problems);
    return checked;
}

Problem ids_are_not_guids(bool validation) {
    return {400, validation ? "invariant" : "value", "REC_BAD_REQUEST", "X-Request-Id",
            "X-Request-Id and X-Correlation-Id must be GUIDs."};
}

std::string target_identifier(std::string_view service_id) {
    const Tree identifier = {{"value", service_id}, {"system", systems::dos_service}};
    return base64_encode(identifier.dump());
}

}  // namespace rightplace::bars
