#include "services/audit/domain/verify.hpp"

#include <charconv>
#include <utility>

#include "common/base/hash.hpp"
#include "common/base/limits.hpp"
#include "messages/audit.pb.h"
#include "services/audit/domain/own_events.hpp"
#include "services/audit/domain/succession.hpp"

namespace rightplace::audit {
namespace {

// A checkpoint is committed behind at most a full tail.
constexpr std::size_t roots_kept = 2 * limits::tail_max_events;

}  // namespace

std::optional<KnownRoot> parse_known_root(std::string_view text) {
    const auto at = text.find('@');
    if (at == std::string_view::npos) return std::nullopt;
    std::string root = from_hex(text.substr(0, at));
    const std::string_view digits = text.substr(at + 1);
    std::uint64_t seq = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seq);
    if (root.size() != hash_bytes || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    KnownRoot known;
    known.seq = seq;
    known.root.assign(root.data(), root.size());
    return known;
}

bool Verifier::wrong(std::uint64_t seq, const std::string& what) {
    if (!fault_) fault_ = Fault{seq, what};
    return false;
}

void Verifier::unreadable(const std::string& what) {
    wrong(head_.seq + 1, "the file cannot be read from here on: " + what);
}

bool Verifier::add(const JournalRow& row) {
    if (fault_) return false;
    const std::uint64_t expected = head_.seq + 1;
    if (row.seq != expected) return wrong(expected, "missing: the next row is of seq " + std::to_string(row.seq));
    if (row.leaf != leaf_hash(row.bytes)) return wrong(expected, "its bytes do not give the leaf hash kept with it");
    const auto event = parse_stored(row.bytes);
    if (!event) return wrong(expected, "its bytes are not a stored event");
    const auto kind = is_epoch_opened(*event) ? Kind::opens_epoch : Kind::ordinary;
    if (const auto misfits = misfit(head_, hub_, *event, kind)) return wrong(expected, misfits->detail);
    if (!columns_fit(row, *event)) return false;
    advance(head_, *event);
    tree_.add(row.leaf);
    head_.root = tree_.root();
    roots_.push_back(head_.root);
    if (roots_.size() > roots_kept) roots_.pop_front();
    return roots_fit(*event);
}

bool Verifier::columns_fit(const JournalRow& row, const Event& event) {
    const std::string& url = event.payload().type_url();
    const auto check = [&](bool fits, const char* column) {
        return fits || wrong(row.seq, std::string("column ") + column + " is not what its bytes say");
    };
    return check(row.epoch == event.epoch(), "epoch") && check(row.event_id == event.event_id(), "event_id") &&
           check(row.prev == event.prev(), "prev") && check(row.name == url.substr(url.rfind('.') + 1), "name") &&
           check(row.service == event.service(), "service") &&
           check(row.aggregate_type == event.aggregate_type(), "aggregate_type") &&
           check(row.aggregate_id == event.aggregate_id(), "aggregate_id") &&
           check(row.case_id == event.case_id(), "case_id") &&
           check(row.recorded == to_ms(event.recorded_at()), "recorded_ms");
}

const std::string* Verifier::root_at(std::uint64_t seq) const {
    const std::uint64_t first = head_.seq - roots_.size() + 1;
    return seq < first || seq > head_.seq ? nullptr : &roots_[std::size_t(seq - first)];
}

bool Verifier::roots_fit(const Event& event) {
    if (known_ && known_->seq == head_.seq && known_->root != head_.root) {
        return wrong(head_.seq, "the root is not the one kept elsewhere");
    }
    JournalCheckpoint checkpoint;
    if (event.aggregate_type() != journal_type || !event.payload().UnpackTo(&checkpoint)) return true;
    const std::string* root = root_at(checkpoint.seq());
    if (root != nullptr && *root == checkpoint.root()) return true;
    return wrong(head_.seq, "the checkpoint states another root for seq " + std::to_string(checkpoint.seq()));
}

void Verifier::finish(std::string_view frontier, std::uint64_t epoch) {
    if (fault_) return;
    if (head_.seq == 0) head_.root = tree_.root();
    if (frontier != tree_.bytes()) {
        wrong(head_.seq + 1, "missing, or altered before: the hash tree kept in the file is not that of its events");
    }
    if (epoch != head_.epoch) wrong(head_.seq, "the file's epoch is not its last event's");
    if (known_ && known_->seq > head_.seq) {
        wrong(head_.seq + 1, "missing: a root is known for seq " + std::to_string(known_->seq));
    }
    if (known_ && known_->seq == 0 && known_->root != sha256({})) wrong(0, "the root is not the one kept elsewhere");
}

}  // namespace rightplace::audit
