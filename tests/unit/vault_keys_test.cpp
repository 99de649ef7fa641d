#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "audit_fakes.hpp"
#include "common/base/limits.hpp"
#include "services/vault/shell/key_store.hpp"
#include "services/vault/shell/match_tokens.hpp"

using namespace rightplace;
using namespace rightplace::vault;

namespace {

struct Place {
    test::TempFolder folder;
    std::string database = folder.file("vault.db");
    std::string master = folder.file("master.key");
    sealing::SystemRandom random;

    Kept<std::unique_ptr<KeyStore>> try_open() { return KeyStore::open(database, master, random); }
    std::unique_ptr<KeyStore> open() {
        auto store = try_open();
        REQUIRE(store.ok());
        return std::move(store.value());
    }
    std::string all_bytes() const {
        std::string all;
        for (const auto& file : {database, database + "-wal"}) {
            std::ifstream in(file, std::ios::binary);
            all.append(std::istreambuf_iterator<char>(in), {});
        }
        return all;
    }
};

constexpr const char* number = "999 000 0018";

std::vector<std::string> tokens(KeyStore& store, const char* month_day, const char* nhs, const char* telephone = "") {
    MatchTokens ask;
    ask.set_nhs_number(nhs);
    ask.add_telephones(telephone);
    const auto reply = match_tokens(store, ask, *parse_instant(std::string(month_day) + "T12:00:00Z"));
    REQUIRE(reply.ok());
    return {reply.value().tokens().begin(), reply.value().tokens().end()};
}

}  // namespace

TEST_CASE("keys: sequential ids, and the same keys after a restart") {
    Place place;
    std::vector<NamedKey> before;
    {
        const auto store = place.open();
        before = store->allocate(3, "bars", 1).value();
    }
    CHECK(before[0].key_id == "k-000000000001");
    CHECK(before[2].key_id == "k-000000000003");
    const auto store = place.open();
    for (const auto& named : before) CHECK(store->find(named.key_id).value()->named.key.bytes() == named.key.bytes());
    CHECK_FALSE(store->find("k-000000000004").value());
    // Also when the first three never reached the asker: their ids are spent.
    CHECK(store->allocate(1, "bars", 2).value().front().key_id == "k-000000000004");
}

TEST_CASE("an old backup never gives out an id that the journal uses, nor one near it") {
    Place place;
    const std::string backup = place.folder.file("backup.db");
    {
        const auto store = place.open();
        REQUIRE(store->allocate(2, "bars", 1).ok());
    }
    std::filesystem::copy_file(place.database, backup);
    std::string used;
    {
        const auto store = place.open();
        used = store->allocate(32, "bars", 2).value().front().key_id;
    }
    std::filesystem::remove(place.database + "-wal");
    std::filesystem::copy_file(backup, place.database, std::filesystem::copy_options::overwrite_existing);
    const auto store = place.open();
    CHECK(store->skip_past(used).value());
    CHECK_FALSE(store->skip_past(used).value());
    CHECK_FALSE(store->skip_past("k-000000000001").value());
    const auto next = key_number(store->allocate(1, "bars", 3).value().front().key_id).value();
    CHECK(next == key_number(used).value() + limits::key_skip_margin);
    // Nobody can use up the numbers by naming an absurd one.
    CHECK_FALSE(store->skip_past("k-999999999999").value());
    CHECK_FALSE(store->skip_past("k-12").value());
    CHECK(key_number(store->allocate(1, "bars", 3).value().front().key_id).value() == next + 1);
}

