// Reading the record: the verification finds what was done to a file, replay tells it, reads are answered.
#include <catch2/catch.hpp>

#include <fstream>

#include "common/base/limits.hpp"
#include "common/base/sqlite.hpp"
#include "services/audit/replay.hpp"
#include "services/audit/shell/read_service.hpp"
#include "services/audit/shell/sqlite_journal.hpp"
#include "tests/sim/sim_journal.hpp"
#include "tests/unit/audit_fakes.hpp"

using namespace rightplace;
using namespace rightplace::test;

namespace {

struct Record {
    Record() {
        REQUIRE(audit::create_journal(path, hub).ok());
        ManualClock clock;
        audit::JournalOptions options;
        options.spare_bytes = 0;
        auto opened = audit::SqliteJournal::open(path, hub, clock, options);
        REQUIRE(opened.ok());
        auto& journal = *opened.value();
        journal.open_epoch(0, history(1).front(), [](auto done) { REQUIRE(done.ok()); });
        journal.append(1, history(9, 2), [](auto done) { REQUIRE(done.ok()); });
        clock.advance(0);
        audit::Frontier tree;
        for (const auto& event : history(9)) {
            tree.add(audit::leaf_hash(event));
            roots.push_back(tree.root());
        }
    }
    void damage(const std::string& sql) {
        auto database = sqlite::Database::open(path, sqlite::Open::read_write);
        REQUIRE(database.value().run(sql).ok());
    }
    // Replaces the bytes of one event, and whatever hides that on the surface.
    void forge(std::uint64_t seq, const std::string& bytes) {
        auto database = sqlite::Database::open(path, sqlite::Open::read_write);
        auto update = database.value().prepare("UPDATE events SET bytes=?2, leaf=?3 WHERE seq=?1");
        auto& sql = update.value();
        REQUIRE(sql.bind(1, std::int64_t(seq)).bind_blob(2, bytes).bind_blob(3, audit::leaf_hash(bytes)).run().ok());
    }
    audit::Verification verify(std::optional<audit::KnownRoot> known = {}) {
        auto verified = audit::verify_journal(path, known);
        REQUIRE(verified.ok());
        return verified.value();
    }
    void require_fault(std::uint64_t seq, const std::string& part, std::optional<audit::KnownRoot> known = {}) {
        const auto verified = verify(known);
        REQUIRE_FALSE(verified.sound());
        CAPTURE(verified.fault->what);
        REQUIRE(verified.fault->seq == seq);
        REQUIRE(verified.fault->what.find(part) != std::string::npos);
    }
    TempFolder folder;
    std::string path = folder.file("journal.db");
    std::vector<std::string> roots;
};

}  // namespace

TEST_CASE("a sound record verifies, with roots kept elsewhere") {
    Record at;
    const auto verified = at.verify();
    REQUIRE(verified.sound());
    REQUIRE(verified.seq == 9);
    REQUIRE(verified.epoch == 1);
    REQUIRE(verified.root == at.roots.back());
    REQUIRE(verified.hub == hub);
    for (std::uint64_t seq = 1; seq <= 9; ++seq) REQUIRE(at.verify(audit::KnownRoot{seq, at.roots[seq - 1]}).sound());
}

TEST_CASE("the verification names the first fault") {
    Record at;
    SECTION("flipped byte") {
        at.damage("UPDATE events SET bytes = CAST(x'00' || substr(bytes, 2) AS BLOB) WHERE seq = 4");
        at.require_fault(4, "do not give the leaf");
    }
    SECTION("changed leaf") {
        at.damage("UPDATE events SET leaf = zeroblob(32) WHERE seq = 4");
        at.require_fault(4, "do not give the leaf");
    }
    SECTION("missing row") {
        at.damage("DELETE FROM events WHERE seq = 5");
        at.require_fault(5, "missing");
    }
    SECTION("missing end") {
        at.damage("DELETE FROM events WHERE seq > 7");
        at.require_fault(8, "missing");
    }
    SECTION("changed prev") {
        at.forge(6, stored_event({.seq = 6, .prev = event_id(4), .recorded = start_ms + 6}));
        at.require_fault(6, "names another event before it");
    }
    SECTION("changed column") {
        at.damage("UPDATE events SET case_id = 'case-b' WHERE seq = 6");
        at.require_fault(6, "case_id");
    }
    SECTION("rewritten event with a new leaf") {
        at.forge(9, stored_event({.seq = 9,
                                  .prev = event_id(8),
                                  .case_id = "case-a",
                                  .recorded = start_ms + 9,
                                  .actor = "somebody-else"}));
        at.require_fault(10, "hash tree");
    }
    SECTION("lowered epoch") {
        at.forge(7, stored_event({.seq = 7, .epoch = 3, .prev = event_id(6), .recorded = start_ms + 7}));
        at.require_fault(7, "epoch");
    }
    SECTION("wrong root") {
        at.require_fault(5, "kept elsewhere", audit::KnownRoot{5, at.roots[5]});
    }
    SECTION("root of a longer record") {
        at.require_fault(10, "missing", audit::KnownRoot{12, at.roots[5]});
    }
    SECTION("not an event") {
        at.forge(3, "noise");
        at.require_fault(3, "not a stored event");
    }
}

