// The messages that a hub takes and sends, as data, and GET /MessageDefinition (BaRS core: content negotiation; the
// tests of the national kit).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "services/adapters/bars/domain/problem.hpp"
#include "services/adapters/bars/domain/query.hpp"

namespace rightplace::bars {

struct Focus {
    std::string_view resource;
    unsigned min = 0;
    std::string_view max;  // "1", "3", "*"
};

struct Definition {
    std::string_view name;  // the last part of its url
    std::string_view event;
    bool taken = true;  // else sent
    std::string_view service_request_profile;
    std::string_view application_version;  // of the BaRS Application that it belongs to
    std::span<const std::string_view> use_cases;
    std::span<const Focus> focus;
};
std::span<const Definition> definitions();
std::string definition_url(const Definition& definition);

// The service ids that a search names, from every `context`; other contexts are read over. Problems: 400 required when
// no service is named, 400 value when a context is none.
Result<std::vector<std::string>, Problems> services_asked(const Target& target);

// All definitions of a service, whatever use case was asked for: the kit asks for one and looks for another.
std::string definitions_bundle(const std::string& service_id, Format format);

}  // namespace rightplace::bars
