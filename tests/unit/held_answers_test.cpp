// An answer leaves only when the journal has what it speaks of, in its own epoch, under a fresh heartbeat.
#include <catch2/catch.hpp>

#include "common/runtime/held_answers.hpp"
#include "tests/unit/audit_fakes.hpp"

using namespace rightplace;

namespace {

struct Desk {
    void hold(const std::string& event_id, std::uint64_t epoch, std::uint64_t seq) {
        Reply reply;
        reply.set_command_id("c");
        reply.set_status(ACCEPTED);
        held.hold({reply, epoch, seq, event_id, clock.boot_ms() + 5'000, [this](Reply said) { answer = said; }});
    }
    bool answered() const { return answer.status() != REPLY_STATUS_UNSPECIFIED; }
    test::ManualClock clock;
    runtime::HeldAnswers held{clock};
    Reply answer;
};

}  // namespace

TEST_CASE("An accepted command is answered when its own event is back, never by its seq alone") {
    Desk desk;
    desk.hold("mine", 1, 7);
    desk.held.event_seen("another");
    desk.held.release(true, 1, 9);  // the journal is past its seq, with somebody else's event
    CHECK_FALSE(desk.answered());
    desk.held.event_seen("mine");
    desk.held.release(false, 1, 9);  // no fresh heartbeat
    CHECK_FALSE(desk.answered());
    desk.held.release(true, 1, 9);
    CHECK(desk.answer.status() == ACCEPTED);
    CHECK(desk.held.count() == 0);
}

TEST_CASE("A refusal waits until the journal has the head it was read at, in that epoch") {
    Desk desk;
    desk.hold("", 2, 7);
    desk.held.release(true, 2, 6);
    desk.held.release(true, 1, 9);  // another epoch's seq vouches for nothing
    CHECK_FALSE(desk.answered());
    desk.held.release(true, 2, 7);
    CHECK(desk.answer.status() == ACCEPTED);
}

TEST_CASE("What cannot be vouched for is UNKNOWN: at the deadline, or when its epoch is over") {
    Desk late;
    late.hold("mine", 1, 7);
    late.clock.advance(4'999);
    late.held.release(true, 1, 7);
    CHECK_FALSE(late.answered());
    late.clock.advance(1);
    late.held.release(true, 1, 7);
    CHECK(late.answer.status() == UNKNOWN);
    Desk over;
    over.hold("mine", 1, 7);
    over.held.release(true, 2, 8);
    CHECK(over.answer.status() == UNKNOWN);
}