TEST_CASE("a checkpoint that states another root is a fault") {
    audit::Verifier verifier(hub, std::nullopt);
    const auto row_of = [](const std::string& bytes) {
        Event event;
        event.ParseFromString(bytes);
        const std::string& url = event.payload().type_url();
        return audit::JournalRow{event.seq(),
                                 event.epoch(),
                                 event.event_id(),
                                 event.prev(),
                                 url.substr(url.rfind('.') + 1),
                                 event.service(),
                                 event.aggregate_type(),
                                 event.aggregate_id(),
                                 event.case_id(),
                                 to_ms(event.recorded_at()),
                                 audit::leaf_hash(bytes),
                                 bytes};
    };
    audit::Frontier tree;
    for (const auto& each : history(3)) {
        REQUIRE(verifier.add(row_of(each)));
        tree.add(audit::leaf_hash(each));
    }
    const bool right = GENERATE(true, false);
    audit::JournalCheckpoint checkpoint;
    checkpoint.set_seq(right ? 3 : 2);
    checkpoint.set_root(tree.root());
    Event event;
    event.ParseFromString(stored_event({.seq = 4, .prev = event_id(3), .opens_epoch = true}));
    event.mutable_payload()->PackFrom(checkpoint);
    REQUIRE(verifier.add(row_of(event.SerializeAsString())) == right);
}

TEST_CASE("a truncated file is reported, not believed") {
    Record at;
    const auto size = std::filesystem::file_size(at.path);
    std::filesystem::resize_file(at.path, size / 4096 / 2 * 4096);
    const auto verified = audit::verify_journal(at.path);
    REQUIRE((!verified.ok() || !verified.value().sound()));
    std::filesystem::resize_file(at.path, 100);
    REQUIRE_FALSE(audit::verify_journal(at.path).ok());
    REQUIRE_FALSE(audit::verify_journal(at.folder.file("none")).ok());
}

TEST_CASE("known roots are HEX@SEQ") {
    const std::string hex(64, 'a');
    REQUIRE(audit::parse_known_root(hex + "@12")->seq == 12);
    for (const std::string bad : {"", "@", "12", "aa@1"}) REQUIRE_FALSE(audit::parse_known_root(bad).has_value());
    REQUIRE_FALSE(audit::parse_known_root(hex + "@").has_value());
    REQUIRE_FALSE(audit::parse_known_root(hex + "@1x").has_value());
}

TEST_CASE("a journal that audit holds is not read behind its back") {
    Record at;
    ManualClock clock;
    const auto held = audit::SqliteJournal::open(at.path, hub, clock);
    REQUIRE(held.ok());
    const auto verified = audit::verify_journal(at.path);
    REQUIRE_FALSE(verified.ok());
    REQUIRE(verified.error().find("audit holds this journal") != std::string::npos);
}

TEST_CASE("replay filters by case, number, name, time and hub") {
    Record at;
    const auto seqs = [&](const audit::ReplayFilter& filter) {
        std::vector<std::uint64_t> found;
        const auto told = audit::replay_journal(at.path, filter, [&](const audit::ReplayRow& row) {
            found.push_back(row.seq);
            return true;
        });
        REQUIRE(told.value() == found.size());
        return found;
    };
    using Seqs = std::vector<std::uint64_t>;
    REQUIRE(seqs({}).size() == 9);
    REQUIRE(seqs({.case_id = "case-a"}) == Seqs{3, 6, 9});
    REQUIRE(seqs({.case_id = "P-case-a"}) == Seqs{3, 6, 9});
    REQUIRE(seqs({.name = "EpochOpened"}) == Seqs{1});
    REQUIRE(seqs({.from = start_ms + 4, .to = start_ms + 6}) == Seqs{4, 5});
    REQUIRE(seqs({.hub = "ashford"}).empty());
    audit::ReplayRow first;
    REQUIRE(audit::replay_journal(at.path, {}, [&](const auto& row) {
                first = row;
                return false;
            }).value() == 1);
    REQUIRE(first.name == "EpochOpened");
    REQUIRE(first.actor == "staff-1");
    REQUIRE(first.aggregate == std::string("journal/") + hub);
}

