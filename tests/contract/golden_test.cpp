// What was written once is read for ever. See messages/README.md for the rules of change.
#include <google/protobuf/text_format.h>
#include <google/protobuf/unknown_field_set.h>
#include <google/protobuf/util/message_differencer.h>

#include <catch2/catch.hpp>
#include <sstream>

#include "messages/envelope.pb.h"
#include "messages/intake.pb.h"
#include "tests/contract/golden.hpp"

using namespace rightplace;
using namespace rightplace::golden;

namespace {

constexpr int unheard_of = 19'999;  // a field number that no .proto of ours may use

std::unique_ptr<Message> decode(const Descriptor& type, const std::string& bytes) {
    auto message = new_message(type);
    REQUIRE(message->ParseFromString(bytes));
    return message;
}

}  // namespace

TEST_CASE("every message has golden bytes, and every field is set in them") {
    const auto types = all_messages(SOURCE_DIR);
    REQUIRE(types.size() > 100);
    for (const auto* type : types) {
        INFO(type->full_name() << ": run bin/make_golden of the debug build and commit what it writes");
        const auto files = frozen(SOURCE_DIR, *type);
        CHECK_FALSE(files.empty());
        std::set<int> seen;
        for (const auto& one : files) seen.merge(set_fields(*decode(*type, read_file(one.binary))));
        CHECK(seen == declared_fields(*type));
    }
}

TEST_CASE("golden bytes mean today what they meant when they were frozen") {
    for (const auto* type : all_messages(SOURCE_DIR)) {
        for (const auto& one : frozen(SOURCE_DIR, *type)) {
            INFO(one.binary.string());
            const std::string bytes = read_file(one.binary);
            const auto message = decode(*type, bytes);
            CHECK_FALSE(has_unknown_fields(*message));  // a field was removed, or its number or wire type changed
            const auto in_words = new_message(*type);
            REQUIRE(google::protobuf::TextFormat::ParseFromString(read_file(one.text), in_words.get()));
            CHECK(google::protobuf::util::MessageDifferencer::Equals(*message, *in_words));
            CHECK(message->SerializeAsString() == bytes);
        }
    }
}

TEST_CASE("an enum value keeps its name and number") {
    std::istringstream file(read_file(enums_path(SOURCE_DIR)));
    std::set<std::string> frozen_values;
    for (std::string line; std::getline(file, line);) frozen_values.insert(line);
    const auto lines = all_enum_values(SOURCE_DIR);
    const std::set<std::string> today(lines.begin(), lines.end());
    REQUIRE(today.size() > 50);
    for (const auto& line : frozen_values) {
        INFO("renumbered, renamed or removed: " << line);
        CHECK(today.contains(line));
    }
    for (const auto& line : today) {
        INFO("not frozen yet, run bin/make_golden of the debug build: " << line);
        CHECK(frozen_values.contains(line));
    }
}

TEST_CASE("no golden file is left without its message") {
    std::set<std::string> known{enums_path(SOURCE_DIR).string()};
    for (const auto* type : all_messages(SOURCE_DIR)) {
        for (const auto& one : frozen(SOURCE_DIR, *type)) {
            known.insert(one.binary.string());
            known.insert(one.text.string());
        }
    }
    const std::filesystem::path root = std::filesystem::path(SOURCE_DIR) / "messages" / "golden";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        if (!entry.is_regular_file()) continue;
        INFO("its message was removed or renamed: " << entry.path().string());
        CHECK(known.contains(entry.path().string()));
    }
}

TEST_CASE("fields of a newer writer survive an older reader") {
    for (const auto* type : all_messages(SOURCE_DIR)) {
        INFO(type->full_name());
        const auto newer = new_message(*type);
        fill(*newer, {});
        newer->GetReflection()->MutableUnknownFields(newer.get())->AddLengthDelimited(unheard_of, "from the future");
        const auto older = decode(*type, newer->SerializeAsString());
        const auto again = decode(*type, older->SerializeAsString());
        const auto& unknown = again->GetReflection()->GetUnknownFields(*again);
        REQUIRE(unknown.field_count() == 1);
        CHECK(unknown.field(0).number() == unheard_of);
        CHECK(unknown.field(0).length_delimited() == "from the future");
    }
}

TEST_CASE("a stored event is the service's bytes, untouched, and the trailer") {
    Event written;
    fill(written, {});
    for (const char* field : {"seq", "epoch", "prev", "recorded_at"}) {
        written.GetReflection()->ClearField(&written, written.GetDescriptor()->FindFieldByName(field));
    }
    Event trailer;
    trailer.set_seq(41);
    trailer.set_epoch(2);
    trailer.set_prev("0123456789abcdef0123456789abcdef");
    trailer.mutable_recorded_at()->set_seconds(1'795'000'000);
    const std::string bytes = written.SerializeAsString();
    const std::string stored = bytes + trailer.SerializeAsString();

    Event read;
    REQUIRE(read.ParseFromString(stored));
    CHECK(read.seq() == 41);
    CHECK(read.epoch() == 2);
    CHECK(read.prev() == trailer.prev());
    CHECK(read.recorded_at().seconds() == 1'795'000'000);
    CHECK(read.SerializeAsString() == stored);  // fields above 1000 come last: what was hashed can be made again
    read.clear_seq();
    read.clear_epoch();
    read.clear_prev();
    read.clear_recorded_at();
    CHECK(read.SerializeAsString() == bytes);
}
