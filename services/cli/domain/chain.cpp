#include "services/cli/domain/chain.hpp"

#include <charconv>
#include <cstdio>

#include "common/base/hash.hpp"
#include "services/cli/domain/words.hpp"

namespace rightplace::cli {
namespace {

constexpr std::size_t hash_bytes = 32;

std::string at(std::uint64_t seq) {
    return " at seq " + std::to_string(seq);
}

}  // namespace

OrWhy<Event> ChainCheck::add(std::string_view stored) {
    const std::uint64_t seq = size_ + 1;
    Event event;
    if (!event.ParseFromArray(stored.data(), int(stored.size()))) return Failure{"the bytes are no event" + at(seq)};
    if (event.seq() != seq) {
        return Failure{"seq " + std::to_string(event.seq()) + " stands where " + std::to_string(seq) + " belongs"};
    }
    if (event.prev() != last_event_id_) return Failure{"prev is not the event before" + at(seq)};
    if (event.epoch() < epoch_) return Failure{"the epoch goes back" + at(seq)};
    epoch_ = event.epoch();
    last_event_id_ = event.event_id();
    size_ = seq;
    // RFC 6962 section 2.1: two perfect subtrees of one size become one of twice the size.
    std::uint64_t leaves = 1;
    std::string hash = sha256(std::string(1, '\0') + std::string(stored));
    while (!subtrees_.empty() && subtrees_.back().first == leaves) {
        hash = sha256(std::string(1, '\1') + subtrees_.back().second + hash);
        leaves *= 2;
        subtrees_.pop_back();
    }
    subtrees_.emplace_back(leaves, std::move(hash));
    return event;
}

std::string ChainCheck::root() const {
    if (subtrees_.empty()) return sha256("");
    std::string root = subtrees_.back().second;
    for (auto left = subtrees_.rbegin() + 1; left != subtrees_.rend(); ++left) {
        root = sha256(std::string(1, '\1') + left->second + root);
    }
    return root;
}

OrWhy<KnownRoot> parse_root(std::string_view text) {
    const auto cut = text.find('@');
    KnownRoot known;
    if (cut != std::string_view::npos) {
        const auto number = text.substr(cut + 1);
        const auto read = std::from_chars(number.data(), number.data() + number.size(), known.seq);
        known.root = from_hex(text.substr(0, cut));
        const bool whole = read.ec == std::errc() && read.ptr == number.data() + number.size();
        if (whole && known.seq > 0 && known.root.size() == hash_bytes) return known;
    }
    return Failure{std::string("--root takes HEX@SEQ: 64 hex digits, @, and the seq that root was taken at")};
}

std::string event_name(const Event& event) {
    const auto& url = event.payload().type_url();
    const auto dot = url.find_last_of("./");
    return dot == std::string::npos ? url : url.substr(dot + 1);
}

bool matches(const EventFilter& filter, const Event& event) {
    const TimeMs recorded = to_ms(event.recorded_at());
    const bool of_case =
        filter.case_id.empty() || filter.case_id == event.case_id() || filter.case_id == event.case_number();
    return of_case && (filter.name.empty() || filter.name == event_name(event)) &&
           (!filter.from || recorded >= *filter.from) && (!filter.to || recorded < *filter.to);
}

std::string replay_line(const Event& event) {
    char seq[32];
    std::snprintf(seq, sizeof seq, "%8llu", static_cast<unsigned long long>(event.seq()));
    std::string out = std::string(seq) + "  " + format_london(to_ms(event.recorded_at())) + "  ";
    if (!event.case_number().empty()) out += event.case_number() + "  ";
    return out + printable(event_name(event) + ": " + describe_with_actor(event));
}

}  // namespace rightplace::cli
