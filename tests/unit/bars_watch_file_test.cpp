// The breach watch's own file: preallocated, and a write that was cut off leaves the one before.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "services/adapters/bars/shell/watch_file.hpp"
#include "tests/unit/audit_fakes.hpp"

using namespace rightplace;
using namespace rightplace::bars;

namespace {

constexpr std::size_t slots = 4, copy_bytes = 8'192;
constexpr std::size_t header_bytes = 48;

WatchFile open_file(const std::string& path) {
    auto opened = WatchFile::open(path, slots, copy_bytes);
    REQUIRE(opened.ok());
    return std::move(opened.value());
}

void damage(const std::string& path, std::size_t at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(std::streamoff(at));
    file.put('~');
    REQUIRE(file.good());
}

}  // namespace

TEST_CASE("The watch's file has its room from the start, before the disk is full") {
    const test::TempFolder folder;
    const auto path = folder.file("watch");
    open_file(path);
    struct stat is {};
    REQUIRE(stat(path.c_str(), &is) == 0);
    CHECK(std::size_t(is.st_size) == slots * copy_bytes * 2);
    CHECK(std::size_t(is.st_blocks) * 512 >= slots * copy_bytes * 2);
}

TEST_CASE("What was written is found again, the newest of each slot; what was erased is not") {
    const test::TempFolder folder;
    const auto path = folder.file("watch");
    {
        auto file = open_file(path);
        for (const std::string bytes : {"first", "second", "third"}) REQUIRE(file.write(1, bytes));
        REQUIRE(file.write(2, "gone"));
        REQUIRE(file.erase(2));
    }
    const auto again = open_file(path);
    REQUIRE(again.found().size() == 1);
    CHECK(again.found()[0].slot == 1);
    CHECK(again.found()[0].bytes == "third");
    CHECK(again.torn() == 0);
}

TEST_CASE("A write that was cut off leaves the one before") {
    const test::TempFolder folder;
    const auto path = folder.file("watch");
    {
        auto file = open_file(path);
        REQUIRE(file.write(0, "first"));   // generation 1: the slot's second half
        REQUIRE(file.write(0, "second"));  // generation 2: its first half
    }
    damage(path, header_bytes + 2);
    {
        auto torn = open_file(path);
        CHECK(torn.torn() == 1);
        REQUIRE(torn.found().size() == 1);
        CHECK(torn.found()[0].bytes == "first");
        REQUIRE(torn.write(0, "third"));  // over the torn half, not over the sound one
    }
    damage(path, header_bytes + 2);
    const auto again = open_file(path);
    REQUIRE(again.found().size() == 1);
    CHECK(again.found()[0].bytes == "first");
}

TEST_CASE("What does not fit is refused, and overwrites nothing") {
    const test::TempFolder folder;
    const auto path = folder.file("watch");
    {
        auto file = open_file(path);
        CHECK(file.capacity() == copy_bytes - header_bytes);
        REQUIRE(file.write(3, std::string(file.capacity(), 'x')));
        CHECK_FALSE(file.write(3, std::string(file.capacity() + 1, 'y')));
        CHECK_FALSE(file.write(3, ""));
    }
    const auto again = open_file(path);
    REQUIRE(again.found().size() == 1);
    CHECK(again.found()[0].bytes.front() == 'x');
}
