#include "tests/contract/golden.hpp"

#include <google/protobuf/any.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/unknown_field_set.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "messages/intake.pb.h"

namespace rightplace::golden {
namespace {

namespace fs = std::filesystem;
using google::protobuf::DescriptorPool;
using google::protobuf::Reflection;

constexpr int repeats = 2;
constexpr std::uint64_t beyond_double = (std::uint64_t{1} << 53U) + 1;  // lost by anything that goes through a double

using google::protobuf::EnumDescriptor;
using google::protobuf::FileDescriptor;

void add_enum(const EnumDescriptor& type, std::vector<std::string>& lines) {
    for (int i = 0; i < type.value_count(); ++i) {
        const auto& value = *type.value(i);
        lines.push_back(type.full_name() + " " + value.name() + " = " + std::to_string(value.number()));
    }
}

std::vector<const FileDescriptor*> all_files(const fs::path& source_dir) {
    std::vector<fs::path> protos;
    for (const auto& entry : fs::directory_iterator(source_dir / "messages")) {
        if (entry.path().extension() == ".proto") protos.push_back(entry.path());
    }
    std::sort(protos.begin(), protos.end());
    std::vector<const FileDescriptor*> found;
    for (const auto& proto : protos) {
        const std::string name = "messages/" + proto.filename().string();
        const auto* file = DescriptorPool::generated_pool()->FindFileByName(name);
        if (file == nullptr) throw std::runtime_error(name + " is not part of the build: see messages/CMakeLists.txt");
        found.push_back(file);
    }
    return found;
}

void add_nested(const Descriptor& type, std::vector<const Descriptor*>& found) {
    found.push_back(&type);
    for (int i = 0; i < type.nested_type_count(); ++i) add_nested(*type.nested_type(i), found);
}

// "messages/triage.proto" -> "triage"
std::string folder(const Descriptor& type) {
    return fs::path(type.file()->name()).stem().string();
}

// "rightplace.intake.Contact.Method" -> "Contact.Method"
std::string short_name(const Descriptor& type) {
    return type.full_name().substr(type.file()->package().size() + 1);
}

void fill_well_known(google::protobuf::Timestamp& at, int salt) {
    at.set_seconds(1'795'000'000 + salt);
    at.set_nanos(678'000'000);
}

bool fill_well_known(Message& message, int salt) {
    if (auto* at = dynamic_cast<google::protobuf::Timestamp*>(&message)) {
        fill_well_known(*at, salt);
        return true;
    }
    if (auto* any = dynamic_cast<google::protobuf::Any*>(&message)) {
        intake::CaseClosed inside;
        inside.set_reason("inside");
        any->PackFrom(inside);
        return true;
    }
    return false;
}

std::string text_for(const FieldDescriptor& field, int index) {
    const std::string text = field.name() + "-" + std::to_string(index);
    return field.type() == FieldDescriptor::TYPE_BYTES ? std::string("\0\xff", 2) + text : text;
}

// Sets a singular field, or adds one element to a repeated one.
void put(Message& message, const FieldDescriptor& field, int index) {
    const Reflection& access = *message.GetReflection();
    const int salt = field.number() * 10 + index;
    const bool many = field.is_repeated();
    const auto wide = static_cast<std::int64_t>(beyond_double) + salt;
    switch (field.cpp_type()) {
        case FieldDescriptor::CPPTYPE_INT32:
            return many ? access.AddInt32(&message, &field, -salt) : access.SetInt32(&message, &field, -salt);
        case FieldDescriptor::CPPTYPE_UINT32:
            return many ? access.AddUInt32(&message, &field, unsigned(salt))
                        : access.SetUInt32(&message, &field, unsigned(salt));
        case FieldDescriptor::CPPTYPE_INT64:
            return many ? access.AddInt64(&message, &field, -wide) : access.SetInt64(&message, &field, -wide);
        case FieldDescriptor::CPPTYPE_UINT64:
            return many ? access.AddUInt64(&message, &field, std::uint64_t(wide))
                        : access.SetUInt64(&message, &field, std::uint64_t(wide));
        case FieldDescriptor::CPPTYPE_DOUBLE:
            return many ? access.AddDouble(&message, &field, salt + 0.5)
                        : access.SetDouble(&message, &field, salt + 0.5);
        case FieldDescriptor::CPPTYPE_FLOAT:
            return many ? access.AddFloat(&message, &field, float(salt) + 0.5F)
                        : access.SetFloat(&message, &field, float(salt) + 0.5F);
        case FieldDescriptor::CPPTYPE_BOOL:
            return many ? access.AddBool(&message, &field, true) : access.SetBool(&message, &field, true);
        case FieldDescriptor::CPPTYPE_STRING:
            return many ? access.AddString(&message, &field, text_for(field, index))
                        : access.SetString(&message, &field, text_for(field, index));
        case FieldDescriptor::CPPTYPE_ENUM: {
            const auto* last = field.enum_type()->value(field.enum_type()->value_count() - 1);
            return many ? access.AddEnum(&message, &field, last) : access.SetEnum(&message, &field, last);
        }
        case FieldDescriptor::CPPTYPE_MESSAGE: {
            Message* inner = many ? access.AddMessage(&message, &field) : access.MutableMessage(&message, &field);
            if (!fill_well_known(*inner, salt)) fill(*inner, {});
            return;
        }
    }
}

bool chosen(const FieldDescriptor& field, const std::set<int>& wanted) {
    const auto* oneof = field.real_containing_oneof();
    if (oneof == nullptr) return true;
    const FieldDescriptor* choice = oneof->field(0);
    for (int i = oneof->field_count() - 1; i >= 0; --i) {
        if (wanted.contains(oneof->field(i)->number())) choice = oneof->field(i);
    }
    return choice == &field;
}

}  // namespace

std::vector<const Descriptor*> all_messages(const fs::path& source_dir) {
    std::vector<const Descriptor*> found;
    for (const auto* file : all_files(source_dir)) {
        for (int i = 0; i < file->message_type_count(); ++i) add_nested(*file->message_type(i), found);
    }
    return found;
}

fs::path enums_path(const fs::path& source_dir) {
    return source_dir / "messages" / "golden" / "enums.txt";
}

std::vector<std::string> all_enum_values(const fs::path& source_dir) {
    std::vector<std::string> lines;
    for (const auto* file : all_files(source_dir)) {
        for (int i = 0; i < file->enum_type_count(); ++i) add_enum(*file->enum_type(i), lines);
    }
    for (const auto* type : all_messages(source_dir)) {
        for (int i = 0; i < type->enum_type_count(); ++i) add_enum(*type->enum_type(i), lines);
    }
    return lines;
}

fs::path frozen_path(const fs::path& source_dir, const Descriptor& type, std::size_t number) {
    return source_dir / "messages" / "golden" / folder(type) /
           (short_name(type) + "." + std::to_string(number) + ".binpb");
}

std::vector<Frozen> frozen(const fs::path& source_dir, const Descriptor& type) {
    std::vector<Frozen> found;
    for (std::size_t number = 1;; ++number) {
        Frozen one{frozen_path(source_dir, type, number), {}};
        if (!fs::exists(one.binary)) return found;
        one.text = fs::path(one.binary).replace_extension(".textproto");
        found.push_back(std::move(one));
    }
}

std::string read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path.string());
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::unique_ptr<Message> new_message(const Descriptor& type) {
    return std::unique_ptr<Message>(google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

std::set<int> set_fields(const Message& message) {
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    std::set<int> numbers;
    for (const auto* field : fields) numbers.insert(field->number());
    return numbers;
}

std::set<int> declared_fields(const Descriptor& type) {
    std::set<int> numbers;
    for (int i = 0; i < type.field_count(); ++i) numbers.insert(type.field(i)->number());
    return numbers;
}

void fill(Message& message, const std::set<int>& wanted) {
    const Descriptor& type = *message.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
        const FieldDescriptor& field = *type.field(i);
        if (!chosen(field, wanted)) continue;
        for (int index = 1; index <= (field.is_repeated() ? repeats : 1); ++index) put(message, field, index);
    }
}

bool has_unknown_fields(const Message& message) {
    const Reflection& access = *message.GetReflection();
    if (!access.GetUnknownFields(message).empty()) return true;
    std::vector<const FieldDescriptor*> fields;
    access.ListFields(message, &fields);
    for (const auto* field : fields) {
        if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
        const int count = field->is_repeated() ? access.FieldSize(message, field) : 1;
        for (int i = 0; i < count; ++i) {
            const Message& inner =
                field->is_repeated() ? access.GetRepeatedMessage(message, field, i) : access.GetMessage(message, field);
            if (has_unknown_fields(inner)) return true;
        }
    }
    return false;
}

}  // namespace rightplace::golden
