// What a clinician weighed when they lowered a category is not held against them by the next message.
#include "tests/unit/triage_transfer_bench.hpp"

using namespace rightplace;
using namespace rightplace::triage;
using namespace rightplace::triage::bench;

namespace {

const std::string priority_text =
    " priority { to_category: \"C2\" when { code: \"red-flag\" flag: \"IR\" flag: \"RA\" says: \"w\" source: \"s\" } }"
    " priority { to_category: \"C2\" when { code: \"old\" age_from: 90 says: \"w\" source: \"s\" } }"
    " priority { to_category: \"C2\" when { code: \"score\" news2_from: 3 says: \"w\" source: \"s\" } }";

policy::HubPolicy rules_of(const std::string& hub) {
    return clinical::parse_policy(policy_text(hub) + priority_text).value();
}

void flag(intake::CaseFacts& facts, const char* category, const char* code) {
    auto* added = facts.add_flags();
    added->set_category(category);
    added->set_code(code);
}

struct Lowered : Hub {
    const policy::HubPolicy raising = rules_of("ashford");
    NoteSenderUpdate update = about<NoteSenderUpdate>();

    Lowered() {
        policy = &raising;
        auto command = queue(now + 60 * minute);
        flag(*command.mutable_facts(), "IR", "1");
        INVARIANT(run(command).names().back() == "ReviewEscalated");
        lower();
        *update.mutable_facts() = review().facts();
    }
    Outcome lower() {
        auto command = about<DowngradeReview>();
        command.set_to_category(intake::C4);
        command.set_reason_code("settled");
        return run(command, "c-1", "ed-consultant");
    }
    Names noted() { return run(update).names(); }
};

const Names nothing_more{"SenderUpdateNoted"}, raised{"SenderUpdateNoted", "ReviewEscalated"};

}  // namespace

TEST_CASE("A downgrade stands when the sender tells something that has nothing to do with it") {
    Lowered hub;
    hub.update.mutable_facts()->set_callsign("A12");
    CHECK(hub.noted() == nothing_more);
    hub.update.mutable_facts()->mutable_observations()->set_temperature_tenths_c(385);  // 1 more, and no rule's
    CHECK(hub.noted() == nothing_more);
    CHECK(hub.review().category() == intake::C4);
}

TEST_CASE("What was not so when a clinician lowered it raises it: another rule, or a new flag of the same one") {
    Lowered hub;
    SECTION("another rule") {
        hub.update.mutable_facts()->mutable_observations()->set_pulse_per_minute(135);
    }
    SECTION("a new flag") {
        flag(*hub.update.mutable_facts(), "RA", "1");
    }
    CHECK(hub.noted() == raised);
    CHECK(hub.review().category() == intake::C2);
}

TEST_CASE("A rule that held at the downgrade and had not raised it, because another had, is weighed as well") {
    Hub hub;
    const auto raising = rules_of("ashford");
    hub.policy = &raising;
    auto command = queue(hub.now + 60 * minute);
    command.mutable_facts()->set_age_known(true);
    command.mutable_facts()->set_age_years(91);
    flag(*command.mutable_facts(), "IR", "1");
    hub.run(command);
    auto lower = hub.about<DowngradeReview>();
    lower.set_to_category(intake::C4);
    lower.set_reason_code("settled");
    const auto lowered = hub.run(lower, "c-1", "ed-consultant");
    const auto& weighed = runtime::must_be<ReviewDowngraded>(*lowered.events.at(0).payload).weighed();
    CHECK(std::vector<std::string>(weighed.begin(), weighed.end()) == std::vector<std::string>{"red-flag", "old"});
    auto update = hub.about<NoteSenderUpdate>();
    *update.mutable_facts() = hub.review().facts();
    update.mutable_facts()->set_callsign("A12");
    CHECK(hub.run(update).names() == nothing_more);
}

TEST_CASE("A case that comes from another hub is raised by the rules of this one, and what was weighed there holds") {
    const auto there = rules_of("paddock-wood"), here = rules_of("ashford");
    Two hubs;
    hubs.away.policy = &there;
    auto old = hubs.home.about<NoteSenderUpdate>();
    *old.mutable_facts() = hubs.home.review().facts();
    flag(*old.mutable_facts(), "IR", "1");
    SECTION("by a rule that only this hub has") {
        hubs.home.run(old);
        hubs.transfer();
        CHECK(hubs.away.review().category() == intake::C2);
        CHECK(hubs.away.last("ReviewEscalated").event.seq() == hubs.away.last("ReviewReceived").event.seq() + 1);
    }
    SECTION("by none that was weighed") {
        hubs.home.policy = &here;
        hubs.home.run(old);
        auto lower = hubs.home.about<DowngradeReview>();
        lower.set_to_category(intake::C4);
        lower.set_reason_code("settled");
        hubs.home.run(lower, "c-1", "ed-consultant");
        hubs.transfer();
        CHECK(hubs.away.review().category() == intake::C4);
    }
}
