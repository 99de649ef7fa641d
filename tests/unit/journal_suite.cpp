// What every journal must do, whatever holds it. A new implementation joins by one more factory.
#include <catch2/catch.hpp>

#include "services/audit/shell/sqlite_journal.hpp"
#include "tests/sim/sim_journal.hpp"
#include "tests/unit/audit_fakes.hpp"

using namespace rightplace;
using namespace rightplace::test;
using audit::SqliteJournal;
using seams::JournalError;
using seams::JournalHead;
using seams::Journalled;

namespace {

struct Subject {
    virtual ~Subject() = default;
    virtual seams::Journal& journal() = 0;
    virtual void reopen() = 0;  // as after the end of the process, everything completed being on disk
    ManualClock clock;
};

struct SqliteSubject final : Subject {
    SqliteSubject() {
        REQUIRE(audit::create_journal(path, hub).ok());
        reopen();
    }
    seams::Journal& journal() override { return *held; }
    void reopen() override {
        held.reset();
        auto opened = SqliteJournal::open(path, hub, clock);
        REQUIRE(opened.ok());
        held = std::move(opened.value());
    }
    TempFolder folder;
    std::string path = folder.file("journal.db");
    std::unique_ptr<SqliteJournal> held;
};

struct SimSubject final : Subject {
    seams::Journal& journal() override { return held; }
    void reopen() override { held.crash(); }
    sim::SimJournal held{clock, hub, "0123456789abcdef0123456789abcdef", 1};
};

std::unique_ptr<Subject> make(const std::string& name) {
    if (name == "sqlite") return std::make_unique<SqliteSubject>();
    return std::make_unique<SimSubject>();
}

template <typename T, typename Call>
T wait(Subject& subject, Call call) {
    std::optional<T> result;
    call([&result](T value) { result = std::move(value); });
    REQUIRE_FALSE(result.has_value());  // never inside the call
    subject.clock.advance(10);
    REQUIRE(result.has_value());
    return *result;
}

Journalled<JournalHead> append(Subject& subject, std::uint64_t epoch, std::vector<std::string> events) {
    return wait<Journalled<JournalHead>>(subject, [&](auto done) { subject.journal().append(epoch, events, done); });
}

Journalled<JournalHead> open_epoch(Subject& subject, std::uint64_t expected, const std::string& event) {
    return wait<Journalled<JournalHead>>(subject,
                                         [&](auto done) { subject.journal().open_epoch(expected, event, done); });
}

JournalHead head(Subject& subject) {
    return wait<Journalled<JournalHead>>(subject, [&](auto done) { subject.journal().head(done); }).value();
}

seams::Journal::Page read(Subject& subject, std::uint64_t from, std::size_t most, const std::string& case_id = {}) {
    using Page = Journalled<seams::Journal::Page>;
    return wait<Page>(subject, [&](auto done) { subject.journal().read(from, most, case_id, done); }).value();
}

void fill(Subject& subject, std::uint64_t last) {
    REQUIRE(open_epoch(subject, 0, history(1).front()).ok());
    if (last > 1) REQUIRE(append(subject, 1, history(last, 2)).ok());
}

std::string root_of(const std::vector<std::string>& events) {
    audit::Frontier tree;
    for (const auto& each : events) tree.add(audit::leaf_hash(each));
    return tree.root();
}

}  // namespace

TEST_CASE("a journal keeps what was appended, byte for byte, across a reopening") {
    const auto subject = make(GENERATE("sqlite", "sim"));
    REQUIRE(head(*subject).seq == 0);
    REQUIRE(head(*subject).root == sha256(""));
    REQUIRE(head(*subject).journal_id.size() == 32);
    fill(*subject, 7);
    const auto before = head(*subject);
    subject->reopen();
    const auto after = head(*subject);
    REQUIRE(after.seq == 7);
    REQUIRE(after.epoch == 1);
    REQUIRE(after.event_id == event_id(7));
    REQUIRE(after.last_recorded == start_ms + 7);
    REQUIRE(after.root == root_of(history(7)));
    REQUIRE(after.root == before.root);
    REQUIRE(after.journal_id == before.journal_id);
    REQUIRE(read(*subject, 1, 100).events == history(7));
    REQUIRE(append(*subject, 1, history(9, 8)).value().root == root_of(history(9)));
}

