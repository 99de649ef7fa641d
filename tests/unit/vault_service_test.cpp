#include "tests/unit/vault_bench.hpp"

using namespace rightplace;
using namespace rightplace::vault;
using namespace rightplace::vault::test_bench;

TEST_CASE("the keys of all that people write about a case are that case's too") {
    OneCase bench;
    std::vector<std::string> keys;
    for (int i = 0; i < 8; ++i) keys.push_back(bench.new_key().key_id());
    triage::NoteAdded note;
    note.mutable_text()->set_key_id(keys[0]);
    triage::ReviewDecided decided;
    decided.mutable_rationale()->set_key_id(keys[1]);
    triage::ReviewRejected rejected;
    rejected.mutable_text()->set_key_id(keys[2]);
    auto query = release("case-1", "direct-care");
    query.set_key_id(keys[0]);
    CHECK(bench.ask("cli", "gp", query).error().code() == NOT_FOUND);
    bench.observe("case-1", note, 2);
    bench.observe("case-1", decided, 3);
    bench.observe("case-1", rejected, 4);
    const auto with_text = [&](auto event, std::size_t key) {
        event.mutable_text()->set_key_id(keys[key]);
        bench.observe("case-1", event, key + 2);
    };
    with_text(triage::ReviewTakenOver(), 3);
    with_text(triage::ReviewDowngraded(), 4);
    with_text(triage::SecondOpinionAsked(), 5);
    with_text(triage::SecondOpinionGiven(), 6);
    with_text(triage::HandoverOffered(), 7);
    for (const auto& key_id : keys) {
        query.set_key_id(key_id);
        CHECK(Bench::as<ReleaseKeyReply>(bench.ask("cli", "gp", query)).key().key_id() == key_id);
        auto other = query;
        other.set_case_id("case-2");
        CHECK(bench.ask("cli", "gp", other).error().code() == NOT_FOUND);
    }
}

TEST_CASE("a text that names another's key does not take it away from the case it is meant for") {
    OneCase bench;
    const auto key = bench.new_key().key_id();  // given to the BaRS adapter, and not used yet
    triage::NoteAdded note;
    note.mutable_text()->set_key_id(key);
    bench.observe("case-1", note, 2, "clinician");
    bench.open_case("case-2", key, 3);
    auto query = release("case-2", "delivery");
    query.set_key_id(key);
    CHECK(Bench::as<ReleaseKeyReply>(bench.ask("bars", "system", query)).key().key_id() == key);
}

TEST_CASE("no key is allocated before the journal was read, and none that it uses") {
    Bench bench;
    AllocateKeys query;
    query.set_count(1);
    CHECK(bench.ask("bars", "system", query).error().code() == WRONG_STATE);
    bench.open_case("case-9", "k-000000000005");
    CHECK(bench.service->keys_missing(hub) == 1);
    bench.service->caught_up(hub);
    CHECK(key_number(bench.new_key().key_id()).value() == 5 + limits::key_skip_margin);
    CHECK(bench.ask("audit", "system", query).error().code() == FORBIDDEN);
    query.set_count(limits::key_block_size + 1);
    CHECK(bench.ask("bars", "system", query).error().code() == INVALID);
}

TEST_CASE("a person gets the key once the view is recorded; an adapter without a view") {
    OneCase bench;
    const auto shown = bench.ask("clinician", "paramedic-practitioner", release("case-1", "direct-care"));
    CHECK(Bench::as<ReleaseKeyReply>(shown).key().key() == bench.key.key());
    CHECK(Bench::as<ReleaseKeyReply>(shown).view_recorded());
    REQUIRE(bench.ring.asked.size() == 1);
    CHECK(bench.ring.asked[0].by.id() == "staff-1");
    CHECK(bench.ring.asked[0].view.case_id() == "case-1");
    const auto sent = bench.ask("bars", "system", release("case-1", "delivery", ""));
    CHECK(Bench::as<ReleaseKeyReply>(sent).key().key() == bench.key.key());
    CHECK(bench.ring.asked.size() == 1);
    // The same look again is the same command; another session is another.
    CHECK(bench.ask("clinician", "paramedic-practitioner", release("case-1", "direct-care")).ok());
    CHECK(bench.ring.journalled.size() == 1);
    CHECK(bench.ask("clinician", "paramedic-practitioner", release("case-1", "direct-care", "console-2")).ok());
    CHECK(bench.ring.journalled.size() == 2);
}

