#include "services/vault/shell/key_store.hpp"

#include <charconv>
#include <filesystem>

#include "common/base/limits.hpp"

namespace rightplace::vault {
namespace {

constexpr std::string_view check_name = "check";
constexpr std::size_t key_digits = 12;

// Deleted bytes are overwritten, so that a destroyed key is gone from the file and not only from
// the tables. The exclusive lock keeps a second vault out. The log is moved into the file long before it is as long as
// what is kept free (pages of 4,096 bytes): so it starts anew in the room that it has, also on a full disk.
constexpr const char* pragmas =
    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; "
    "PRAGMA wal_autocheckpoint=100;";
static_assert(100 * 4'096 * 2 < limits::vault_reserve_bytes);

// `destroyed_ms` on a key: erasing a person's identity empties `wrapped` and `nonce` and sets it.
constexpr const char* schema = R"(
CREATE TABLE IF NOT EXISTS facts(name TEXT PRIMARY KEY, number INTEGER, wrapped BLOB, nonce BLOB) STRICT;
CREATE TABLE IF NOT EXISTS keys(key_id TEXT PRIMARY KEY, wrapped BLOB, nonce BLOB, created_ms INTEGER NOT NULL,
    allocated_to TEXT NOT NULL, hub TEXT, case_id TEXT, destroyed_ms INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS keys_by_case ON keys(case_id, hub) WHERE case_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS months(month TEXT PRIMARY KEY, wrapped BLOB, nonce BLOB, created_ms INTEGER NOT NULL,
    destroyed_ms INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS highwater(hub TEXT PRIMARY KEY, journal_id TEXT NOT NULL, epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL, event_id TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS accepted(position INTEGER PRIMARY KEY AUTOINCREMENT, hub TEXT NOT NULL,
    journal_id TEXT NOT NULL, before_id TEXT NOT NULL, before_epoch INTEGER NOT NULL, before_seq INTEGER NOT NULL,
    actor BLOB NOT NULL, accepted_ms INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS spool(position INTEGER PRIMARY KEY AUTOINCREMENT, command_id TEXT NOT NULL UNIQUE,
    hub TEXT NOT NULL, actor BLOB NOT NULL, view BLOB NOT NULL, set_aside_ms INTEGER) STRICT;
CREATE TABLE IF NOT EXISTS reserve(filler BLOB) STRICT;
)";

bool is_there(const std::string& path) {
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
}

KeyStoreFailure master_key_failure(sealing::SecretError error) {
    const auto why = [error]() -> std::string {
        switch (error) {
            case sealing::SecretError::missing:
                return "The master key is missing, and the vault's database has keys that only it can open. Put the "
                       "file back; a new one would open none of them.";
            case sealing::SecretError::unsafe:
                return "The master key is not a plain file that its owner alone may read (mode 0600).";
            case sealing::SecretError::malformed:
                return "The master key is not 32 bytes long.";
            case sealing::SecretError::exists:
            case sealing::SecretError::unreadable:
                return "The master key's file cannot be read or made.";
        }
        invariant_broken("a secret error without a sentence", __FILE__, __LINE__);
    };
    return {KeyStoreError::master_key, why()};
}

}  // namespace

std::optional<std::uint64_t> key_number(std::string_view key_id) {
    if (key_id.size() != key_digits + 2 || !key_id.starts_with("k-")) return std::nullopt;
    std::uint64_t number = 0;
    const auto parsed = std::from_chars(key_id.data() + 2, key_id.data() + key_id.size(), number);
    if (parsed.ec != std::errc{} || parsed.ptr != key_id.data() + key_id.size()) return std::nullopt;
    return number;
}

std::string key_id_of(std::uint64_t number) {
    std::string digits = std::to_string(number);
    INVARIANT(digits.size() <= key_digits);
    return "k-" + std::string(key_digits - digits.size(), '0') + digits;
}

KeyStore::KeyStore(sqlite::Database database, seams::Random& random)
    : database_(std::move(database)), random_(random) {}

Failure<KeyStoreFailure> KeyStore::failed(const sqlite::Error& error) {
    switch (error.problem) {
        case sqlite::Problem::busy:
            return {{KeyStoreError::in_use, "Another vault has the database open."}};
        case sqlite::Problem::full:
            return {{KeyStoreError::full, "There is no space left for the vault's database."}};
        default:
            return {{KeyStoreError::broken, "The vault's database failed: " + error.what + "."}};
    }
}

Kept<sqlite::Statement> KeyStore::prepare(std::string_view sql) {
    auto prepared = database_.prepare(sql);
    if (!prepared) return failed(prepared.error());
    return std::move(prepared.value());
}

Kept<bool> KeyStore::step(sqlite::Statement& statement) {
    const auto stepped = statement.step();
    if (!stepped) return failed(stepped.error());
    return stepped.value();
}

Kept<bool> KeyStore::run(const std::string& sql) {
    const auto ran = database_.run(sql);
    if (!ran) return failed(ran.error());
    return true;
}

Kept<std::unique_ptr<KeyStore>> KeyStore::open(const std::string& database, const std::string& master_key_file,
                                               seams::Random& random) {
    if (is_there(database)) return open_as(sqlite::Open::read_write, database, master_key_file, random);
    if (is_there(master_key_file)) {
        return Failure{KeyStoreFailure{
            KeyStoreError::lost,
            "The database " + database +
                " is missing, but its master key is there, so this is no first start. Put the database back from a "
                "backup taken after the journal's. If there is none: vault --config FILE --new-database makes an empty "
                "one; nothing that was sealed until then can be read any more, and audit starts with a journal only "
                "when somebody accepts it by name."}};
    }
    return open_as(sqlite::Open::create_new, database, master_key_file, random);
}

Kept<std::unique_ptr<KeyStore>> KeyStore::make_anew(const std::string& database, const std::string& master_key_file,
                                                    seams::Random& random, TimeMs now) {
    if (is_there(database)) {
        return Failure{KeyStoreFailure{KeyStoreError::lost, "The database " + database +
                                                                " is there. A new one is made only where it is lost: "
                                                                "move it away first if it is damaged."}};
    }
    auto store = open_as(sqlite::Open::create_new, database, master_key_file, random);
    if (!store) return store;
    auto fact = store.value()->prepare("INSERT INTO facts(name, number) VALUES ('made_anew', ?1)");
    if (!fact) return Failure{fact.error()};
    if (auto put = step(fact.value().bind(1, now)); !put) return Failure{put.error()};
    return store;
}

Kept<bool> KeyStore::made_anew() {
    const auto count = database_.integer("SELECT count(*) FROM facts WHERE name = 'made_anew'");
    if (!count) return failed(count.error());
    return count.value() > 0;
}

Kept<std::unique_ptr<KeyStore>> KeyStore::open_as(sqlite::Open how, const std::string& database,
                                                  const std::string& master_key_file, seams::Random& random) {
    auto opened = sqlite::Database::open(database, how);
    if (!opened) return failed(opened.error());
    std::unique_ptr<KeyStore> store(new KeyStore(std::move(opened.value()), random));
    if (auto prepared = store->prepare_file(); !prepared) return Failure{prepared.error()};
    if (auto taken = store->take_master_key(master_key_file); !taken) return Failure{taken.error()};
    return store;
}

Kept<bool> KeyStore::prepare_file() {
    if (auto set = run(pragmas); !set) return set;
    auto transaction = sqlite::Transaction::begin(database_);
    if (!transaction) return failed(transaction.error());
    if (auto made = run(schema); !made) return made;
    if (auto committed = transaction.value().commit(); !committed) return failed(committed.error());
    // On a disk that is full already keys are still found, tokens still computed.
    const auto reserved = reserve_space();
    if (!reserved && reserved.error().error != KeyStoreError::full) return reserved;
    return true;
}

// Writes and deletes a block: the file and its log keep the room, so that a full disk does not stop
// a view from being spooled or a key from being allocated. What stands in the log is moved, or the log would go on
// behind it, in new room.
Kept<bool> KeyStore::reserve_space() {
    const std::string size = std::to_string(limits::vault_reserve_bytes);
    return run("INSERT INTO reserve(filler) VALUES (zeroblob(" + size +
               ")); DELETE FROM reserve; PRAGMA wal_checkpoint(RESTART);");
}

// The master key is on disk before the row that proves it, and that row before any key.
Kept<bool> KeyStore::take_master_key(const std::string& file) {
    auto row = prepare("SELECT nonce, wrapped FROM facts WHERE name = ?1");
    if (!row) return Failure{row.error()};
    row.value().bind_text(1, check_name);
    const auto used = step(row.value());
    if (!used) return Failure{used.error()};
    auto key = used.value() ? sealing::LocalKey::read(file) : sealing::LocalKey::read_or_create(file, random_);
    if (!key) return Failure{master_key_failure(key.error())};
    master_ = key.value();
    if (used.value()) {
        if (unwrap(check_name, row.value().bytes(0), row.value().bytes(1))) return true;
        return Failure{KeyStoreFailure{KeyStoreError::master_key,
                                       "The master key is not the one that wrapped the keys "
                                       "in the vault's database."}};
    }
    const Sealed check = sealing::seal(*master_, check_name, sealing::Context::wrapped_key,
                                       std::string(sealing::key_bytes, '\0'), random_);
    auto proof = prepare("INSERT INTO facts(name, nonce, wrapped) VALUES (?1, ?2, ?3)");
    if (!proof) return Failure{proof.error()};
    proof.value().bind_text(1, check_name).bind_blob(2, check.nonce()).bind_blob(3, check.ciphertext());
    return step(proof.value());
}

Kept<sealing::Key> KeyStore::unwrap(std::string_view name, const std::string& nonce, const std::string& wrapped) {
    Sealed sealed;
    sealed.set_key_id(std::string(name));
    sealed.set_nonce(nonce);
    sealed.set_ciphertext(wrapped);
    auto opened = sealing::open(*master_, sealed, sealing::Context::wrapped_key);
    if (!opened || opened.value().size() != sealing::key_bytes) {
        return Failure{KeyStoreFailure{KeyStoreError::broken, "A key in the vault's database is damaged."}};
    }
    sealing::Key key(opened.value());
    sealing::wipe(opened.value());
    return key;
}

Kept<std::uint64_t> KeyStore::next_number() {
    const auto number = database_.integer("SELECT number FROM facts WHERE name = 'next_key'");
    if (!number) return failed(number.error());
    return std::max<std::uint64_t>(1, std::uint64_t(number.value()));
}

Kept<bool> KeyStore::set_next_number(std::uint64_t number) {
    auto row = prepare(
        "INSERT INTO facts(name, number) VALUES ('next_key', ?1) "
        "ON CONFLICT(name) DO UPDATE SET number = excluded.number");
    if (!row) return Failure{row.error()};
    return step(row.value().bind(1, std::int64_t(number)));
}

Kept<NamedKey> KeyStore::insert_key(std::uint64_t number, std::string_view allocated_to, TimeMs now) {
    seams::Bytes secret = random_.bytes(sealing::key_bytes);
    NamedKey named{key_id_of(number), sealing::Key(secret)};
    sealing::wipe(secret);
    const Sealed wrapped =
        sealing::seal(*master_, named.key_id, sealing::Context::wrapped_key, named.key.bytes(), random_);
    auto row = prepare(
        "INSERT INTO keys(key_id, nonce, wrapped, created_ms, allocated_to) "
        "VALUES (?1, ?2, ?3, ?4, ?5)");
    if (!row) return Failure{row.error()};
    row.value().bind_text(1, named.key_id).bind_blob(2, wrapped.nonce()).bind_blob(3, wrapped.ciphertext());
    if (auto put = step(row.value().bind(4, now).bind_text(5, allocated_to)); !put) return Failure{put.error()};
    return named;
}

Kept<std::vector<NamedKey>> KeyStore::allocate(std::uint32_t count, std::string_view allocated_to, TimeMs now) {
    INVARIANT(count > 0 && count <= limits::key_block_size);
    auto transaction = sqlite::Transaction::begin(database_);
    if (!transaction) return failed(transaction.error());
    const auto first = next_number();
    if (!first) return Failure{first.error()};
    std::vector<NamedKey> keys;
    for (std::uint64_t number = first.value(); keys.size() < count; ++number) {
        auto key = insert_key(number, allocated_to, now);
        if (!key) return Failure{key.error()};
        keys.push_back(std::move(key.value()));
    }
    if (auto set = set_next_number(first.value() + count); !set) return Failure{set.error()};
    if (auto committed = transaction.value().commit(); !committed) return failed(committed.error());
    return keys;
}

Kept<std::optional<FoundKey>> KeyStore::found(sqlite::Statement& row) {
    const auto stepped = step(row);
    if (!stepped) return Failure{stepped.error()};
    if (!stepped.value()) return std::optional<FoundKey>{};
    const std::string key_id = row.bytes(0);
    auto key = unwrap(key_id, row.bytes(1), row.bytes(2));
    if (!key) return Failure{key.error()};
    return std::optional<FoundKey>{FoundKey{{key_id, key.value()}, {row.bytes(3), row.bytes(4)}}};
}

Kept<std::optional<FoundKey>> KeyStore::find(std::string_view key_id) {
    auto row = prepare(
        "SELECT key_id, nonce, wrapped, hub, case_id FROM keys "
        "WHERE key_id = ?1 AND destroyed_ms IS NULL");
    if (!row) return Failure{row.error()};
    return found(row.value().bind_text(1, key_id));
}

Kept<std::optional<FoundKey>> KeyStore::find_by_case(const CaseName& owner) {
    auto row = prepare(
        "SELECT key_id, nonce, wrapped, hub, case_id FROM keys WHERE case_id = ?1 AND hub = ?2 "
        "AND destroyed_ms IS NULL ORDER BY key_id DESC LIMIT 1");
    if (!row) return Failure{row.error()};
    return found(row.value().bind_text(1, owner.case_id).bind_text(2, owner.hub));
}

Kept<bool> KeyStore::skip_past(std::string_view key_id) {
    const auto number = key_number(key_id);
    const auto next = next_number();
    if (!next) return Failure{next.error()};
    // A number absurdly far ahead is somebody's invention; following it would use up all numbers.
    if (!number || *number < next.value() || *number - next.value() > limits::key_skip_max) return false;
    auto set = set_next_number(*number + limits::key_skip_margin);
    if (!set) return set;
    return true;
}

Kept<std::optional<sealing::Key>> KeyStore::find_token_key(std::string_view month) {
    auto row = prepare("SELECT nonce, wrapped FROM months WHERE month = ?1 AND destroyed_ms IS NULL");
    if (!row) return Failure{row.error()};
    const auto stepped = step(row.value().bind_text(1, month));
    if (!stepped) return Failure{stepped.error()};
    if (!stepped.value()) return std::optional<sealing::Key>{};
    auto key = unwrap(month, row.value().bytes(0), row.value().bytes(1));
    if (!key) return Failure{key.error()};
    return std::optional<sealing::Key>{key.value()};
}

Kept<std::optional<sealing::Key>> KeyStore::token_key(std::string_view month, TimeMs now) {
    auto known = find_token_key(month);
    if (!known || known.value()) return known;
    seams::Bytes secret = random_.bytes(sealing::key_bytes);
    const Sealed wrapped = sealing::seal(*master_, month, sealing::Context::wrapped_key, secret, random_);
    sealing::wipe(secret);
    // A destroyed month keeps its row, and with it never gets another key.
    auto row = prepare(
        "INSERT INTO months(month, nonce, wrapped, created_ms) VALUES (?1, ?2, ?3, ?4) "
        "ON CONFLICT(month) DO NOTHING");
    if (!row) return Failure{row.error()};
    row.value().bind_text(1, month).bind_blob(2, wrapped.nonce()).bind_blob(3, wrapped.ciphertext()).bind(4, now);
    if (auto put = step(row.value()); !put) return Failure{put.error()};
    return find_token_key(month);
}

Kept<bool> KeyStore::destroy_token_keys_before(std::string_view month, TimeMs now) {
    auto row = prepare(
        "UPDATE months SET wrapped = NULL, nonce = NULL, destroyed_ms = ?2 "
        "WHERE month < ?1 AND destroyed_ms IS NULL RETURNING month");
    if (!row) return Failure{row.error()};
    row.value().bind_text(1, month).bind(2, now);
    bool any = false;
    for (;;) {
        const auto stepped = step(row.value());
        if (!stepped) return stepped;
        if (!stepped.value()) break;
        any = true;
    }
    row.value().reset();
    if (!any) return false;
    // The log still holds the page as it was: empty it, then take the reserved room again.
    if (auto emptied = run("PRAGMA wal_checkpoint(TRUNCATE)"); !emptied) return emptied;
    if (auto reserved = reserve_space(); !reserved) return reserved;
    return true;
}

}  // namespace rightplace::vault
