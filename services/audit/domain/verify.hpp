// Checks a journal from its first event to its last: every leaf from its bytes, the chain, the epochs,
// the columns, the roots that it states of itself and one that was kept elsewhere. Pure.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/seams.hpp"
#include "messages/envelope.pb.h"
#include "services/audit/domain/merkle.hpp"

namespace rightplace::audit {

struct KnownRoot {
    std::uint64_t seq = 0;
    std::string root;  // 32 bytes
};
std::optional<KnownRoot> parse_known_root(std::string_view text);  // HEX@SEQ

struct Fault {
    std::uint64_t seq = 0;
    std::string what;  // names columns and rules; no content
};

// One row as it stands in the file.
struct JournalRow {
    std::uint64_t seq = 0;
    std::uint64_t epoch = 0;
    std::string event_id, prev, name, service, aggregate_type, aggregate_id, case_id;
    TimeMs recorded = 0;
    std::string leaf, bytes;
};

class Verifier {
   public:
    Verifier(std::string hub, std::optional<KnownRoot> known) : hub_(std::move(hub)), known_(std::move(known)) {}
    // Rows in seq order. After the first fault the rest says nothing: false.
    bool add(const JournalRow& row);
    // At the end: what the file says its tree and epoch are.
    void finish(std::string_view frontier, std::uint64_t epoch);
    void unreadable(const std::string& what);  // the file itself gave way

    const std::optional<Fault>& fault() const { return fault_; }
    const seams::JournalHead& head() const { return head_; }

   private:
    bool wrong(std::uint64_t seq, const std::string& what);
    bool columns_fit(const JournalRow& row, const Event& event);
    bool roots_fit(const Event& event);
    const std::string* root_at(std::uint64_t seq) const;

    std::string hub_;
    std::optional<KnownRoot> known_;
    seams::JournalHead head_;
    Frontier tree_;
    std::deque<std::string> roots_;  // of the last seqs: a checkpoint states one a little before itself
    std::optional<Fault> fault_;
};

}  // namespace rightplace::audit