TEST_CASE("a used vault does not start without its master key, nor with another") {
    Place place;
    { const auto store = place.open(); }
    struct stat about {};
    REQUIRE(::stat(place.master.c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
    std::filesystem::rename(place.master, place.master + ".away");
    const auto missing = place.try_open();
    REQUIRE_FALSE(missing.ok());
    CHECK(missing.error().error == KeyStoreError::master_key);
    CHECK(missing.error().sentence.find("missing") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(place.master));
    REQUIRE(sealing::LocalKey::create(place.master, place.random).ok());
    CHECK(place.try_open().error().error == KeyStoreError::master_key);
    std::filesystem::rename(place.master + ".away", place.master);
    CHECK(place.try_open().ok());
}

TEST_CASE("a master key without its database is a loss: a new one is made only when it is asked for") {
    Place place;
    CHECK_FALSE(place.open()->made_anew().value());  // a first start makes both
    CHECK(KeyStore::make_anew(place.database, place.master, place.random, 1).error().error == KeyStoreError::lost);
    std::filesystem::remove(place.database);
    const auto lost = place.try_open();
    REQUIRE_FALSE(lost.ok());
    CHECK(lost.error().error == KeyStoreError::lost);
    CHECK_THAT(lost.error().sentence, Catch::Contains(place.database) && Catch::Contains("--new-database"));
    CHECK_FALSE(std::filesystem::exists(place.database));
    REQUIRE(KeyStore::make_anew(place.database, place.master, place.random, 1).ok());
    CHECK(place.open()->made_anew().value());
}

TEST_CASE("two vaults do not share one database") {
    Place place;
    const auto store = place.open();
    CHECK(place.try_open().error().error == KeyStoreError::in_use);
}

TEST_CASE("the first case to name a key keeps it") {
    Place place;
    const auto store = place.open();
    const auto key_id = store->allocate(1, "bars", 1).value().front().key_id;
    REQUIRE(store->note({}, {{key_id, {"ashford", "case-1"}}}).ok());
    REQUIRE(store->note({}, {{key_id, {"ashford", "case-2"}}}).ok());
    CHECK(store->use_of(key_id).value()->owner.case_id == "case-1");
    CHECK(store->find_by_case({"ashford", "case-1"}).value()->named.key_id == key_id);
    CHECK_FALSE(store->find_by_case({"ashford", "case-2"}).value());
    CHECK_FALSE(store->find_by_case({"paddock-wood", "case-1"}).value());
}

TEST_CASE("tokens: equal for one number written differently, apart for other numbers and kinds") {
    Place place;
    const auto store = place.open();
    const auto one = tokens(*store, "2026-11-02", number, "01580 123456");
    CHECK(one.size() == 2);
    CHECK(one[0].size() == 32);
    CHECK(one == tokens(*store, "2026-11-30", "9990000018", "+44 1580 123456"));
    CHECK(one[0] != tokens(*store, "2026-11-30", "9990000026").front());
    CHECK(tokens(*store, "2026-11-02", "3478526985").empty());
    // The digits of one as a telephone and as an NHS number are two things.
    CHECK(tokens(*store, "2026-11-02", "", "+9990000018").front() != one[0]);
}

TEST_CASE("tokens: a repeat across the end of a month is found, one two months later is not") {
    Place place;
    const auto store = place.open();
    const auto november = tokens(*store, "2026-11-30", number);
    const auto december = tokens(*store, "2026-12-01", number);
    REQUIRE(november.size() == 1);
    REQUIRE(december.size() == 2);
    CHECK(december[0] != november[0]);
    CHECK(december[1] == november[0]);
    const auto january = tokens(*store, "2027-01-01", number);
    CHECK(january.size() == 2);
    CHECK(january[1] == december[0]);
    // A clock set back finds no November key, and gets no new one.
    CHECK_FALSE(store->find_token_key("202611").value());
    CHECK(tokens(*store, "2026-11-30", number).empty());
}

TEST_CASE("the files hold no key and no number in clear, and a destroyed month's wrapped key is gone") {
    Place place;
    const auto store = place.open();
    const auto key = store->allocate(1, "bars", 1).value().front();
    tokens(*store, "2026-11-30", number, "01580 123456");
    const std::string month_key(store->find_token_key("202611").value()->bytes());
    const std::string before = place.all_bytes();
    CHECK(before.find(key.key_id) != std::string::npos);  // we do look at what was written
    std::string master;
    {
        std::ifstream in(place.master, std::ios::binary);
        master.assign(std::istreambuf_iterator<char>(in), {});
    }
    for (const auto& secret :
         {std::string(key.key.bytes()), month_key, master, to_hex(key.key.bytes()), std::string("9990000018"),
          std::string(number), std::string("1580123456"), std::string("01580 123456")}) {
        CHECK(before.find(secret) == std::string::npos);
    }
    const auto marker = before.rfind("202611");
    REQUIRE(marker != std::string::npos);
    const std::string wrapped = before.substr(marker + 6, 72);  // nonce and ciphertext stand behind the month
    tokens(*store, "2027-01-01", number);
    const std::string after = place.all_bytes();
    CHECK(after.find(wrapped.substr(8, 40)) == std::string::npos);
}
