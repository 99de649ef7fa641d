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

TEST_CASE(
    "hub time goes on by the boot clock when audit starts again, and what the wall clock did meanwhile is a step") {
    audit::HubClock first(1'000'000, 5'000, 0);
    REQUIRE_FALSE(first.observe(1'010'000, 15'000).has_value());
    const audit::ClockMark mark{"boot-1", 15'000, first.now(15'000), first.wall_offset(), {}};
    constexpr std::int64_t step = 7'200'000;
    audit::HubClock again(mark, 45'000, 1'005'000);
    REQUIRE(again.now(45'000) == 1'040'000);
    REQUIRE(again.observe(1'040'000 + step, 45'000) == step);
    REQUIRE(again.now(45'500) - 1'040'500 <= 3);
    REQUIRE_FALSE(again.observe(1'040'500 + step, 45'500).has_value());
    // No step, no event; and never behind what the journal has.
    audit::HubClock calm(mark, 45'000, 1'040'700);
    REQUIRE_FALSE(calm.observe(1'040'000, 45'000).has_value());
    REQUIRE(calm.now(45'000) == 1'040'700);
    audit::HubClock behind(mark, 45'000, 2'000'000);
    REQUIRE(behind.now(45'000) == 2'000'000);
    REQUIRE(behind.observe(1'040'000, 45'000) == -960'000);
}

TEST_CASE("a mark holds for its own boot only, and half of one is none") {
    const audit::ClockMark mark{"boot-1", 15'000, 1'010'000, 995'000, {3'600'000, -3'600'000}};
    CHECK(audit::HubClock::continues(mark, "boot-1", 15'000));
    CHECK_FALSE(audit::HubClock::continues(mark, "boot-2", 20'000));
    CHECK_FALSE(audit::HubClock::continues(mark, "boot-1", 14'999));  // a machine put back to an earlier moment
    CHECK_FALSE(audit::HubClock::continues({}, "", 20'000));
    CHECK(audit::clock_mark_from(audit::to_text(mark)) == mark);
    const auto text = audit::to_text(mark);
    for (std::size_t size = 0; size < text.size(); ++size) CHECK_FALSE(audit::clock_mark_from(text.substr(0, size)));
    CHECK_FALSE(audit::clock_mark_from("boot-1 15000 x 995000\n"));
    CHECK_FALSE(audit::clock_mark_from("boot-1 15000 1010000 995000 1 x\n"));
}

TEST_CASE("after a boot a day's leap is not believed in silence") {
    CHECK_FALSE(audit::unbelievable(1'000'000 + audit::clock_believed_ms, 1'000'000));
    CHECK(audit::unbelievable(1'000'001 + audit::clock_believed_ms, 1'000'000) == audit::clock_believed_ms + 1);
    CHECK_FALSE(audit::unbelievable(1'000'000, 2'000'000));
    CHECK_FALSE(audit::unbelievable(1'790'000'000'000, 0));
}
