// vault's own database: case keys, the months' token keys, high-water marks and the views that wait
// for the ring. SQLite (WAL, synchronous=FULL) works inside the call: a few milliseconds at a hub's
// volume, and nothing here may be handed out before it is on disk. What is secret stands wrapped by
// a master key that is kept in a file of its own, elsewhere.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "common/base/seal.hpp"
#include "common/base/seams.hpp"
#include "common/base/sqlite.hpp"
#include "common/base/time.hpp"
#include "messages/envelope.pb.h"
#include "messages/vault.pb.h"

namespace rightplace::vault {

enum class KeyStoreError {
    lost,        // the database is missing, or is there where a new one was asked for
    master_key,  // missing, unsafe, or not the one that wrapped these keys
    in_use,      // another vault has the database open
    full,        // no space left, or the spool is at its bound
    broken       // read, write or fsync failed, or the file is damaged: stop
};
struct KeyStoreFailure {
    KeyStoreError error;
    std::string sentence;
};
template <typename T>
using Kept = Result<T, KeyStoreFailure>;

struct NamedKey {
    std::string key_id;  // "k-000000000001"
    sealing::Key key;
};

struct CaseName {
    std::string hub;
    std::string case_id;  // or the exchange's id, of a message that has no case
    bool operator==(const CaseName&) const = default;
};

struct FoundKey {
    NamedKey named;
    CaseName owner;  // empty until the case was seen on the feed
};

// How a key is used: by whose programs, and for which case (empty before it was seen).
struct KeyUse {
    std::string allocated_to;  // key role
    CaseName owner;
};

struct Binding {
    std::string key_id;
    CaseName owner;
};

// A view that happened while the ring was closed.
struct SpooledView {
    std::string command_id;
    std::string hub;
    Actor by;
    RecordView view;
};

// Who said when that which journal takes the place of the marked one.
struct AcceptedJournal {
    std::string hub;
    std::string journal_id;
    HighWater before;  // the mark that was given up
    Actor by;
    TimeMs at = 0;
};

// The number in a key id; nothing when it is not one of ours.
std::optional<std::uint64_t> key_number(std::string_view key_id);
std::string key_id_of(std::uint64_t number);

class KeyStore {
   public:
    // Creates what a first run needs: the database, and a master key in its file (mode 0600). Only where neither is
    // there: a database without its master key opens nothing, and a master key without its database means that one
    // was lost, and with it the marks that tell an old journal from the record.
    static Kept<std::unique_ptr<KeyStore>> open(const std::string& database, const std::string& master_key_file,
                                                seams::Random& random);

    // An empty database in place of one that is lost for good, under the master key that is there: a person's act.
    static Kept<std::unique_ptr<KeyStore>> make_anew(const std::string& database, const std::string& master_key_file,
                                                     seams::Random& random, TimeMs now);
    Kept<bool> made_anew();  // somebody knew then that the keys until then are lost

    // Case keys. On disk before it returns; an id is given out once, whatever happens afterwards.
    Kept<std::vector<NamedKey>> allocate(std::uint32_t count, std::string_view allocated_to, TimeMs now);
    Kept<std::optional<FoundKey>> find(std::string_view key_id);
    Kept<std::optional<FoundKey>> find_by_case(const CaseName& owner);  // its newest key
    Kept<std::optional<KeyUse>> use_of(std::string_view key_id);        // nothing when vault never had the key
    // The journal uses this id. True: this vault never gave it out (its database is older than the
    // journal), and the ids after it are now left out, with a margin for blocks still in use.
    Kept<bool> skip_past(std::string_view key_id);

    // The key for a month's match tokens ("202611"): made by the first `token_key`, gone once destroyed.
    Kept<std::optional<sealing::Key>> token_key(std::string_view month, TimeMs now);
    Kept<std::optional<sealing::Key>> find_token_key(std::string_view month);
    Kept<bool> destroy_token_keys_before(std::string_view month, TimeMs now);

    // What the feed taught, in one transaction. The first case to name a key keeps it.
    Kept<bool> note(const std::vector<HighWater>& marks, const std::vector<Binding>& bindings);
    Kept<std::vector<HighWater>> high_waters();
    // A person's word that a hub's mark starts anew, or at all, at that journal. Mark and word in one transaction;
    // words are kept.
    Kept<bool> accept_journal(const AcceptedJournal& accepted);
    Kept<std::vector<AcceptedJournal>> accepted_journals(std::string_view hub);

    Kept<bool> spool(const SpooledView& view);  // the same command id again changes nothing
    Kept<std::optional<SpooledView>> oldest_spooled(std::string_view hub);
    Kept<bool> unspool(std::string_view command_id);
    Kept<bool> set_aside(std::string_view command_id, TimeMs now);  // refused: kept for people, not tried again
    Kept<std::int64_t> spooled_count(bool aside);

   private:
    KeyStore(sqlite::Database database, seams::Random& random);
    static Kept<std::unique_ptr<KeyStore>> open_as(sqlite::Open how, const std::string& database,
                                                   const std::string& master_key_file, seams::Random& random);
    static Failure<KeyStoreFailure> failed(const sqlite::Error& error);
    Kept<sqlite::Statement> prepare(std::string_view sql);
    static Kept<bool> step(sqlite::Statement& statement);  // true: there is a row
    Kept<bool> run(const std::string& sql);

    Kept<bool> prepare_file();
    Kept<bool> reserve_space();
    Kept<bool> take_master_key(const std::string& file);
    Kept<sealing::Key> unwrap(std::string_view name, const std::string& nonce, const std::string& wrapped);
    Kept<std::uint64_t> next_number();
    Kept<bool> set_next_number(std::uint64_t number);
    Kept<NamedKey> insert_key(std::uint64_t number, std::string_view allocated_to, TimeMs now);
    Kept<std::optional<FoundKey>> found(sqlite::Statement& row);

    sqlite::Database database_;
    seams::Random& random_;
    std::optional<sealing::Key> master_;
};

}  // namespace rightplace::vault
