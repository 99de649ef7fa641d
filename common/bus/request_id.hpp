// The four messages of request-and-answer sockets (Request, Response, Read, ReadReply) carry their
// request_id as field 1. It is read and set here without parsing the rest.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rightplace::bus {

// Nothing when the bytes are no protobuf message at all; empty when it has no id.
std::optional<std::string> request_id_of(std::string_view message);
// Appends: of a field that is there twice, a parser takes the last.
std::string with_request_id(std::string message, std::string_view id);

}  // namespace rightplace::bus
