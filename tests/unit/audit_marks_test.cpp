#include <catch2/catch.hpp>

#include "messages/audit.pb.h"
#include "services/audit/domain/marks.hpp"

using namespace rightplace;
using namespace rightplace::audit;

namespace {

Event event_of(const std::string& service, std::uint64_t seq) {
    Event event;
    event.set_hub("ashford");
    event.set_service(service);
    event.set_seq(seq);
    return event;
}

}  // namespace

TEST_CASE("A service that no checkpoint names yet stands at the beginning, and what it did is kept") {
    OwnHistory own;
    JournalCheckpoint checkpoint;
    auto& mark = *checkpoint.add_cursors();
    mark.set_service("intake");
    mark.set_source_hub("ashford");
    mark.set_seq(3);
    auto written = event_of("audit", 4);
    written.set_aggregate_type("journal");
    written.mutable_payload()->PackFrom(checkpoint);
    own.note(event_of("intake", 3));
    own.note(written);
    CHECK(lowest_cursor(own.cursors, "ashford", 99) == 3);
    CHECK(own.checkpoint_seq == 4);
    own.note(event_of("triage", 5));
    CHECK(lowest_cursor(own.cursors, "ashford", 99) == 1);
    own.note(event_of("", 6));  // of nobody: no cursor of that name
    CHECK(own.cursors.size() == 2);
}
