// The request target of HTTP: path and query, percent-encoded.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rightplace::bars {

// "+" stays what it is: senders write "application/fhir+json" and "+01:00" as they are. A "%" that begins no byte stays
// too.
std::string percent_decode(std::string_view text);

struct Target {
    std::string path;   // decoded
    std::string query;  // as sent, without "?"
    // Of the query, in its order; names and values decoded. A part without "=" is a name without a value.
    std::vector<std::pair<std::string, std::string>> parameters;
};
Target parse_target(std::string_view target);  // also the form with scheme and host (RFC 9112 section 3.2.2)

}  // namespace rightplace::bars
