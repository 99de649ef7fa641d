// GET /metadata: what this server does (BaRS core: capability statement). Nothing stands here that is not served.
#pragma once

#include <string>
#include <string_view>

#include "services/adapters/bars/domain/fhir_document.hpp"

namespace rightplace::bars {

std::string capability_statement(std::string_view version, Format format);

}  // namespace rightplace::bars
