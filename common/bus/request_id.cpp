#include "common/bus/request_id.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

namespace rightplace::bus {
namespace {

using google::protobuf::internal::WireFormatLite;
constexpr std::uint32_t id_tag = (1U << 3) | WireFormatLite::WIRETYPE_LENGTH_DELIMITED;

}  // namespace

std::optional<std::string> request_id_of(std::string_view message) {
    google::protobuf::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(message.data()),
                                              static_cast<int>(message.size()));
    std::string id;
    while (const std::uint32_t tag = in.ReadTag()) {
        if (tag == id_tag ? !WireFormatLite::ReadBytes(&in, &id) : !WireFormatLite::SkipField(&in, tag)) {
            return std::nullopt;
        }
    }
    if (!in.ConsumedEntireMessage()) return std::nullopt;
    return id;
}

std::string with_request_id(std::string message, std::string_view id) {
    message.push_back(static_cast<char>(id_tag));
    std::size_t left = id.size();
    for (; left >= 0x80; left >>= 7) message.push_back(static_cast<char>((left & 0x7f) | 0x80));
    message.push_back(static_cast<char>(left));
    message.append(id);
    return message;
}

}  // namespace rightplace::bus
