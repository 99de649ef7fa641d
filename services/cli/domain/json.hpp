// Protobuf JSON as every surface speaks it: the proto's own field names, one object on one line.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "messages/envelope.pb.h"

namespace rightplace::cli {

template <typename T>
using OrWhy = Result<T, std::string>;  // the error is a sentence that says what to do

// Registers every message of the contract, so that any payload can be named in JSON. Harmless to repeat.
void know_all_messages();

std::string to_json(const google::protobuf::Message& message);
// As to_json; a payload that this program does not know is kept as its type and base64 bytes.
std::string event_to_json(const Event& event);
// Strict: an unknown field is an error, so that nothing plain slips into a message unnoticed.
OrWhy<bool> from_json(std::string_view text, google::protobuf::Message& into);

// A parser's sentence without the values it quotes: they may identify a person.
std::string without_values(std::string_view sentence);

}  // namespace rightplace::cli