TEST_CASE("events are told as JSON with the contract's own field names") {
    const audit::EventJson json;
    const auto line = json.line(history(3, 3).front());
    REQUIRE(line.find("\"case_number\":\"P-case-a\"") != std::string::npos);
    REQUIRE(line.find("\"@type\":\"type.googleapis.com/rightplace.runtime.ReactionParked\"") != std::string::npos);
    REQUIRE(line.find("\"recorded_at\":\"2026-") != std::string::npos);
    REQUIRE(line.find('\n') == std::string::npos);
    REQUIRE(json.line("\xff\xff").empty());
    Record at;
    const auto sets = audit::journal_descriptors(at.path);
    REQUIRE(sets.value().size() == 1);
    REQUIRE(audit::EventJson(sets.value()).line(history(3, 3).front()) == line);
}

namespace {

struct Reads {
    Reads() {
        service.serve(hub, journal);
        journal.open_epoch(0, history(1).front(), [](auto) {});
        journal.append(1, history(5, 2), [](auto) {});
        clock.advance(5);
    }
    void append(std::uint64_t last, std::uint64_t from) {
        journal.append(1, history(last, from), [this](auto) { service.on_appended(hub); });
    }
    std::shared_ptr<std::optional<audit::ReadReply>> ask(audit::Read read) {
        if (read.hub().empty()) read.set_hub(hub);
        read.set_request_id("r1");
        auto reply = std::make_shared<std::optional<audit::ReadReply>>();
        service.handle(read.SerializeAsString(), [reply](const std::string& bytes) {
            REQUIRE_FALSE(reply->has_value());
            reply->emplace();
            REQUIRE((*reply)->ParseFromString(bytes));
        });
        clock.advance(2);
        return reply;
    }
    static audit::Read from(std::uint64_t seq, std::uint32_t wait_ms = 0, const std::string& case_id = {}) {
        audit::Read read;
        read.set_from_seq(seq);
        read.set_wait_ms(wait_ms);
        read.set_case_id(case_id);
        return read;
    }
    ManualClock clock;
    sim::SimJournal journal{clock, hub, "id", 1};
    audit::ReadService service{clock};
};

}  // namespace

TEST_CASE("a read is answered with a range and the head") {
    Reads at;
    auto read = Reads::from(2);
    read.set_max_events(3);
    const auto reply = **at.ask(read);
    REQUIRE(reply.request_id() == "r1");
    REQUIRE(reply.error().empty());
    REQUIRE(reply.events_size() == 3);
    REQUIRE(reply.events(0) == history(2, 2).front());
    REQUIRE(reply.next_seq() == 5);
    REQUIRE(reply.head_seq() == 5);
    REQUIRE(reply.epoch() == 1);
    REQUIRE(reply.root().size() == 32);
    REQUIRE((**at.ask(Reads::from(1, 0, "case-a"))).events_size() == 1);
    read.set_hub("ashford");
    REQUIRE((**at.ask(read)).error() == "unknown-hub");
    std::string error;
    at.service.handle("\xff", [&](const std::string& bytes) { error = bytes; });
    REQUIRE(error.find("malformed") != std::string::npos);
}

TEST_CASE("a follow is held until an append, or its time is up") {
    Reads at;
    const auto follow = at.ask(Reads::from(6, 5'000));
    REQUIRE_FALSE(follow->has_value());
    at.append(7, 6);
    at.clock.advance(5);
    REQUIRE((*follow)->events_size() == 2);
    const auto late = at.ask(Reads::from(8, 5'000));
    at.clock.advance(4'900);
    REQUIRE_FALSE(late->has_value());
    at.clock.advance(200);
    REQUIRE((*late)->events_size() == 0);
    REQUIRE((*late)->next_seq() == 8);
    // Of a case: an append of others does not answer it.
    const auto of_case = at.ask(Reads::from(8, 5'000, "case-a"));
    at.append(8, 8);
    at.clock.advance(5);
    REQUIRE_FALSE(of_case->has_value());
    at.append(9, 9);
    at.clock.advance(5);
    REQUIRE((*of_case)->events_size() == 1);
    REQUIRE(at.service.held() == 0);
}

TEST_CASE("followers are bounded") {
    Reads at;
    std::vector<std::shared_ptr<std::optional<audit::ReadReply>>> replies;
    for (std::size_t i = 0; i < limits::read_max_followers; ++i) replies.push_back(at.ask(Reads::from(6, 20'000)));
    REQUIRE(at.service.held() == limits::read_max_followers);
    REQUIRE((**at.ask(Reads::from(6, 20'000))).error() == "too-many-followers");
    REQUIRE((**at.ask(Reads::from(1))).events_size() == 5);
    at.append(6, 6);
    at.clock.advance(5);
    for (const auto& reply : replies) REQUIRE((*reply)->events_size() == 1);
}
