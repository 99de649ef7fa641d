// What the record and the store stand on: a library of another version, a full disk, a journal that is another one.
#include <sys/mount.h>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "common/base/hash.hpp"
#include "common/runtime/payload.hpp"
#include "common/store/library.hpp"
#include "messages/audit.pb.h"
#include "messages/vault.pb.h"
#include "services/audit/shell/journal_file.hpp"
#include "services/vault/shell/key_store.hpp"
#include "tests/fault/load.hpp"

using namespace rightplace;
using namespace rightplace::testing;

namespace {

constexpr std::size_t in_flight = 16;

std::string last_reason(Stack& stack) {
    std::string reason;
    for (const auto& stored : stack.journal()) {
        Event event;
        audit::EpochOpened opened;
        if (event.ParseFromString(stored) && event.payload().UnpackTo(&opened)) reason = opened.reason();
    }
    return reason;
}

bool all_ready(Stack& stack, std::int64_t ms = 60'000) {
    std::string why;
    return stack.wait_until([&] { return stack.ready(why); }, ms);
}

// A small file system of its own over the journal's folder, as long as the object lives.
struct SmallDisk {
    explicit SmallDisk(const std::string& at, const std::string& size) : path(at) {
        mounted = ::mount("tmpfs", path.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
    }
    ~SmallDisk() {
        if (mounted) ::umount2(path.c_str(), MNT_DETACH);
    }
    std::string ballast() const { return path + "/ballast"; }
    void fill() const {
        std::ofstream file(ballast(), std::ios::binary);
        const std::string part(4'096, 'x');
        while (file.write(part.data(), std::streamsize(part.size())).flush()) {
        }
    }
    // tests/run counts these lines.
    bool absent() const {
        if (!mounted) std::cout << "skipped: only root can mount a small disk\n";
        return !mounted;
    }
    std::string path;
    bool mounted = false;
};

vault::SpooledView view(int number) {
    vault::SpooledView made;
    made.command_id = derived_id({"view", std::to_string(number)});
    made.hub = "ashford";
    made.by.set_id("staff-1");
    made.view.set_case_id("case-" + std::to_string(number));
    return made;
}

std::string accept_advice(const Stack& stack, const std::string& journal_id) {
    return "rightplace audit accept-new-journal --hub " + stack.hub() + " --journal-id " + journal_id;
}

}  // namespace

TEST_CASE("A library of another version in Redis is replaced, through an epoch, running or at the start") {
    const bool audit_is_down = GENERATE(false, true);
    Stack stack;
    stack.start_all();
    Load load(stack, in_flight);
    REQUIRE(load.run_until(50));
    if (audit_is_down) stack.kill("audit");
    // It does all that ours does, and is not ours: nothing but its version tells.
    auto text = store::library_text();
    text.replace(text.find(store::library_digest()), store::library_digest().size(), "doctored");
    REQUIRE(stack.redis({"FUNCTION", "LOAD", "REPLACE", text}) == "rightplace_hub");
    REQUIRE(stack.redis({"FCALL", "hub_1_version", "0"}) == "doctored");
    if (audit_is_down) stack.start("audit");
    REQUIRE(stack.wait_until([&] { return stack.redis({"FCALL", "hub_1_version", "0"}) == store::library_digest(); }));
    REQUIRE(load.run_until(150));
    REQUIRE(load.finish());
    REQUIRE(all_ready(stack));
    CHECK(last_reason(stack) == "library-loaded");
    REQUIRE_NOTHROW(check_record(stack, load.acknowledged()));
}

TEST_CASE("The journal's disk is really full: unavailable, nothing lost, open by itself when there is room") {
    Stack stack;
    const SmallDisk disk(stack.state_dir() + "/journal", "64m");
    if (disk.absent()) return;
    REQUIRE(audit::create_journal(disk.path + "/" + stack.hub() + ".journal", stack.hub()).ok());
    stack.start_all();
    Load load(stack, in_flight);
    REQUIRE(load.run_until(50));
    disk.fill();
    const auto unavailable = [&] { return load.answers(UNAVAILABLE); };
    REQUIRE(stack.wait_until([&] { return unavailable() > 0; }, 60'000));
    const auto open = synthetic_case(derived_uuid({"full", stack.state_dir()}), stack.client().loop().wall_ms());
    REQUIRE(
        stack.wait_until([&] { return stack.ask_once("intake", open, "when-full", 3'000).status() == UNAVAILABLE; }));
    const auto held = load.acknowledged().size();
    stack.wait_until([] { return false; }, 3'000);
    CHECK(load.acknowledged().size() == held);  // closed for all
    CHECK(stack.alive("audit"));                // and waiting, not restarted again and again
    CHECK(stack.journal().size() > held);       // reads go on
    const auto auditor = stack.pid("audit");
    std::filesystem::remove(disk.ballast());
    REQUIRE(load.run_until(held + 100));
    REQUIRE(load.finish());
    REQUIRE(all_ready(stack));
    CHECK(stack.pid("audit") == auditor);
    CHECK(never_done(stack, "when-full"));
    REQUIRE_NOTHROW(check_record(stack, load.acknowledged()));
}

TEST_CASE("Another journal is refused until a person accepts it by name, and then it is the record") {
    Stack stack;
    stack.start_all();
    Load load(stack, in_flight);
    REQUIRE(load.run_until(30));
    REQUIRE(load.finish());
    // The mark stands after a second, or after a hundred events.
    vault::GetHighWater ask;
    ask.set_hub(stack.hub());
    std::string before;
    REQUIRE(stack.wait_until([&] {
        const auto mark = stack.query<vault::HighWater>("vault", ask);
        before = mark ? mark->journal_id() : "";
        return !before.empty() && mark->seq() > 30;
    }));
    stack.kill("audit");
    const auto file = stack.state_dir() + "/journal/" + stack.hub() + ".journal";
    for (const auto* part : {"", "-wal", "-shm"}) std::filesystem::remove(file + part);
    const auto made = audit::create_journal(file, stack.hub());
    REQUIRE(made.ok());
    stack.start("audit");
    const auto advice = accept_advice(stack, made.value());
    REQUIRE(stack.wait_until([&] { return stack.log_of("audit").find(advice) != std::string::npos; }));

    vault::AcceptJournal accept;
    accept.set_hub(stack.hub());
    accept.set_journal_id(made.value());
    std::optional<vault::AcceptJournalReply> said;  // refused while the old one was heard a moment ago
    REQUIRE(stack.wait_until([&] {
        said = stack.query<vault::AcceptJournalReply>("vault", accept);
        return said.has_value();
    }));
    CHECK(said->before().journal_id() == before);
    REQUIRE(all_ready(stack, 90'000));
    std::string why;
    REQUIRE(stack.ready(why));
    const auto open = synthetic_case(derived_uuid({"anew", stack.state_dir()}), stack.client().loop().wall_ms());
    CHECK(stack.ask("intake", open, "anew", 60'000).status() == ACCEPTED);
    const auto mark = stack.query<vault::HighWater>("vault", ask);
    REQUIRE(mark);
    CHECK(mark->journal_id() == made.value());
}

TEST_CASE("vault's disk is really full: views are still spooled and keys still given out, and it starts on it") {
    Stack place;  // not started: a directory that goes again
    const auto folder = place.state_dir() + "/vault";
    const SmallDisk disk(folder, "8m");
    if (disk.absent()) return;
    sealing::SystemRandom random;
    const auto open = [&] {
        return vault::KeyStore::open(folder + "/vault.db", place.state_dir() + "/master.key", random);
    };
    auto store = std::move(open().value());
    disk.fill();
    for (int i = 0; i < 300; ++i) {
        INFO(i);
        REQUIRE(store->spool(view(i)).ok());
    }
    const auto key = store->allocate(16, "bars", 1).value().front();
    CHECK(store->spooled_count(false).value() == 300);
    store.reset();
    std::filesystem::remove(disk.ballast());
    disk.fill();
    store = std::move(open().value());
    CHECK(store->find(key.key_id).value()->named.key.bytes() == key.key.bytes());
    CHECK(store->spool(view(300)).error().error == vault::KeyStoreError::full);
    std::filesystem::remove(disk.ballast());
    CHECK(store->spool(view(300)).ok());
}

TEST_CASE("A lost vault database is not made anew in silence, and until a person says so no journal passes for it") {
    Stack stack;
    stack.start_all();
    Load load(stack, in_flight);
    REQUIRE(load.run_until(30));
    REQUIRE(load.finish());
    stack.kill("audit");
    stack.kill("vault");
    const auto database = stack.state_dir() + "/vault/vault.db";
    for (const auto* part : {"", "-wal", "-shm"}) std::filesystem::remove(database + part);
    stack.start("vault");
    REQUIRE(stack.wait_until([&] { return stack.log_of("vault").find("--new-database") != std::string::npos; }));
    CHECK_FALSE(std::filesystem::exists(database));
    const auto make =
        stack.bin("vault") + " --new-database --config " + stack.state_dir() + "/stack.textproto >/dev/null 2>&1";
    REQUIRE(std::system(make.c_str()) == 0);
    CHECK(std::system(make.c_str()) != 0);
    stack.start("audit");
    REQUIRE(stack.wait_until(
        [&] { return stack.log_of("audit").find("accept-new-journal --hub " + stack.hub()) != std::string::npos; }));
    std::string why;
    CHECK_FALSE(stack.ready(why));
    const auto log = stack.log_of("audit");
    const std::string flag = "--journal-id ";
    vault::AcceptJournal accept;
    accept.set_hub(stack.hub());
    accept.set_journal_id(log.substr(log.rfind(flag) + flag.size(), 32));
    CHECK(log.find(accept_advice(stack, accept.journal_id())) != std::string::npos);
    const auto said = stack.query<vault::AcceptJournalReply>("vault", accept);
    REQUIRE(said);
    CHECK(said->before().journal_id().empty());
    REQUIRE(all_ready(stack, 90'000));
    REQUIRE_NOTHROW(check_record(stack, load.acknowledged()));
    const auto status = stack.query<runtime::StatusReply>("vault", runtime::GetStatus());
    REQUIRE(status);
    CHECK(status->hubs(0).trouble().empty());
}
