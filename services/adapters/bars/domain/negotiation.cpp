#include "services/adapters/bars/domain/negotiation.hpp"

#include <algorithm>
#include <charconv>

#include "services/adapters/bars/domain/bundle.hpp"

namespace rightplace::bars {
namespace {

constexpr int our_major = 1;  // of the standard: every 1.x is answered alike

std::optional<Format> format_named(std::string_view type) {
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

// A media type or range with its parameters, in lower case.
struct Media {
    std::string type;
    double quality = 1;
    int major = our_major;  // of the version parameter
    bool r4 = true;         // fhirVersion: 4.0 or not given
    std::string charset;
};

std::string_view unquoted(std::string_view text) {
    if (text.starts_with('"')) text.remove_prefix(1);
    if (text.ends_with('"')) text.remove_suffix(1);
    return text;
}

// Between 0 and 1, at most three decimals (RFC 9110 section 12.4.2); anything else means "not wanted".
double quality_of(std::string_view text) {
    double value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    return read.ec == std::errc{} && read.ptr == text.data() + text.size() ? std::clamp(value, 0.0, 1.0) : 0;
}

Media parse_media(std::string_view text) {
    const std::string lower = lower_case(text);
    const auto parts = parts_of(lower, ';');
    Media media;
    media.type = parts.front();
    for (const auto part : parts) {
        const auto equals = part.find('=');
        if (equals == std::string_view::npos) continue;
        const auto name = trimmed(part.substr(0, equals));
        const auto value = unquoted(trimmed(part.substr(equals + 1)));
        if (name == "q") media.quality = quality_of(value);
        if (name == "charset") media.charset = value;
        if (name == "fhirversion") media.r4 = value.starts_with("4.");
        if (name == "version") std::from_chars(value.data(), value.data() + value.size(), media.major);
    }
    return media;
}

bool is_ours(const Media& media) {
    return media.major <= our_major && media.r4;
}

Problem not_acceptable(std::string path, std::string diagnostics) {
    return {406, "not-supported", "REC_NOT_ACCEPTABLE", std::move(path), std::move(diagnostics)};
}

Problem wrong_version(std::string path) {
    return not_acceptable(std::move(path), "Only version 1 of the standard, on FHIR R4, is spoken here.");
}

Problem unsupported_media(std::string path, std::string diagnostics) {
    return {415, "not-supported", "REC_BAD_REQUEST", std::move(path), std::move(diagnostics)};
}

// What Accept says about one format: by its own name, or by a range that holds it.
struct Wish {
    double quality = -1;  // not named
    std::size_t position = 0;
};

struct Accepted {
    Wish json, xml, any;
    bool wrong_version = false;
};

Accepted read_accept(const std::string& accept) {
    Accepted accepted;
    std::size_t position = 0;
    for (const auto part : parts_of(accept, ',')) {
        ++position;
        if (part.empty()) continue;
        const auto media = parse_media(part);
        const bool any = media.type == "*/*" || media.type == "application/*";
        const auto format = format_named(media.type);
        if (!any && !format) continue;
        if (!is_ours(media)) {
            accepted.wrong_version = true;
            continue;
        }
        auto& wish = any ? accepted.any : *format == Format::json ? accepted.json : accepted.xml;
        if (media.quality > wish.quality) wish = {media.quality, position};
    }
    return accepted;
}

// The better wished for; then the one that is named; then the one named first; then JSON.
std::optional<Format> preferred(const Accepted& accepted) {
    const auto quality = [&](const Wish& wish) { return wish.quality >= 0 ? wish.quality : accepted.any.quality; };
    const double json = quality(accepted.json);
    const double xml = quality(accepted.xml);
    if (json <= 0 && xml <= 0) return std::nullopt;
    if (json != xml) return json > xml ? Format::json : Format::xml;
    const bool json_named = accepted.json.quality >= 0;
    const bool xml_named = accepted.xml.quality >= 0;
    if (json_named && xml_named) return accepted.json.position < accepted.xml.position ? Format::json : Format::xml;
    return xml_named ? Format::xml : Format::json;
}

// The last one given; an empty one asks for nothing.
std::string format_parameter(const Target& target) {
    std::string asked;
    for (const auto& [name, value] : target.parameters) {
        if (name == "_format") asked = value;
    }
    return asked;
}

}  // namespace

Negotiated body_format(const HeaderFields& fields) {
    constexpr auto name = "Content-Type";
    const auto media = parse_media(header_value(fields, "content-type"));
    if (media.type != "application/fhir+json" && media.type != "application/fhir+xml") {
        return {Format::json,
                unsupported_media(name, "The body must be application/fhir+json or application/fhir+xml.")};
    }
    const auto format = *format_named(media.type);
    if (!media.charset.empty() && media.charset != "utf-8" && media.charset != "utf8") {
        return {format, unsupported_media(name, "The body must be in UTF-8.")};
    }
    if (!is_ours(media)) return {format, wrong_version(name)};
    return {format, std::nullopt};
}

Negotiated answer_format(const HeaderFields& fields, const Target& target) {
    const auto accept = header_list(fields, "accept");
    const auto accepted = read_accept(accept);
    const auto by_accept = trimmed(accept).empty() ? Format::json : preferred(accepted);
    const auto asked = format_parameter(target);
    if (!asked.empty()) {
        const auto media = parse_media(asked);
        const auto format = format_named(media.type);
        if (!format) return {Format::json, not_acceptable("_format", "_format must ask for FHIR JSON or FHIR XML.")};
        if (!is_ours(media)) return {*format, wrong_version("_format")};
        // It says which format, and nothing of the version that Accept asks for.
        if (!by_accept && accepted.wrong_version) return {*format, wrong_version("Accept")};
        return {*format, std::nullopt};
    }
    if (by_accept) return {*by_accept, std::nullopt};
    if (accepted.wrong_version) return {Format::json, wrong_version("Accept")};
    return {Format::json, not_acceptable("Accept", "Answers are application/fhir+json or application/fhir+xml.")};
}

Codings codings(const HeaderFields& fields) {
    Codings found;
    const auto encoded = lower_case(header_list(fields, "content-encoding"));
    const auto accepted = header_list(fields, "accept-encoding");
    for (const auto part : parts_of(encoded, ',')) {
        if (part.empty() || part == "identity") continue;
        const bool gzip = part == "gzip" || part == "x-gzip";
        if (!gzip || found.body_gzipped) {
            found.problem = unsupported_media("Content-Encoding", "The body may be gzipped, once, or be as it is.");
            break;
        }
        found.body_gzipped = true;
    }
    std::optional<double> named, any;
    for (const auto part : parts_of(accepted, ',')) {
        const auto media = parse_media(part);
        if (media.type == "gzip" || media.type == "x-gzip") named = std::max(named.value_or(0), media.quality);
        if (media.type == "*") any = media.quality;
    }
    found.answer_gzipped = named.value_or(any.value_or(0)) > 0;
    return found;
}

}  // namespace rightplace::bars
