#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "audit_fakes.hpp"
#include "common/base/seal.hpp"

using namespace rightplace;
using namespace rightplace::sealing;

TEST_CASE("a sealed text opens only with its key, its key id and its context") {
    SystemRandom random;
    const Key key(random.bytes(key_bytes)), other(random.bytes(key_bytes));
    const Sealed sealed = seal(key, "k-000000000001", Context::person, "Ada Lovelace", random);
    REQUIRE(open(key, sealed, Context::person).value() == "Ada Lovelace");
    CHECK(sealed.ciphertext().find("Ada") == std::string::npos);
    CHECK(open(other, sealed, Context::person).error() == OpenError::not_authentic);
    CHECK(open(key, sealed, Context::note).error() == OpenError::not_authentic);
    Sealed moved = sealed;
    moved.set_key_id("k-000000000002");
    CHECK(open(key, moved, Context::person).error() == OpenError::not_authentic);
}

TEST_CASE("a sealed text that was changed in any byte does not open") {
    SystemRandom random;
    const Key key(random.bytes(key_bytes));
    const Sealed sealed = seal(key, "k-000000000001", Context::answer, "x", random);
    for (std::size_t i = 0; i < sealed.ciphertext().size(); ++i) {
        Sealed changed = sealed;
        (*changed.mutable_ciphertext())[i] ^= 1;
        CHECK(open(key, changed, Context::answer).error() == OpenError::not_authentic);
    }
    Sealed changed = sealed;
    changed.mutable_nonce()->front() ^= 1;
    CHECK(open(key, changed, Context::answer).error() == OpenError::not_authentic);
    changed.mutable_nonce()->pop_back();
    CHECK(open(key, changed, Context::answer).error() == OpenError::malformed);
    changed = sealed;
    changed.mutable_ciphertext()->resize(tag_bytes - 1);
    CHECK(open(key, changed, Context::answer).error() == OpenError::malformed);
}

TEST_CASE("the same text sealed twice shares neither nonce nor ciphertext; an empty text can be sealed") {
    SystemRandom random;
    const Key key(random.bytes(key_bytes));
    const Sealed one = seal(key, "k", Context::note, "same", random);
    const Sealed two = seal(key, "k", Context::note, "same", random);
    CHECK(one.nonce() != two.nonce());
    CHECK(one.ciphertext() != two.ciphertext());
    CHECK(open(key, seal(key, "k", Context::note, "", random), Context::note).value().empty());
}

TEST_CASE("a local key is made once, mode 0600, and read back") {
    test::TempFolder folder;
    SystemRandom random;
    const std::string path = folder.file("watch.key");
    CHECK(LocalKey::read(path).error() == SecretError::missing);
    const auto made = LocalKey::read_or_create(path, random);
    REQUIRE(made.ok());
    CHECK(LocalKey::read_or_create(path, random).value().bytes() == made.value().bytes());
    CHECK(LocalKey::create(path, random).error() == SecretError::exists);
    CHECK(LocalKey::read(path).value().bytes() == made.value().bytes());
    struct stat about {};
    REQUIRE(::stat(path.c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
    const std::filesystem::directory_iterator files(std::filesystem::path(path).parent_path());
    CHECK(std::distance(begin(files), end(files)) == 1);  // no draft is left behind
}

TEST_CASE("a local key that others may read, or of another length, is not used") {
    test::TempFolder folder;
    SystemRandom random;
    const std::string path = folder.file("watch.key");
    REQUIRE(LocalKey::create(path, random).ok());
    REQUIRE(::chmod(path.c_str(), 0640) == 0);
    CHECK(LocalKey::read_or_create(path, random).error() == SecretError::unsafe);
    REQUIRE(::chmod(path.c_str(), 0600) == 0);
    std::ofstream(path, std::ios::app) << 'x';
    CHECK(LocalKey::read_or_create(path, random).error() == SecretError::malformed);
    CHECK(LocalKey::read("/nowhere/at/all").error() == SecretError::missing);
    std::filesystem::create_symlink(path, folder.file("link"));
    CHECK(LocalKey::read(folder.file("link")).error() == SecretError::unsafe);
}
