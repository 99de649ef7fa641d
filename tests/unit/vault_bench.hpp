// What the tests of vault's service share: a store in a folder of its own, and a ring that opens and closes.
#pragma once

#include <catch2/catch.hpp>

#include "common/base/limits.hpp"
#include "messages/intake.pb.h"
#include "messages/triage.pb.h"
#include "services/vault/shell/vault_service.hpp"
#include "tests/unit/audit_fakes.hpp"

namespace rightplace::vault::test_bench {

inline constexpr const char* hub = "paddock-wood";

struct Life final : seams::Life {
    std::string why;
    void die(const std::string& reason) override { why = reason; }
};

// A ring: journals each command id once while it is open.
struct Ring {
    ViewOutcome when_closed = ViewOutcome::unavailable;
    bool open = true;
    bool refuses = false;
    std::map<std::string, int> journalled;  // command id -> times it was asked
    std::vector<SpooledView> asked;
};

struct Bench {
    test::TempFolder folder;
    test::ManualClock clock;
    Life life;
    Ring ring;
    sealing::SystemRandom random;
    std::unique_ptr<KeyStore> store;
    std::unique_ptr<VaultService> service;

    Bench() { start(); }
    void start() {
        service.reset();
        store.reset();
        auto opened = KeyStore::open(folder.file("vault.db"), folder.file("master.key"), random);
        REQUIRE(opened.ok());
        store = std::move(opened.value());
        service =
            std::make_unique<VaultService>(*store, clock, life, std::vector<std::string>{hub},
                                           [this](const SpooledView& view, std::function<void(ViewOutcome)> done) {
                                               ring.asked.push_back(view);
                                               const auto outcome = ring.refuses ? ViewOutcome::refused
                                                                    : ring.open  ? ViewOutcome::recorded
                                                                                 : ring.when_closed;
                                               if (outcome == ViewOutcome::recorded) ++ring.journalled[view.command_id];
                                               clock.after(1, [done, outcome] { done(outcome); });
                                           });
    }
    runtime::Answered ask(const std::string& key_role, const std::string& role, const runtime::Message& query) {
        Asker asker{key_role, {}, hub};
        asker.actor.set_id("staff-1");
        asker.actor.set_role(role);
        std::optional<runtime::Answered> answer;
        service->answer(asker, query, [&](runtime::Answered given) { answer = std::move(given); });
        CHECK_FALSE(answer);  // never inside the call
        clock.advance(10);
        REQUIRE(answer);
        return std::move(*answer);
    }
    template <typename Reply>
    static const Reply& as(const runtime::Answered& answered) {
        REQUIRE(answered.ok());
        return dynamic_cast<const Reply&>(*answered.value());
    }
    CaseKey new_key() {
        AllocateKeys query;
        query.set_count(1);
        return as<AllocateKeysReply>(ask("bars", "system", query)).keys(0);
    }
    void open_case(const std::string& case_id, const std::string& key_id, std::uint64_t seq = 1) {
        intake::CaseOpened opened;
        opened.mutable_facts()->set_key_id(key_id);
        observe(case_id, opened, seq);
    }
    void observe(const std::string& case_id, const runtime::Message& payload, std::uint64_t seq,
                 const std::string& by = "bars", const std::string& exchange = "") {
        Event event;
        event.set_aggregate_type(exchange.empty() ? "" : "exchange");
        event.set_aggregate_id(exchange);
        event.mutable_actor()->set_asserted_by(by);
        event.set_hub(hub);
        event.set_case_id(case_id);
        event.set_seq(seq);
        event.set_epoch(1);
        event.set_event_id(test::event_id(seq));
        event.mutable_payload()->PackFrom(payload);
        service->observe(event);
    }
    void beat(const std::string& journal, std::uint64_t epoch, std::uint64_t seq) {
        audit::Heartbeat beat;
        beat.set_hub(hub);
        beat.set_journal_id(journal);
        beat.set_epoch(epoch);
        beat.set_head_seq(seq);
        beat.set_head_event_id(test::event_id(seq));
        service->observe_heartbeat(beat);
    }
    HighWater mark() {
        GetHighWater query;
        query.set_hub(hub);
        return as<HighWater>(ask("audit", "system", query));
    }
};

inline ReleaseKey release(const std::string& case_id, const std::string& purpose,
                          const std::string& session = "console-1") {
    ReleaseKey query;
    query.set_case_id(case_id);
    query.set_purpose(purpose);
    query.set_session(session);
    return query;
}

struct OneCase : Bench {
    CaseKey key;
    OneCase() {
        service->caught_up(hub);
        key = new_key();
        open_case("case-1", key.key_id());
    }
};

}  // namespace rightplace::vault::test_bench
