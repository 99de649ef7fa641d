// audit's core over a simulated store and journal, with a feed that believes nothing that is not on disk.
#pragma once

#include <catch2/catch.hpp>

#include "services/audit/domain/succession.hpp"
#include "services/audit/shell/audit_core.hpp"
#include "tests/sim/sim_journal.hpp"
#include "tests/sim/sim_store.hpp"
#include "tests/unit/audit_fakes.hpp"

namespace rightplace::test {

using audit::AuditCore;
using Stage = AuditCore::Stage;

inline constexpr const char* journal_id = "00112233445566778899aabbccddeeff";

struct Feed final : seams::FeedPublisher {
    void publish(const seams::FeedMessage& message) override {
        if (!message.heartbeat) {
            const auto event = audit::parse_stored(message.bytes);
            REQUIRE(event.has_value());
            // Nothing goes out that is not on disk, and nothing else than what is there.
            REQUIRE(event->seq() <= journal->synced());
            REQUIRE(journal->events().at(event->seq() - 1) == message.bytes);
            // Whose event it is, who asked for it, and whoever acts alone when all is silent have it first.
            // The opening of an epoch is sent to all before the next write.
            const std::vector<std::string> first{event->service(), event->actor().asserted_by(), "bars"};
            if (!event->payload().Is<audit::EpochOpened>()) REQUIRE(message.first_to == first);
            events.push_back(*event);
            return;
        }
        audit::Heartbeat heartbeat;
        REQUIRE(heartbeat.ParseFromString(message.bytes));
        REQUIRE(heartbeat.head_seq() <= journal->synced());
        heartbeats.push_back(heartbeat);
    }
    sim::SimJournal* journal = nullptr;
    std::vector<Event> events;
    std::vector<audit::Heartbeat> heartbeats;
};
struct Ring {
    Ring() { feed.journal = &journal; }
    std::unique_ptr<AuditCore> core(bool shared = false) {
        audit::CoreHooks hooks;
        hooks.high_water = [this](const std::string&, auto done) { clock.after(1, [this, done] { done(mark); }); };
        hooks.name_first_journal = [this](const std::string&, const std::string& id, auto done) {
            REQUIRE(journal.events().empty());
            clock.after(1, [this, id, done] {
                if (mark && mark->journal_id.empty()) mark->journal_id = id;
                done(mark && mark->journal_id == id);
            });
        };
        hooks.keep_clock = [this](const audit::ClockMark& kept) { clock_kept = kept; };
        hooks.on_root = [this](const seams::JournalHead& head) { roots.push_back(head); };
        auto made =
            std::make_unique<AuditCore>(audit::CoreOptions{hub, "synthetic", shared, boot_id, clock_kept},
                                        audit::CoreParts{store, journal, feed, clock, chance, death}, std::move(hooks));
        made->start();
        return made;
    }
    // Commits one event as a service would.
    bool commit(const std::string& name, const std::string& command = {}, int events = 1) {
        seams::CommitRequest request;
        request.hub = hub;
        request.service = "intake";
        request.epoch = journal_head().epoch;
        request.deadline = start_ms * 2;
        request.command_id = command;
        if (!command.empty()) request.receipt = "r";
        for (int i = 0; i < events; ++i) {
            Event event;
            event.set_event_id(name + std::to_string(i));
            event.set_hub(hub);
            event.set_service("intake");
            event.set_aggregate_type("case");
            event.set_aggregate_id(name);
            event.set_command_id(command);
            event.mutable_payload()->PackFrom(runtime::ReactionParked());
            request.events.push_back(event.SerializeAsString());
            request.event_ids.push_back(event.event_id());
        }
        bool taken = false;
        store.commit(request, [&](auto committed) { taken = committed.ok(); });
        clock.advance(1);
        return taken;
    }
    seams::JournalHead journal_head() {
        seams::JournalHead head;
        journal.head([&](auto got) { head = got.value(); });
        clock.advance(1);
        return head;
    }
    // Contiguous, each prev fits, epochs go up only by an EpochOpened: one history.
    void require_one_history() {
        seams::JournalHead head;
        for (const auto& bytes : journal.events()) {
            const auto event = audit::parse_stored(bytes);
            REQUIRE(event.has_value());
            const auto kind = audit::is_epoch_opened(*event) ? audit::Kind::opens_epoch : audit::Kind::ordinary;
            REQUIRE_FALSE(audit::misfit(head, hub, *event, kind).has_value());
            audit::advance(head, *event);
        }
    }
    std::vector<std::int64_t> steps() const {  // of the wall clock, as recorded
        std::vector<std::int64_t> all;
        audit::ClockStepped stepped;
        for (const auto& bytes : journal.events()) {
            if (audit::parse_stored(bytes)->payload().UnpackTo(&stepped)) all.push_back(stepped.step_ms());
        }
        return all;
    }
    bool holds(const std::string& id) const {
        for (const auto& bytes : journal.events()) {
            if (audit::parse_stored(bytes)->event_id() == id) return true;
        }
        return false;
    }
    audit::EpochOpened last_opening() const {
        audit::EpochOpened opened;
        for (const auto& bytes : journal.events()) audit::parse_stored(bytes)->payload().UnpackTo(&opened);
        return opened;
    }
    ManualClock clock;
    std::shared_ptr<sim::SimRedis> redis = std::make_shared<sim::SimRedis>(clock);
    sim::SimStore store{clock, redis};
    sim::SimJournal journal{clock, hub, journal_id, 1};
    Feed feed;
    Chance chance;
    Death death;
    std::optional<audit::HighWaterMark> mark = audit::HighWaterMark{};
    std::vector<seams::JournalHead> roots;
    std::string boot_id = "boot-1";
    std::optional<audit::ClockMark> clock_kept;
};

}  // namespace rightplace::test
