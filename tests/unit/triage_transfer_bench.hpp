// Two hubs that commit for themselves and follow each other's feed, without a store.
#pragma once

#include "common/base/limits.hpp"
#include "messages/transfer.pb.h"
#include "tests/unit/triage_bench.hpp"

namespace rightplace::triage::bench {

struct Side : Hub {
    std::size_t seen_here = 0;   // of its own log
    std::size_t seen_there = 0;  // of the other's

    bool has_review() const { return find({"review", "c1"}) != nullptr; }
    bool owns() { return has_review() && review().status() != TRANSFERRED && review().status() != DECIDED; }
    const TransferState& transfer(const std::string& offer_id) const {
        return state<TransferState>("transfer", offer_id);
    }
    Outcome offer_to(const std::string& to, const std::string& with_token = {}) {
        auto command = about<TransferReview>();
        command.set_to_hub(to);
        command.set_token(with_token);
        command.set_reason_code("surgical-sdec-there");
        *command.mutable_text() = sealed("they can see her tonight");
        return run(command, "a", "nurse");
    }
    Outcome accept(const std::string& offer_id) {
        AcceptTransfer command;
        command.set_offer_id(offer_id);
        return run(command, "b", "ed-consultant");
    }
    Outcome decline(const std::string& offer_id) {
        DeclineTransfer command;
        command.set_offer_id(offer_id);
        command.set_reason_code("no-beds");
        return run(command, "b", "ed-consultant");
    }
    Outcome withdraw() { return run(about<WithdrawTransfer>(), "a", "nurse"); }
    bool armed(const std::string& type, const std::string& id, const std::string& timer) {
        const auto entries = index(type, id);
        return std::any_of(entries.begin(), entries.end(),
                           [&](const auto& entry) { return entry.member.find(timer) != std::string::npos; });
    }
    const test::Recorded& last(const std::string& name) const {
        const auto found = std::find_if(
            log.rbegin(), log.rend(), [&](const auto& each) { return each.payload->GetDescriptor()->name() == name; });
        INVARIANT(found != log.rend());
        return *found;
    }
    std::size_t raised(const std::string& kind) const {
        return std::size_t(std::count_if(log.begin(), log.end(), [&](const auto& each) {
            const auto* alert = runtime::as<AlertRaised>(*each.payload);
            return alert != nullptr && alert->kind() == kind;
        }));
    }
    std::size_t count(const std::string& name) const {
        return std::size_t(std::count_if(
            log.begin(), log.end(), [&](const auto& each) { return each.payload->GetDescriptor()->name() == name; }));
    }
};

struct Two {
    Side home, away;

    Two() {
        home.other_hubs = {"paddock-wood", "far-away"};
        away.hub = "paddock-wood";
        away.other_hubs = {"ashford", "far-away"};
        home.run(queue(home.now + 30 * minute));
        for (auto* side : {&home, &away}) {
            SignOn on;
            on.set_staff_id("b");
            side->run(on, "b", "ed-consultant");
        }
    }
    void pass(TimeMs ms) {
        home.now += ms;
        away.now += ms;
    }
    // One event of the other hub, and of its own; true when there was one.
    static bool step(Side& here, const Side& there) {
        if (here.seen_there < there.log.size()) {
            const auto event = there.log[here.seen_there++];  // in their order
            for (const auto& outcome : here.react_to_other(event)) REQUIRE_FALSE(outcome.refusal);
            return true;
        }
        if (here.seen_here < here.log.size()) {
            const auto event = here.log[here.seen_here++];
            here.react(event);
            return true;
        }
        return false;
    }
    void settle() {
        while (step(home, away) || step(away, home)) {
        }
    }
    std::string offer() {
        const auto made = home.offer_to("paddock-wood", home.token());
        REQUIRE(made.names() == Names{"TransferOffered"});
        return made.events[0].event.event_id();
    }
    // The other hub has accepted; it has not heard yet that the case is its own.
    void let_go() {
        while (home.review().status() != TRANSFERRED) REQUIRE(step(home, away));
    }
    // The whole way over.
    void transfer() {
        const auto id = offer();
        settle();
        REQUIRE(away.accept(id).names() == Names{"TransferAccepted"});
        settle();
    }
};

}  // namespace rightplace::triage::bench
