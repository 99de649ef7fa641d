#include "services/adapters/bars/domain/headers.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "common/base/base64.hpp"
#include "common/base/hash.hpp"

namespace rightplace::bars {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return out;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// Calls `take` with each part between separators, trimmed.
template <typename Take>
void each_part(std::string_view text, char by, Take take) {
    while (true) {
        const auto at = text.find(by);
        take(trim(text.substr(0, at)));
        if (at == std::string_view::npos) return;
        text.remove_prefix(at + 1);
    }
}

std::string_view field(const HeaderFields& fields, std::string_view name) {
    for (const auto& [key, value] : fields) {
        if (lower(key) == name) return trim(value);
    }
    return {};
}

std::optional<Format> format_of(std::string_view type) {
    if (type == "application/fhir+json" || type == "application/json" || type == "text/json" || type == "json" ||
        type == "application/fhir json") {
        return Format::json;
    }
    if (type == "application/fhir+xml" || type == "application/xml" || type == "text/xml" || type == "xml" ||
        type == "application/fhir xml") {
        return Format::xml;
    }
    return std::nullopt;
}

std::string percent_decode(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::string byte = text[i] == '%' ? from_hex(lower(text.substr(i + 1, 2))) : std::string();
        out += byte.empty() ? text[i] : byte[0];
        if (!byte.empty()) i += 2;
    }
    return out;
}

struct Offer {
    std::optional<Format> format;  // nothing: no format we speak
    double quality = 1;
    int major = 1;
};

Offer parse_offer(std::string_view range) {
    Offer offer;
    bool first = true;
    each_part(range, ';', [&](std::string_view part) {
        const std::string word = lower(part);
        if (first) {
            const bool any = word == "*/*" || word == "application/*" || word.empty();
            offer.format = any ? Format::json : format_of(word);
        } else if (word.starts_with("q=")) {
            try {
                offer.quality = std::stod(word.substr(2));
            } catch (const std::exception&) {
                offer.quality = 0;
            }
        } else if (word.starts_with("version=")) {
            std::string_view digits = std::string_view(word).substr(8);
            if (digits.starts_with('"')) digits.remove_prefix(1);
            std::from_chars(digits.data(), digits.data() + digits.size(), offer.major);
        }
        first = false;
    });
    return offer;
}

Problem not_acceptable(std::string path, std::string diagnostics) {
    return {406, "not-supported", "REC_NOT_ACCEPTABLE", std::move(path), std::move(diagnostics)};
}

void negotiate(const HeaderFields& fields, std::string_view query, CheckedHeaders& checked) {
    const std::string_view accept = field(fields, "accept");
    std::optional<Offer> best;
    bool too_new = false;
    bool any = false;
    each_part(accept, ',', [&](std::string_view range) {
        const Offer offer = parse_offer(range);
        if (!offer.format || offer.quality <= 0) return;
        any = true;
        if (offer.major > 1) {
            too_new = true;
        } else if (!best || offer.quality > best->quality) {
            best = offer;
        }
    });
    if (best) checked.headers.answer_format = *best->format;

    std::optional<std::string> asked;
    each_part(query, '&', [&](std::string_view pair) {
        if (pair.starts_with("_format=")) asked = lower(percent_decode(pair.substr(8)));
    });
    const auto by_query = asked ? format_of(std::string_view(*asked).substr(0, asked->find(';'))) : std::nullopt;
    if (by_query) checked.headers.answer_format = *by_query;
    if (asked && !by_query) {
        checked.problems.push_back(not_acceptable("_format", "_format must ask for FHIR JSON or FHIR XML."));
    } else if (!best && too_new) {
        checked.problems.push_back(not_acceptable("Accept", "Only version 1 of the standard is spoken here."));
    } else if (!best && !any && !by_query) {
        checked.problems.push_back(
            not_acceptable("Accept", "Answers are application/fhir+json or application/fhir+xml."));
    }
}

void check_content_type(const HeaderFields& fields, CheckedHeaders& checked) {
    const std::string type =
        lower(trim(field(fields, "content-type").substr(0, field(fields, "content-type").find(';'))));
    if (type == "application/fhir+json") {
        checked.headers.body_format = Format::json;
    } else if (type == "application/fhir+xml") {
        checked.headers.body_format = Format::xml;
    } else {
        checked.problems.push_back({415, "not-supported", "REC_BAD_REQUEST", "Content-Type",
                                    "The body must be application/fhir+json or application/fhir+xml."});
    }
}

std::string take_id(const HeaderFields& fields, std::string_view key, std::string name, CheckedHeaders& checked) {
    std::string id(field(fields, key));
    if (id.empty()) {
        checked.problems.push_back({400, "required", "REC_BAD_REQUEST", name, "The header " + name + " is required."});
    } else if (!is_uuid(id)) {
        checked.headers.ids_are_guids = false;
    }
    return id;
}

std::string take_target(const HeaderFields& fields, Problems& problems) {
    constexpr auto name = "NHSD-Target-Identifier";
    const std::string_view text = field(fields, "nhsd-target-identifier");
    if (text.empty()) {
        problems.push_back(
            {400, "required", "REC_BAD_REQUEST", name, "The header NHSD-Target-Identifier is required."});
        return {};
    }
    const auto decoded = base64_decode(text);
    const Tree identifier = Tree::parse(decoded.value_or(""), nullptr, false);
    if (identifier.is_object() && identifier.contains("value")) {
        const std::string value = primitive_text(identifier["value"]);
        if (!value.empty()) return value;
    }
    problems.push_back({400, "value", "REC_BAD_REQUEST", name,
                        "NHSD-Target-Identifier must be base64 of a JSON identifier with system and value."});
    return {};
}

}  // namespace

CheckedHeaders check_headers(const HeaderFields& fields, std::string_view query, const HeaderRules& rules) {
    CheckedHeaders checked;
    if (rules.body) check_content_type(fields, checked);
    negotiate(fields, query, checked);
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
    const Tree identifier = {{"value", service_id}, {"system", "https://fhir.nhs.uk/Id/dos-service-id"}};
    return base64_encode(identifier.dump());
}

}  // namespace rightplace::bars