TEST_CASE("who may not look gets no key, and asks for no view") {
    OneCase bench;
    const auto refused = [&](const char* key_role, const char* role, const ReleaseKey& query) {
        const auto answered = bench.ask(key_role, role, query);
        REQUIRE_FALSE(answered.ok());
        return answered.error().code();
    };
    CHECK(refused("clinician", "auditor", release("case-1", "direct-care")) == FORBIDDEN);
    CHECK(refused("triage", "ed-consultant", release("case-1", "direct-care")) == FORBIDDEN);
    CHECK(refused("cli", "ed-consultant", release("case-1", "delivery")) == FORBIDDEN);
    CHECK(refused("cli", "ed-consultant", release("case-1", "curiosity")) == INVALID);
    CHECK(refused("cli", "ed-consultant", release("case-1", "direct-care", "")) == INVALID);
    CHECK(refused("cli", "ed-consultant", release("case-2", "direct-care")) == NOT_FOUND);
    // Another case's key under this case's name.
    const auto other = bench.new_key();
    bench.open_case("case-2", other.key_id(), 2);
    auto crossed = release("case-1", "direct-care");
    crossed.set_key_id(other.key_id());
    CHECK(refused("cli", "ed-consultant", crossed) == NOT_FOUND);
    CHECK(bench.ring.asked.empty());
    bench.ring.refuses = true;
    CHECK(refused("cli", "ed-consultant", release("case-1", "direct-care")) == FORBIDDEN);
    CHECK(bench.service->views_waiting() == 0);
}

TEST_CASE("with the ring closed the view is spooled, the key released, and the view journalled once") {
    OneCase bench;
    bench.ring.open = false;
    bench.ring.when_closed = GENERATE(ViewOutcome::unavailable, ViewOutcome::unknown);
    for (int i = 0; i < 2; ++i) {
        const auto shown = bench.ask("clinician", "ed-consultant", release("case-1", "call-back"));
        CHECK(Bench::as<ReleaseKeyReply>(shown).key().key() == bench.key.key());
        CHECK_FALSE(Bench::as<ReleaseKeyReply>(shown).view_recorded());
    }
    CHECK(bench.service->views_waiting() == 1);
    const auto command_id = bench.ring.asked[0].command_id;
    bench.start();  // a crash: the spool is on disk
    CHECK(bench.service->views_waiting() == 1);
    bench.service->drain(hub);  // still closed
    bench.clock.advance(10);
    CHECK(bench.service->views_waiting() == 1);
    bench.ring.open = true;
    bench.service->drain(hub);
    bench.service->drain(hub);
    bench.clock.advance(10);
    CHECK(bench.service->views_waiting() == 0);
    bench.service->drain(hub);
    bench.clock.advance(10);
    CHECK(bench.ring.journalled == std::map<std::string, int>{{command_id, 1}});
    CHECK(bench.ring.asked.back().by.id() == "staff-1");
    CHECK(to_ms(bench.ring.asked.back().view.viewed_at()) == to_ms(bench.ring.asked.front().view.viewed_at()));
    bench.ring.open = false;  // a second time, after all was drained
    CHECK(bench.ask("clinician", "ed-consultant", release("case-1", "call-back", "console-2")).ok());
    CHECK(bench.service->views_waiting() == 1);
    bench.ring.open = true;
    bench.service->drain(hub);
    bench.clock.advance(10);
    CHECK(bench.service->views_waiting() == 0);
}

TEST_CASE("a spooled view that is refused is set aside and does not stop the next") {
    OneCase bench;
    bench.ring.open = false;
    CHECK(bench.ask("clinician", "ed-consultant", release("case-1", "call-back")).ok());
    bench.ring.refuses = true;
    bench.service->drain(hub);
    bench.clock.advance(10);
    CHECK(bench.service->views_waiting() == 0);
    CHECK(bench.service->views_set_aside() == 1);
}

TEST_CASE("the high-water mark goes up, survives, and is not taken over by another journal") {
    Bench bench;
    CHECK(bench.mark().journal_id().empty());
    bench.beat("journal-a", 1, 10);
    bench.open_case("case-1", "", 11);
    CHECK(bench.mark().seq() == 11);
    CHECK(bench.store->high_waters().value().at(0).seq() == 10);  // the first at once
    bench.clock.advance(limits::vault_note_every_ms);
    CHECK(bench.store->high_waters().value().at(0).seq() == 11);  // the next within its time
    bench.beat("journal-a", 1, 5);
    CHECK(bench.mark().seq() == 11);
    bench.beat("journal-a", 2, 12);
    CHECK(bench.store->high_waters().value().at(0).epoch() == 2);  // a new epoch at once
    bench.beat("journal-b", 9, 90);
    bench.open_case("case-2", "", 91);
    CHECK(bench.service->other_journal(hub));
    bench.start();
    CHECK(bench.mark().journal_id() == "journal-a");
    CHECK(bench.mark().seq() == 12);
    CHECK(bench.mark().event_id() == test::event_id(12));
    CHECK(bench.life.why.empty());
}

