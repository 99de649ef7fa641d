#include "common/runtime/payload.hpp"

#include <google/protobuf/descriptor.h>

namespace rightplace::runtime {

using google::protobuf::Any;
using google::protobuf::Message;

std::string type_name(const Any& any) {
    const auto& url = any.type_url();
    const auto slash = url.rfind('/');
    return slash == std::string::npos ? url : url.substr(slash + 1);
}

std::string short_name(std::string_view full_name) {
    const auto dot = full_name.rfind('.');
    return std::string(dot == std::string_view::npos ? full_name : full_name.substr(dot + 1));
}

std::string event_name(const Event& event) {
    return short_name(type_name(event.payload()));
}

std::shared_ptr<Message> unpack(const Any& any) {
    const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(type_name(any));
    if (descriptor == nullptr) return nullptr;
    const auto* prototype = google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor);
    if (prototype == nullptr) return nullptr;
    std::shared_ptr<Message> message(prototype->New());
    return message->ParseFromString(any.value()) ? message : nullptr;
}

void pack(const Message& message, Any& into) {
    into.PackFrom(message);
}

}  // namespace rightplace::runtime
