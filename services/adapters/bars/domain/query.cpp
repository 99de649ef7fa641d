#include "services/adapters/bars/domain/query.hpp"

#include "common/base/hash.hpp"
#include "services/adapters/bars/domain/bundle.hpp"
#include "services/adapters/bars/domain/header_fields.hpp"

namespace rightplace::bars {

std::string percent_decode(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool pair = text[i] == '%' && i + 2 < text.size();
        const std::string byte = pair ? from_hex(lower_case(text.substr(i + 1, 2))) : std::string();
        out += byte.empty() ? text[i] : byte[0];
        if (!byte.empty()) i += 2;
    }
    return out;
}

Target parse_target(std::string_view target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!lower_case(target.substr(0, scheme.size())).starts_with(scheme)) continue;
        const auto slash = target.find('/', scheme.size());
        target = slash == std::string_view::npos ? "/" : target.substr(slash);
        break;
    }
    target = target.substr(0, target.find('#'));
    const auto mark = target.find('?');
    Target parsed;
    parsed.path = percent_decode(target.substr(0, mark));
    if (mark == std::string_view::npos) return parsed;
    parsed.query = target.substr(mark + 1);
    for (const auto part : parts_of(parsed.query, '&')) {
        if (part.empty()) continue;
        const auto equals = part.find('=');
        const auto value = equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
        parsed.parameters.emplace_back(percent_decode(part.substr(0, equals)), percent_decode(value));
    }
    return parsed;
}

}  // namespace rightplace::bars
