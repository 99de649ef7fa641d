// Who asks, by the NHSD- headers of a request (BaRS 1.4.0). None is required, and a broken one refuses nothing: it is
// kept as sent and warned of. What is said here is said by the sender alone; nothing proves it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/requester.pb.h"
#include "services/adapters/bars/domain/header_fields.hpp"

namespace rightplace::bars {

inline constexpr const char* organisation_header = "NHSD-End-User-Organisation";

struct Requester {
    std::string organisation_ods;         // NHSD-End-User-Organisation; empty when it is no ODS code
    std::string software;                 // NHSD-Requesting-Software: name and version
    intake::Requester said;               // all of it, for the caller to seal: it names a person
    std::vector<std::string> unreadable;  // names of headers

    bool empty() const { return said.headers_size() == 0; }
};
Requester read_requester(const HeaderFields& fields);

// Base64 as it is found: of either alphabet, with padding or without, with blanks in it.
std::optional<std::string> decoded_header(std::string_view value);

}  // namespace rightplace::bars
