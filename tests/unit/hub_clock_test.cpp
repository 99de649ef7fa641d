// Hub time: never back, never a jump, slowly to the wall clock.
#include <catch2/catch.hpp>

#include <cstdlib>

#include "services/audit/domain/hub_clock.hpp"

using namespace rightplace;

TEST_CASE("hub time is never behind what the journal has, and closes small gaps slowly") {
    audit::HubClock ahead(1'000'000, 0, 1'500'000);
    REQUIRE(ahead.now(0) == 1'500'000);
    REQUIRE(ahead.observe(1'000'000, 0) == -500'000);
    REQUIRE_FALSE(ahead.observe(1'000'500, 500).has_value());
    TimeMs last = 0;
    for (std::int64_t boot = 500; boot < 400'000; boot += 500) {
        ahead.observe(1'000'000 + boot, boot);
        REQUIRE(ahead.now(boot) > last);
        last = ahead.now(boot);
    }
    REQUIRE(last - (1'500'000 + 399'500) < -1'900);  // 0.5 % of 400 s
    audit::HubClock drifting(1'000'000, 0, 0);
    for (std::int64_t boot = 0; boot < 600'000; boot += 500) {
        REQUIRE_FALSE(drifting.observe(1'000'800 + boot, boot).has_value());
    }
    REQUIRE(std::abs(drifting.now(600'000) - 1'600'800) < 5);
}
