// A bug in a rule of domain/ costs one case its answer, and no other.
#include <catch2/catch.hpp>
#include <stdexcept>
#include <vector>

#include "services/adapters/bars/shell/contained.hpp"

using namespace rightplace;
using namespace rightplace::bars;

TEST_CASE("A rule that breaks is logged without its words, and the process lives") {
    std::vector<std::string> logged;
    const Log log = [&](const std::string& what, const std::string& id) { logged.push_back(what + " " + id); };
    CHECK(contained([] { return 7; }, log, "c1") == 7);
    CHECK(logged.empty());
    CHECK_FALSE(contained([]() -> int { throw std::runtime_error("9990000000 said so"); }, log, "c2"));
    REQUIRE(logged.size() == 1);
    CHECK(logged[0] == "rule-broken c2");
    const auto broken = contained(
        [] {
            INVARIANT(1 + 1 == 3);
            return 7;
        },
        log, "c3");
    CHECK_FALSE(broken);
    REQUIRE(logged.size() == 2);
    CHECK(logged[1].starts_with("rule-broken:"));
    CHECK(logged[1].ends_with(" c3"));
}