TEST_CASE("the mark is durable after a hundred events without waiting, and before a key leaves") {
    Bench bench;
    bench.service->caught_up(hub);
    bench.beat("journal-a", 1, 1);
    const std::uint64_t last = 1 + limits::vault_note_every_events;
    for (std::uint64_t seq = 2; seq <= last; ++seq) bench.open_case("case-1", "", seq);
    CHECK(bench.store->high_waters().value().at(0).seq() == last);
    bench.open_case("case-1", "", last + 1);
    CHECK(bench.store->high_waters().value().at(0).seq() == last);
    bench.new_key();
    CHECK(bench.store->high_waters().value().at(0).seq() == last + 1);
}

TEST_CASE("A new journal takes the mark's place when a named person says so, and never by itself") {
    Bench bench;
    bench.beat("j-old", 3, 40);
    bench.beat("j-new", 1, 1);
    CHECK(bench.mark().journal_id() == "j-old");
    AcceptJournal accept;
    accept.set_hub(hub);
    accept.set_journal_id("j-new");
    // The old one was heard a moment ago: the wrong id would shut audit out.
    CHECK(bench.ask("cli", "operator", accept).error().code() == WRONG_STATE);
    bench.clock.advance(limits::heartbeat_max_age_ms + 1);
    for (const auto* key : {"audit", "bars", "clinician", "bench"}) {
        CHECK(bench.ask(key, "operator", accept).error().code() == FORBIDDEN);
    }
    AcceptJournal wrong = accept;
    wrong.set_journal_id("j-old");  // an older copy of the marked journal is no new one
    CHECK(bench.ask("cli", "operator", wrong).error().field() == "journal_id");
    wrong.clear_journal_id();
    CHECK(bench.ask("cli", "operator", wrong).error().code() == INVALID);
    CHECK(bench.mark().journal_id() == "j-old");
    CHECK(bench.store->accepted_journals(hub).value().empty());

    const auto said = bench.ask("cli", "hub-manager", accept);
    CHECK(Bench::as<AcceptJournalReply>(said).before().seq() == 40);
    bench.start();  // it is on disk
    CHECK(bench.mark().journal_id() == "j-new");
    CHECK(bench.mark().seq() == 0);
    const auto kept = bench.store->accepted_journals(hub).value();
    REQUIRE(kept.size() == 1);
    CHECK(kept[0].by.id() == "staff-1");
    CHECK(kept[0].by.role() == "hub-manager");
    CHECK(kept[0].before.journal_id() == "j-old");
    CHECK(kept[0].before.epoch() == 3);
    bench.beat("j-new", 1, 5);
    CHECK(bench.mark().seq() == 5);
    bench.beat("j-old", 3, 41);
    CHECK(bench.mark().journal_id() == "j-new");
    CHECK(bench.service->other_journal(hub));
}

TEST_CASE("audit names a hub's first journal, and no other; a person may name one where the mark is empty") {
    Bench bench;
    AcceptJournal first;
    first.set_hub(hub);
    first.set_journal_id("j-1");
    const bool by_audit = GENERATE(true, false);
    CHECK(bench.ask(by_audit ? "audit" : "cli", "operator", first).ok());
    CHECK(bench.store->accepted_journals(hub).value().size() == (by_audit ? 0 : 1));
    bench.start();  // it is on disk
    CHECK(bench.mark().journal_id() == "j-1");
    CHECK(bench.mark().seq() == 0);
    CHECK(bench.ask("audit", "system", first).ok());  // the answer was lost: asked again
    AcceptJournal second = first;
    second.set_journal_id("j-2");
    CHECK(bench.ask("audit", "system", second).error().code() == FORBIDDEN);
    bench.beat("j-2", 1, 7);
    CHECK(bench.service->other_journal(hub));
    CHECK_THAT(bench.service->trouble(hub), Catch::Contains("not the one"));
    bench.beat("j-1", 1, 7);
    CHECK(bench.mark().seq() == 7);
    CHECK(bench.ask("audit", "system", first).ok());
    CHECK(bench.mark().seq() == 7);
}

TEST_CASE("keys that the record uses and vault does not have are told, by hub, and as a note where the loss is known") {
    Bench bench;
    CHECK(bench.service->trouble(hub).empty());
    bench.open_case("case-9", "k-000000000005");
    bench.open_case("case-8", "k-000000000006", 2);
    CHECK(bench.service->keys_missing(hub) == 2);
    CHECK(bench.service->keys_missing("ashford") == 0);
    CHECK_THAT(bench.service->trouble(hub), Catch::Contains("2 keys"));
    CHECK(bench.service->trouble("ashford").empty());
    CHECK(bench.service->note(hub).empty());
    bench.service.reset();
    bench.store.reset();
    std::filesystem::remove(bench.folder.file("vault.db"));
    REQUIRE(KeyStore::make_anew(bench.folder.file("vault.db"), bench.folder.file("master.key"), bench.random, 1).ok());
    bench.start();
    bench.open_case("case-9", "k-000000000005");
    CHECK(bench.service->trouble(hub).empty());
    CHECK_THAT(bench.service->note(hub), Catch::Contains("1 key "));
}
