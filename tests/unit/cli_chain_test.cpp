// The checks on a record as it is read.
#include <catch2/catch.hpp>

#include "common/base/hash.hpp"
#include "messages/intake.pb.h"
#include "services/cli/domain/chain.hpp"

using namespace rightplace;
using namespace rightplace::cli;

namespace {

std::string stored(std::uint64_t seq, std::uint64_t epoch = 1, std::string prev = "?") {
    Event event;
    event.set_event_id("e" + std::to_string(seq));
    event.set_seq(seq);
    event.set_epoch(epoch);
    event.set_prev(prev != "?" ? prev : seq == 1 ? "" : "e" + std::to_string(seq - 1));
    return event.SerializeAsString();
}

// RFC 6962 section 2.1, word for word: the split is the largest power of two below n.
std::string reference_root(const std::vector<std::string>& entries) {
    if (entries.empty()) return sha256("");
    if (entries.size() == 1) return sha256(std::string(1, '\0') + entries[0]);
    std::size_t split = 1;
    while (split * 2 < entries.size()) split *= 2;
    const auto middle = entries.begin() + std::ptrdiff_t(split);
    return sha256(std::string(1, '\1') + reference_root({entries.begin(), middle}) +
                  reference_root({middle, entries.end()}));
}

}  // namespace

TEST_CASE("the root is RFC 6962's at every size") {
    ChainCheck chain;
    std::vector<std::string> entries;
    CHECK(chain.root() == reference_root(entries));
    for (std::uint64_t seq = 1; seq <= 40; ++seq) {
        entries.push_back(stored(seq));
        REQUIRE(chain.add(entries.back()).ok());
        INFO(seq);
        CHECK(chain.root() == reference_root(entries));
    }
}

TEST_CASE("a record that does not fit is refused where it breaks") {
    ChainCheck chain;
    REQUIRE(chain.add(stored(1, 2)).ok());
    CHECK_THAT(chain.add(stored(3, 2)).error(), Catch::Contains("seq 3 stands where 2 belongs"));
    CHECK_THAT(chain.add(stored(1, 2)).error(), Catch::Contains("seq 1 stands where 2 belongs"));
    CHECK_THAT(chain.add(stored(2, 2, "e0")).error(), Catch::Contains("prev"));
    CHECK_THAT(chain.add(stored(2, 1)).error(), Catch::Contains("epoch"));
    CHECK_THAT(chain.add("\xff\xff").error(), Catch::Contains("no event"));
    CHECK(chain.size() == 1);
    CHECK(chain.add(stored(2, 2)).ok());
}

TEST_CASE("a root kept elsewhere is hex, at, seq") {
    const std::string hex(64, 'a');
    const auto known = parse_root(hex + "@12");
    REQUIRE(known.ok());
    CHECK(known.value().seq == 12);
    CHECK(to_hex(known.value().root) == hex);
    const std::vector<std::string> malformed{hex, hex + "@", hex + "@0", hex + "@12x", hex.substr(1) + "@12", "zz@1"};
    for (const auto& wrong : malformed) {
        INFO(wrong);
        CHECK_FALSE(parse_root(wrong).ok());
    }
}

TEST_CASE("a filter takes what it names") {
    Event event;
    event.set_case_id("c1");
    event.set_case_number("P-1");
    *event.mutable_recorded_at() = to_timestamp(1'000);
    event.mutable_payload()->PackFrom(intake::CaseClosed());
    CHECK(event_name(event) == "CaseClosed");
    CHECK(matches({}, event));
    CHECK(matches({"c1", "", {}, {}}, event));
    CHECK(matches({"P-1", "CaseClosed", 1'000, 1'001}, event));
    CHECK_FALSE(matches({"c2", "", {}, {}}, event));
    CHECK_FALSE(matches({"", "CaseOpened", {}, {}}, event));
    CHECK_FALSE(matches({"", "", 1'001, {}}, event));
    CHECK_FALSE(matches({"", "", {}, 1'000}, event));
}
