// Replay and verify on a real journal file, whole and damaged.
#include <catch2/catch.hpp>

#include <sstream>

#include "common/base/sqlite.hpp"
#include "services/audit/shell/sqlite_journal.hpp"
#include "services/cli/shell/audit_commands.hpp"
#include "tests/unit/audit_fakes.hpp"

using namespace rightplace;
using namespace rightplace::cli;

namespace {

constexpr std::size_t events = 11;

struct WrittenJournal {
    WrittenJournal() {
        REQUIRE(audit::create_journal(path, test::hub).ok());
        test::ManualClock clock;
        auto opened = audit::SqliteJournal::open(path, test::hub, clock);
        REQUIRE(opened.ok());
        auto history = test::history(events);
        std::optional<seams::Journalled<seams::JournalHead>> done;
        const auto keep = [&done](auto result) { done = result; };
        opened.value()->open_epoch(0, history.front(), keep);
        clock.advance(0);
        history.erase(history.begin());
        opened.value()->append(1, history, keep);
        clock.advance(0);
        REQUIRE((done && done->ok()));
        root = to_hex(done->value().root);
    }
    void damage(const std::string& sql) {
        auto database = sqlite::Database::open(path, sqlite::Open::read_write);
        REQUIRE(database.ok());
        REQUIRE(database.value().run(sql).ok());
    }
    int verify(const std::string& known = "") {
        out.str("");
        return run_verify_file({"", path, known, false}, out, err);
    }
    test::TempFolder folder;
    std::string path = folder.file("journal.db");
    std::string root;
    std::ostringstream out;
    std::ostringstream err;
};

}  // namespace

TEST_CASE("a whole journal is sound, and its root is the one that audit keeps") {
    WrittenJournal journal;
    CHECK(journal.verify() == 0);
    CHECK_THAT(journal.out.str(), Catch::Contains("sound. 11 events") && Catch::Contains(journal.root + "@11"));
    CHECK(journal.verify(journal.root + "@11") == 0);
    CHECK(journal.verify(journal.root + "@10") == 1);
    CHECK(journal.verify(journal.root + "@12") == 1);
    CHECK(journal.verify("root") == 1);
}

TEST_CASE("whatever was altered in a journal is found") {
    WrittenJournal journal;
    SECTION("an event's bytes") {
        journal.damage("UPDATE events SET bytes = (SELECT bytes FROM events WHERE seq = 4) WHERE seq = 5");
    }
    SECTION("an event with one bit turned, and its leaf left") {
        journal.damage("UPDATE events SET bytes = CAST(bytes || x'9a0600' AS BLOB) WHERE seq = 5");
    }
    SECTION("a leaf") {
        journal.damage("UPDATE events SET leaf = zeroblob(32) WHERE seq = 5");
    }
    SECTION("an event taken out") {
        journal.damage("DELETE FROM events WHERE seq = 5");
    }
    SECTION("the last events taken out") {
        journal.damage("DELETE FROM events WHERE seq > 8");
    }
    SECTION("the tree") {
        journal.damage("UPDATE meta SET value = zeroblob(96) WHERE key = 'frontier'");
    }
    SECTION("a column that is searched by") {
        journal.damage("UPDATE events SET name = 'Other' WHERE seq = 5");
    }
    CHECK(journal.verify() == 1);
    CHECK_THAT(journal.out.str(), Catch::Contains("NOT SOUND"));
}

TEST_CASE("replay tells a journal's events in order") {
    WrittenJournal journal;
    CHECK(run_replay_file({"", journal.path, "", "", "", "", true}, journal.out, journal.err) == 0);
    std::istringstream lines(journal.out.str());
    std::string line;
    std::size_t count = 0;
    while (std::getline(lines, line)) CHECK_THAT(line, Catch::Contains("\"seq\":\"" + std::to_string(++count) + "\""));
    CHECK(count == events);
    CHECK(run_replay_file({"", journal.path + "x", "", "", "", "", true}, journal.out, journal.err) == 1);
    CHECK_THAT(journal.err.str(), Catch::Contains("no journal"));
}
