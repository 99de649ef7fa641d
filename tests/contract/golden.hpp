// Golden bytes: messages/golden/<proto>/<Message>.<n>.binpb, as they were when frozen, each with the
// same thing in words beside it (.textproto). Every field of every message is set in one of them.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace rightplace::golden {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Every message that messages/*.proto declares, nested ones included. The error of a .proto that is not
// part of the build is an exception: a build mistake.
std::vector<const Descriptor*> all_messages(const std::filesystem::path& source_dir);

struct Frozen {
    std::filesystem::path binary;
    std::filesystem::path text;
};
// What is frozen of one message, by number.
std::vector<Frozen> frozen(const std::filesystem::path& source_dir, const Descriptor& type);
std::filesystem::path frozen_path(const std::filesystem::path& source_dir, const Descriptor& type, std::size_t number);

// One line for each enum value, "rightplace.intake.Category C2 = 2", in messages/golden/enums.txt.
std::filesystem::path enums_path(const std::filesystem::path& source_dir);
std::vector<std::string> all_enum_values(const std::filesystem::path& source_dir);

std::string read_file(const std::filesystem::path& path);
std::unique_ptr<Message> new_message(const Descriptor& type);

// Numbers of the fields that the message has set (top level).
std::set<int> set_fields(const Message& message);
std::set<int> declared_fields(const Descriptor& type);

// Sets every field, the same way each time. Of a oneof the first field in `wanted`, or else its first field.
void fill(Message& message, const std::set<int>& wanted);

// True when a field came in that today's .proto does not know, at any depth.
bool has_unknown_fields(const Message& message);

}  // namespace rightplace::golden