TEST_CASE("a journal takes only what follows, and all of a batch or none") {
    const auto subject = make(GENERATE("sqlite", "sim"));
    fill(*subject, 3);
    const auto refused = [&](std::vector<std::string> events, JournalError error, std::uint64_t epoch = 1) {
        const auto before = head(*subject);
        const auto result = append(*subject, epoch, std::move(events));
        REQUIRE_FALSE(result.ok());
        REQUIRE(result.error().error == error);
        REQUIRE(head(*subject).seq == before.seq);
        REQUIRE(head(*subject).root == before.root);
    };
    const auto four = history(4, 4).front();
    refused({stored_event({.seq = 5, .prev = event_id(3)})}, JournalError::out_of_order);
    refused({stored_event({.seq = 3, .prev = event_id(2)})}, JournalError::out_of_order);
    refused({four, four}, JournalError::out_of_order);
    refused({stored_event({.seq = 4, .prev = event_id(2)})}, JournalError::wrong_prev);
    refused({four, stored_event({.seq = 5, .prev = event_id(3)})}, JournalError::wrong_prev);
    refused({stored_event({.seq = 4, .epoch = 2, .prev = event_id(3)})}, JournalError::other_epoch);
    refused({four}, JournalError::other_epoch, 2);
    refused({stored_event({.seq = 4, .prev = event_id(3), .id = event_id(2)})}, JournalError::out_of_order);
    refused({four, "not an event"}, JournalError::corrupt);
    REQUIRE(append(*subject, 1, {four}).ok());
}

TEST_CASE("exactly one of several callers opens an epoch") {
    const auto subject = make(GENERATE("sqlite", "sim"));
    fill(*subject, 2);
    const auto opening = [](const std::string& id, std::uint64_t epoch) {
        return stored_event({.seq = 3, .epoch = epoch, .prev = event_id(2), .id = id, .opens_epoch = true});
    };
    std::vector<Journalled<JournalHead>> results;
    for (const auto& id : {"aa", "bb"}) {
        subject->journal().open_epoch(1, opening(id, 2), [&](auto result) { results.push_back(result); });
    }
    subject->clock.advance(10);
    REQUIRE(results.size() == 2);
    REQUIRE(results[0].ok());
    REQUIRE(results[0].value().epoch == 2);
    REQUIRE_FALSE(results[1].ok());
    REQUIRE(results[1].error().error == JournalError::other_epoch);
    REQUIRE(head(*subject).event_id == "aa");
    // What belongs to the epoch before is refused, and so is an opening that raises nothing.
    REQUIRE(append(*subject, 1, {stored_event({.seq = 4, .prev = "aa"})}).error().error == JournalError::other_epoch);
    const auto lower = stored_event({.seq = 4, .epoch = 2, .prev = "aa", .id = "cc", .opens_epoch = true});
    REQUIRE(open_epoch(*subject, 2, lower).error().error == JournalError::other_epoch);
    const auto plain = stored_event({.seq = 4, .epoch = 3, .prev = "aa", .id = "dd"});
    REQUIRE(open_epoch(*subject, 2, plain).error().error == JournalError::other_epoch);
    subject->reopen();
    REQUIRE(head(*subject).epoch == 2);
}

TEST_CASE("reads come in pages, and by case") {
    const auto subject = make(GENERATE("sqlite", "sim"));
    fill(*subject, 10);
    auto page = read(*subject, 1, 4);
    REQUIRE(page.events == history(4));
    REQUIRE(page.next_seq == 5);
    page = read(*subject, 9, 4);
    REQUIRE(page.events == history(10, 9));
    REQUIRE(page.next_seq == 11);
    page = read(*subject, 11, 4);
    REQUIRE(page.events.empty());
    REQUIRE(page.next_seq == 11);
    page = read(*subject, 1, 2, "case-a");
    REQUIRE(page.events == std::vector{history(3, 3)[0], history(6, 6)[0]});
    REQUIRE(page.next_seq == 7);
    page = read(*subject, page.next_seq, 2, "case-a");
    REQUIRE(page.events == history(9, 9));
    REQUIRE(page.next_seq == 11);
    REQUIRE(read(*subject, 1, 5, "case-none").events.empty());
}

TEST_CASE("a touch changes nothing that is read") {
    const auto subject = make(GENERATE("sqlite", "sim"));
    fill(*subject, 2);
    const auto touched = wait<Journalled<JournalHead>>(*subject, [&](auto done) { subject->journal().touch(done); });
    REQUIRE(touched.ok());
    REQUIRE(touched.value().seq == 2);
    REQUIRE(touched.value().root == root_of(history(2)));
}

TEST_CASE("the simulated journal loses what was not synced, or keeps whole writes of it") {
    ManualClock clock;
    sim::SimJournal journal(clock, hub, "id", 5);
    bool completed = false;
    journal.open_epoch(0, history(1).front(), [](auto) {});
    clock.advance(5);
    journal.append(1, history(4, 2), [&](auto) { completed = true; });
    const std::size_t kept = GENERATE(0U, 2U, 3U);
    journal.crash(kept);
    clock.advance(100);
    REQUIRE_FALSE(completed);
    REQUIRE(journal.events() == history(kept == 3 ? 4 : 1));
}
