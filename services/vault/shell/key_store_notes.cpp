// What the key store remembers besides keys: high-water marks, whose key is whose, waiting views.
#include "common/base/limits.hpp"
#include "services/vault/shell/key_store.hpp"

namespace rightplace::vault {

Kept<bool> KeyStore::note(const std::vector<HighWater>& marks, const std::vector<Binding>& bindings) {
    auto transaction = sqlite::Transaction::begin(database_);
    if (!transaction) return failed(transaction.error());
    auto mark_row = prepare(
        "INSERT INTO highwater(hub, journal_id, epoch, seq, event_id) VALUES (?1, ?2, ?3, ?4, ?5) "
        "ON CONFLICT(hub) DO UPDATE SET journal_id = excluded.journal_id, epoch = excluded.epoch, "
        "seq = excluded.seq, event_id = excluded.event_id");
    if (!mark_row) return Failure{mark_row.error()};
    for (const auto& mark : marks) {
        mark_row.value().reset().bind_text(1, mark.hub()).bind_text(2, mark.journal_id());
        mark_row.value().bind(3, std::int64_t(mark.epoch())).bind(4, std::int64_t(mark.seq()));
        if (auto put = step(mark_row.value().bind_text(5, mark.event_id())); !put) return put;
    }
    auto key_row = prepare("UPDATE keys SET hub = ?2, case_id = ?3 WHERE key_id = ?1 AND case_id IS NULL");
    if (!key_row) return Failure{key_row.error()};
    for (const auto& binding : bindings) {
        key_row.value().reset().bind_text(1, binding.key_id).bind_text(2, binding.owner.hub);
        if (auto put = step(key_row.value().bind_text(3, binding.owner.case_id)); !put) return put;
    }
    mark_row.value().reset();
    key_row.value().reset();
    if (auto committed = transaction.value().commit(); !committed) return failed(committed.error());
    return true;
}

Kept<std::optional<KeyUse>> KeyStore::use_of(std::string_view key_id) {
    auto row = prepare("SELECT allocated_to, hub, case_id FROM keys WHERE key_id = ?1");
    if (!row) return Failure{row.error()};
    const auto stepped = step(row.value().bind_text(1, key_id));
    if (!stepped) return Failure{stepped.error()};
    if (!stepped.value()) return std::optional<KeyUse>{};
    return std::optional<KeyUse>{KeyUse{row.value().bytes(0), {row.value().bytes(1), row.value().bytes(2)}}};
}

Kept<std::vector<HighWater>> KeyStore::high_waters() {
    auto row = prepare("SELECT hub, journal_id, epoch, seq, event_id FROM highwater");
    if (!row) return Failure{row.error()};
    std::vector<HighWater> marks;
    for (;;) {
        const auto stepped = step(row.value());
        if (!stepped) return Failure{stepped.error()};
        if (!stepped.value()) return marks;
        auto& mark = marks.emplace_back();
        mark.set_hub(row.value().bytes(0));
        mark.set_journal_id(row.value().bytes(1));
        mark.set_epoch(std::uint64_t(row.value().integer(2)));
        mark.set_seq(std::uint64_t(row.value().integer(3)));
        mark.set_event_id(row.value().bytes(4));
    }
}

Kept<bool> KeyStore::accept_journal(const AcceptedJournal& accepted) {
    auto transaction = sqlite::Transaction::begin(database_);
    if (!transaction) return failed(transaction.error());
    {
        auto word = prepare(
            "INSERT INTO accepted(hub, journal_id, before_id, before_epoch, before_seq, actor, accepted_ms) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
        if (!word) return Failure{word.error()};
        word.value().bind_text(1, accepted.hub).bind_text(2, accepted.journal_id);
        word.value().bind_text(3, accepted.before.journal_id()).bind(4, std::int64_t(accepted.before.epoch()));
        word.value().bind(5, std::int64_t(accepted.before.seq())).bind_blob(6, accepted.by.SerializeAsString());
        if (auto put = step(word.value().bind(7, accepted.at)); !put) return put;
        auto mark = prepare(
            "INSERT INTO highwater(hub, journal_id, epoch, seq, event_id) VALUES (?1, ?2, 0, 0, '') "
            "ON CONFLICT(hub) DO UPDATE SET journal_id = excluded.journal_id, epoch = 0, seq = 0, event_id = ''");
        if (!mark) return Failure{mark.error()};
        if (auto put = step(mark.value().bind_text(1, accepted.hub).bind_text(2, accepted.journal_id)); !put)
            return put;
    }
    if (auto committed = transaction.value().commit(); !committed) return failed(committed.error());
    return true;
}

Kept<std::vector<AcceptedJournal>> KeyStore::accepted_journals(std::string_view hub) {
    auto row = prepare(
        "SELECT journal_id, before_id, before_epoch, before_seq, actor, accepted_ms FROM accepted WHERE hub = ?1 "
        "ORDER BY position");
    if (!row) return Failure{row.error()};
    row.value().bind_text(1, hub);
    std::vector<AcceptedJournal> all;
    for (;;) {
        const auto stepped = step(row.value());
        if (!stepped) return Failure{stepped.error()};
        if (!stepped.value()) return all;
        auto& one = all.emplace_back();
        one.hub = hub;
        one.journal_id = row.value().bytes(0);
        one.before.set_hub(one.hub);
        one.before.set_journal_id(row.value().bytes(1));
        one.before.set_epoch(std::uint64_t(row.value().integer(2)));
        one.before.set_seq(std::uint64_t(row.value().integer(3)));
        if (!one.by.ParseFromString(row.value().bytes(4))) {
            return Failure{KeyStoreFailure{KeyStoreError::broken, "An accepted journal's row is damaged."}};
        }
        one.at = row.value().integer(5);
    }
}

Kept<bool> KeyStore::spool(const SpooledView& view) {
    const auto waiting = spooled_count(false);
    if (!waiting) return Failure{waiting.error()};
    if (std::size_t(waiting.value()) >= limits::vault_spool_max_views) {
        return Failure{KeyStoreFailure{KeyStoreError::full, "Too many views already wait to be recorded."}};
    }
    auto row = prepare(
        "INSERT INTO spool(command_id, hub, actor, view) VALUES (?1, ?2, ?3, ?4) "
        "ON CONFLICT(command_id) DO NOTHING");
    if (!row) return Failure{row.error()};
    row.value().bind_text(1, view.command_id).bind_text(2, view.hub);
    row.value().bind_blob(3, view.by.SerializeAsString()).bind_blob(4, view.view.SerializeAsString());
    if (auto put = step(row.value()); !put) return put;
    return true;
}

Kept<std::optional<SpooledView>> KeyStore::oldest_spooled(std::string_view hub) {
    auto row = prepare(
        "SELECT command_id, hub, actor, view FROM spool WHERE hub = ?1 AND set_aside_ms IS NULL "
        "ORDER BY position LIMIT 1");
    if (!row) return Failure{row.error()};
    const auto stepped = step(row.value().bind_text(1, hub));
    if (!stepped) return Failure{stepped.error()};
    if (!stepped.value()) return std::optional<SpooledView>{};
    SpooledView view{row.value().bytes(0), row.value().bytes(1), {}, {}};
    if (!view.by.ParseFromString(row.value().bytes(2)) || !view.view.ParseFromString(row.value().bytes(3))) {
        return Failure{KeyStoreFailure{KeyStoreError::broken, "A view in the vault's spool is damaged."}};
    }
    return std::optional<SpooledView>{std::move(view)};
}

Kept<bool> KeyStore::unspool(std::string_view command_id) {
    auto row = prepare("DELETE FROM spool WHERE command_id = ?1");
    if (!row) return Failure{row.error()};
    if (auto put = step(row.value().bind_text(1, command_id)); !put) return put;
    return true;
}

Kept<bool> KeyStore::set_aside(std::string_view command_id, TimeMs now) {
    auto row = prepare("UPDATE spool SET set_aside_ms = ?2 WHERE command_id = ?1");
    if (!row) return Failure{row.error()};
    if (auto put = step(row.value().bind_text(1, command_id).bind(2, now)); !put) return put;
    return true;
}

Kept<std::int64_t> KeyStore::spooled_count(bool aside) {
    const auto count = database_.integer(aside ? "SELECT count(*) FROM spool WHERE set_aside_ms IS NOT NULL"
                                               : "SELECT count(*) FROM spool WHERE set_aside_ms IS NULL");
    if (!count) return failed(count.error());
    return count.value();
}

}  // namespace rightplace::vault
