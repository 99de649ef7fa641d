// The fast tree against a slow one written straight from RFC 6962 section 2.1, and known vectors.
#include <catch2/catch.hpp>

#include "common/base/hash.hpp"
#include "services/audit/domain/merkle.hpp"

using namespace rightplace;
using namespace rightplace::audit;

namespace {

// MTH({}) = SHA-256(); MTH({d0}) = SHA-256(0x00 || d0);
// MTH(D[n]) = SHA-256(0x01 || MTH(D[0:k]) || MTH(D[k:n])), k the largest power of two below n.
std::string reference(const std::vector<std::string>& entries) {
    if (entries.empty()) return sha256("");
    if (entries.size() == 1) return sha256(std::string(1, '\0') + entries[0]);
    std::size_t k = 1;
    while (k * 2 < entries.size()) k *= 2;
    const auto middle = entries.begin() + std::ptrdiff_t(k);
    return sha256(std::string(1, '\1') + reference({entries.begin(), middle}) + reference({middle, entries.end()}));
}

}  // namespace

TEST_CASE("the root agrees with the RFC's definition at every size") {
    Frontier tree;
    std::vector<std::string> entries;
    for (int size = 0; size <= 300; ++size) {
        REQUIRE(tree.size() == entries.size());
        REQUIRE(tree.root() == reference(entries));
        entries.push_back("entry " + std::to_string(size * 7));
        tree.add(leaf_hash(entries.back()));
    }
}

TEST_CASE("the root agrees with the vectors that certificate transparency implementations share") {
    const std::vector<std::string> inputs{"",
                                          from_hex("00"),
                                          from_hex("10"),
                                          from_hex("2021"),
                                          from_hex("3031"),
                                          from_hex("40414243"),
                                          from_hex("5051525354555657"),
                                          from_hex("606162636465666768696a6b6c6d6e6f")};
    const std::vector<std::string> roots{"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                         "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                         "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                         "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                         "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                         "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                         "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    Frontier tree;
    REQUIRE(to_hex(tree.root()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        tree.add(leaf_hash(inputs[i]));
        REQUIRE(to_hex(tree.root()) == roots[i]);
    }
}

TEST_CASE("a tree kept as bytes goes on where it was") {
    Frontier tree;
    for (int i = 0; i < 11; ++i) tree.add(leaf_hash(std::to_string(i)));
    auto again = Frontier::from_bytes(11, tree.bytes());
    REQUIRE(again.has_value());
    again->add(leaf_hash("x"));
    tree.add(leaf_hash("x"));
    REQUIRE(again->root() == tree.root());
    REQUIRE_FALSE(Frontier::from_bytes(12, std::string(3 * hash_bytes, 'x')).has_value());
    REQUIRE_FALSE(Frontier::from_bytes(1, std::string(hash_bytes - 1, 'x')).has_value());
}
