// Payloads travel as Any; these are the only places that open and name them.
#pragma once

#include <google/protobuf/any.pb.h>
#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <string_view>

#include "messages/envelope.pb.h"

namespace rightplace::runtime {

std::string type_name(const google::protobuf::Any& any);  // "rightplace.triage.ReviewQueued"
std::string short_name(std::string_view full_name);       // "ReviewQueued"
std::string event_name(const Event& event);               // short name of its payload
// Null when the type is unknown to this build or the bytes do not parse.
std::shared_ptr<google::protobuf::Message> unpack(const google::protobuf::Any& any);
void pack(const google::protobuf::Message& message, google::protobuf::Any& into);

}  // namespace rightplace::runtime
