// Freezes golden bytes for messages and fields that have none yet. What is frozen is never written again.
#include <google/protobuf/text_format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/contract/golden.hpp"

namespace {

using namespace rightplace::golden;
namespace fs = std::filesystem;

void write_new(const fs::path& path, const std::string& content) {
    if (fs::exists(path)) {
        std::fprintf(stderr, "make_golden: %s is frozen and stays as it is\n", path.c_str());
        std::exit(1);
    }
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
}

void freeze(const Message& message, const fs::path& path) {
    std::string text;
    google::protobuf::TextFormat::PrintToString(message, &text);
    write_new(path, message.SerializeAsString());
    write_new(fs::path(path).replace_extension(".textproto"), text);
    std::printf("froze %s\n", path.c_str());
}

std::set<int> still_open(const Descriptor& type) {
    std::set<int> open = declared_fields(type);
    for (const auto& one : frozen(SOURCE_DIR, type)) {
        const auto message = new_message(type);
        if (!message->ParseFromString(read_file(one.binary))) {
            std::fprintf(stderr, "make_golden: %s can no longer be read\n", one.binary.c_str());
            std::exit(1);
        }
        for (const int number : set_fields(*message)) open.erase(number);
    }
    return open;
}

// Only adds lines: a line that is there and no longer true is for contract_golden to find.
void freeze_enums() {
    const fs::path path = enums_path(SOURCE_DIR);
    const std::string before = fs::exists(path) ? read_file(path) : "";
    std::ofstream file(path, std::ios::app);
    for (const auto& line : all_enum_values(SOURCE_DIR)) {
        if (("\n" + before).find("\n" + line + "\n") == std::string::npos) file << line << "\n";
    }
}

}  // namespace

int main() {
    for (const auto* type : all_messages(SOURCE_DIR)) {
        std::size_t next = frozen(SOURCE_DIR, *type).size() + 1;
        for (auto open = still_open(*type); next == 1 || !open.empty(); open = still_open(*type)) {
            const auto message = new_message(*type);
            fill(*message, open);
            freeze(*message, frozen_path(SOURCE_DIR, *type, next++));
        }
    }
    freeze_enums();
}
